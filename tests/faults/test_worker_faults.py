"""Workers, broker and store fail while events flow: each event has one effect, none is lost."""

from __future__ import annotations

import random
import shutil
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event as happens

from hub.bus import queue_depth
from hub.bus.private_node import LocalBroker
from hub.bus.topology import decide_queue
from hub.journey.decisions import delivery_id
from hub.runtime.worker import Worker
from hub.sealing.header import read_header
from schemas.event import Event
from tests.brokers import fresh_bus, private_broker
from tests.conftest import MakeBus
from tests.events import Child, absent, case_opened, registered
from tests.live_hub import ON_THE_BUS, LiveHub, build
from tests.postgres import Postgres, private_postgres

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("worker-faults")]

CHILDREN = 50
PER_CHILD = 30
KILLS = 5


@pytest.fixture
def make_live(tmp_path: Path, make_bus: MakeBus) -> Callable[..., LiveHub]:
    """A maker of hubs on a bus of this test."""
    return lambda **choices: build(tmp_path / "hub", make_bus(ON_THE_BUS), **choices)


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBroker]:
    """A private node that a test may kill."""
    with private_broker(tmp_path_factory.mktemp("mortal")) as node:
        yield node


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A database server that a test may stop."""
    with private_postgres() as server:
        yield server


class Stream:
    """Many events about many children, of which a known part must be delivered."""

    def __init__(self, children: int, each: int) -> None:
        """Make the events, those about one child in order."""
        people = [Child(n) for n in range(children)]
        self.first = [case_opened(child) for child in people]
        self.then = [registered(child) for child in people]
        self.then += [absent(child, n) for n in range(each - 2) for child in people]

    @property
    def events(self) -> list[Event]:
        """All of them."""
        return [*self.first, *self.then]

    def send(self, live: LiveHub) -> None:
        """Publish them all."""
        live.send("care", *self.first)
        live.send("school", *self.then)

    def expected(self, live: LiveHub) -> set[tuple[str, str]]:
        """The recipient of each event: the council for registrations, social care for absence."""
        known = {"education.child-registered.v1": "council"}
        return {(live.ref(e), known.get(e.kind.key, "care")) for e in self.then}


def each_event_had_one_effect(live: LiveHub, stream: Stream) -> None:
    """One inbox row, one decision per recipient, one delivery per permit, one ledger."""
    refs = {live.ref(e) for e in stream.events}
    kept = Counter(ref for (ref,) in live.query("SELECT ref FROM events WHERE source != 'porter'"))
    assert kept == Counter(refs)
    decided = Counter(
        (e["body"]["event"], e["body"]["recipient"])
        for e in live.ledger("decision")
        if e["body"]["event"] in refs
    )
    assert set(decided.values()) == {1}
    made = Counter(
        (e["body"]["event"], e["body"]["recipient"]) for e in live.ledger("delivery-made")
    )
    assert made == Counter(stream.expected(live))
    assert live.ledger_verifies()


def everything_arrived(live: LiveHub, stream: Stream) -> None:
    """Every permitted delivery is in its queue; one that is there twice is the same twice."""
    arrived: dict[str, set[bytes]] = {}
    for agency in ("care", "council"):
        for _, properties, body in live.take(f"agency.{agency}", agency):
            arrived.setdefault(properties.message_id, set()).add(body)
    assert set(arrived) == {delivery_id(ref, who) for ref, who in stream.expected(live)}
    assert {len(bodies) for bodies in arrived.values()} == {1}
    assert {read_header(body).delivery for (body,) in arrived.values()} == set(arrived)


def decided(live: LiveHub) -> int:
    """How many events the hub has decided."""
    return int(live.query("SELECT count(*) FROM events")[0][0])


def test_killing_the_worker_again_and_again_neither_loses_nor_doubles_an_event(
    make_live: Callable[..., LiveHub], tmp_path: Path
) -> None:
    """``kill -9`` at no particular moment, several times in a stream of 1,500 events."""
    live = make_live(batch=40)
    stream = Stream(CHILDREN, PER_CHILD)
    stream.send(live)
    chance = random.Random(7)  # noqa: S311  when to kill is no secret
    log = tmp_path / "log"
    for round_ in range(KILLS):
        worker = live.process("worker", log)
        goal = (round_ + 1) * len(stream.events) // (KILLS + 2)
        live.until(lambda: decided(live) >= goal)  # noqa: B023  used at once
        time.sleep(chance.uniform(0, 0.05))
        worker.kill()
        worker.wait()
    assert decided(live) < len(stream.events)
    with live.working():
        live.ring()
    each_event_had_one_effect(live, stream)
    everything_arrived(live, stream)


def test_killing_the_broker_in_the_middle_loses_nothing(
    mortal: LocalBroker, tmp_path: Path
) -> None:
    """The worker finds the broker again; what was on the way is done, once."""
    bus, _ = fresh_bus(mortal, ON_THE_BUS)
    live = build(tmp_path / "hub", bus, batch=20)
    stream = Stream(20, 20)
    stream.send(live)
    with live.working():
        live.until(lambda: decided(live) > 40)
        mortal.kill()
        at_the_kill = decided(live)
        mortal.restart()
        live.ring()
    assert at_the_kill < len(stream.events)
    each_event_had_one_effect(live, stream)
    everything_arrived(live, stream)


def inbound(live: LiveHub) -> int:
    """How many events wait for a worker, none being in anybody's hands."""
    name = decide_queue(0)
    return queue_depth(live.bus.url(), [name])[name] or 0


