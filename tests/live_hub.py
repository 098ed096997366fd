"""A complete hub for one test: settings, keys, store, agreements, and agencies on a real bus.

Five agencies: ``school``, ``clinic``, ``care`` and ``council`` take part in children's care;
``porter`` only rings: an event of its own goes to no one, and once the hub has decided it, all that
was sent before it is done.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pika
from sqlalchemy import text

from hub.bus import BusMessage, Publisher, queue_depth
from hub.bus.address import make_passwords, secrets_folder
from hub.bus.topology import INBOUND, agency_queue
from hub.foundation.settings import Settings, load_settings
from hub.intake.hub import Hub
from hub.journey.entries.directives import AgreementPublishedEntry
from hub.journey.pipeline import reference
from hub.keys.sealing_keys import HubKey, agency_key
from hub.ledger.checkpoint import verify_checkpoint
from hub.ledger.merkle import leaf_hash
from hub.runtime.bootstrap import adapter_runs, make_worker, open_hub, prepare, read_signer
from hub.runtime.worker import Worker
from hub.sealing.delivery import open_delivery
from hub.sealing.header import read_header
from hub.sealing.inbound import seal_inbound
from hub.sealing.reply import DeliveryAnswer, ReleaseRequest, open_reply
from hub.store.engine import reading
from schemas.event import Event, View
from tests.brokers import PASSWORD, Bus
from tests.configuration import SETTINGS, agreement
from tests.events import SEN_SUPPORT, Child, event_of, section
from tests.merkle import root_of

PARTIES = ("school", "clinic", "care", "council")
ON_THE_BUS = (*PARTIES, "porter")
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Kept:
    """One quarantined input as a person would see it."""

    code: str
    place: str
    account: str
    body: bytes


@dataclass
class LiveHub:
    """A hub in a folder, over a bus of its own."""

    folder: Path
    bus: Bus
    settings: Settings
    hub: Hub
    _porter: int = field(default=0)

    @property
    def config(self) -> Path:
        """The hub's settings file."""
        return self.folder / "hub.toml"

    # -- what runs

    @contextmanager
    def working(self) -> Iterator[Worker]:
        """A worker on a thread of its own, stopped and closed at the end."""
        worker = make_worker(self.settings)
        thread = threading.Thread(target=worker.run, name="worker under test")
        thread.start()
        try:
            yield worker
        finally:
            worker.stop()
            thread.join(PATIENCE)
            worker.close()
            worker._hub.engine.dispose()
        assert not thread.is_alive()

    @contextmanager
    def adapting(self, *names: str) -> Iterator[None]:
        """These adapters of the settings, each direction on a thread of its own."""
        stop = threading.Event()
        runs = [run for name in names for _, run in adapter_runs(self.settings, name, stop)]
        threads = [threading.Thread(target=run) for run in runs]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join(PATIENCE)
        assert not any(thread.is_alive() for thread in threads)

    def process(self, part: str, log: Path) -> subprocess.Popen[bytes]:
        """The worker or a named adapter as a process, its logs appended to a file."""
        command = [sys.executable, "-m", "tests.run_process", str(self.config), part]
        with log.open("ab") as out:
            return subprocess.Popen(command, stdout=out, stderr=out, cwd=Path(__file__).parents[1])

    # -- what agencies do

    def send(self, agency: str, *events: Event | bytes) -> None:
        """Publish as an agency's adapter would; every event is confirmed by the broker."""
        plain = [e.to_json() if isinstance(e, Event) else e for e in events]
        bodies = [seal_inbound(HubKey(self.settings)(), agency, body) for body in plain]
        messages = [BusMessage(INBOUND, "event", body, message_id="m") for body in bodies]
        with Publisher(self.bus.url(agency), f"{agency} under test") as publisher:
            assert all(o.confirmed for o in publisher.publish(messages, PATIENCE))

    def smuggle(
        self,
        agency: str,
        body: bytes,
        exchange: str = INBOUND,
        *,
        clear: bool = False,
        **properties: object,
    ) -> None:
        """Publish with AMQP properties of one's own choosing, or with none at all.

        What says who sent it is sealed to the hub, unless it is to go in ``clear``.
        """
        key = properties.pop("routing_key", "event")
        if exchange == INBOUND and "user_id" in properties and not clear:
            body = seal_inbound(HubKey(self.settings)(), agency, body)
        with self._channel(agency) as channel:
            channel.confirm_delivery()
            channel.basic_publish(
                exchange, key, body, pika.BasicProperties(delivery_mode=2, **properties)
            )

    @contextmanager
    def _channel(self, account: str) -> Iterator[Any]:
        connection = pika.BlockingConnection(pika.URLParameters(self.bus.url(account)))
        try:
            yield connection.channel()
        finally:
            connection.close()

    def take(self, queue: str, account: str) -> list[tuple[Any, pika.BasicProperties, bytes]]:
        """Take everything out of a queue, with its AMQP properties."""
        found = []
        with self._channel(account) as channel:
            while (got := channel.basic_get(queue, auto_ack=True))[0] is not None:
                found.append(got)
        return found

    def mail(self, agency: str) -> list[View]:
        """Take all that waits for an agency, as views, in order."""
        bodies = [body for _, _, body in self.take(agency_queue(agency), agency)]
        opened = [self.open(agency, body) for body in bodies]
        return [view for view in opened if view is not None]

    def open(self, agency: str, body: bytes) -> View | None:
        """Ask for a delivery's keys as its recipient does, and open what is released of it."""
        answer = self.ask(agency, read_header(body).delivery)
        return open_delivery(body, answer.keys) if answer.code is None else None

    def ask(self, agency: str, delivery: str) -> DeliveryAnswer:
        """Ask the hub for the keys of one delivery, and open its reply."""
        request = ReleaseRequest(request=uuid.uuid4(), deliveries=(uuid.UUID(delivery),))
        sealed = seal_inbound(HubKey(self.settings)(), agency, request.to_json())
        (reply,) = self.hub.release([(agency, sealed)])
        return open_reply(agency_key(self.settings, agency), agency, reply.body).answers[0]

    def waiting(self, agency: str) -> int:
        """How many deliveries lie in an agency's queue."""
        name = agency_queue(agency)
        return queue_depth(self.bus.url(), [name])[name] or 0

    # -- waiting

    def until(self, what: Callable[[], object], patience: float = PATIENCE) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + patience
        while not what():
            assert time.monotonic() < deadline, "it did not come about in time"
            time.sleep(0.02)

    def ring(self) -> None:
        """Wait until all that was sent before is judged, and what follows from it is on the bus."""
        self._porter += 1
        bell = event_of(
            SEN_SUPPORT,
            "porter",
            Child(3000 + self._porter).identity(),
            section(SEN_SUPPORT, provision="K"),
        )
        self.send("porter", bell)
        self.until(lambda: self.state(bell) == "decided" and not self.hub.pending(1))

    # -- what the hub holds

    def state(self, event: Event) -> str | None:
        """What became of an event: decided, held, or None where it is not in the inbox."""
        with self.hub.reading() as work:
            found = work.inbox.find(reference(event.source, event.id, work.blind))
        return found.state if found else None

    def ref(self, event: Event) -> str:
        """The hub's own reference of an event."""
        with self.hub.reading() as work:
            return reference(event.source, event.id, work.blind)

    def quarantined(self) -> list[Kept]:
        """Every input that waits for a person, with its bytes unsealed."""
        with self.hub.reading() as work:
            opened = [work.inbox.quarantined_body(q.id) for q in work.inbox.quarantined()]
        return [Kept(q.code, q.place, q.account, body) for q, body in filter(None, opened)]

    def query(self, statement: str, **values: object) -> list[Any]:
        """Rows straight from the store."""
        with reading(self.hub.engine) as connection:
            return list(connection.execute(text(statement), values))

    def ledger(self, kind: str | None = None) -> list[dict[str, Any]]:
        """The ledger's entries in order, of one kind or all."""
        with self.hub.reading() as work:
            rows = list(work.ledger.rows())
        return [json.loads(r.entry) for r in rows if kind in {None, r.kind}]

    def ledger_verifies(self) -> bool:
        """Whether the last signed checkpoint covers exactly the entries there are."""
        with self.hub.reading() as work:
            leaves = [leaf_hash(row.entry) for row in work.ledger.rows()]
            *_, (size, note) = work.ledger.checkpoints()
        verifier = read_signer(self.settings).verifier()
        head = verify_checkpoint(note.encode(), self.settings.name, [verifier]).checkpoint
        return len(leaves) == size == head.size and root_of(leaves) == head.root


