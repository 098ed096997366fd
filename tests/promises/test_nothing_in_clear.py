"""The demonstration borough is played with one agency's adapter down; then everything is read.

Every byte of the broker's data directory, every message of every queue, the database with its
write-ahead log, and the logs: none holds a name, number, postcode or diagnosis. The same search
finds all of them in what the agencies handed in, and on the broker's disk what was published in
clear, so that it is known to look in the right way and in the right places.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pika
import pytest

from hub.bus.address import HUB_ACCOUNT, account_url
from hub.bus.topology import DEAD, UNROUTABLE, agency_queue, decide_queue, names
from hub.demo import stage as stages
from hub.demo.borough import drops
from hub.demo.borough.people import children
from hub.demo.borough.tables import table
from hub.demo.stage import Stage
from hub.foundation import clock
from hub.foundation.settings import load_settings
from hub.runtime.supervisor import Supervisor
from tests.brokers import need_rabbitmq

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("nothing-in-clear")]

DOWN = "northmoor-send"
ADAPTER = "[adapters.northmoor-send-extract]"
LONG = 6
PATIENCE = 150.0
CANARY = "Zzyxquombeline-in-clear"


def secrets() -> dict[str, list[str]]:
    """What must not be readable, by kind. Names shorter than six letters are found by chance."""
    today = clock.now().date()
    people = children(today).values()
    relatives = [parent for child in people for parent in child.parents]
    words = [
        row.get("reason", "") for name in ("fhir.csv", "hl7.csv") for row in table(name, today)
    ]
    coded = [row["service"] for row in table("fhir.csv", today) if row["resource"] == "Condition"]
    return {
        "family names": _long([p.family_name for p in (*people, *relatives)]),
        "given names": _long([p.given_name for p in (*people, *relatives)]),
        "NHS numbers": _long([child.nhs_number for child in people]),
        "UPNs": _long([child.upn for child in people]),
        "postcodes": _long([child.postcode for child in people]),
        "streets": _long([child.address.partition(" ")[2] for child in people]),
        "diagnoses": _long([part for code in coded for part in code.split(" ", 1)]),
        "what was said of them": [text for text in words if len(text) > 15],
    }


def _long(values: list[str]) -> list[str]:
    return sorted({value for value in values if len(value) >= LONG})


def forms(secret: str) -> Iterator[bytes]:
    """How a value may lie on a disk: as it is, in hexadecimal, in UTF-16, in base64."""
    raw = secret.encode()
    yield raw.lower()
    yield raw.hex().encode()
    yield secret.encode("utf-16-le").lower()
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw).rstrip(b"=")
        if len(middle := encoded[4 * bool(shift) : -1]) > LONG:
            yield middle.lower()


def found_in(haystack: bytes) -> set[str]:
    """The secrets that can be read in some bytes, whatever the case of their letters."""
    lowered = haystack.lower()
    every = [secret for some in secrets().values() for secret in some]
    return {secret for secret in every if any(form in lowered for form in forms(secret))}


@dataclass(frozen=True, slots=True)
class Played:
    """The borough after its last wave, with its broker still running."""

    stage: Stage
    queues: tuple[str, ...]

    def channel(self) -> Any:  # noqa: ANN401  pika has no types
        """A channel of the hub's own account."""
        url = account_url(self.stage.settings, HUB_ACCOUNT)
        return pika.BlockingConnection(pika.URLParameters(url)).channel()

    def messages(self, queue: str) -> list[bytes]:
        """Every message of a queue with all its properties; it stays there."""
        channel = self.channel()
        found = []
        while (got := channel.basic_get(queue))[0] is not None:
            found.append(b"\n".join([got[2], repr(got[0]).encode(), repr(got[1]).encode()]))
        channel.connection.close()
        return found

    def files(self) -> list[Path]:
        """Every file of the hub and its broker; what agencies' systems hold is theirs."""
        state = self.stage.settings.state
        return [*(p for p in state.rglob("*") if p.is_file()), self.stage.log, self.stage.config]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Play all waves while the council's adapter takes nothing out of its queue."""
    need_rabbitmq()
    stage = stages.build(tmp_path_factory.mktemp("clear") / "demo")
    text = stage.config.read_text(encoding="utf-8")
    assert text.count(ADAPTER) == 1
    stage.config.write_text(text.replace(ADAPTER, f'{ADAPTER}\ndirection = "in"'), encoding="utf-8")
    stage.settings = load_settings(stage.config)
    with Supervisor(stage.settings, stage.config, log_file=stage.log, console=False) as supervisor:
        for wave in stages.by_wave(drops(stages.today())):
            for drop in wave:
                stages.hand_in(stage, drop)
            until(lambda: quiet(stage), supervisor)
        yield Played(stage, names(sorted(stage.settings.agencies)).queues)
    stage.hub.engine.dispose()


