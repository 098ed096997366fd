"""How a review may be answered: the named decisions of each cause, and what each of them does."""

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
_NO_CHOICE = "Choose one of the decisions."
_NONE = "It is none of them"
_UNTIL_REGISTERED = "It waits in the quarantine until somebody has registered the child."
_AS_NEW = (
    "The hub takes it for a new child, as above. Choose this to have it on record that the "
    "candidates were wrong."
)


@dataclass(frozen=True, slots=True)
class ReviewOption:
    """One decision: what the form sends, its name, and what follows from it."""

    value: str
    text: str
    hint: str


_OF: Mapping[ReviewCause, tuple[ReviewOption, ReviewOption]] = {
    ReviewCause.OVERRIDE_USED: (
        ReviewOption(
            ACCEPTED,
            "It was justified",
            "This is written down. Nothing else changes.",
        ),
        ReviewOption(
            REJECTED,
            "It was not justified",
            "This is written down. What was shared stays shared: speak to the agencies that got "
            "it, and to your data protection officer.",
        ),
    ),
    ReviewCause.CONSENT_DISPUTED: (
        ReviewOption(
            ACCEPTED,
            "Noted: the refusal counts",
            "This is written down. What was withheld stays withheld while they disagree.",
        ),
        ReviewOption(
            REJECTED,
            "Noted: it is no real disagreement",
            "This is written down. What is recorded wrongly must still be withdrawn or recorded "
            "anew on the child's page, or it goes on counting.",
        ),
    ),
    ReviewCause.YOUNG_PERSON_TO_ASK: (
        ReviewOption(
            ACCEPTED,
            "The young person was asked",
            "This is written down. Record what they said on the child's page: from then on it "
            "counts before a parent's word.",
        ),
        ReviewOption(
            REJECTED,
            "The young person need not be asked",
            "This is written down. The parent's consent goes on counting.",
        ),
    ),
    ReviewCause.AUTHORITY_LAPSED: (
        ReviewOption(
            ACCEPTED,
            "The person who decides now was asked",
            "This is recorded. Record their answer on the child's page: from then on it counts.",
        ),
        ReviewOption(
            REJECTED,
            "Nobody needs to be asked",
            "This is recorded. What was withheld stays withheld.",
        ),
    ),
    ReviewCause.CONSENT_TO_CONFIRM: (
        ReviewOption(
            ACCEPTED,
            "The person confirmed the consent",
            "It is recorded again as confirmed, and counts from now on.",
        ),
        ReviewOption(
            REJECTED,
            "The person did not confirm it",
            "This is recorded. The consent shares nothing with the agency that recorded it.",
        ),
    ),
    ReviewCause.COURT_ORDER_RECORDED: (
        ReviewOption(
            ACCEPTED,
            "It agrees with the order",
            "This is recorded. The directive goes on counting.",
        ),
        ReviewOption(
            REJECTED,
            "It does not agree with the order",
            "This is recorded. Withdraw the directive on the child's page, or it goes on counting.",
        ),
    ),
    ReviewCause.OBJECTION_MADE: (
        ReviewOption(
            ACCEPTED,
            "Uphold the objection",
            "From now on it withholds what it covers, what is already on its way too.",
        ),
        ReviewOption(
            REJECTED,
            "Reject the objection",
            "It stays on record and withholds nothing.",
        ),
    ),
}
_IDENTITY_OUTCOMES = {
    ACCEPTED: "A person said who the child is",
    REJECTED: "It was none of the candidates",
    SETTLED: "Settled by the answer to another review",
    SUPERSEDED: "Another doubt took its place",
}


def choices(found: ReviewView) -> tuple[ReviewOption, ...]:
    """List the decisions that may be taken on a review, as it is now."""
    if found.review.cause in IDENTITY:
        return _identity(found)
    return _OF[found.review.cause]


def outcome_in_words(cause: ReviewCause, outcome: str | None) -> str:
    """Say how a review was closed."""
    if cause in IDENTITY:
        return _IDENTITY_OUTCOMES.get(outcome or "", outcome or "")
    named = {choice.value: choice.text for choice in _OF[cause]}
    return named.get(outcome or "", outcome or "")


def answer(
    hub: Hub, review: Review, choice: str, word: Attribution, other: str = ""
) -> ReviewClosed:
    """Carry out a decision; raises NotFound and ConfigurationError as the desk does.

    What is none of the named decisions is refused: nothing is closed by a form that was made up.
    """
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
    """Whether a decision says which child it is."""
    return choice == OTHER or choice.startswith(ONE_OF)


def _identity(found: ReviewView) -> tuple[ReviewOption, ...]:
    held = found.held
    if found.event is None or held is None:
        text = "It goes to the quarantine, from which it can be tried again."
        return (ReviewOption(NONE, "Set the event aside", text),)
    ours = [
        ReviewOption(
            f"{ONE_OF}{one.child}",
            f"It is this child: candidate {number}",
            f"Likeness: {score_in_words(one.score)}. The event's own numbers are linked to this "
            "child, except numbers that are another child's.",
        )
        for number, one in enumerate(found.candidates, start=1)
    ]
    other = ReviewOption(
        OTHER, "It is another child that the hub knows", "Give the hub's id below."
    )
    if not held.introduces:
        return (*ours, ReviewOption(NONE, _NONE, _UNTIL_REGISTERED), other)
    new = ReviewOption(NEW, "It is a new child", "The hub gives the child an id of its own.")
    return (*ours, new, ReviewOption(NONE, _NONE, _AS_NEW), other)
