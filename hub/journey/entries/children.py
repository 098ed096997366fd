"""Ledger entries about children: identifiers, involvement, merges, splits and erasure."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from hub.journey.entries.base import (
    ActReason,
    AgencyName,
    ChildId,
    EntryBody,
    EventRef,
    FoundBy,
    StaffRef,
)
from schemas.counted import counted

Counts = Annotated[dict[str, int], Field(description="how much was concerned, by what it is")]


class InvolvementChange(StrEnum):
    """How an agency's part in a child's care changed."""

    BEGAN = "began"
    ENDED = "ended"
    INVITED = "invited"


_PHRASES = {
    InvolvementChange.BEGAN: "takes part in the care of",
    InvolvementChange.ENDED: "no longer takes part in the care of",
    InvolvementChange.INVITED: "was invited into the care of",
}


class IdentifiersLinkedEntry(EntryBody):
    """Identifiers that an event supplied were linked to a child."""

    kind: ClassVar[str] = "identifiers-linked"
    found_by: ClassVar[FoundBy] = FoundBy(child="child", event="event", agency="source")

    child: ChildId
    event: EventRef
    source: AgencyName
    linked: Annotated[int, Field(description="how many identifiers are new to the child")]

    def sentence(self) -> str:
        """Describe how many identifiers were linked, and who supplied them."""
        linked = counted(self.linked, "identifier")
        return f"The hub linked {linked} from {self.source} to child {self.child}."


class InvolvementEntry(EntryBody):
    """An agency's part in a child's care began or ended."""

    kind: ClassVar[str] = "involvement"
    found_by: ClassVar[FoundBy] = FoundBy(child="child", event="event", agency="agency")

    child: ChildId
    agency: AgencyName
    part: Annotated[InvolvementChange, Field(description="began, ended or invited")]
    event: EventRef

    def sentence(self) -> str:
        """Describe how the agency's part changed."""
        return f"{self.agency} {_PHRASES[self.part]} child {self.child}."


class ChildrenMergedEntry(EntryBody):
    """Two ids were found to be one child, and merged."""

    kind: ClassVar[str] = "children-merged"
    found_by: ClassVar[FoundBy] = FoundBy(child="into")

    merged: Annotated[str, Field(description="the id that is no longer used")]
    into: Annotated[str, Field(description="the id that remains")]
    by: StaffRef
    reason: ActReason
    counts: Counts

    def sentence(self) -> str:
        """Describe which ids were merged, by whom and why."""
        what = f"Child {self.merged} was merged into child {self.into}"
        return f"{what} by {self.by}. Reason: {self.reason}."


class ChildSplitEntry(EntryBody):
    """One id was found to be two children: some identifiers were moved to a new one."""

    kind: ClassVar[str] = "child-split"
    found_by: ClassVar[FoundBy] = FoundBy(child="split")

    split: Annotated[str, Field(description="the id that was split")]
    new: Annotated[str, Field(description="the new id")]
    identifiers: Annotated[int, Field(description="how many identifiers were moved")]
    by: StaffRef
    reason: ActReason

    def sentence(self) -> str:
        """Describe what was moved to which new child, by whom and why."""
        what = f"{counted(self.identifiers, 'identifier')} of child {self.split}"
        return f"{self.by} moved {what} to the new child {self.new}. Reason: {self.reason}."


class ChildErasedEntry(EntryBody):
    """A child's key was destroyed, and with it all personal data stored about the child."""

    kind: ClassVar[str] = "child-erased"
    found_by: ClassVar[FoundBy] = FoundBy(child="child")

    child: ChildId
    former: Annotated[tuple[str, ...], Field(description="ids that had been merged into it")]
    by: StaffRef
    reason: ActReason
    counts: Counts

    def sentence(self) -> str:
        """Describe whose data was erased, by whom and why."""
        return f"{self.by} erased all data stored about child {self.child}. Reason: {self.reason}."


class EventsPurgedEntry(EntryBody):
    """Stored events reached the end of their retention, and their content was destroyed."""

    kind: ClassVar[str] = "events-purged"

    events: Annotated[int, Field(description="how many events")]
    before: Annotated[str, Field(description="those decided before this moment")]
    by: StaffRef

    def sentence(self) -> str:
        """Describe how many events were purged."""
        events = counted(self.events, "event")
        return f"{self.by} destroyed the content of {events} past retention."
