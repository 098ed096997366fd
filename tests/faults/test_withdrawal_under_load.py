"""A withdrawal in the middle of many releases: from its commit on, no key is released.

The bound, which docs/sealed-delivery.md states: every release is decided and recorded in one
transaction, and releases and withdrawals take turns at the ledger. So in the ledger's order nothing
that rests on a consent is released after the entry of its withdrawal. What the ledger shows as
released *before* that entry may still be under way to its recipient; nothing else can be.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from consent.agreement import Agreement
from hub.casework.directives.recording import withdraw
from hub.foundation import clock
from hub.foundation.settings import Settings, load_settings
from hub.intake.hub import Hub
from hub.journey.entries.directives import AgreementPublishedEntry
from hub.journey.pipeline import Letter
from hub.keys.sealing_keys import HubKey
from hub.runtime.bootstrap import open_hub, prepare
from hub.sealing.inbound import seal_inbound
from hub.sealing.reply import ReleaseRequest
from schemas import times
from schemas.event import Event
from tests.configuration import SETTINGS, agreement
from tests.events import Child, appointed, recorded, registered
from tests.postgres import Postgres, private_postgres

pytestmark = [pytest.mark.xdist_group("withdrawal-under-load"), pytest.mark.timeout(300)]

RECIPIENTS = ("school", "care", "council", "porter")
ANNA, BEN = Child(1), Child(2)
# Events about each child; over PostgreSQL fewer, for there every statement is a round trip.
SIZES = {"sqlite": (2_100, 410), "postgresql": (600, 120)}
RELEASERS, PER_REQUEST, BATCH = 4, 50, 250
PORTER = 'title = "Porter"'


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A database server."""
    with private_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def hub(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Settings, int, int]:
    """A hub in a folder, over either store, whose agreement tells four agencies by consent."""
    general = ""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        general = f"store_url = {json.dumps(server.new_database())}"
    config = tmp_path / "hub.toml"
    text = SETTINGS.format(url="", vhost="hub", general=general, adapters="")
    text = text.replace(PORTER, f'{PORTER}\nreceives = ["health.*"]')
    config.write_text(text, encoding="utf-8")
    made = load_settings(config)
    prepare(made)
    return made, *SIZES[request.param]


def by_consent() -> Agreement:
    """The tests' agreement; appointments go to four agencies, whether they take part or not."""
    raw = agreement().model_dump(mode="json")
    raw["parties"] = ["clinic", *RECIPIENTS]
    for rule in raw["rules"]:
        if rule["id"] == "appointments":
            rule |= {"recipients": list(RECIPIENTS), "involvement": "any"}
    return Agreement.model_validate(raw)


def taken(hub: Hub, *events: Event) -> None:
    """Have the hub take events as from their senders."""
    for start in range(0, len(events), BATCH):
        part = events[start : start + BATCH]
        verdicts = hub.take([Letter(e.to_json(), e.source, clock.now()) for e in part])
        assert {v.fate.value for v in verdicts} == {"decided"}


def prepared(settings: Settings, of_anna: int, of_ben: int) -> Hub:
    """Make all deliveries, four of each event, all by consent."""
    hub = open_hub(settings)
    with hub.writing() as (work, lines):
        work.agreements.publish(by_consent(), work.now)
        lines.append(AgreementPublishedEntry.of(by_consent(), by="test"))
    taken(hub, registered(ANNA), registered(BEN), recorded(ANNA, "a"), recorded(BEN, "b"))
    many = [appointed(ANNA, f"A{n}") for n in range(of_anna)]
    many += [appointed(BEN, f"B{n}") for n in range(of_ben)]
    taken(hub, *many)
    return hub


