"""A running worker raises alarms and deletes expired content by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.happenings import Child, registered
from tests.house import House

pytestmark = pytest.mark.broker

ANNA = Child(1)


def test_a_worker_raises_the_alarm_for_a_delivery_without_a_receipt(
    make_house: Callable[..., House],
) -> None:
    """Once; a second worker finds it raised."""
    house = make_house(receipt_hours=1e-6)
    with house.working():
        house.send("school", registered(ANNA))
        house.ring()
    for _ in range(2):
        with house.working():
            house.until(lambda: house.ledger("receipt-overdue"))
            house.ring()
    assert [entry["body"]["recipient"] for entry in house.ledger("receipt-overdue")] == ["council"]


def test_a_worker_purges_and_nothing_of_it_is_released(make_house: Callable[..., House]) -> None:
    """The delivery waits in its queue, and no key opens it any more."""
    house = make_house(retention_days=0)
    with house.working():
        house.send("school", registered(ANNA))
        house.ring()
    with house.working():
        house.until(lambda: house.ledger("events-purged"))
    assert house.waiting("council") == 1
    assert house.mail("council") == []
    assert house.ledger_verifies()
