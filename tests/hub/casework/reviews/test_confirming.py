"""A consent that an agency recorded in its own favour: it waits, and a person confirms it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from consent.reasons import ReviewCause
from hub.casework.reviews.closing import accept, listed, reject
from hub.evidence.replay import ReplaySelection, replay
from hub.intake.hub import Hub
from hub.journey.entries import Attribution
from hub.journey.pipeline import DecidedEvent
from schemas.agencies import Agency, Directory
from schemas.errors import ConfigurationError
from tests.configuration import agencies
from tests.events import Child, appointed, recorded, registered, withdrawn
from tests.hub.hubs import make_hub, take

ANNA = Child(1)
WORD = Attribution("jmalik", "CASE-104")


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    """A hub in which the school may record consents, and not in its own favour."""
    fields = agencies()
    fields["school"] = {**fields["school"], "may_record_in_own_favour": False}
    directory = Directory(Agency(name=n, **a) for n, a in fields.items())
    made = replace(make_hub(tmp_path), directory=directory)
    take(made, registered(ANNA), recorded(ANNA, "d-1"))
    return made


def told(hub: Hub, number: str) -> bool:
    """Whether the school hears of an appointment."""
    (verdict,) = take(hub, appointed(ANNA, number))
    assert isinstance(verdict, DecidedEvent)
    answers = verdict.decisions.answers
    return next(a.decision.permitted for a in answers if a.question.recipient == "school")


def the_review(hub: Hub) -> str:
    """The one review that is open, which asks to confirm the consent."""
    (review,) = listed(hub)
    assert review.cause is ReviewCause.CONSENT_TO_CONFIRM
    return review.id


def test_what_is_confirmed_counts_from_then_on(hub: Hub) -> None:
    """And every decision, before and after, is made again alike."""
    assert not told(hub, "A1")
    accept(hub, the_review(hub), WORD)
    assert told(hub, "A2")
    assert replay(hub, ReplaySelection()).verified


def test_what_is_not_confirmed_goes_on_waiting(hub: Hub) -> None:
    """The review is closed, and nothing is shared."""
    assert not told(hub, "A1")
    reject(hub, the_review(hub), WORD)
    assert not told(hub, "A2")
    assert not listed(hub)


def test_what_was_withdrawn_cannot_be_confirmed(hub: Hub) -> None:
    """The person has said no since."""
    assert not told(hub, "A1")
    take(hub, withdrawn(ANNA, "d-1"))
    with pytest.raises(ConfigurationError, match="no longer in force"):
        accept(hub, the_review(hub), WORD)
