"""A commitment opens to exactly the payload sent: what the recipient opened with its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import JsonValue

from hub.casework.deliveries.reoffer import reoffer
from hub.evidence.child_lookup import Sought
from hub.evidence.commitments import Opened
from hub.evidence.commitments import open_delivery as open_commitment
from hub.sealing.delivery import open_delivery
from schemas.canonical import canonical
from schemas.event import RecordStatus, view_envelope
from schemas.identifiers import System
from tests.events import Child, appointed, recorded, registered, withdrawn
from tests.hub import hubs

if TYPE_CHECKING:
    from pathlib import Path

    from hub.intake.hub import Hub

ANNA = Child(1)


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    """A hub that knows Anna."""
    made = hubs.make_hub(tmp_path)
    hubs.take(made, registered(ANNA))
    return made


def opened(hub: Hub, delivery: str, copy: bytes | None = None) -> Opened:
    """Open a delivery's commitment."""
    return open_commitment(hub, delivery, by="jmalik", reason="COURT-7", copy=copy)


def received(hub: Hub) -> dict[str, JsonValue]:
    """What every recipient of what is pending opened for itself, by delivery."""
    found: dict[str, JsonValue] = {}
    for out in hub.pending(100):
        answer = hubs.ask(hub, out.recipient, out.id)
        view = open_delivery(out.body, answer.keys)
        found[out.id] = view_envelope(view).model_dump(mode="json", exclude_none=True)
    return found


def test_it_opens_to_what_the_recipient_received(hub: Hub) -> None:
    """Byte for byte, in canonical JSON: no more and no less."""
    hubs.take(hub, recorded(ANNA, "D1"), appointed(ANNA))
    mail = received(hub)
    assert mail
    for delivery, payload in mail.items():
        found = opened(hub, delivery)
        assert found.opens
        assert canonical(found.payload) == canonical(payload)


def test_the_recipients_copy_opens_it_and_no_other(hub: Hub) -> None:
    """A field less, a field more, another value: it was not that."""
    hubs.take(hub, recorded(ANNA, "D1"), appointed(ANNA))
    for delivery, payload in received(hub).items():
        assert isinstance(payload, dict)
        assert opened(hub, delivery, canonical(payload)).opens
        for other in (
            {name: value for name, value in payload.items() if name != "time"},
            {**payload, "more": "1"},
            {**payload, "time": "2026-01-01T00:00:00Z"},
        ):
            assert not opened(hub, delivery, canonical(other)).opens


def test_the_payload_of_one_delivery_opens_no_other(hub: Hub) -> None:
    """Every salt is used once."""
    hubs.take(hub, recorded(ANNA, "D1"), appointed(ANNA, "A1"), appointed(ANNA, "A2"))
    mail = received(hub)
    assert len(mail) > 1
    for delivery in mail:
        for other, payload in mail.items():
            assert opened(hub, delivery, canonical(payload)).opens is (other == delivery)


def test_a_re_offer_opens_to_what_was_delivered_then(hub: Hub) -> None:
    """It rests on a later decision about an event of before."""
    hubs.take(hub, appointed(ANNA))
    hub.published([out.id for out in hub.pending(100)])
    hubs.take(hub, recorded(ANNA, "D1"))
    sought = Sought(ANNA.nhs, System.NHS_NUMBER)
    offers = reoffer(hub, sought, by="jmalik", reason="CASE-1", dry_run=False).offers
    mail = received(hub)
    assert {offer.delivery for offer in offers} <= mail.keys()
    assert offers
    for offer in offers:
        found = opened(hub, offer.delivery)
        assert found.opens
        assert canonical(found.payload) == canonical(mail[offer.delivery])


def test_a_second_delivery_of_one_event_opens_apart_from_the_first(hub: Hub) -> None:
    """What was withheld at release and offered again: each rests on the decision before it."""
    hubs.take(hub, recorded(ANNA, "D1"))
    hub.published([out.id for out in hub.pending(100)])
    hubs.take(hub, appointed(ANNA))
    first = {out.id: out.recipient for out in hub.pending(100)}
    hubs.take(hub, withdrawn(ANNA, "D1"))
    for delivery, recipient in first.items():
        hubs.ask(hub, recipient, delivery)
    hub.published(list(first))
    hubs.take(hub, recorded(ANNA, "D2"))
    sought = Sought(ANNA.nhs, System.NHS_NUMBER)
    offers = reoffer(hub, sought, by="jmalik", reason="CASE-1", dry_run=False).offers
    assert offers
    for delivery in (*first, *(offer.delivery for offer in offers)):
        assert opened(hub, delivery).opens


def test_a_notice_opens_to_what_was_delivered(hub: Hub) -> None:
    """Nothing of it but that a record is wrong."""
    hubs.take(hub, recorded(ANNA, "D1"), appointed(ANNA, record="R-1"))
    received(hub)
    hub.published([out.id for out in hub.pending(100)])
    hubs.take(hub, withdrawn(ANNA, "D1"))
    hub.published([out.id for out in hub.pending(100)])
    hubs.take(hub, appointed(ANNA, record="R-1", status=RecordStatus.CORRECTED))
    assert [d.get("notice") for d in hubs.ledger(hub, "decision")].count(True) == 1
    mail = received(hub)
    assert mail
    for delivery, payload in mail.items():
        found = opened(hub, delivery)
        assert found.opens
        assert canonical(found.payload) == canonical(payload)
