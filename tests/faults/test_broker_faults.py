"""The network is cut and the broker is killed while messages flow: nothing is lost.

Duplicates are allowed and counted: the bus promises "at least once", and readers recognise what
they have seen.
"""

from __future__ import annotations

import contextlib
import random
import threading
import time
from typing import TYPE_CHECKING

import pytest

from hub.bus import BrokerUnreachable, BusMessage, Consumer, Publisher, queue_depth
from tests.brokers import fresh_bus, private_broker
from tests.tcp_proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hub.bus.private_node import LocalBroker
    from tests.brokers import Bus

MESSAGES = 6_000
BATCH = 100
SECONDS = 120.0


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBroker]:
    """A private node that these tests may kill."""
    with private_broker(tmp_path_factory.mktemp("mortal")) as node:
        yield node


class Flow:
    """A publisher and a consumer at work, each in its own thread, keeping count."""

    def __init__(self, bus: Bus, publish_port: int, consume_port: int) -> None:
        """Prepare both ends; the ports may be those of proxies."""
        self._publisher = Publisher(bus.url(port=publish_port), "fault publisher")
        url = bus.url("school", port=consume_port)
        self._consumer = Consumer(url, "fault consumer", "agency.school", prefetch=200)
        self.confirmed: set[bytes] = set()
        self.seen: set[bytes] = set()
        self.arrivals = 0
        self._threads = [threading.Thread(target=self._publish)]
        self._threads.append(threading.Thread(target=self._consume))

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    @property
    def done(self) -> bool:
        """Whether both ends have finished."""
        return not any(thread.is_alive() for thread in self._threads)

    def finish(self) -> None:
        """Wait for both ends, then close them."""
        for thread in self._threads:
            thread.join(SECONDS)
        self._publisher.close()
        self._consumer.close()

    def _publish(self) -> None:
        for start in range(0, MESSAGES, BATCH):
            bodies = [f"{n}".encode() for n in range(start, start + BATCH)]
            batch = [BusMessage("hub.outbound", "school", b, b.decode()) for b in bodies]
            outcomes = self._publish_until_answered(batch)
            self.confirmed |= {b for b, o in zip(bodies, outcomes, strict=True) if o}

    def _publish_until_answered(self, batch: list[BusMessage]) -> list[bool]:
        while True:
            with contextlib.suppress(BrokerUnreachable):
                return [o.confirmed for o in self._publisher.publish(batch, 10.0)]

    def _consume(self) -> None:
        deadline = time.monotonic() + SECONDS
        while len(self.seen) < MESSAGES and time.monotonic() < deadline:
            batch = self._consumer.next_batch(BATCH, 0.5)
            time.sleep(0.001)
            self.arrivals += len(batch)
            self.seen |= {arrival.body for arrival in batch}
            if batch:
                self._consumer.ack_through(batch[-1])


def settle(bus: Bus) -> dict[str, int | None]:
    """The lengths of the school's queues once all acknowledgements are in."""
    return queue_depth(bus.url(), ["agency.school", "agency.school.dead"], timeout=30)


def test_cutting_the_network_again_and_again_loses_nothing(mortal: LocalBroker) -> None:
    """Both ends reconnect; what was unconfirmed or unacknowledged goes again."""
    bus, _drop = fresh_bus(mortal)
    chance = random.Random(20261123)  # noqa: S311  # repeatable, not secret
    with Proxy(bus.port) as up, Proxy(bus.port) as down:
        flow = Flow(bus, up.port, down.port)
        flow.start()
        cuts = 0
        while not flow.done:
            time.sleep(chance.uniform(0.05, 0.25))
            cuts += bool(up.cut()) + bool(down.cut())
        flow.finish()
    everything = {f"{n}".encode() for n in range(MESSAGES)}
    assert flow.confirmed == everything
    assert flow.seen == everything
    assert cuts >= 4
    depth = settle(bus)
    assert depth["agency.school.dead"] == 0
    assert flow.arrivals >= MESSAGES


def test_killing_the_broker_loses_nothing_that_was_confirmed(mortal: LocalBroker) -> None:
    """Persistent messages in quorum queues outlive ``kill -9``; both ends find the node again."""
    bus, _drop = fresh_bus(mortal)
    flow = Flow(bus, bus.port, bus.port)
    flow.start()
    while len(flow.confirmed) < MESSAGES // 10:
        time.sleep(0.005)
    mortal.kill()
    at_the_kill = len(flow.seen)
    mortal.restart()
    flow.finish()
    everything = {f"{n}".encode() for n in range(MESSAGES)}
    assert at_the_kill < MESSAGES
    assert flow.confirmed == everything
    assert flow.seen == everything
    assert settle(bus)["agency.school.dead"] == 0


def test_an_acknowledgement_from_before_the_kill_hits_nothing_after_it(mortal: LocalBroker) -> None:
    """The same delivery number may then belong to another, unprocessed message."""
    bus, _drop = fresh_bus(mortal)
    with Publisher(bus.url(), "test") as publisher:
        messages = [BusMessage("hub.outbound", "school", f"{n}".encode(), f"{n}") for n in range(3)]
        assert all(outcome.confirmed for outcome in publisher.publish(messages, 20))
    with Consumer(bus.url("school"), "test", "agency.school") as consumer:
        old = consumer.next_batch(3, 20)
        mortal.kill()
        mortal.restart()
        new = consumer.next_batch(3, 60)
        assert {arrival.token.tag for arrival in new} <= {arrival.token.tag for arrival in old}
        consumer.ack_through(old[-1])
        consumer.ack(old)
        assert consumer.next_batch(3, 0.5) == []
        assert consumer.connected
    assert settle(bus)["agency.school"] == 3
