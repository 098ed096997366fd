"""An event about a child of uncertain identity: held, reviewed, and sent on."""

from __future__ import annotations

import datetime as dt

import pytest

from hub.casework.reviews.closing import accept, listed
from hub.journey.entries import Attribution
from tests.events import Child, recorded, registered
from tests.hub.hubs import doubtful_appointment, doubtful_referral
from tests.live_hub import LiveHub

pytestmark = pytest.mark.broker

ANNA = Child(1)


def test_what_was_held_arrives_in_its_original_order_once_the_match_is_accepted(
    live: LiveHub,
) -> None:
    """Nothing arrives before; then all of it does, and what comes after comes after."""
    held = [doubtful_referral(ANNA), *(doubtful_appointment(ANNA, day) for day in (2, 3, 4))]
    with live.working():
        live.send("school", registered(ANNA), recorded(ANNA, "consent-1"))
        live.ring()
        live.send("clinic", *held)
        live.ring()
        assert live.waiting("school") == 0
        ((child,),) = live.query(
            "SELECT child FROM events WHERE type = 'education.child-registered.v1'"
        )
        last = listed(live.hub)[-1]
        accept(live.hub, last.id, Attribution("jmalik", "CASE-104"), child=child)
        live.send("clinic", doubtful_appointment(ANNA, 5))
        live.ring()
    starts = [view.sections["health"].start for view in live.mail("school")]
    assert [s.day for s in starts if isinstance(s, dt.datetime)] == [2, 3, 4, 5]
    assert live.ledger_verifies()
