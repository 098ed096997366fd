"""A hub on a real SQLite store, and children whose identity is in doubt."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

from hub.foundation import clock
from hub.intake.hub import Hub
from hub.journey.decisions import delivery_id
from hub.journey.entries.directives import AgreementPublishedEntry
from hub.journey.pipeline import Letter, Limits, Verdict, reference
from hub.keys.master_keys import MasterKeys
from hub.ledger.checkpoint import verify_checkpoint
from hub.ledger.keys import SignerKey
from hub.ledger.merkle import leaf_hash
from hub.sealing.hpke import OpeningKey
from hub.sealing.inbound import seal_inbound
from hub.sealing.reply import DeliveryAnswer, ReleaseRequest, open_reply
from hub.store.engine import migrate, open_store
from schemas.agencies import Agency, Directory
from schemas.event import Event
from schemas.identifiers import local_id
from schemas.people import Identity
from tests.configuration import agencies, agreement
from tests.events import APPOINTMENT, ATTENDANCE, REFERRAL, Child, event_of, section
from tests.merkle import root_of

HUB_KEY = OpeningKey(bytes(range(1, 33)))
AGENCY_KEY = OpeningKey(bytes(range(2, 34)))


def make_hub(folder: Path) -> Hub:
    """A hub with the tests' agencies and agreement, on a store in a folder."""
    engine = open_store(f"sqlite:///{folder / 'hub.sqlite'}")
    migrate(engine)
    made = Hub(
        engine=engine,
        master=MasterKeys([bytes(range(32))]),
        signer=SignerKey("hub.test.example", bytes(range(32))),
        directory=Directory(Agency(name=n, **fields) for n, fields in agencies().items()),
        limits=Limits(keys=(HUB_KEY,)),
        agency_keys=lambda _: AGENCY_KEY.public,
    )
    with made.writing() as (work, lines):
        work.agreements.publish(agreement(), work.now)
        lines.append(AgreementPublishedEntry.of(agreement(), by="test"))
    return made


def take(hub: Hub, *events: Event) -> list[Verdict]:
    """Hand events in, each from its own source."""
    return hub.take([Letter(e.to_json(), e.source, clock.now()) for e in events])


def ref_of(hub: Hub, event: Event) -> str:
    """The hub's own reference for an event."""
    with hub.reading() as work:
        return reference(event.source, event.id, work.blind)


def own_id(hub: Hub, event: Event) -> str:
    """The hub's id of the child that a decided event is about."""
    with hub.reading() as work:
        kept = work.inbox.find(reference(event.source, event.id, work.blind))
    assert kept is not None
    assert kept.child is not None
    return kept.child


def state(hub: Hub, event: Event) -> str | None:
    """What became of an event: decided, held, or None where it is not kept as one."""
    with hub.reading() as work:
        kept = work.inbox.find(reference(event.source, event.id, work.blind))
    return kept.state if kept else None


def ask(hub: Hub, agency: str, delivery: str) -> DeliveryAnswer:
    """Ask for one delivery's keys, as its recipient does."""
    request = ReleaseRequest(request=uuid.uuid4(), deliveries=(uuid.UUID(delivery),))
    (reply,) = hub.release([(agency, seal_inbound(HUB_KEY.public, agency, request.to_json()))])
    return open_reply(AGENCY_KEY, agency, reply.body).answers[0]


def delivery_of(hub: Hub, event: Event, recipient: str) -> str:
    """The id of an event's first delivery to a recipient."""
    return delivery_id(ref_of(hub, event), recipient)


def ledger(hub: Hub, kind: str) -> list[dict[str, Any]]:
    """The bodies of the ledger's entries of one kind, in order."""
    with hub.reading() as work:
        return [json.loads(r.entry)["body"] for r in work.ledger.rows() if r.kind == kind]


def verifies(hub: Hub) -> bool:
    """Whether the newest checkpoint covers exactly the entries there are."""
    with hub.reading() as work:
        leaves = [leaf_hash(row.entry) for row in work.ledger.rows()]
        newest = work.ledger.newest_checkpoint()
    assert newest is not None
    head = verify_checkpoint(newest[1].encode(), hub.signer.name, [hub.signer.verifier()])
    return (head.checkpoint.size, head.checkpoint.root) == (len(leaves), root_of(leaves))


def at_the_clinic(child: Child, **changes: object) -> Identity:
    """The child as the clinic names it: by a number of its own, no national one."""
    own = local_id(f"P{child.number}", "clinic")
    return child.identity(**{"nhs_number": None, "upn": None, "local_id": own} | changes)


def doubtful_referral(child: Child, **changes: object) -> Event:
    """A referral that may be about a child the hub knows by other numbers."""
    made = section(REFERRAL, referral_id=f"R{child.number}", status="active")
    return event_of(REFERRAL, "clinic", at_the_clinic(child, **changes), made)


def doubtful_appointment(child: Child, day: int, **changes: object) -> Event:
    """An appointment on a day of March, in the same doubt."""
    start = f"2026-03-{day:02d}T09:30:00Z"
    booked = section(APPOINTMENT, appointment_id=f"A{day}", status="booked", start=start)
    return event_of(APPOINTMENT, "clinic", at_the_clinic(child, **changes), booked)


def doubtful_absence(child: Child) -> Event:
    """A concern about attendance in the same doubt; events of its type introduce nobody."""
    concern = section(ATTENDANCE, sessions_possible=380, sessions_attended=60)
    own = local_id(f"S{child.number}", "school")
    who = child.identity(nhs_number=None, upn=None, local_id=own)
    return event_of(ATTENDANCE, "school", who, concern)
