"""What the doctor says: one finding, how grave it is, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How grave a finding is."""

    OK = "ok"
    WARN = "warn"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class DoctorFinding:
    """One finding: what was looked at, what is so, and what to do if it is not well."""

    level: Level
    about: str
    text: str
    do: str = ""
