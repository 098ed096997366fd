"""One finding of the doctor: its severity, its subject, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """The severity of a finding."""

    OK = "ok"
    WARN = "warn"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class DoctorFinding:
    """One finding: what was checked, what was found, and what to do if it is wrong."""

    level: Level
    about: str
    text: str
    do: str = ""
