"""Consuming on the real broker: in order, in batches, and acknowledging only what is meant."""

from __future__ import annotations

import struct
import time
from typing import TYPE_CHECKING

import pika
import pytest
from pika import spec

from hub.bus import (
    Arrival,
    BrokerRefused,
    BusMessage,
    Consumer,
    Publisher,
    QueueMissing,
    queue_depth,
)
from tests.brokers import topology
from tests.tcp_proxy import Proxy

if TYPE_CHECKING:
    from hub.bus.private_node import LocalBroker
    from tests.brokers import Bus
    from tests.conftest import MakeBus

SECONDS = 20.0


def fill(bus: Bus, count: int) -> None:
    """Put that many deliveries into the school's queue."""
    with Publisher(bus.url(), "filler") as publisher:
        messages = [
            BusMessage("hub.outbound", "school", f"{n}".encode(), f"m{n}") for n in range(count)
        ]
        assert all(outcome.confirmed for outcome in publisher.publish(messages, SECONDS))


def school(bus: Bus, *, prefetch: int = 300, port: int | None = None) -> Consumer:
    """The school's consumer of its deliveries."""
    url = bus.url("school", port=port)
    return Consumer(url, "school", "agency.school", prefetch=prefetch)


def take(consumer: Consumer, count: int) -> list[Arrival]:
    """Exactly that many arrivals, unacknowledged."""
    taken: list[Arrival] = []
    deadline = time.monotonic() + SECONDS
    while len(taken) < count and time.monotonic() < deadline:
        taken += consumer.next_batch(count - len(taken), 1.0)
    assert len(taken) == count
    return taken


def bodies(arrivals: list[Arrival]) -> list[int]:
    """The numbers that ``fill`` wrote."""
    return [int(arrival.body) for arrival in arrivals]


def depth(bus: Bus, queue: str, expected: int) -> None:
    """Wait until a queue has that many messages."""
    deadline = time.monotonic() + SECONDS
    while (found := queue_depth(bus.url(), [queue])[queue]) != expected:
        assert time.monotonic() < deadline, f"{queue} has {found}, not {expected}"
        time.sleep(0.05)


def test_an_empty_queue_gives_nothing_after_the_wait(bus: Bus) -> None:
    """And not before."""
    with school(bus) as consumer:
        consumer.wait_ready(SECONDS)
        began = time.monotonic()
        assert consumer.next_batch(10, 0.3) == []
        assert 0.25 < time.monotonic() - began < 2


def test_a_batch_is_full_when_enough_is_waiting(bus: Bus) -> None:
    """Batches are what makes the store fast."""
    fill(bus, 100)
    with school(bus) as consumer:
        consumer.wait_ready(SECONDS)
        time.sleep(0.3)
        assert bodies(consumer.next_batch(40, SECONDS)) == list(range(40))


def test_what_is_not_acknowledged_is_delivered_again(bus: Bus) -> None:
    """To the next reader, in order, and marked."""
    fill(bus, 10)
    with school(bus) as consumer:
        first = take(consumer, 10)
        consumer.ack_through(first[3])
    with school(bus) as consumer:
        again = take(consumer, 6)
    assert bodies(again) == [4, 5, 6, 7, 8, 9]
    assert all(arrival.redelivered for arrival in again)


def test_exactly_the_named_messages_are_acknowledged(bus: Bus) -> None:
    """A finished prefix goes in one word, the others singly, gaps stay."""
    fill(bus, 10)
    with school(bus) as consumer:
        taken = take(consumer, 10)
        consumer.ack([taken[n] for n in (0, 1, 2, 5, 7)])
        consumer.ack([taken[n] for n in (7, 3)])
    with school(bus) as consumer:
        assert bodies(take(consumer, 4)) == [4, 6, 8, 9]


def test_acknowledging_twice_does_no_harm(bus: Bus) -> None:
    """A second acknowledgement would close the channel, so none is sent."""
    fill(bus, 5)
    with school(bus) as consumer:
        taken = take(consumer, 5)
        consumer.reject(taken[2], requeue=False)
        consumer.ack_through(taken[2])
        consumer.ack_through(taken[2])
        consumer.ack(taken[:3])
        consumer.reject(taken[1], requeue=True)
        fill(bus, 1)
        assert bodies(take(consumer, 1)) == [0]
        assert consumer.connected
    depth(bus, "agency.school", 3)
    depth(bus, "agency.school.dead", 1)


def test_a_rejected_message_waits_in_the_agencys_own_dead_letters(bus: Bus) -> None:
    """Whole, and visible to that agency."""
    fill(bus, 1)
    with school(bus) as consumer:
        consumer.reject(take(consumer, 1)[0], requeue=False)
        depth(bus, "agency.school.dead", 1)
    with Consumer(bus.url("school"), "dead", "agency.school.dead") as consumer:
        (dead,) = take(consumer, 1)
    assert (dead.body, dead.message_id, dead.user_id) == (b"0", "m0", "hub")


