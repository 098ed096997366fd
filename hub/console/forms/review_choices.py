"""Decisions that close a review: the options for each cause, and their effects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from consent.reasons import ReviewCause
from hub.casework.reviews.candidates import score_in_words
from hub.casework.reviews.closing import (
    ACCEPTED,
    IDENTITY,
    REJECTED,
    ReviewClosed,
    ReviewView,
    accept,
    reject,
)
from hub.intake.held_events import SETTLED, SUPERSEDED
from hub.intake.hub import Hub
from hub.journey.entries import Attribution
from hub.journey.reviews import Review
from schemas.errors import ConfigurationError

NEW, OTHER, NONE, ONE_OF = "new", "other", "none", "child:"
_NO_CHOICE = "Select one of the decisions."
_NONE = "None of these children"
_UNTIL_REGISTERED = "The event goes to the quarantine until an agency registers the child."
_AS_NEW = "The hub creates a new child, as above. This records that the candidates were wrong."


@dataclass(frozen=True, slots=True)
class ReviewOption:
    """One decision: the value of the form, its name and its effect."""

    value: str
    text: str
    hint: str


_OF: Mapping[ReviewCause, tuple[ReviewOption, ReviewOption]] = {
    ReviewCause.OVERRIDE_USED: (
        ReviewOption(
            ACCEPTED,
            "It was justified",
            "The decision is recorded. Nothing else changes.",
        ),
        ReviewOption(
            REJECTED,
            "It was not justified",
            "The decision is recorded. The information remains shared: contact the agencies that "
            "received it, and your data protection officer.",
        ),
    ),
    ReviewCause.CONSENT_DISPUTED: (
        ReviewOption(
            ACCEPTED,
            "Noted: the refusal applies",
            "The decision is recorded. Information stays withheld while they disagree.",
        ),
        ReviewOption(
            REJECTED,
            "Noted: there is no real disagreement",
            "The decision is recorded. Withdraw the wrong directive on the child's page, or it "
            "stays in force.",
        ),
    ),
    ReviewCause.YOUNG_PERSON_TO_ASK: (
        ReviewOption(
            ACCEPTED,
            "The young person was asked",
            "The decision is recorded. Record the young person's choice on the child's page. It "
            "then overrides a parent's.",
        ),
        ReviewOption(
            REJECTED,
            "The young person need not be asked",
            "The decision is recorded. The parent's consent stays in force.",
        ),
    ),
    ReviewCause.AUTHORITY_LAPSED: (
        ReviewOption(
            ACCEPTED,
            "The person who decides now was asked",
            "The decision is recorded. Record their answer on the child's page. It then applies.",
        ),
        ReviewOption(
            REJECTED,
            "No one needs to be asked",
            "The decision is recorded. Information stays withheld.",
        ),
    ),
    ReviewCause.CONSENT_TO_CONFIRM: (
        ReviewOption(
            ACCEPTED,
            "The person confirmed the consent",
            "The consent is recorded again as confirmed, and applies from now on.",
        ),
        ReviewOption(
            REJECTED,
            "The person did not confirm it",
            "The decision is recorded. The consent does not apply to the agency that recorded it.",
        ),
    ),
    ReviewCause.COURT_ORDER_RECORDED: (
        ReviewOption(
            ACCEPTED,
            "It matches the order",
            "The decision is recorded. The directive stays in force.",
        ),
        ReviewOption(
            REJECTED,
            "It does not match the order",
            "The decision is recorded. Withdraw the directive on the child's page. Until then it "
            "stays in force.",
        ),
    ),
    ReviewCause.OBJECTION_MADE: (
        ReviewOption(
            ACCEPTED,
            "Uphold the objection",
            "The hub withholds what it covers from now on, including deliveries in queues.",
        ),
        ReviewOption(
            REJECTED,
            "Reject the objection",
            "The objection stays on record and withholds nothing.",
        ),
    ),
}
_IDENTITY_OUTCOMES = {
    ACCEPTED: "A reviewer identified the child",
    REJECTED: "It was none of the candidates",
    SETTLED: "Settled by another review",
    SUPERSEDED: "Replaced by another review",
}


def choices(found: ReviewView) -> tuple[ReviewOption, ...]:
    """Return the decisions that can close a review in its current state."""
    if found.review.cause in IDENTITY:
        return _identity(found)
    return _OF[found.review.cause]


def outcome_in_words(cause: ReviewCause, outcome: str | None) -> str:
    """Return the outcome of a closed review in words."""
    if cause in IDENTITY:
        return _IDENTITY_OUTCOMES.get(outcome or "", outcome or "")
    named = {choice.value: choice.text for choice in _OF[cause]}
    return named.get(outcome or "", outcome or "")


def answer(
    hub: Hub, review: Review, choice: str, word: Attribution, other: str = ""
) -> ReviewClosed:
    """Close a review with a decision; raises NotFound, and ConfigurationError for another value."""
    if review.cause in IDENTITY:
        return _answer_identity(hub, review.id, choice, word, other)
    if choice == ACCEPTED:
        return accept(hub, review.id, word)
    if choice == REJECTED:
        return reject(hub, review.id, word)
    raise ConfigurationError(_NO_CHOICE)


def _answer_identity(
    hub: Hub, review: str, choice: str, word: Attribution, other: str
) -> ReviewClosed:
    if choice.startswith(ONE_OF):
        return accept(hub, review, word, child=choice.removeprefix(ONE_OF))
    if choice == OTHER:
        return accept(hub, review, word, child=other)
    if choice == NEW:
        return accept(hub, review, word, new=True)
    if choice == NONE:
        return reject(hub, review, word)
    raise ConfigurationError(_NO_CHOICE)


def names_a_child(choice: str) -> bool:
    """Whether a decision names a child."""
    return choice == OTHER or choice.startswith(ONE_OF)


def _identity(found: ReviewView) -> tuple[ReviewOption, ...]:
    held = found.held
    if found.event is None or held is None:
        text = "The event goes to the quarantine, where it can be retried."
        return (ReviewOption(NONE, "Set the event aside", text),)
    ours = [
        ReviewOption(
            f"{ONE_OF}{one.child}",
            f"It is this child: candidate {number}",
            f"Match: {score_in_words(one.score)}. The event's numbers are linked to this child, "
            "except numbers that belong to another child.",
        )
        for number, one in enumerate(found.candidates, start=1)
    ]
    other = ReviewOption(OTHER, "It is another child the hub knows", "Enter the hub's id below.")
    if not held.introduces:
        return (*ours, ReviewOption(NONE, _NONE, _UNTIL_REGISTERED), other)
    new = ReviewOption(NEW, "It is a new child", "The hub creates an id for the child.")
    return (*ours, new, ReviewOption(NONE, _NONE, _AS_NEW), other)
