"""The titles of agencies, for FHIR references that name them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from consent.fhir import codes as fc
from consent.fhir.resource import Resource, named


@dataclass(frozen=True, slots=True)
class Titles:
    """What the agencies are called, by their names on the bus; an unknown one has no title."""

    by_name: Mapping[str, str] = field(default_factory=dict)

    def agency(self, name: str) -> Resource:
        """Refer to an agency."""
        return named("Organization", fc.AGENCY, name, self.by_name.get(name, ""))
