"""A running worker raises alarms and deletes expired content by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.events import Child, registered
from tests.live_hub import LiveHub

pytestmark = pytest.mark.broker

ANNA = Child(1)


def test_a_worker_raises_the_alarm_for_a_delivery_without_a_receipt(
    make_live: Callable[..., LiveHub],
) -> None:
    """Once; a second worker finds it raised."""
    live = make_live(receipt_hours=1e-6)
    with live.working():
        live.send("school", registered(ANNA))
        live.ring()
    for _ in range(2):
        with live.working():
            live.until(lambda: live.ledger("receipt-overdue"))
            live.ring()
    assert [entry["body"]["recipient"] for entry in live.ledger("receipt-overdue")] == ["council"]


def test_a_worker_purges_and_nothing_of_it_is_released(make_live: Callable[..., LiveHub]) -> None:
    """The delivery waits in its queue, and no key opens it any more."""
    live = make_live(retention_days=0)
    with live.working():
        live.send("school", registered(ANNA))
        live.ring()
    with live.working():
        live.until(lambda: live.ledger("events-purged"))
    assert live.waiting("council") == 1
    assert live.mail("council") == []
    assert live.ledger_verifies()
