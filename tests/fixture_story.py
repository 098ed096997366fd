"""What happens in the small store that is kept as a fixture: every kind of ledger entry once.

Children, agencies and staff are invented. The real hub does everything that needs no broker. Time,
ids and randomness are the story's own, so that making the store again gives the same store.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from unittest import mock

from hub.casework.accounts import people, sign_in
from hub.casework.agreements.publishing import publish
from hub.casework.children import changes
from hub.casework.deliveries.reoffer import reoffer
from hub.casework.directives import recording
from hub.casework.quarantine import retry
from hub.casework.reviews.closing import accept
from hub.evidence.child_lookup import Sought, find
from hub.evidence.pinned_checkpoint import keep_newest
from hub.foundation import clock
from hub.foundation.settings import Settings
from hub.intake.hub import Hub
from hub.intake.retention import purge, raise_alarms
from hub.journey.entries import Attribution
from hub.journey.entries.deliveries import DeadLetterClosedEntry
from hub.journey.entries.events import Resolution
from hub.journey.identify import usable_identifiers
from hub.journey.pipeline import Letter
from hub.journey.receipts import Receipt, ReceiptOutcome
from hub.keys.sealing_keys import HubKey
from hub.runtime.bootstrap import master_key_file, open_hub, prepare
from hub.runtime.key_rotation import finish_master, rotate_inbound, rotate_master
from hub.sealing.inbound import seal_inbound
from hub.sealing.reply import ReleaseRequest
from schemas.event import Event, RecordStatus
from schemas.identifiers import System
from schemas.roles import Role
from tests.configuration import agreement
from tests.events import (
    REFERRAL,
    Child,
    absent,
    appointed,
    case_opened,
    event_of,
    recorded,
    referred,
    registered,
    section,
    with_override,
    withdrawn,
)
from tests.hub.hubs import at_the_clinic

BEGAN = dt.datetime(2026, 2, 2, 8, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
WORD = Attribution("jmalik", "CASE-104")
PASSWORD = "correct horse battery"
ANNA, BEN, CLEO, DAN, EVA = map(Child, range(1, 6))


@dataclass
class Chance:
    """Bytes that look random and are always the same, a clock that ticks, and numbered ids."""

    at: dt.datetime = BEGAN
    count: int = 0

    def bytes(self, size: int) -> bytes:
        """The next bytes."""
        made = b""
        while len(made) < size:
            self.count += 1
            made += hashlib.sha256(f"store fixture {self.count}".encode()).digest()
        return made[:size]

    def now(self) -> dt.datetime:
        """A second later than before."""
        self.at += dt.timedelta(seconds=1)
        return self.at

    def new_id(self) -> str:
        """The next id."""
        return str(uuid.UUID(bytes=self.bytes(16), version=4))


@contextmanager
def foretold() -> Iterator[Chance]:
    """Let time, ids and randomness be the story's own."""
    chance = Chance()
    with ExitStack() as stack:
        for target, name, made in (
            (clock, "now", chance.now),
            (clock, "new_id", chance.new_id),
            (clock, "random", chance.bytes),
        ):
            stack.enter_context(mock.patch.object(target, name, made))
        for module in ("data_keys", "inbox"):
            stack.enter_context(mock.patch(f"hub.store.{module}.now", chance.now))
        for name in ("os.urandom", "random._urandom"):
            stack.enter_context(mock.patch(name, chance.bytes))
        yield chance


def tell(settings: Settings) -> None:
    """Play the whole story into the store of these settings, which must not be there yet."""
    with foretold() as chance:
        prepare(settings)
        hub = open_hub(settings)
        publish(hub, [agreement()], by="jmalik")
        _staff(hub)
        _events(settings, hub)
        _doubts(hub)
        _children(hub)
        _keys(settings)
        hub = open_hub(settings)
        chance.at += 29 * DAY
        take(hub, absent(CLEO, 70))
        publish_all(hub)
        chance.at += 2 * DAY
        raise_alarms(hub, DAY)
        purge(hub, 28 * DAY, by="jmalik")
        take(hub, absent(CLEO, 50))
        keep_newest(hub)
        hub.engine.dispose()


def take(hub: Hub, *events: Event) -> None:
    """Hand events in, each from its own source."""
    for event in events:
        hub.take([Letter(event.to_json(), event.source, clock.now())])


def publish_all(hub: Hub) -> list[tuple[str, str]]:
    """Put what is pending on the bus; returns deliveries with their recipients."""
    waiting = hub.pending(1000)
    hub.published([one.id for one in waiting])
    return [(one.id, one.recipient) for one in waiting]


