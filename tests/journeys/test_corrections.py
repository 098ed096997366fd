"""Recipients of wrong data receive the correction, and the hub tracks who confirmed it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hub.casework.deliveries.corrections import CorrectionStatus, listed
from hub.cli import main
from schemas.event import Event, RecordStatus, View
from schemas.sections import Category
from tests.events import (
    APPOINTMENT,
    Child,
    appointed,
    event_of,
    recorded,
    registered,
    withdrawn,
)
from tests.live_hub import LiveHub

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("corrections")]

ANNA = Child(1)
RECORD = "APP-77"
RETRACTED, CORRECTED = RecordStatus.RETRACTED, RecordStatus.CORRECTED
SCHOOL = {
    "school": {
        "adapter": "care-extract", "agency": "school", "folder": "school", "direction": "out",
    }
}  # fmt: skip


def retracted() -> Event:
    """The clinic takes its appointment back, and names nothing but the child and the record."""
    return event_of(APPOINTMENT, "clinic", ANNA.identity(), record=RECORD, status=RETRACTED)


def shared(live: LiveHub) -> View:
    """Have an appointment shared with the school; return what it saw."""
    live.send("school", registered(ANNA), recorded(ANNA, "consent-1"))
    live.ring()
    live.send("clinic", appointed(ANNA, record=RECORD))
    live.ring()
    (view,) = live.mail("school")
    return view


def one(live: LiveHub) -> CorrectionStatus:
    """The one correction there is."""
    (found,) = listed(live.hub)
    return found


def test_a_bare_retraction_reaches_earlier_recipients_as_a_notice(live: LiveHub) -> None:
    """Type, status and the recipient's own pseudonym of the record; no section at all."""
    with live.working():
        first = shared(live)
        live.send("clinic", retracted())
        live.ring()
        (notice,) = live.mail("school")
    assert (notice.kind, notice.status) == (first.kind, RETRACTED)
    assert (notice.record, notice.child) == (first.record, first.child)
    assert (dict(notice.sections), notice.existence, notice.withheld) == ({}, (), ())


def test_a_notice_goes_to_earlier_recipients_only(live: LiveHub) -> None:
    """The other agencies do not learn that there was an appointment."""
    with live.working():
        shared(live)
        live.take("agency.council", "council")
        live.send("clinic", retracted())
        live.ring()
        assert [live.mail(name) for name in ("council", "care", "clinic")] == [[], [], []]


def test_a_retraction_of_undelivered_data_goes_to_no_agency(live: LiveHub) -> None:
    """There was no consent, so there is nothing to take back."""
    with live.working():
        live.send("school", registered(ANNA))
        live.ring()
        live.send("clinic", appointed(ANNA, record=RECORD), retracted())
        live.ring()
        assert live.mail("school") == []
    assert one(live).recipients == ()


def test_earlier_recipients_get_the_notice_although_consent_was_withdrawn(live: LiveHub) -> None:
    """A correction too, of which it may see nothing any more."""
    with live.working():
        shared(live)
        live.send("school", withdrawn(ANNA, "consent-1"))
        live.ring()
        live.send("clinic", appointed(ANNA, "A9", record=RECORD, status=CORRECTED))
        live.ring()
        (notice,) = live.mail("school")
    assert (notice.status, dict(notice.sections)) == (CORRECTED, {})


def test_a_recipient_who_may_see_the_correction_gets_it_whole(live: LiveHub) -> None:
    """No notice is needed beside it."""
    with live.working():
        shared(live)
        live.send("clinic", appointed(ANNA, "A9", record=RECORD, status=CORRECTED))
        live.ring()
        (view,) = live.mail("school")
    assert set(view.sections) == {Category.IDENTITY, Category.HEALTH}
    assert [t.notice for t in one(live).recipients] == [False]


def test_a_notice_of_what_was_withheld_at_release_is_withheld_too(live: LiveHub) -> None:
    """The withdrawal reached the appointment in its queue: the school never learned of it."""
    with live.working():
        live.send("school", registered(ANNA), recorded(ANNA, "consent-1"))
        live.ring()
        live.send("clinic", appointed(ANNA, record=RECORD), retracted())
        live.ring()
        live.send("school", withdrawn(ANNA, "consent-1"))
        live.ring()
        assert live.waiting("school") == 2
        assert live.mail("school") == []


def test_the_decision_of_a_notice_says_so_in_the_ledger(live: LiveHub) -> None:
    """Nothing was permitted, and a notice was sent."""
    with live.working():
        shared(live)
        live.send("clinic", retracted())
        live.ring()
    bodies = [entry["body"] for entry in live.ledger("decision")]
    (noticed,) = [body for body in bodies if body.get("notice")]
    assert (noticed["recipient"], noticed["permitted"]) == ("school", False)


def test_a_correction_is_outstanding_until_the_recipients_system_has_it(
    make_live: Callable[..., LiveHub], capsys: pytest.CaptureFixture[str]
) -> None:
    """The receipt of its adapter is the acknowledgement."""
    live = make_live(adapters=SCHOOL)
    command = ["--config", str(live.config), "correction", "list"]
    with live.working():
        shared(live)
        live.send("clinic", retracted())
        live.ring()
        assert one(live).outstanding == ("school",)
        assert main(command) == 1
        with live.adapting("school"):
            live.until(lambda: not one(live).outstanding)
    (school,) = one(live).recipients
    assert (school.notice, school.acknowledged) == (True, True)
    assert main(command) == 0
    assert "acknowledged" in capsys.readouterr().out
    written = [file.read_text("utf-8") for file in (live.folder / "school" / "out").glob("*.csv")]
    assert any("retracted" in text for text in written)
    assert not any("Hearing" in text or ANNA.family_name in text for text in written)


def test_a_repeated_retraction_makes_no_second_notice(live: LiveHub) -> None:
    """The same event again is a repeat."""
    with live.working():
        shared(live)
        event = retracted()
        live.send("clinic", event, event)
        live.ring()
        assert len(live.mail("school")) == 1