class Disk:
    """The room a worker's store may grow in; SQLite itself says when it is full."""

    def __init__(self, worker: Worker) -> None:
        """Watch the worker's connections to the store."""
        self.pages = 2**31 - 2
        happens.listen(worker._hub.engine, "checkout", self._limit)

    def _limit(self, connection: Any, *_: object) -> None:  # noqa: ANN401  DBAPI
        connection.execute(f"PRAGMA max_page_count={self.pages}")


def test_a_full_disk_acknowledges_nothing_and_loses_nothing(
    make_live: Callable[..., LiveHub],
) -> None:
    """While the disk is full all events stay with the broker; nothing of them is half recorded."""
    live, stream = make_live(), Stream(10, 5)
    with live.working() as worker:
        Disk(worker).pages = 1
        stream.send(live)
        time.sleep(1.5)
        assert decided(live) == 0
    live.until(lambda: inbound(live) == len(stream.events))
    assert live.ledger_verifies()


def test_work_goes_on_when_the_disk_has_room_again(make_live: Callable[..., LiveHub]) -> None:
    """The same worker does all it could not do before."""
    live, stream = make_live(), Stream(10, 5)
    with live.working() as worker:
        disk = Disk(worker)
        disk.pages = 1
        stream.send(live)
        time.sleep(1.0)
        disk.pages = 2**31 - 2
        live.ring()
    each_event_had_one_effect(live, stream)
    everything_arrived(live, stream)


def test_a_store_locked_by_another_process_is_waited_for(make_live: Callable[..., LiveHub]) -> None:
    """A back-up or a console may hold the store a while; then work goes on."""
    live, stream = make_live(), Stream(10, 5)
    other = sqlite3.connect(live.settings.state / "hub.sqlite", isolation_level=None)
    with live.working():
        other.execute("BEGIN IMMEDIATE")
        stream.send(live)
        time.sleep(1.0)
        assert decided(live) == 0
        other.execute("ROLLBACK")
        other.close()
        live.ring()
    each_event_had_one_effect(live, stream)


def test_a_database_that_restarts_is_waited_for(
    make_live: Callable[..., LiveHub], postgres: Postgres
) -> None:
    """PostgreSQL stops and starts again under a working hub, which goes on by itself."""
    live, stream = make_live(store_url=postgres.new_database(), batch=20), Stream(20, 10)
    with live.working():
        stream.send(live)
        live.until(lambda: decided(live) > 20)
        postgres.stop()
        time.sleep(1.0)
        postgres.start()
        live.hub.engine.dispose()
        live.ring()
    each_event_had_one_effect(live, stream)
    everything_arrived(live, stream)


def test_an_idle_worker_outlives_a_database_that_restarts(
    make_live: Callable[..., LiveHub], postgres: Postgres
) -> None:
    """With nothing to do it looks for pending deliveries; that may fail and is tried again."""
    live, stream = make_live(store_url=postgres.new_database()), Stream(3, 3)
    with live.working():
        live.ring()
        postgres.stop()
        time.sleep(1.0)
        postgres.start()
        live.hub.engine.dispose()
        stream.send(live)
        live.ring()
    each_event_had_one_effect(live, stream)


COUNCIL = {
    "council": {
        "adapter": "care-extract", "agency": "council", "folder": "council", "direction": "out",
        "settings": {"la": "899"},
    }
}  # fmt: skip


def broken_outlet(live: LiveHub) -> Path:
    """Put a file where the outlet has its folder, as a careless restore might."""
    out = live.folder / "council" / "out"
    live.until(out.is_dir)
    shutil.rmtree(out)
    out.write_text("in the way")
    return out


def test_an_agency_system_that_never_takes_a_delivery_leaves_it_for_a_person(
    make_live: Callable[..., LiveHub],
) -> None:
    """After its tries the delivery is in the agency's dead letters, with a failed receipt."""
    live = make_live(adapters=COUNCIL, delivery_attempts=3)
    with live.working(), live.adapting("council"):
        broken_outlet(live)
        live.send("school", registered(Child(1)))
        live.until(lambda: live.ledger("receipt"))
        live.ring()
    (entry,) = live.ledger("receipt")
    assert (entry["body"]["outcome"], entry["body"]["code"]) == ("failed", "channel-busy")
    ((_, properties, _),) = live.take("agency.council.dead", "council")
    assert properties.message_id == entry["body"]["delivery"]
    with live.hub.reading() as work:
        assert work.deliveries.counts() == {"failed": 1}


def test_an_agency_system_that_is_busy_for_a_while_gets_its_delivery_once(
    make_live: Callable[..., LiveHub],
) -> None:
    """The pauses grow, and the first try that works ends them."""
    live = make_live(adapters=COUNCIL, delivery_attempts=20)
    with live.working(), live.adapting("council"):
        handed = broken_outlet(live)
        live.send("school", registered(Child(1)))
        live.until(lambda: live.hub.pending(1) == [] and decided(live) == 1)
        repair = threading.Timer(0.6, lambda: (handed.unlink(), handed.mkdir()))
        repair.start()
        live.until(lambda: live.ledger("receipt"))
        repair.join()
    (entry,) = live.ledger("receipt")
    assert entry["body"]["outcome"] == "delivered"
    out = live.folder / "council" / "out"
    assert [p.stem for p in out.glob("*.csv")] == [entry["body"]["delivery"]]
    assert live.take("agency.council.dead", "council") == []
