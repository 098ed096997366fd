"""Reviews: the list, one review with its evidence, and closing it.

A review shows personal data, so it asks for a reason for access, which is valid for an hour.
Closing needs a decision and a reason of its own; the ledger records both.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response

from consent.reasons import ReviewCause
from hub.casework.accounts.sign_in import say_why
from hub.casework.reviews import closing
from hub.casework.reviews.candidates import Compared, compare, score_in_words
from hub.casework.reviews.closing import Person, ReviewClosed, ReviewView
from hub.casework.reviews.evidence import review_evidence
from hub.console.forms.reason import problem_with
from hub.console.forms.review_choices import (
    NEW,
    NONE,
    OTHER,
    answer,
    choices,
    names_a_child,
    outcome_in_words,
)
from hub.console.security.guard import Needs, Visit
from hub.foundation.clock import now
from hub.journey.entries import Attribution
from hub.journey.pipeline import EventFate
from hub.journey.reviews import Review
from schemas.errors import ConfigurationError, NotFound
from schemas.roles import Permission
from schemas.times import unstamp

router = APIRouter(include_in_schema=False)
MOST = 200
Reading = Annotated[Visit, Depends(Needs(Permission.REVIEWS))]
Closing = Annotated[Visit, Depends(Needs(Permission.CLOSE_REVIEWS))]
Problems = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One review as the list shows it."""

    review: Review
    days: int
    outcome: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """One child that a held event may be about, compared line by line."""

    person: Person
    likeness: str
    lines: tuple[Compared, ...]


@router.get("/reviews")
def listing(
    visit: Annotated[Visit, Depends(Needs(Permission.REVIEWS, "the list of reviews"))],
) -> HTMLResponse:
    """Show the open reviews by cause, oldest first, and optionally the closed ones."""
    everything = visit.query("all") == "1"
    found = closing.listed(visit.hub, everything=everything)
    moment = now()
    waiting = [one for one in found if one.state == "open"]
    groups = [
        (cause, [_row(one, moment) for one in waiting if one.cause is cause][:MOST])
        for cause in ReviewCause
    ]
    closed = sorted((r for r in found if r.closed_at), key=lambda r: r.closed_at or "")
    return visit.page(
        "reviews.html",
        everything=everything,
        groups=[(cause, some) for cause, some in groups if some],
        counts={cause: sum(r.cause is cause for r in waiting) for cause in ReviewCause},
        count=len(waiting),
        most=MOST,
        closed=[_row(one, moment) for one in closed[-MOST:]][::-1],
        closed_count=len(closed),
    )


def _row(review: Review, moment: dt.datetime) -> ReviewRow:
    days = (moment - unstamp(review.opened_at)).days
    return ReviewRow(review, max(days, 0), outcome_in_words(review.cause, review.outcome))


@router.get("/reviews/{review}")
def one_review(visit: Reading, review: str) -> Response:
    """Show one review with its evidence, after asking for a reason."""
    found = closing.find(visit.hub, review)
    reason = visit.reason_for(_key(found))
    if reason is None:
        visit.record_access(f"the question for a reason to access review {found.id}", found.child)
        return _why(visit, found)
    return _page(visit, found, reason)


def _key(review: Review) -> str:
    """Return the key of the reason in the session: the child, or the review if it has none."""
    return review.child or f"review:{review.id}"


def _why(visit: Visit, review: Review, reason: str = "", problem: str = "") -> HTMLResponse:
    return visit.page(
        "review_why.html",
        400 if problem else 200,
        review=review,
        days=_row(review, now()).days,
        reason=reason,
        problem=problem,
    )


@router.post("/reviews/{review}/why")
def why(visit: Reading, review: str) -> Response:
    """Store the reason for the session, and redirect to the review."""
    found, reason = closing.find(visit.hub, review), visit.field("reason")
    if problem := problem_with(reason):
        return _why(visit, found, reason, problem)
    say_why(visit.hub, visit.visitor, _key(found), reason)
    return visit.redirect(f"/reviews/{found.id}")


def _page(
    visit: Visit, review: Review, reason: str, problems: Problems | None = None
) -> HTMLResponse:
    found = closing.shown(visit.hub, review.id, by=visit.person, reason=reason)
    return visit.page(
        "review.html",
        400 if problems else 200,
        found=found,
        review=found.review,
        days=_row(review, now()).days,
        outcome=outcome_in_words(review.cause, review.outcome),
        access_reason=reason,
        candidates=_candidates(found),
        turns=review_evidence(visit.hub, found),
        choices=choices(found) if review.state == "open" else (),
        other=OTHER,
        problems=problems or [],
        chosen=visit.field("decision"),
        given=visit.field("reason"),
        child=visit.field("child"),
    )


def _candidates(found: ReviewView) -> list[Candidate]:
    event = found.event
    if event is None:
        return []
    return [
        Candidate(one, score_in_words(one.score), compare(event, one)) for one in found.candidates
    ]


@router.post("/reviews/{review}/close")
def close(visit: Closing, review: str) -> Response:
    """Close a review with a decision and a reason, and show the result."""
    found = closing.find(visit.hub, review)
    if found.state != "open":
        return visit.redirect(f"/reviews/{found.id}")
    problems = _problems(visit)
    if not problems:
        try:
            word, decision = (
                Attribution(visit.person, visit.field("reason")),
                visit.field("decision"),
            )
            closed = answer(visit.hub, found, decision, word, visit.field("child"))
            return _closed(visit, found, closed)
        except NotFound as error:
            unknown = ("child", "The hub has no child with this id")
            problems = [unknown if names_a_child(decision) else ("decision", str(error))]
        except ConfigurationError as error:
            problems = [("decision", str(error))]
    access_reason = visit.reason_for(_key(found))
    if access_reason is None:
        return visit.redirect(f"/reviews/{found.id}")
    return _page(visit, found, access_reason, problems)


def _problems(visit: Visit) -> Problems:
    problems: Problems = []
    decision = visit.field("decision")
    if not decision:
        problems.append(("decision", "Select a decision"))
    if decision == OTHER and not visit.field("child"):
        problems.append(("child", "Enter the hub's id of the child"))
    if (wrong := problem_with(visit.field("reason"))) is not None:
        problems.append(("reason", wrong))
    return problems


def _closed(visit: Visit, review: Review, closed: ReviewClosed) -> HTMLResponse:
    decision = visit.field("decision")
    return visit.page(
        "review_closed.html",
        review=review,
        closed=closed,
        outcome=outcome_in_words(review.cause, closed.outcome),
        new=decision == NEW or (decision == NONE and closed.child is not None),
        decided=[one for one in closed.events if one.outcome is EventFate.DECIDED],
        set_aside=[one for one in closed.events if one.outcome is not EventFate.DECIDED],
    )