def _staff(hub: Hub) -> None:
    people.add(hub, "jmalik", [Role.IG_OFFICER], PASSWORD, by="root")
    token = sign_in.sign_in(hub, "jmalik", PASSWORD)
    visitor = sign_in.visitor_of(hub, token, DAY)
    assert visitor is not None
    sign_in.leave(hub, visitor)
    try:
        sign_in.sign_in(hub, "nobody", "x")
    except sign_in.SignInRefused:
        find(hub, Sought(ANNA.nhs, System.NHS_NUMBER), by="jmalik", reason="CASE-1")


def _events(settings: Settings, hub: Hub) -> None:
    """Registration, consent, withdrawal, a correction, an override, a bad input."""
    for child in (ANNA, BEN, CLEO, DAN):
        take(hub, registered(child), referred(child))
    take(
        hub,
        case_opened(ANNA),
        recorded(ANNA, "D1"),
        recorded(BEN, "D1"),
        recorded(BEN, "D2", "refusal"),
    )
    take(hub, appointed(ANNA, record="R1"), appointed(BEN, "A2"), absent(DAN))
    deliveries = _release(settings, hub)
    _discard(hub, deliveries[1][0])
    take(hub, withdrawn(ANNA, "D1"), appointed(ANNA, "A3"))
    take(hub, appointed(ANNA, record="R1", status=RecordStatus.RETRACTED))
    take(hub, with_override(case_opened(CLEO)))
    _release(settings, hub)
    hub.take([Letter(b"no event", "clinic", clock.now())])
    with hub.reading() as work:
        (item,) = work.inbox.quarantined()
        (directive,) = (one for one in work.directives_of(_id(hub, BEN)) if one.kind == "consent")
    retry(hub, item.id, by="jmalik", reason="CASE-2")
    recording.withdraw(hub, directive.id, by="jmalik", evidence="By telephone")
    reoffer(hub, Sought(_id(hub, ANNA)), by="jmalik", reason="CASE-3", dry_run=False)


def _release(settings: Settings, hub: Hub) -> list[tuple[str, str]]:
    """Let recipients ask for their keys; one asks for another's, one cannot hand its own over.

    Returns the deliveries.
    """
    waiting = publish_all(hub)
    for number, (delivery, recipient) in enumerate(waiting):
        asked = ReleaseRequest(request=uuid.UUID(clock.new_id()), deliveries=(uuid.UUID(delivery),))
        for account in (recipient, "porter") if number == 0 else (recipient,):
            hub.release([(account, seal_inbound(HubKey(settings)(), account, asked.to_json()))])
        outcome = ReceiptOutcome.FAILED if number == 1 else ReceiptOutcome.DELIVERED
        code = "channel-refused" if number == 1 else ""
        receipt = Receipt(delivery=delivery, outcome=outcome, code=code)
        hub.take_receipts([(recipient, json.dumps(receipt.model_dump(mode="json")).encode())])
    return waiting


def _discard(hub: Hub, delivery: str) -> None:
    """Discard a dead letter: that needs the broker, but its entry does not."""
    with hub.writing() as (work, lines):
        known = work.deliveries.find(delivery)
        assert known is not None
        lines.append(
            DeadLetterClosedEntry(
                delivery=known.id,
                event=known.event,
                child=known.child,
                recipient=known.recipient,
                state=Resolution.DISCARDED,
                by="jmalik",
                reason="CASE-4",
            )
        )


def _doubts(hub: Hub) -> None:
    """Events that may be about a known child: a person decides about one, one stays held."""
    for child in (DAN, CLEO):
        found = section(REFERRAL, referral_id=f"X{child.number}", status="active")
        take(hub, event_of(REFERRAL, "clinic", at_the_clinic(child), found))
    with hub.reading() as work:
        (held, _) = work.inbox.held()
        (review,) = work.reviews.about(held.ref)
    accept(hub, review.id, WORD, child=_id(hub, DAN))


def _children(hub: Hub) -> None:
    """A merge, a split and an erasure."""
    take(hub, registered(EVA), absent(EVA))
    changes.merge(hub, _id(hub, EVA), _id(hub, ANNA), WORD)
    changes.split(hub, _id(hub, ANNA), [(System.UPN, EVA.upn)], WORD)
    changes.erase(hub, _id(hub, BEN), WORD)


def _keys(settings: Settings) -> None:
    """The master key and the key of inbound events are replaced."""
    hub = open_hub(settings)
    file = master_key_file(settings)
    rotate_master(hub, file, by="jmalik")
    finish_master(hub, file, by="jmalik")
    rotate_inbound(hub, settings, by="jmalik")
    hub.engine.dispose()


def _id(hub: Hub, child: Child) -> str:
    """The hub's id of a child."""
    with hub.reading() as work:
        (found,) = work.children.named(usable_identifiers(child.identity(), "school"))
    return found
