"""The hub over a real store: letters in, rows and ledger entries out, in one piece."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from sqlalchemy import text

from hub.foundation import clock
from hub.intake.hub import Hub
from hub.journey.decisions import delivery_id
from hub.journey.identify import usable_identifiers
from hub.journey.pipeline import EventFate, Letter, Verdict, reference
from hub.ledger.checkpoint import verify_checkpoint
from hub.ledger.merkle import leaf_hash
from schemas.event import Event
from tests.events import (
    REGISTERED,
    Child,
    absent,
    appointed,
    case_opened,
    changed,
    event_of,
    recorded,
    registered,
    withdrawn,
)
from tests.merkle import root_of

ANNA, BEN = Child(1), Child(2)


def take(hub: Hub, *bodies: Event | bytes, account: str | None = None) -> list[Verdict]:
    """Hand letters in, each from its own source unless another account is named."""
    letters = [
        Letter(
            b.to_json() if isinstance(b, Event) else b,
            account or (b.source if isinstance(b, Event) else "school"),
            clock.now(),
        )
        for b in bodies
    ]
    return hub.take(letters)


def kinds(hub: Hub) -> Counter[str]:
    """How many entries of each kind the ledger has."""
    with hub.reading() as work:
        return Counter(row.kind for row in work.ledger.rows())


def verifies(hub: Hub) -> bool:
    """Whether every checkpoint covers exactly the entries there were."""
    with hub.reading() as work:
        leaves = [leaf_hash(row.entry) for row in work.ledger.rows()]
        heads = list(work.ledger.checkpoints())
    known = [hub.signer.verifier()]
    for size, note in heads:
        head = verify_checkpoint(note.encode(), hub.signer.name, known).checkpoint
        if (head.size, head.root) != (size, root_of(leaves[:size])):
            return False
    return bool(heads) and heads[-1][0] == len(leaves)


def test_a_registration_leaves_all_its_traces(hub: Hub) -> None:
    """Event, identity, involvement, three decisions, one delivery; under one checkpoint."""
    take(hub, registered(ANNA))
    assert kinds(hub) == {
        "agreement-published": 1, "event-received": 1, "identifiers-linked": 1, "involvement": 1,
        "decision": 3, "delivery-made": 1,
    }  # fmt: skip
    assert verifies(hub)


def test_the_same_letter_again_leaves_no_trace(hub: Hub) -> None:
    """In the same batch or in a later one."""
    event = registered(ANNA)
    first = take(hub, event, event)
    before = kinds(hub)
    (again,) = take(hub, event)
    assert [v.fate for v in first] == [EventFate.DECIDED, EventFate.DUPLICATE]
    assert again.fate is EventFate.DUPLICATE
    assert kinds(hub) == before


def test_a_bad_letter_in_a_batch_harms_no_other(hub: Hub) -> None:
    """The bad one is in quarantine, whole and under its code; the rest is decided."""
    verdicts = take(hub, registered(ANNA), b"\x00 not an event", registered(BEN))
    assert [v.fate for v in verdicts] == [
        EventFate.DECIDED,
        EventFate.QUARANTINED,
        EventFate.DECIDED,
    ]
    with hub.reading() as work:
        (item,) = work.inbox.quarantined()
        found = work.inbox.quarantined_body(item.id)
    assert found is not None
    assert (item.code, found[1]) == ("not-json", b"\x00 not an event")
    assert kinds(hub)["event-quarantined"] == 1


def test_the_same_bad_letter_again_waits_once(hub: Hub) -> None:
    """Until somebody closes it; then it waits again."""
    take(hub, b"bad", b"bad")
    assert kinds(hub)["event-quarantined"] == 1
    with hub.writing() as (work, _):
        (item,) = work.inbox.quarantined()
        assert work.inbox.close(item.id, "discarded", by="a person", reason="x", now=work.now)
    take(hub, b"bad")
    with hub.reading() as work:
        assert [q.state for q in work.inbox.quarantined()] == ["waiting"]


@pytest.mark.parametrize("field", ["family_name", "given_name"])
def test_a_text_that_no_database_can_hold_harms_nobody(hub: Hub, field: str) -> None:
    """A NUL inside a name is taken, held or quarantined alike over both stores."""
    event = registered(ANNA)
    raw = json.loads(event.to_json())
    raw["data"]["sections"]["identity"][field] = "A\x00na"
    verdicts = take(hub, json.dumps(raw).encode(), registered(BEN))
    assert verdicts[1].fate is EventFate.DECIDED
    assert verifies(hub)


@pytest.mark.parametrize("attribute", ["id", "correlationid"])
def test_a_nul_in_an_attribute_harms_nobody(hub: Hub, attribute: str) -> None:
    """It stands in no clear column."""
    verdicts = take(hub, changed(registered(ANNA), **{attribute: "a\x00b"}), registered(BEN))
    assert verdicts[1].fate is EventFate.DECIDED


def test_consent_and_its_withdrawal_are_kept_with_who_spoke_sealed(hub: Hub) -> None:
    """The directive's row says nothing of the person."""
    take(hub, registered(ANNA), recorded(ANNA, "c-1", decider_name="Wobbenthrakka"))
    take(hub, appointed(ANNA, "1"), withdrawn(ANNA, "c-1"), appointed(ANNA, "2"))
    assert (kinds(hub)["directive-recorded"], kinds(hub)["directive-withdrawn"]) == (1, 1)
    assert [out.recipient for out in hub.pending(10)] == ["council", "school"]
    with hub.reading() as work:
        (child,) = work.children_named(usable_identifiers(ANNA.identity(), "school"))
        (directive,) = work.directives.of(child)
        assert directive.withdrawn_at is not None
        assert b"Wobbenthrakka" in work.directives.detail(directive)
        assert "Wobbenthrakka" not in directive.model_dump_json()