def until(what: Any, supervisor: Supervisor) -> None:  # noqa: ANN401  any question
    """Wait until something is so, keeping the hub's processes up."""
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "the borough did not come to rest in time"
        supervisor.check()
        time.sleep(0.2)


def quiet(stage: Stage) -> bool:
    """Whether all is judged, and only the council's deliveries are still under way."""
    if not stages.files_taken(stage):
        return False
    with stage.hub.reading() as work:
        counts = work.inbox.counts()
        under_way = work.deliveries.cards(state="pending")
        under_way += work.deliveries.cards(state="published")
    judged = sum(counts.get(state, 0) for state in ("decided", "held", "quarantined"))
    return judged >= len(stage.expected) and {card.recipient for card in under_way} <= {DOWN}


def test_the_same_search_finds_all_of_it_in_what_was_handed_in(played: Played) -> None:
    """The control: names, numbers, postcodes, diagnoses, every one."""
    handed_in = b"\n".join(drop.body for drop in drops(stages.today()))
    every = {secret for some in secrets().values() for secret in some}
    assert every - found_in(handed_in) == set()
    assert {kind: len(some) > 1 for kind, some in secrets().items()} == dict.fromkeys(
        secrets(), True
    )


def test_no_queue_holds_anything_in_clear(played: Played) -> None:
    """The council's deliveries lie in their queue, and say nothing; nor does any other message."""
    # What the worker reads it holds alone, and has read to the end (quiet, above).
    queues = [queue for queue in played.queues if queue != decide_queue(0)]
    bodies = {queue: played.messages(queue) for queue in queues}
    assert len(bodies[agency_queue(DOWN)]) > 10
    assert bodies[UNROUTABLE] == bodies[DEAD] == []
    assert {q: found for q, b in bodies.items() if (found := found_in(b"\n".join(b)))} == {}


def test_no_byte_of_the_hubs_state_holds_anything_in_clear(played: Played) -> None:
    """Broker, database, write-ahead log, logs: file by file."""
    files = played.files()
    secrets_found = {path.name: found_in(read(path)) for path in files}
    assert {name: secrets for name, secrets in secrets_found.items() if secrets} == {}
    assert {"hub.sqlite", "hub.sqlite-wal", "hub.log"} <= set(secrets_found)


def read(path: Path) -> bytes:
    """A file's bytes; none where the broker has just put its content into another file."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def test_what_is_published_in_clear_is_found_on_the_brokers_disk(played: Played) -> None:
    """The second control: the data directory that was searched is where messages lie."""
    channel = played.channel()
    channel.confirm_delivery()
    keep = pika.BasicProperties(delivery_mode=2)
    channel.basic_publish("hub.dead", "hub.dead", CANARY.encode(), keep)
    channel.connection.close()
    broker = played.stage.settings.state / "broker"
    holding = [p for p in broker.rglob("*") if p.is_file() and CANARY.encode() in read(p)]
    assert holding