def test_a_message_that_fails_too_often_becomes_a_dead_letter(make_bus: MakeBus) -> None:
    """The broker's limit is the last net under our own retries."""
    bus = make_bus(delivery_limit=3)
    fill(bus, 1)
    counts = []
    with school(bus) as consumer:
        while arrived := consumer.next_batch(1, 1.0):
            counts.append(arrived[0].delivery_count)
            consumer.reject(arrived[0], requeue=True)
    assert counts == [0, 1, 2, 3]
    depth(bus, "agency.school.dead", 1)


def test_acknowledgements_of_a_lost_channel_are_dropped(bus: Bus) -> None:
    """The same number means another message on the new channel."""
    fill(bus, 3)
    with Proxy(bus.port) as proxy, school(bus, prefetch=2, port=proxy.port) as consumer:
        before = take(consumer, 2)
        proxy.cut()
        again = take(consumer, 2)
        assert {a.token.tag for a in before} == {a.token.tag for a in again}
        consumer.ack(before)
        consumer.ack_through(before[-1])
        consumer.reject(before[0], requeue=False)
        assert consumer.next_batch(1, 0.5) == []
        assert consumer.connected
    depth(bus, "agency.school", 3)
    depth(bus, "agency.school.dead", 0)


def test_a_missing_queue_is_reported_at_once(bus: Bus) -> None:
    """The topology was not applied; waiting would hide it."""
    with Consumer(bus.url(), "test", "agency.absent") as consumer:
        with pytest.raises(QueueMissing, match=r"agency\.absent"):
            consumer.wait_ready(SECONDS)
        with pytest.raises(QueueMissing):
            consumer.next_batch(1, SECONDS)


def test_another_agencys_queue_is_refused(bus: Bus) -> None:
    """By the broker, whatever the adapter tries."""
    with (
        Consumer(bus.url("school"), "test", "agency.clinic") as consumer,
        pytest.raises(BrokerRefused, match="may not read"),
    ):
        consumer.wait_ready(SECONDS)


def test_a_virtual_host_that_does_not_exist_is_refused(bus: Bus) -> None:
    """A mistake in the settings, not an outage."""
    url = bus.url().replace(bus.vhost, "no-such-vhost")
    with Consumer(url, "test", "hub.decide.0") as consumer, pytest.raises(BrokerRefused):
        consumer.wait_ready(SECONDS)


def test_a_deleted_queue_is_read_again_once_it_is_back(
    bus: Bus, broker: LocalBroker | None
) -> None:
    """The broker cancels the consumer; it subscribes again by itself."""
    if broker is None:
        pytest.skip("needs the right to delete a queue")
    with school(bus) as consumer:
        consumer.wait_ready(SECONDS)
        broker.drop_queue(bus.vhost, "agency.school")
        time.sleep(0.5)
        broker.add_definitions(topology(bus.vhost))
        fill(bus, 2)
        assert bodies(take(consumer, 2)) == [0, 1]


def test_a_message_that_cannot_be_decoded_stops_no_other(
    make_bus: MakeBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message on which pika's own reader fails is set aside, and the rest is delivered."""
    monkeypatch.setitem(spec.props, spec.BasicProperties.INDEX, spec.BasicProperties)
    bus = make_bus(delivery_limit=3)
    connection = pika.BlockingConnection(pika.URLParameters(bus.url("clinic")))
    channel = connection.channel()
    for body, properties in (
        (b"0", pika.BasicProperties(message_id="m0", delivery_mode=2)),
        (b"poison", _Undecodable()),
        (b"1", pika.BasicProperties(message_id="m1", delivery_mode=2)),
    ):
        channel.basic_publish("hub.inbound", "health.report.v1", body, properties)
    seen: set[bytes] = set()
    deadline = time.monotonic() + SECONDS
    with Consumer(bus.url(), "test", "hub.decide.0") as consumer:
        while not _dead(bus) or seen != {b"0", b"1"}:
            assert time.monotonic() < deadline, f"only {seen} arrived"
            batch = consumer.next_batch(10, 0.5)
            seen |= {arrival.body for arrival in batch}
            consumer.ack(batch)
    connection.close()
    assert _dead(bus) == 1
    depth(bus, "hub.decide.0", 0)


def test_a_sender_without_a_name_is_visible_as_such(bus: Bus) -> None:
    """The broker allows it, so the pipeline must refuse it."""
    connection = pika.BlockingConnection(pika.URLParameters(bus.url("clinic")))
    connection.channel().basic_publish("hub.inbound", "health.report.v1", b"{}")
    connection.close()
    with Consumer(bus.url(), "test", "hub.decide.0") as consumer:
        assert take(consumer, 1)[0].user_id is None


def _dead(bus: Bus) -> int | None:
    return queue_depth(bus.url(), ["hub.dead"])["hub.dead"]


class _Undecodable(pika.BasicProperties):  # type: ignore[misc]  # pika is untyped here
    """Properties with a header table that RabbitMQ takes and Python's dates cannot hold."""

    def encode(self) -> list[bytes]:
        entry = b"\x01xT" + struct.pack(">Q", 2**63 - 1)
        headers_flag = 0x2000
        return [struct.pack(">H", headers_flag), struct.pack(">I", len(entry)), entry]
