"""Publishing on the real broker: every message is answered for, in order."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from hub.bus import (
    BrokerRefused,
    BrokerUnreachable,
    BusMessage,
    Consumer,
    Publisher,
    PublishResult,
    queue_depth,
)
from tests.tcp_proxy import Proxy

if TYPE_CHECKING:
    from tests.brokers import Bus
    from tests.conftest import MakeBus

SECONDS = 20.0


def to_school(number: int = 0) -> BusMessage:
    """A delivery for the school."""
    return BusMessage("hub.outbound", "school", f"{number}".encode(), f"m{number}")


def test_messages_are_confirmed_and_arrive_in_order(bus: Bus) -> None:
    """More than a window of them, so that the window is used."""
    with Publisher(bus.url(), "test", window=50) as publisher:
        outcomes = publisher.publish([to_school(n) for n in range(500)], SECONDS)
    assert [outcome.result for outcome in outcomes] == [PublishResult.CONFIRMED] * 500
    with Consumer(bus.url("school"), "test", "agency.school") as consumer:
        bodies: list[bytes] = []
        while len(bodies) < 500:
            batch = consumer.next_batch(500, SECONDS)
            bodies += [arrival.body for arrival in batch]
            consumer.ack(batch)
    assert bodies == [f"{n}".encode() for n in range(500)]


def test_publishing_nothing_is_nothing(bus: Bus) -> None:
    """An empty batch needs no broker."""
    with Publisher(bus.url(), "test") as publisher:
        assert publisher.publish([], SECONDS) == []


def test_the_account_is_on_every_message_and_everything_else_arrives_as_sent(bus: Bus) -> None:
    """The reader knows from the broker itself who wrote."""
    sent = BusMessage(
        exchange="hub.inbound",
        routing_key="health.report.v1",
        body=b"{}",
        message_id="m1",
        type="report",
        correlation_id="c1",
        reply_to="agency.clinic.release",
        timestamp=1_790_000_000,
        headers={"traceparent": "00-1-2-01", "tries": 3},
    )
    with (
        Publisher(bus.url("clinic"), "test") as publisher,
        Consumer(bus.url(), "test", "hub.decide.0") as consumer,
    ):
        assert publisher.publish([sent], SECONDS)[0].confirmed
        (seen,) = consumer.next_batch(1, SECONDS)
    assert seen.user_id == "clinic"
    assert (seen.body, seen.message_id, seen.type) == (b"{}", "m1", "report")
    assert (seen.correlation_id, seen.reply_to) == ("c1", "agency.clinic.release")
    assert (seen.exchange, seen.routing_key) == ("hub.inbound", "health.report.v1")
    assert seen.content_type == "application/cloudevents+json"
    assert seen.headers == {"traceparent": "00-1-2-01", "tries": 3}
    assert (seen.redelivered, seen.delivery_count) == (False, 0)


def test_an_unroutable_message_is_distinguished_from_its_neighbours(bus: Bus) -> None:
    """Even from those with the same id, which go to other agencies."""
    messages = [
        BusMessage("hub.outbound", name, b"", "same") for name in ("school", "absent", "clinic")
    ]
    with Publisher(bus.url(), "test") as publisher:
        outcomes = publisher.publish(messages, SECONDS)
    assert [o.result for o in outcomes] == [
        PublishResult.CONFIRMED,
        PublishResult.UNROUTABLE,
        PublishResult.CONFIRMED,
    ]


def test_an_event_that_fits_no_partition_is_kept_as_unroutable(make_bus: MakeBus) -> None:
    """The alternate exchange confirms it; the queue is what an alarm watches."""
    bus = make_bus(partitions=2)
    with Publisher(bus.url("clinic"), "test") as publisher:
        messages = [
            BusMessage("hub.inbound", f"health.report.v1.{n}", b"", f"m{n}") for n in (0, 1, 2)
        ]
        assert all(outcome.confirmed for outcome in publisher.publish(messages, SECONDS))
    depth = queue_depth(bus.url(), ["hub.decide.0", "hub.decide.1", "hub.unroutable"])
    assert set(depth.values()) == {1}


def test_a_full_queue_refuses_and_says_so(make_bus: MakeBus) -> None:
    """What was refused was not kept, and what was confirmed was."""
    bus = make_bus(max_length=5)
    with Publisher(bus.url(), "test", window=1) as publisher:
        outcomes = publisher.publish([to_school(n) for n in range(20)], SECONDS)
    confirmed = [outcome for outcome in outcomes if outcome.confirmed]
    assert {outcome.result for outcome in outcomes} == {
        PublishResult.CONFIRMED,
        PublishResult.NACKED,
    }
    assert queue_depth(bus.url(), ["agency.school"]) == {"agency.school": len(confirmed)}


@pytest.mark.parametrize(
    ("exchange", "code"), [("hub.outbound", "403"), ("hub.nowhere", "403"), ("", "403")]
)
def test_a_forbidden_message_is_found_among_many_allowed_ones(
    bus: Bus, exchange: str, code: str
) -> None:
    """The broker closes the channel without saying which one it was."""
    messages = [BusMessage("hub.inbound", "health.report.v1", b"", f"m{n}") for n in range(30)]
    messages[17] = BusMessage(exchange, "agency.school", b"", "forbidden")
    with Publisher(bus.url("clinic"), "test") as publisher:
        outcomes = publisher.publish(messages, SECONDS)
        again = publisher.publish([messages[0]], SECONDS)
    assert [n for n, outcome in enumerate(outcomes) if not outcome.confirmed] == [17]
    assert (outcomes[17].result, outcomes[17].detail) == (PublishResult.REFUSED, code)
    assert again[0].confirmed


def test_an_exchange_that_does_not_exist_refuses_one_message_only(bus: Bus) -> None:
    """The hub may write to it, but it is not there."""
    messages = [to_school(1), BusMessage("hub.nowhere", "x", b"", "m2"), to_school(3)]
    with Publisher(bus.url(), "test") as publisher:
        outcomes = publisher.publish(messages, SECONDS)
    assert [o.result for o in outcomes] == [
        PublishResult.CONFIRMED,
        PublishResult.REFUSED,
        PublishResult.CONFIRMED,
    ]
    assert outcomes[1].detail == "404"


def test_a_message_that_cannot_be_encoded_is_refused_alone(bus: Bus) -> None:
    """AMQP's routing keys end at 255 bytes."""
    messages = [to_school(1), BusMessage("hub.outbound", "x" * 300, b"", "m2"), to_school(3)]
    with Publisher(bus.url(), "test") as publisher:
        outcomes = publisher.publish(messages, SECONDS)
    assert [o.result for o in outcomes] == [
        PublishResult.CONFIRMED,
        PublishResult.REFUSED,
        PublishResult.CONFIRMED,
    ]


