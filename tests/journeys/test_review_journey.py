"""An event about a child of uncertain identity: held, reviewed, and sent on."""

from __future__ import annotations

import datetime as dt

import pytest

from hub.casework.reviews.closing import accept, listed
from hub.journey.entries import Attribution
from tests.happenings import Child, registered, said
from tests.house import House
from tests.hub.hubs import doubtful_appointment, doubtful_referral

pytestmark = pytest.mark.broker

ANNA = Child(1)


def test_what_was_held_arrives_in_its_original_order_once_the_match_is_accepted(
    house: House,
) -> None:
    """Nothing arrives before; then all of it does, and what comes after comes after."""
    held = [doubtful_referral(ANNA), *(doubtful_appointment(ANNA, day) for day in (2, 3, 4))]
    with house.working():
        house.send("school", registered(ANNA), said(ANNA, "consent-1"))
        house.ring()
        house.send("clinic", *held)
        house.ring()
        assert house.waiting("school") == 0
        ((child,),) = house.query(
            "SELECT child FROM events WHERE type = 'education.child-registered.v1'"
        )
        last = listed(house.hub)[-1]
        accept(house.hub, last.id, Attribution("jmalik", "CASE-104"), child=child)
        house.send("clinic", doubtful_appointment(ANNA, 5))
        house.ring()
    starts = [view.sections["health"].start for view in house.mail("school")]
    assert [s.day for s in starts if isinstance(s, dt.datetime)] == [2, 3, 4, 5]
    assert house.ledger_verifies()
