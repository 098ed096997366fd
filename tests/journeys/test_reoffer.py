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
from tests.configuration import agreement
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

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("reoffer")]

ANNA, BEN = Child(1), Child(2)


def offered(live: LiveHub, *, dry_run: bool = False) -> tuple[Offer, ...]:
    """Re-offer what is stored about Anna."""
    lookup = Sought(ANNA.nhs, System.NHS_NUMBER)
    return reoffer(live.hub, lookup, by="jmalik", reason="CASE-1", dry_run=dry_run).offers


def withheld(live: LiveHub) -> None:
    """Two appointments that the school may not know for want of consent, and one of Ben's."""
    live.send("school", registered(ANNA), registered(BEN))
    live.ring()
    live.send("clinic", appointed(ANNA, "A1"), appointed(ANNA, "A2"), appointed(BEN))
    live.ring()
    assert live.waiting("school") == 0


def consented(live: LiveHub, number: str = "consent-1") -> None:
    """Anna's mother consents to everything."""
    live.send("school", recorded(ANNA, number))
    live.ring()


def test_without_consent_nothing_is_offered(live: LiveHub) -> None:
    """What was withheld is withheld still."""
    with live.working():
        withheld(live)
        assert offered(live) == ()


def test_a_dry_run_shows_what_each_agency_would_get_and_delivers_nothing(live: LiveHub) -> None:
    """Event type, recipient and sections, in order; the access is recorded."""
    with live.working():
        withheld(live)
        consented(live)
        shown = offered(live, dry_run=True)
        live.ring()
        assert live.waiting("school") == 0
    assert [(o.type, o.recipient, sorted(o.sections)) for o in shown] == [
        (APPOINTMENT, "school", ["health", "identity"])
    ] * 2
    assert live.ledger("data-accessed")[-1]["body"]["what"] == "what a re-offer would deliver"


def test_a_re_offer_delivers_in_order_what_is_permitted_now(live: LiveHub) -> None:
    """Of this child alone; the decisions are recorded as re-offers."""
    with live.working():
        withheld(live)
        consented(live)
        offers = offered(live)
        live.ring()
        views = live.mail("school")
    assert [view.delivery_id for view in views] == [offer.delivery for offer in offers]
    assert all(set(view.sections) == {Category.IDENTITY, Category.HEALTH} for view in views)
    again = [e["body"] for e in live.ledger("decision") if e["body"].get("reoffer")]
    assert [(body["recipient"], body["permitted"]) for body in again] == [("school", True)] * 2
    assert live.ledger_verifies()


def test_doing_it_twice_makes_nothing_twice(live: LiveHub) -> None:
    """Neither while the first lies in its queue nor after it was handed over."""
    with live.working():
        withheld(live)
        consented(live)
        assert len(offered(live)) == 2
        assert offered(live) == ()
        live.ring()
        assert len(live.mail("school")) == 2
        assert offered(live) == ()


def test_what_was_withheld_at_release_is_offered_again_under_another_id(live: LiveHub) -> None:
    """The first delivery is spent: its recipient will not ask for it again."""
    with live.working():
        live.send("school", registered(ANNA), recorded(ANNA, "consent-1"))
        live.ring()
        live.send("clinic", appointed(ANNA))
        live.ring()
        live.send("school", withdrawn(ANNA, "consent-1"))
        live.ring()
        assert live.mail("school") == []
        consented(live, "consent-2")
        (offer,) = offered(live)
        live.ring()
        (view,) = live.mail("school")
    ids = [row[0] for row in live.query("SELECT id FROM deliveries WHERE recipient = 'school'")]
    assert view.delivery_id == offer.delivery
    assert len(set(ids)) == 2


def test_what_the_present_agreements_do_not_permit_is_never_offered(live: LiveHub) -> None:
    """Consent alone opens nothing when the agreement has ended."""
    with live.working():
        withheld(live)
        consented(live)
        ended = agreement().model_copy(update={"version": 2, "rules": agreement().rules[:1]})
        with live.hub.writing() as (work, lines):
            work.agreements.publish(ended, work.now)
            lines.append(AgreementPublishedEntry.of(ended, by="test"))
        assert offered(live) == ()


def test_what_was_taken_back_since_is_not_offered(live: LiveHub) -> None:
    """It is known to be wrong."""
    retracted = event_of(
        APPOINTMENT, "clinic", ANNA.identity(), record="R1", status=RecordStatus.RETRACTED
    )
    with live.working():
        live.send("school", registered(ANNA))
        live.ring()
        live.send("clinic", appointed(ANNA, record="R1"), retracted)
        live.ring()
        consented(live)
        assert offered(live) == ()


def test_the_command_shows_and_delivers(live: LiveHub, capsys: pytest.CaptureFixture[str]) -> None:
    """First with --dry-run, then for good."""
    with live.working():
        withheld(live)
        consented(live)
    command = ["--config", str(live.config), "reoffer", "--nhs-number", ANNA.nhs]
    who = ["--by", "jmalik", "--reason", "CASE-1", "--json"]
    counts = []
    capsys.readouterr()
    for more in (["--dry-run"], [], []):
        assert main([*command, *who, *more]) == 0
        counts.append(len(json.loads(capsys.readouterr().out)["offers"]))
    assert counts == [2, 2, 0]