def test_pending_deliveries_come_in_order_and_go_once_published(hub: Hub) -> None:
    """What is on the bus is no longer kept here."""
    concerns = [absent(ANNA, n) for n in range(5)]
    take(hub, case_opened(ANNA), *concerns)
    pending = hub.pending(10)
    with hub.reading() as work:
        refs = [reference(e.source, e.id, work.blind) for e in concerns]
    assert [p.id for p in pending] == [delivery_id(ref, "care") for ref in refs]
    hub.published([p.id for p in pending[:3]])
    assert hub.pending(10) == pending[3:]
    with hub.engine.connect() as connection:
        kept = connection.scalar(text("SELECT count(*) FROM deliveries WHERE body IS NOT NULL"))
    assert kept == 2


def test_a_receipt_counts_once_and_only_from_the_recipient(hub: Hub) -> None:
    """Others' receipts and receipts for nothing are quarantined."""
    take(hub, registered(ANNA))
    (out,) = hub.pending(10)
    hub.published([out.id])
    good = json.dumps({"delivery": out.id, "outcome": "delivered"}).encode()
    assert hub.take_receipts([("care", good), (None, good), ("council", b"?")]) == 0
    assert hub.take_receipts([("council", good), ("council", good)]) == 2
    assert kinds(hub)["receipt"] == 1
    assert kinds(hub)["event-quarantined"] == 3
    with hub.reading() as work:
        assert work.deliveries.counts() == {"delivered": 1}


def test_a_delivery_that_failed_may_still_be_delivered_but_not_the_other_way(
    hub: Hub,
) -> None:
    """A person retries what failed; what was delivered stays delivered."""
    take(hub, registered(ANNA))
    (out,) = hub.pending(10)
    for outcome in ("failed", "delivered", "failed"):
        code = "channel-busy" if outcome == "failed" else ""
        body = {"delivery": out.id, "outcome": outcome, "code": code}
        hub.take_receipts([("council", json.dumps(body).encode())])
    assert kinds(hub)["receipt"] == 2
    with hub.reading() as work:
        found = work.deliveries.find(out.id)
    assert found is not None
    assert found.state == "delivered"


def test_events_are_kept_sealed_and_found_by_reference(hub: Hub) -> None:
    """As received, and in no clear column."""
    event = registered(ANNA)
    take(hub, event)
    with hub.reading() as work:
        kept = work.inbox.find(reference(event.source, event.id, work.blind))
    assert kept is not None
    assert (kept.body, kept.state, kept.source) == (event.to_json(), "decided", "school")
    with hub.engine.connect() as connection:
        row = connection.execute(text("SELECT * FROM events")).one()
    assert ANNA.family_name not in repr([v for v in row if isinstance(v, str)])


def test_a_held_event_opens_one_review(hub: Hub) -> None:
    """And may be settled later; until then nobody is told."""
    mixed = happened_to_both()
    take(hub, registered(ANNA), registered(BEN))
    before = len(hub.pending(100))
    (verdict,) = take(hub, mixed)
    assert verdict.fate is EventFate.HELD
    assert kinds(hub)["review-opened"] == 1
    assert len(hub.pending(100)) == before


def happened_to_both() -> Event:
    """An event with the numbers of two children."""
    own = registered(ANNA).sections["education"]
    return event_of(REGISTERED, "school", ANNA.identity(upn=BEN.identity().upn), own)
