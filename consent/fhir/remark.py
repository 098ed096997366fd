"""A remark on what a FHIR resource does not say, or what was not taken over from one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remark:
    """A place in a resource, and a sentence about it."""

    place: str
    sentence: str