def test_several_threads_may_publish_at_once(bus: Bus) -> None:
    """Each gets the outcomes of its own messages."""
    counts: list[int] = []
    with Publisher(bus.url(), "test", window=20) as publisher:

        def work(start: int) -> None:
            outcomes = publisher.publish([to_school(start + n) for n in range(100)], SECONDS)
            counts.append(sum(outcome.confirmed for outcome in outcomes))

        threads = [threading.Thread(target=work, args=(k * 100,)) for k in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert counts == [100] * 4


def test_a_wrong_password_is_reported_at_once_and_is_final(bus: Bus) -> None:
    """Only an operator can correct it, so there is no second attempt."""
    with Publisher(bus.url(password="wrong"), "test") as publisher:
        with pytest.raises(BrokerRefused, match="wrong account or password") as caught:
            publisher.publish([to_school()], SECONDS)
        assert "wrong@" not in str(caught.value)
        with pytest.raises(BrokerRefused):
            publisher.wait_ready(SECONDS)


def test_an_unreachable_broker_is_reported_in_time_and_found_again(bus: Bus) -> None:
    """Nothing of the abandoned batch goes out afterwards."""
    with Proxy(bus.port) as proxy, Publisher(bus.url(port=proxy.port), "test") as publisher:
        publisher.wait_ready(SECONDS)
        proxy.accepting = False
        proxy.cut()
        began = time.monotonic()
        with pytest.raises(BrokerUnreachable, match=r"127\.0\.0\.1"):
            publisher.publish([to_school(1)], 0.6)
        assert time.monotonic() - began < 3
        proxy.accepting = True
        assert publisher.publish([to_school(2)], SECONDS)[0].confirmed
    assert queue_depth(bus.url(), ["agency.school"]) == {"agency.school": 1}


def test_a_closed_publisher_says_so_at_once(bus: Bus) -> None:
    """It does not wait for a broker it will never ask."""
    publisher = Publisher(bus.url(), "test")
    publisher.wait_ready(SECONDS)
    publisher.close()
    began = time.monotonic()
    with pytest.raises(BrokerUnreachable):
        publisher.publish([to_school()], SECONDS)
    assert time.monotonic() - began < 2