def build(
    folder: Path,
    bus: Bus,
    *,
    adapters: Mapping[str, Mapping[str, object]] | None = None,
    store_url: str = "",
    **general: float,
) -> LiveHub:
    """Make a hub in a folder, ready to work, with the tests' agreement published."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "hub.toml"
    lines = [f"{name} = {json.dumps(value)}" for name, value in general.items()]
    if store_url:
        lines.append(f"store_url = {json.dumps(store_url)}")
    config.write_text(
        SETTINGS.format(
            url=bus.url(),
            vhost=bus.vhost,
            general="\n".join(lines),
            adapters="\n".join(_adapter(n, a) for n, a in (adapters or {}).items()),
        ),
        encoding="utf-8",
    )
    settings = load_settings(config)
    _write_passwords(settings)
    prepare(settings)
    hub = open_hub(settings)
    with hub.writing() as (work, ledger_entries):
        work.agreements.publish(agreement(), work.now)
        ledger_entries.append(AgreementPublishedEntry.of(agreement(), by="test"))
    return LiveHub(folder, bus, settings, hub)


def _adapter(name: str, fields: Mapping[str, object]) -> str:
    rows = [f"{key} = {json.dumps(value)}" for key, value in fields.items() if key != "settings"]
    own = fields.get("settings", {})
    assert isinstance(own, Mapping)
    more = [f"{key} = {json.dumps(value)}" for key, value in own.items()]
    return "\n".join([f"[adapters.{name}]", *rows, f"[adapters.{name}.settings]", *more])


def _write_passwords(settings: Settings) -> None:
    """Give every account the password it has on the tests' broker."""
    settings.state.mkdir(parents=True, exist_ok=True)
    make_passwords(settings)
    for file in secrets_folder(settings).iterdir():
        file.write_text(f"{PASSWORD}\n", encoding="utf-8")