@dataclass
class Rush:
    """Several releasers, each with a hub of its own over the same store."""

    settings: Settings
    requests: list[tuple[str, bytes]]
    early: int
    answered: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    reached: threading.Event = field(default_factory=threading.Event)
    failures: list[BaseException] = field(default_factory=list)

    def release(self) -> None:
        """Answer requests until there are none left."""
        hub = open_hub(self.settings)
        try:
            while (asked := self._next()) is not None:
                assert len(hub.release([asked])) == 1
        except BaseException as error:
            self.failures.append(error)
            raise
        finally:
            self.reached.set()
            hub.engine.dispose()

    def _next(self) -> tuple[str, bytes] | None:
        with self.lock:
            self.answered += PER_REQUEST
            if self.answered > self.early:
                self.reached.set()
            return self.requests.pop() if self.requests else None


def requests_for(hub: Hub, settings: Settings) -> list[tuple[str, bytes]]:
    """Requests for all there is, Anna's and Ben's mixed."""
    with hub.reading() as work:
        cards = work.deliveries.cards(limit=100_000)
    cards.sort(key=lambda card: card.id)  # ids are hashes: an order of no meaning
    made = []
    key = HubKey(settings)()
    for agency in RECIPIENTS:
        own = [
            uuid.UUID(c.id) for c in cards if c.recipient == agency and c.type.startswith("health")
        ]
        for start in range(0, len(own), PER_REQUEST):
            part = tuple(own[start : start + PER_REQUEST])
            request = ReleaseRequest(request=uuid.uuid4(), deliveries=part)
            made.append((agency, seal_inbound(key, agency, request.to_json())))
    return sorted(made, key=lambda one: one[1][-8:])


def test_no_key_is_released_after_the_withdrawal_is_committed(
    hub: tuple[Settings, int, int],
) -> None:
    """10,040 deliveries, four releasers, one withdrawal: in the ledger's order none after it."""
    settings, of_anna, of_ben = hub
    hub, total = prepared(settings, of_anna, of_ben), len(RECIPIENTS) * (of_anna + of_ben)
    rush = Rush(settings, requests_for(hub, settings), early=total // 3)
    threads = [threading.Thread(target=rush.release) for _ in range(RELEASERS)]
    for thread in threads:
        thread.start()
    rush.reached.wait(120)
    with hub.reading() as work:
        (consent,) = (d for d in work.directives_of(child_of(hub, ANNA)) if not d.withdrawn_at)
    withdraw(hub, consent.id, by="jmalik", evidence="by telephone")
    committed = clock.now()
    for thread in threads:
        thread.join(240)
    assert rush.failures == []
    check(hub, consent.child, committed, total)
    hub.engine.dispose()


def child_of(hub: Hub, child: Child) -> str:
    """The hub's own id of an invented child."""
    with hub.reading() as work:
        rows = [row for row in work.ledger.rows() if row.kind == "event-received"]
    first, second = dict.fromkeys(str(row.subject.child) for row in rows)
    return first if child is ANNA else second


def check(hub: Hub, child: str, committed: dt.datetime, total: int) -> None:
    """Count what the ledger shows before the withdrawal's entry and after it."""
    with hub.reading() as work:
        rows = [(r.position, r.at, json.loads(r.entry)["body"]) for r in work.ledger.rows()]
    (withdrawal,) = (p for p, _, body in rows if "withdrawn" in body)
    releases = [(p, at, b) for p, at, b in rows if "anything" in b]
    released = Counter(
        (b["child"] == child, p > withdrawal, bool(b["released"])) for p, _, b in releases
    )
    assert len(releases) == total
    assert released[True, True, True] == 0
    assert released[True, True, False] > total // 10
    assert released[True, False, True] > total // 10
    assert released[False, True, True] > total // 100
    assert released[False, True, False] == released[False, False, False] == 0
    after = [b for _, at, b in releases if at >= times.stamp(committed) and b["child"] == child]
    assert after
    assert not any(b["released"] for b in after)
    assert {str(why) for b in after for why in b["withheld"]["health"]} == {"consent-withdrawn"}
