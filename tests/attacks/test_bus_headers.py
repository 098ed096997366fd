"""An agency's account that writes hostile properties: nobody behind it waits."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pika
import pytest
from pika import spec
from pika.adapters.blocking_connection import BlockingChannel

from hub.bus import Consumer
from tests.brokers import Bus

NESTED = 10_000
SECONDS = 5.0


class HostileProperties(spec.BasicProperties):  # type: ignore[misc]  # pika has no types
    """Properties whose header table is given as bytes."""

    def __init__(self, table: bytes, account: str) -> None:
        super().__init__(user_id=account, message_id="hostile", delivery_mode=2)
        self._table = table

    def encode(self) -> list[bytes]:
        """Write the flags and properties, with the table in its place."""
        flags, *rest = super().encode()
        head = struct.pack(">H", struct.unpack(">H", flags)[0] | self.FLAG_HEADERS)
        return [head, struct.pack(">I", len(self._table)), self._table, *rest]


def nested_tables() -> bytes:
    """A table in a table, ten thousand deep."""
    table = b""
    for _ in range(NESTED):
        table = b"\x01aF" + struct.pack(">I", len(table)) + table
    return table


def far_future() -> bytes:
    """A timestamp that no calendar has."""
    return b"\x01tT" + struct.pack(">Q", 2**62)


@contextmanager
def channel_of(bus: Bus, account: str) -> Iterator[BlockingChannel]:
    """A connection of one account."""
    connection = pika.BlockingConnection(pika.URLParameters(bus.url(account)))
    yield connection.channel()
    connection.close()


@pytest.mark.parametrize("table", [nested_tables(), far_future()], ids=["nested", "time"])
@pytest.mark.parametrize("queue", ["hub.receipts", "hub.release"])
def test_hostile_headers_do_not_hold_up_other_accounts(bus: Bus, queue: str, table: bytes) -> None:
    """While one account sends them, another's messages arrive at once, each once.

    The broker itself takes its time over nested tables, on the connection of their sender.
    """
    with (
        Consumer(bus.url("hub"), "reader", queue) as consumer,
        channel_of(bus, "school") as hostile,
        channel_of(bus, "clinic") as honest,
    ):
        consumer.wait_ready(SECONDS)
        seen: list[bytes] = []
        for _ in range(6):
            hostile.basic_publish(queue, queue, b"hostile", HostileProperties(table, "school"))
        for number in range(10):
            body = b"honest %d" % number
            properties = pika.BasicProperties(user_id="clinic", message_id=f"m{number}")
            honest.basic_publish(queue, queue, body, properties)
            seen += until(consumer, body)
        assert b"hostile" in seen or b"hostile" in until(consumer, b"hostile")


def until(consumer: Consumer, body: bytes) -> list[bytes]:
    """Read until this body comes; a repeat of any message would mean a lost connection."""
    deadline = time.monotonic() + SECONDS
    seen: list[bytes] = []
    while body not in seen:
        assert time.monotonic() < deadline, "it did not arrive in time"
        batch = consumer.next_batch(1, 0.5)
        assert not any(arrival.redelivered for arrival in batch)
        for arrival in batch:
            consumer.ack_through(arrival)
        seen += [arrival.body for arrival in batch]
    return seen
