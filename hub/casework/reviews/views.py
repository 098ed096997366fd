"""View models of reviews: the list, and one review with what is needed to decide it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field, JsonValue

from consent.reasons import ReviewCause
from hub.casework.reviews.closing import Person, ReviewView
from hub.foundation.view_model import ViewModel
from hub.journey.reviews import Review


class ReviewSummary(ViewModel):
    """One matter for a person."""

    id: str
    cause: ReviewCause
    sentence: Annotated[str, Field(description="The cause in a sentence")]
    child: str | None
    event: str | None
    state: Annotated[str, Field(description="open or closed")]
    opened_at: str
    outcome: str | None
    closed_by: str | None
    closed_at: str | None


class IdentifierValue(ViewModel):
    """One identifier that counts for matching."""

    system: str
    value: str


class PersonView(ViewModel):
    """Who a child is: as a held event states it, or as the hub knows a candidate."""

    child: Annotated[str | None, Field(description="The candidate's id; null for the event")]
    likeness: Annotated[float | None, Field(description="1 where all particulars agree")]
    family_name: str | None
    given_name: str | None
    birth_date: dt.date | None
    postcode: str | None
    identifiers: tuple[IdentifierValue, ...]


class ReviewDetail(ReviewSummary):
    """One review; for a matter of identity with the event's statement and the candidates."""

    detail: dict[str, JsonValue]
    event_says: PersonView | None
    candidates: tuple[PersonView, ...]


def review_summary(one: Review) -> ReviewSummary:
    """Return a review as a list shows it."""
    return ReviewSummary(
        id=one.id,
        cause=one.cause,
        sentence=one.cause.sentence,
        child=one.child,
        event=one.event,
        state=one.state,
        opened_at=one.opened_at,
        outcome=one.outcome,
        closed_by=one.closed_by,
        closed_at=one.closed_at,
    )


def review_detail(found: ReviewView) -> ReviewDetail:
    """Return a review with what is needed to decide it."""
    return ReviewDetail(
        **dict(review_summary(found.review)),
        detail=found.detail,
        event_says=person_view(found.event) if found.event else None,
        candidates=tuple(map(person_view, found.candidates)),
    )


def person_view(one: Person) -> PersonView:
    """Return a person as it is shown."""
    who = one.particulars
    return PersonView(
        child=one.child,
        likeness=one.score,
        family_name=who.family_name,
        given_name=who.given_name,
        birth_date=who.birth_date,
        postcode=who.postcode,
        identifiers=tuple(IdentifierValue(system=s, value=v) for s, v in one.identifiers),
    )
