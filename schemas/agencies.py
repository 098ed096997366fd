"""The register of agencies: who is on the bus, what each may send, and what each wants to hear."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from schemas.registry import EVENT_TYPES
from schemas.sharing import AgencyName


class Sector(StrEnum):
    """Which of the three services an agency belongs to."""

    EDUCATION = "education"
    HEALTH = "health"
    CARE = "care"


class OrganisationType(StrEnum):
    """The organisation types of DfE's single-unique-identifier policy."""

    LOCAL_AUTHORITY = "LOCAL_AUTHORITY"
    EDUCATION = "EDUCATION"
    HEALTH = "HEALTH"
    POLICE = "POLICE"
    HOUSING = "HOUSING"
    VOLUNTARY = "VOLUNTARY"
    OTHER = "OTHER"


def expand(patterns: Iterable[str]) -> frozenset[str]:
    """Turn event types, where ``health.*`` means a whole sector, into registered type keys."""
    found: set[str] = set()
    for pattern in patterns:
        if pattern.endswith(".*"):
            found |= {key for key in EVENT_TYPES if key.startswith(pattern[:-1])}
        elif pattern in EVENT_TYPES:
            found.add(pattern)
    return frozenset(found)


class Agency(BaseModel):
    """One organisation on the bus. ``sends`` and ``receives`` list event types or ``sector.*``.

    An agency receives nothing by being listed: agreements decide that. ``receives`` only says
    what is worth deciding about.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: AgencyName
    title: Annotated[str, Field(min_length=1, max_length=200, description="Its name for people")]
    sector: Annotated[Sector, Field(description="Which service it belongs to")]
    kind: Annotated[OrganisationType, Field(description="Organisation type, as in DfE policy")] = (
        OrganisationType.OTHER
    )
    sends: Annotated[
        tuple[str, ...], Field(description="Event types it may send, or a sector such as health.*")
    ] = ()
    receives: Annotated[
        tuple[str, ...],
        Field(description="Event types it wants; agreements decide whether it gets them"),
    ] = ()
    may_override: Annotated[bool, Field(description="May assert a safeguarding override")] = False
    may_record_directives: Annotated[
        bool, Field(description="May record consents, refusals and objections")
    ] = False
    may_record_in_own_favour: Annotated[
        bool, Field(description="May record consents to sharing with itself")
    ] = False
    may_record_court_orders: Annotated[
        bool, Field(description="May record directives of a court")
    ] = False
    may_record_restrictions: Annotated[bool, Field(description="May record restrictions")] = False
    contact: Annotated[str | None, Field(max_length=200, description="Contact for questions")] = (
        None
    )
    dpo: Annotated[
        str | None, Field(max_length=200, description="Contact of its data protection officer")
    ] = None

    @model_validator(mode="after")
    def _types_are_registered(self) -> Agency:
        for pattern in (*self.sends, *self.receives):
            if not expand([pattern]):
                message = (
                    f"'{pattern}' is neither a registered event type nor a sector like health.*"
                )
                raise ValueError(message)
        return self


class Directory:
    """The agencies by name, with their types expanded once."""

    def __init__(self, agencies: Iterable[Agency]) -> None:
        self._agencies = MappingProxyType({a.name: a for a in agencies})
        self._sends = {a.name: expand(a.sends) for a in self._agencies.values()}
        self._receivers: dict[str, list[str]] = {}
        for agency in self._agencies.values():
            for key in expand(agency.receives):
                self._receivers.setdefault(key, []).append(agency.name)

    @property
    def agencies(self) -> Mapping[str, Agency]:
        """All agencies by name."""
        return self._agencies

    def find(self, name: str) -> Agency | None:
        """Find an agency by its name."""
        return self._agencies.get(name)

    def may_record_for_itself(self, name: str) -> bool:
        """Whether consents that an agency recorded count for sharing with itself."""
        agency = self._agencies.get(name)
        return agency is not None and agency.may_record_in_own_favour

    def kind_of(self, name: str) -> OrganisationType | None:
        """Return the kind of organisation an agency is, or None for an unknown name."""
        agency = self._agencies.get(name)
        return agency.kind if agency else None

    def may_send(self, name: str, event_type: str) -> bool:
        """Whether an agency is entitled to send a type."""
        return event_type in self._sends.get(name, frozenset())

    def receivers(self, event_type: str, source: str) -> tuple[str, ...]:
        """Return the agencies that want a type, without its sender."""
        return tuple(sorted(n for n in self._receivers.get(event_type, ()) if n != source))
