"""What every kind of ledger entry has in common: one frozen model per kind, written and read here.

A model states its kind, its members with their meaning, what the entry is found by, the sentence
that describes it to people, and what it adds to the daily counts. Entries name events, deliveries,
directives and children by the hub's own opaque references; they hold no name and no content.
"""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from types import MappingProxyType
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hub.ledger.entry import LedgerEntry
from hub.ledger.errors import LedgerCode, LedgerError

ChildId = Annotated[str, Field(description="the hub's id of the child")]
EventRef = Annotated[str, Field(description="the hub's reference of the event")]
AgencyName = Annotated[str, Field(description="the agency's registered name")]
DeliveryId = Annotated[str, Field(description="the id of the delivery")]
Recipient = Annotated[str, Field(description="the agency that receives the delivery")]
StaffRef = Annotated[str, Field(description="the person or program that acted, as a reference")]
ActReason = Annotated[str, Field(description="a case number or a code, no names")]


@dataclass(frozen=True, slots=True)
class EntrySubject:
    """What an entry is found by: child, event and agency, each if there is one."""

    child: str | None = None
    event: str | None = None
    agency: str | None = None


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who did something and why: a staff reference, and a case number or a code; no names."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class FoundBy:
    """The members of a body that hold its subject, by name; empty for what it has not."""

    child: str = ""
    event: str = ""
    agency: str = ""


class CountKind(StrEnum):
    """What is counted by day, and for which agency."""

    EVENTS = "events"  # an event of the agency was accepted
    OVERRIDES = "overrides"  # an event of the agency asserted a safeguarding override
    QUARANTINED = "quarantined"  # an input of the agency was quarantined
    TOLD = "told"  # the agency was given a delivery's keys, the first time
    WITHHELD = "withheld"  # nothing of an event, or no keys of a delivery, went to the agency
    FAILED = "failed"  # the agency's adapter could not hand a delivery over


class EntryBody(BaseModel):
    """The body of one kind of ledger entry: the base of all of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ClassVar[str]
    found_by: ClassVar[FoundBy] = FoundBy()

    @classmethod
    def __pydantic_init_subclass__(cls, **_: object) -> None:
        """Register a model that states its kind; raises TypeError if another model has the kind."""
        kind = cls.__dict__.get("kind")
        if kind is None:
            return
        if kind in _MODELS:
            raise TypeError(f"two models for ledger entries of kind {kind}")
        _MODELS[kind] = cls

    @abstractmethod
    def sentence(self) -> str:
        """Describe the entry in one or a few plain sentences."""

    def daily_counts(self) -> Iterator[tuple[str, CountKind]]:
        """Return what the entry adds to the daily counts: an agency and what is counted, each."""
        return iter(())

    def subject(self) -> EntrySubject:
        """Return what the entry is found by."""
        named = self.found_by
        return EntrySubject(
            self._text(named.child), self._text(named.event), self._text(named.agency)
        )

    def as_entry(self, at: dt.datetime) -> LedgerEntry:
        """Return the ledger entry with this body, recorded at a moment."""
        body = self.model_dump(mode="json", exclude_defaults=True)
        return LedgerEntry(kind=self.kind, at=at, body=body)

    def _text(self, path: str) -> str | None:
        value: object = attrgetter(path)(self) if path else None
        return str(value) if value else None


_MODELS: dict[str, type[EntryBody]] = {}
MODELS: Mapping[str, type[EntryBody]] = MappingProxyType(_MODELS)
"""Every model by its kind; complete once the package is imported."""


def model_of(kind: str) -> type[EntryBody]:
    """Return the model of a kind; raises LedgerError (``ledger-entry-malformed``) for no kind."""
    model = MODELS.get(kind)
    if model is None:
        raise LedgerError(LedgerCode.ENTRY_MALFORMED, f"there are no entries of kind {kind}")
    return model


def body_of(entry: LedgerEntry) -> EntryBody:
    """Read the body of an entry by the model of its kind.

    Raises LedgerError (``ledger-entry-malformed``) for an unknown kind, and for a body that is not
    as its kind has it.
    """
    model = model_of(entry.kind)
    try:
        return model.model_validate(entry.body)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"])
        detail = f"the body is not that of kind {entry.kind}; see {where or 'the body'}"
        raise LedgerError(LedgerCode.ENTRY_MALFORMED, detail) from None
