"""Which broker the tests talk to, and a fresh virtual host on it for each test.

Without ``HUB_AMQP_URL`` a private node is started, one for each test process, and every test gets a
virtual host of its own (about a tenth of a second). With it, that broker is used: first import what
``python -m tests.brokers VHOST`` prints into it, then set the variable to
``amqp://hub:test-only@HOST:PORT/VHOST`` and run the tests in one process (``-n 0``). All queues are
emptied before each test, and tests that need a bus of another shape are skipped.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pika
import pytest

from hub.bus.private_node import BrokerInstall, LocalBroker, find_installed
from hub.bus.topology import AgencyAccount, BrokerAccount, Definitions, definitions, names

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

AGENCIES = ("school", "clinic", "care")
PASSWORD = "test-only"  # of accounts that exist on loopback during a test
_SALT = b"test"
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Bus:
    """A virtual host with the hub's topology, and the URL of each account on it."""

    host: str
    port: int
    vhost: str
    agencies: tuple[str, ...] = AGENCIES

    def url(
        self, account: str = "hub", *, port: int | None = None, password: str = PASSWORD
    ) -> str:
        """The URL of an account; ``port`` puts a proxy in between."""
        return f"amqp://{account}:{password}@{self.host}:{port or self.port}/{self.vhost}"


def topology(
    vhost: str,
    agencies: Sequence[str] = AGENCIES,
    *,
    partitions: int = 1,
    max_length: int = 1_000_000,
    delivery_limit: int = 20,
) -> Definitions:
    """The bus for these agencies; every account has the same password."""
    accounts = [AgencyAccount.with_password(name, PASSWORD, _SALT) for name in agencies]
    hub = BrokerAccount.with_password("hub", PASSWORD, _SALT)
    return definitions(
        vhost,
        accounts,
        hub,
        partitions=partitions,
        max_length=max_length,
        delivery_limit=delivery_limit,
    )


def private_broker(folder: Path) -> LocalBroker:
    """A private node; without RabbitMQ the test is skipped locally and fails in CI."""
    return LocalBroker(folder, topology("spare", ()), need_rabbitmq())


def need_rabbitmq() -> BrokerInstall:
    """RabbitMQ's programs; without them the test is skipped locally and fails in CI."""
    install = find_installed()
    if install is None:
        message = "RabbitMQ is not installed: python -m hub.bus.private_node --ensure"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return install


def fresh_bus(
    broker: LocalBroker, agencies: Sequence[str] = AGENCIES, **shape: int
) -> tuple[Bus, Callable[[], None]]:
    """A new virtual host, and what to call to be rid of it."""
    vhost = f"test-{next(_numbers)}"
    broker.add_definitions(topology(vhost, agencies, **shape))
    return Bus("127.0.0.1", broker.port, vhost, tuple(agencies)), lambda: broker.drop_vhost(vhost)


def emptied_bus(url: str) -> Bus:
    """The bus of ``HUB_AMQP_URL``, with every queue emptied."""
    parts = urlsplit(url)
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    for queue in names(AGENCIES).queues:
        channel.queue_purge(queue)
    connection.close()
    return Bus(parts.hostname or "", parts.port or 5672, unquote(parts.path[1:]))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(topology(sys.argv[1]), indent=2) + "\n")
