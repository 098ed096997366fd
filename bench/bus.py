"""How much the bus carries: batches with asynchronous confirms against one confirm at a time.

``python bench/bus.py [messages]`` starts a private broker, runs both ways side by side on quorum
queues and prints rates and their ratio. Absolute numbers belong to the machine they were taken on.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import pika

from hub.bus import BusMessage, Consumer, Publisher
from hub.bus.private_node import LocalBroker
from hub.bus.topology import AgencyAccount, BrokerAccount, definitions

BODY = b"x" * 1500
BATCH = 200


def main(count: int) -> None:
    """Run the comparison and print it."""
    hub = BrokerAccount.with_password("hub", "bench", b"salt")
    agency = AgencyAccount.with_password("school", "bench", b"salt")
    bus = definitions("hub", [agency], hub)
    with tempfile.TemporaryDirectory() as folder, LocalBroker(Path(folder), bus) as broker:
        url = broker.amqp_url("hub", "bench", "hub")
        sys.stdout.write(f"RabbitMQ {broker.version}, {count} messages of {len(BODY)} bytes\n")
        ours, theirs, read = 0.0, 0.0, 0.0
        for round_number in range(3):
            theirs = max(theirs, _confirm_each(url, count // 20))
            ours = max(ours, _confirm_batches(url, count))
            rate = _consume(url, count + count // 20)
            read = max(read, rate)
            sys.stdout.write(f"round {round_number + 1}: consumed {rate:,.0f}/s\n")
        sys.stdout.write(f"publish, one confirm at a time: {theirs:,.0f}/s\n")
        sys.stdout.write(f"publish, batches of {BATCH}:       {ours:,.0f}/s\n")
        sys.stdout.write(f"consume, multiple ack:          {read:,.0f}/s\n")
        sys.stdout.write(f"ratio of publishing: {ours / theirs:.1f}\n")


def _confirm_each(url: str, count: int) -> float:
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    channel.confirm_delivery()
    properties = pika.BasicProperties(delivery_mode=2, message_id="m")
    began = time.perf_counter()
    for _ in range(count):
        channel.basic_publish("hub.outbound", "school", BODY, properties, mandatory=True)
    rate = count / (time.perf_counter() - began)
    connection.close()
    return rate


def _confirm_batches(url: str, count: int) -> float:
    messages = [BusMessage("hub.outbound", "school", BODY, f"m{n}") for n in range(BATCH)]
    with Publisher(url, "bench publisher") as publisher:
        publisher.wait_ready(10)
        began = time.perf_counter()
        for _ in range(count // BATCH):
            assert all(outcome.confirmed for outcome in publisher.publish(messages, 30))
        return count / (time.perf_counter() - began)


def _consume(url: str, count: int) -> float:
    with Consumer(url, "bench consumer", "agency.school") as consumer:
        consumer.wait_ready(10)
        began, seen = time.perf_counter(), 0
        while seen < count:
            batch = consumer.next_batch(BATCH, 5.0)
            assert batch, f"only {seen} of {count} arrived"
            seen += len(batch)
            consumer.ack_through(batch[-1])
        return count / (time.perf_counter() - began)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
