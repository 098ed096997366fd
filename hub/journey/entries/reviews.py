"""Ledger entries about reviews: matters that need a person's decision."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from consent.reasons import ReviewCause
from hub.journey.entries.base import ActReason, EntryBody, FoundBy, StaffRef


class ReviewEntry(EntryBody):
    """What every entry about a review has: the review, its cause, its child and event if known."""

    found_by: ClassVar[FoundBy] = FoundBy(child="child", event="event")

    review: Annotated[str, Field(description="the id of the review")]
    cause: Annotated[ReviewCause, Field(description="why a person must decide")]
    child: Annotated[str | None, Field(description="the child it is about, if known")]
    event: Annotated[str | None, Field(description="the event it is about, if there is one")]


class ReviewOpenedEntry(ReviewEntry):
    """A matter needs a person's decision."""

    kind: ClassVar[str] = "review-opened"

    def sentence(self) -> str:
        """Describe the matter."""
        return f"Review {self.review} was opened. {self.cause.sentence}"


class ReviewClosedEntry(ReviewEntry):
    """A person closed a review, or a decision on another one settled it too."""

    kind: ClassVar[str] = "review-closed"

    outcome: Annotated[str, Field(description="how it was decided, as a code")]
    by: StaffRef
    reason: ActReason

    def sentence(self) -> str:
        """Describe who closed it, how, and why."""
        closed = f"{self.by} closed review {self.review}: {self.outcome}."
        return f"{closed} {self.cause.sentence} Reason: {self.reason}."
