"""A machine's clock is set back: what was withdrawn stays withdrawn."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from hub.foundation import clock
from tests.events import Child, appointed, recorded, referred, registered, withdrawn
from tests.hub.hubs import ask, delivery_of, ledger, make_hub, take, verifies

ANNA = Child(1)


def test_a_clock_set_back_does_not_undo_a_withdrawal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the consent and its withdrawal by the wall, after it by the ledger: not released."""
    hub = make_hub(tmp_path)
    take(hub, registered(ANNA), referred(ANNA), recorded(ANNA, "consent-1", "consent"))
    before = clock.now()
    appointment = appointed(ANNA)
    take(hub, appointment)
    delivery = delivery_of(hub, appointment, "school")
    assert ask(hub, "school", delivery).code is None
    take(hub, withdrawn(ANNA, "consent-1"))
    monkeypatch.setattr(clock, "now", lambda: before + dt.timedelta(microseconds=1))
    assert ask(hub, "school", delivery).code == "withheld"
    assert "consent-withdrawn" in str(ledger(hub, "release")[-1]["withheld"])
    assert verifies(hub)
