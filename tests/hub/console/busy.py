"""A hub where things happened: events, consent and its want, disclosures, a receipt, a hold."""

from __future__ import annotations

import json
from dataclasses import dataclass

from hub.intake.hub import Hub
from tests.events import Child, absent, appointed, case_opened, recorded, referred, registered
from tests.hub.console.conftest import Guest
from tests.hub.hubs import ask, delivery_of, doubtful_referral, ledger, own_id, ref_of, take

ANNA, BEN = Child(1), Child(2)
REASON = "CASE-104"


@dataclass(frozen=True)
class Busy:
    """What happened, by the hub's own ids.

    School, clinic and care take part in Anna's care. Her appointment is told to the school by
    consent, released and received; her absence to care by duty. Of Ben's appointment the school
    learns nothing. Somebody is held, who may be Anna.
    """

    anna: str
    ben: str
    appointment: str
    refused: str
    absence: str
    held: str
    delivery: str
    directive: str


def make_busy(hub: Hub) -> Busy:
    """Let things happen in a hub."""
    first, other = registered(ANNA), registered(BEN)
    take(hub, first, other, referred(ANNA), referred(BEN), case_opened(ANNA))
    take(hub, recorded(ANNA, "1"))
    told, refused, absence = appointed(ANNA), appointed(BEN, "A2"), absent(ANNA)
    held = doubtful_referral(ANNA)
    take(hub, told, refused, absence, held)
    delivery = delivery_of(hub, told, "school")
    ask(hub, "school", delivery)
    receipt = json.dumps({"delivery": delivery, "outcome": "delivered"}).encode()
    hub.take_receipts([("school", receipt)])
    (directive,) = (body["directive"]["id"] for body in ledger(hub, "directive-recorded"))
    return Busy(
        anna=own_id(hub, first),
        ben=own_id(hub, other),
        appointment=ref_of(hub, told),
        refused=ref_of(hub, refused),
        absence=ref_of(hub, absence),
        held=ref_of(hub, held),
        delivery=delivery,
        directive=directive,
    )


def say_why(guest: Guest, child: str, reason: str = REASON) -> None:
    """Say why one looks at a child."""
    why = f"/children/{child}/why"
    assert guest.post(why, page=why, next="/", reason=reason).status_code == 303


def looks(hub: Hub) -> list[tuple[str, str, str | None, str]]:
    """All looks, in order: by whom, at what, at whom, and why."""
    return [(b["by"], b["what"], b["child"], b["reason"]) for b in ledger(hub, "data-accessed")]
