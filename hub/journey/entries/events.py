"""Ledger entries about what agencies send: accepted, held for identification, or quarantined."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from consent.reasons import ReviewCause
from hub.journey.entries.base import (
    ActReason,
    AgencyName,
    ChildId,
    CountKind,
    EntryBody,
    EventRef,
    FoundBy,
    StaffRef,
)
from schemas.errors import Fault
from schemas.event import RecordStatus

EventType = Annotated[str, Field(description="the registered event type")]
QuarantineId = Annotated[str, Field(description="the id of the quarantined input")]


class Resolution(StrEnum):
    """What a person did with a quarantined input or a dead letter."""

    RETRIED = "retried"
    DISCARDED = "discarded"


class EventReceivedEntry(EntryBody):
    """An event was accepted and decided, at once or after it was held for identification."""

    kind: ClassVar[str] = "event-received"
    found_by: ClassVar[FoundBy] = FoundBy(child="child", event="event", agency="source")

    event: EventRef
    type: EventType
    source: AgencyName
    child: ChildId
    new_child: Annotated[bool, Field(description="whether the event introduced the child")]
    status: Annotated[RecordStatus, Field(description="recorded, corrected or retracted")]
    override: Annotated[bool, Field(description="whether a safeguarding override is asserted")]

    def sentence(self) -> str:
        """Describe who sent what about which child."""
        child = f"child {self.child}" + (", new to the hub" if self.new_child else "")
        how = "" if self.status is RecordStatus.RECORDED else f" ({self.status.value})"
        override = " A safeguarding override is asserted." if self.override else ""
        return f"{self.source} sent {self.type}{how} about {child}.{override}"

    def daily_counts(self) -> Iterator[tuple[str, CountKind]]:
        """Count the event, and its override, for the sender."""
        yield self.source, CountKind.EVENTS
        if self.override:
            yield self.source, CountKind.OVERRIDES


class EventHeldEntry(EntryBody):
    """An event is held until a person has decided which child it is about."""

    kind: ClassVar[str] = "event-held"
    found_by: ClassVar[FoundBy] = FoundBy(event="event", agency="source")

    event: EventRef
    type: EventType
    source: AgencyName
    cause: Annotated[ReviewCause, Field(description="why the child is in doubt")]
    candidates: Annotated[tuple[str, ...], Field(description="the children it may be about")]

    def sentence(self) -> str:
        """Describe what is held and why."""
        return f"{self.type} from {self.source} is held. {self.cause.sentence}"


class EventQuarantinedEntry(EntryBody):
    """An input was quarantined: it could not be accepted as an event or a receipt."""

    kind: ClassVar[str] = "event-quarantined"
    found_by: ClassVar[FoundBy] = FoundBy(agency="account")

    quarantine: QuarantineId
    account: Annotated[str, Field(description="the sending agency; empty if not a registered one")]
    code: Annotated[Fault, Field(description="what is wrong with the input")]
    where: Annotated[str, Field(description="the place of the fault in the input, never a value")]

    def sentence(self) -> str:
        """Describe whose input was quarantined and why."""
        account = self.account or "an account that is no registered agency"
        where = f" At: {self.where}." if self.where else ""
        return f"An input from {account} is quarantined. {self.code.sentence}{where}"

    def daily_counts(self) -> Iterator[tuple[str, CountKind]]:
        """Count the input for its sender."""
        yield self.account, CountKind.QUARANTINED


class QuarantineClosedEntry(EntryBody):
    """A person retried or discarded a quarantined input."""

    kind: ClassVar[str] = "quarantine-closed"

    quarantine: QuarantineId
    state: Annotated[Resolution, Field(description="retried or discarded")]
    by: StaffRef
    reason: ActReason

    def sentence(self) -> str:
        """Describe who closed it, how, and why."""
        done = f"{self.by} {self.state.value} the quarantined input {self.quarantine}."
        return f"{done} Reason: {self.reason}."
