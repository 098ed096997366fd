"""Recipients of wrong data receive the correction, and the hub tracks who confirmed it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hub.casework.deliveries.corrections import CorrectionStatus, listed
from hub.cli import main
from schemas.event import Event, RecordStatus, View
from schemas.sections import Category
from tests.happenings import (
    APPOINTMENT,
    Child,
    appointed,
    happening,
    registered,
    said,
    withdrawn,
)
from tests.house import House

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
    return happening(APPOINTMENT, "clinic", ANNA.identity(), record=RECORD, status=RETRACTED)


def shared(house: House) -> View:
    """Have an appointment shared with the school; return what it saw."""
    house.send("school", registered(ANNA), said(ANNA, "consent-1"))
    house.ring()
    house.send("clinic", appointed(ANNA, record=RECORD))
    house.ring()
    (view,) = house.mail("school")
    return view


def one(house: House) -> CorrectionStatus:
    """The one correction there is."""
    (found,) = listed(house.hub)
    return found


def test_a_bare_retraction_reaches_earlier_recipients_as_a_notice(house: House) -> None:
    """Type, status and the recipient's own pseudonym of the record; no section at all."""
    with house.working():
        first = shared(house)
        house.send("clinic", retracted())
        house.ring()
        (notice,) = house.mail("school")
    assert (notice.kind, notice.status) == (first.kind, RETRACTED)
    assert (notice.record, notice.child) == (first.record, first.child)
    assert (dict(notice.sections), notice.existence, notice.withheld) == ({}, (), ())


def test_a_notice_goes_to_earlier_recipients_only(house: House) -> None:
    """The other agencies do not learn that there was an appointment."""
    with house.working():
        shared(house)
        house.take("agency.council", "council")
        house.send("clinic", retracted())
        house.ring()
        assert [house.mail(name) for name in ("council", "care", "clinic")] == [[], [], []]


def test_a_retraction_of_undelivered_data_goes_to_no_agency(house: House) -> None:
    """There was no consent, so there is nothing to take back."""
    with house.working():
        house.send("school", registered(ANNA))
        house.ring()
        house.send("clinic", appointed(ANNA, record=RECORD), retracted())
        house.ring()
        assert house.mail("school") == []
    assert one(house).recipients == ()


def test_earlier_recipients_get_the_notice_although_consent_was_withdrawn(house: House) -> None:
    """A correction too, of which it may see nothing any more."""
    with house.working():
        shared(house)
        house.send("school", withdrawn(ANNA, "consent-1"))
        house.ring()
        house.send("clinic", appointed(ANNA, "A9", record=RECORD, status=CORRECTED))
        house.ring()
        (notice,) = house.mail("school")
    assert (notice.status, dict(notice.sections)) == (CORRECTED, {})


def test_a_recipient_who_may_see_the_correction_gets_it_whole(house: House) -> None:
    """No notice is needed beside it."""
    with house.working():
        shared(house)
        house.send("clinic", appointed(ANNA, "A9", record=RECORD, status=CORRECTED))
        house.ring()
        (view,) = house.mail("school")
    assert set(view.sections) == {Category.IDENTITY, Category.HEALTH}
    assert [t.notice for t in one(house).recipients] == [False]


def test_a_notice_of_what_was_withheld_at_release_is_withheld_too(house: House) -> None:
    """The withdrawal reached the appointment in its queue: the school never learned of it."""
    with house.working():
        house.send("school", registered(ANNA), said(ANNA, "consent-1"))
        house.ring()
        house.send("clinic", appointed(ANNA, record=RECORD), retracted())
        house.ring()
        house.send("school", withdrawn(ANNA, "consent-1"))
        house.ring()
        assert house.waiting("school") == 2
        assert house.mail("school") == []


def test_the_decision_of_a_notice_says_so_in_the_ledger(house: House) -> None:
    """Nothing was permitted, and a notice was sent."""
    with house.working():
        shared(house)
        house.send("clinic", retracted())
        house.ring()
    bodies = [entry["body"] for entry in house.ledger("decision")]
    (noticed,) = [body for body in bodies if body.get("notice")]
    assert (noticed["recipient"], noticed["permitted"]) == ("school", False)


def test_a_correction_is_outstanding_until_the_recipients_system_has_it(
    make_house: Callable[..., House], capsys: pytest.CaptureFixture[str]
) -> None:
    """The receipt of its adapter is the acknowledgement."""
    house = make_house(adapters=SCHOOL)
    command = ["--config", str(house.config), "correction", "list"]
    with house.working():
        shared(house)
        house.send("clinic", retracted())
        house.ring()
        assert one(house).outstanding == ("school",)
        assert main(command) == 1
        with house.adapting("school"):
            house.until(lambda: not one(house).outstanding)
    (school,) = one(house).recipients
    assert (school.notice, school.acknowledged) == (True, True)
    assert main(command) == 0
    assert "acknowledged" in capsys.readouterr().out
    written = [file.read_text("utf-8") for file in (house.folder / "school" / "out").glob("*.csv")]
    assert any("retracted" in text for text in written)
    assert not any("Hearing" in text or ANNA.family_name in text for text in written)


def test_a_repeated_retraction_makes_no_second_notice(house: House) -> None:
    """The same event again is a repeat."""
    with house.working():
        shared(house)
        event = retracted()
        house.send("clinic", event, event)
        house.ring()
        assert len(house.mail("school")) == 1
