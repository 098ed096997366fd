"""A later consent applies to data withheld before, by a person's explicit act."""

from __future__ import annotations

import json

import pytest

from hub.casework.deliveries.reoffer import Offer, reoffer
from hub.cli import main
from hub.evidence.child_lookup import Sought
from hub.journey.entries.directives import AgreementPublishedEntry
from schemas.event import RecordStatus
from schemas.identifiers import System
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
from tests.papers import agreement

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("reoffer")]

ANNA, BEN = Child(1), Child(2)


def offered(house: House, *, dry_run: bool = False) -> tuple[Offer, ...]:
    """Re-offer what is stored about Anna."""
    lookup = Sought(ANNA.nhs, System.NHS_NUMBER)
    return reoffer(house.hub, lookup, by="jmalik", reason="CASE-1", dry_run=dry_run).offers


def withheld(house: House) -> None:
    """Two appointments that the school may not know for want of consent, and one of Ben's."""
    house.send("school", registered(ANNA), registered(BEN))
    house.ring()
    house.send("clinic", appointed(ANNA, "A1"), appointed(ANNA, "A2"), appointed(BEN))
    house.ring()
    assert house.waiting("school") == 0


def consented(house: House, number: str = "consent-1") -> None:
    """Anna's mother consents to everything."""
    house.send("school", said(ANNA, number))
    house.ring()


def test_without_consent_nothing_is_offered(house: House) -> None:
    """What was withheld is withheld still."""
    with house.working():
        withheld(house)
        assert offered(house) == ()


def test_a_dry_run_shows_what_each_agency_would_get_and_delivers_nothing(house: House) -> None:
    """Event type, recipient and sections, in order; the access is recorded."""
    with house.working():
        withheld(house)
        consented(house)
        shown = offered(house, dry_run=True)
        house.ring()
        assert house.waiting("school") == 0
    assert [(o.type, o.recipient, sorted(o.sections)) for o in shown] == [
        (APPOINTMENT, "school", ["health", "identity"])
    ] * 2
    assert house.ledger("data-accessed")[-1]["body"]["what"] == "what a re-offer would deliver"


def test_a_re_offer_delivers_in_order_what_is_permitted_now(house: House) -> None:
    """Of this child alone; the decisions are recorded as re-offers."""
    with house.working():
        withheld(house)
        consented(house)
        offers = offered(house)
        house.ring()
        views = house.mail("school")
    assert [view.delivery_id for view in views] == [offer.delivery for offer in offers]
    assert all(set(view.sections) == {Category.IDENTITY, Category.HEALTH} for view in views)
    again = [e["body"] for e in house.ledger("decision") if e["body"].get("reoffer")]
    assert [(body["recipient"], body["permitted"]) for body in again] == [("school", True)] * 2
    assert house.ledger_verifies()


def test_doing_it_twice_makes_nothing_twice(house: House) -> None:
    """Neither while the first lies in its queue nor after it was handed over."""
    with house.working():
        withheld(house)
        consented(house)
        assert len(offered(house)) == 2
        assert offered(house) == ()
        house.ring()
        assert len(house.mail("school")) == 2
        assert offered(house) == ()


def test_what_was_withheld_at_release_is_offered_again_under_another_id(house: House) -> None:
    """The first delivery is spent: its recipient will not ask for it again."""
    with house.working():
        house.send("school", registered(ANNA), said(ANNA, "consent-1"))
        house.ring()
        house.send("clinic", appointed(ANNA))
        house.ring()
        house.send("school", withdrawn(ANNA, "consent-1"))
        house.ring()
        assert house.mail("school") == []
        consented(house, "consent-2")
        (offer,) = offered(house)
        house.ring()
        (view,) = house.mail("school")
    ids = [row[0] for row in house.query("SELECT id FROM deliveries WHERE recipient = 'school'")]
    assert view.delivery_id == offer.delivery
    assert len(set(ids)) == 2


def test_what_the_present_agreements_do_not_permit_is_never_offered(house: House) -> None:
    """Consent alone opens nothing when the agreement has ended."""
    with house.working():
        withheld(house)
        consented(house)
        ended = agreement().model_copy(update={"version": 2, "rules": agreement().rules[:1]})
        with house.hub.writing() as (work, lines):
            work.agreements.publish(ended, work.now)
            lines.append(AgreementPublishedEntry.of(ended, by="test"))
        assert offered(house) == ()


def test_what_was_taken_back_since_is_not_offered(house: House) -> None:
    """It is known to be wrong."""
    retracted = happening(
        APPOINTMENT, "clinic", ANNA.identity(), record="R1", status=RecordStatus.RETRACTED
    )
    with house.working():
        house.send("school", registered(ANNA))
        house.ring()
        house.send("clinic", appointed(ANNA, record="R1"), retracted)
        house.ring()
        consented(house)
        assert offered(house) == ()


def test_the_command_shows_and_delivers(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """First with --dry-run, then for good."""
    with house.working():
        withheld(house)
        consented(house)
    command = ["--config", str(house.config), "reoffer", "--nhs-number", ANNA.nhs]
    who = ["--by", "jmalik", "--reason", "CASE-1", "--json"]
    counts = []
    capsys.readouterr()
    for more in (["--dry-run"], [], []):
        assert main([*command, *who, *more]) == 0
        counts.append(len(json.loads(capsys.readouterr().out)["offers"]))
    assert counts == [2, 2, 0]
