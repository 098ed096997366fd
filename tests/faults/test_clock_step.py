"""A machine's clock is set back: what was withdrawn stays withdrawn."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from hub.foundation import clock
from tests.happenings import Child, appointed, referred, registered, said, withdrawn
from tests.hub.offices import ask, delivery_of, ledger, make_office, take, verifies

ANNA = Child(1)


def test_a_clock_set_back_does_not_undo_a_withdrawal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the consent and its withdrawal by the wall, after it by the ledger: not released."""
    office = make_office(tmp_path)
    take(office, registered(ANNA), referred(ANNA), said(ANNA, "consent-1", "consent"))
    before = clock.now()
    appointment = appointed(ANNA)
    take(office, appointment)
    delivery = delivery_of(office, appointment, "school")
    assert ask(office, "school", delivery).code is None
    take(office, withdrawn(ANNA, "consent-1"))
    monkeypatch.setattr(clock, "now", lambda: before + dt.timedelta(microseconds=1))
    assert ask(office, "school", delivery).code == "withheld"
    assert "consent-withdrawn" in str(ledger(office, "release")[-1]["withheld"])
    assert verifies(office)
