"""Looking at the real broker without changing it."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from hub.bus import (
    BrokerRefused,
    BrokerUnreachable,
    BusMessage,
    Publisher,
    check,
    inspect,
    queue_depth,
)
from hub.bus.topology import TopologyNames, names
from tests.brokers import AGENCIES

if TYPE_CHECKING:
    from tests.brokers import Bus


def test_the_broker_says_what_it_is(bus: Bus) -> None:
    """For the operator, and for choosing what to expect of it."""
    facts = inspect(bus.url("school"))
    assert facts.product == "RabbitMQ"
    assert int(facts.version.split(".")[0]) >= 3
    assert facts.account == "school"


def test_a_complete_bus_misses_nothing(bus: Bus) -> None:
    """Everything the topology names is there."""
    assert check(bus.url(), names(AGENCIES)) == TopologyNames((), ())


def test_what_is_missing_is_named(bus: Bus) -> None:
    """Also when several things are, one after another."""
    expected = TopologyNames(
        ("hub.nowhere", "hub.inbound", "hub.gone"), ("agency.x", "agency.school", "agency.y")
    )
    assert check(bus.url(), expected) == TopologyNames(
        ("hub.nowhere", "hub.gone"), ("agency.x", "agency.y")
    )


def test_queue_lengths_are_counted(bus: Bus) -> None:
    """None for a queue that is not there."""
    with Publisher(bus.url(), "test") as publisher:
        publisher.publish(
            [BusMessage("hub.outbound", "school", b"", f"m{n}") for n in range(3)], 20
        )
    found = queue_depth(bus.url(), ["agency.school", "agency.absent", "agency.clinic"])
    assert found == {"agency.school": 3, "agency.absent": None, "agency.clinic": 0}


def test_a_wrong_password_and_an_unreachable_broker_differ(bus: Bus) -> None:
    """Different people correct them; neither text holds the password."""
    with pytest.raises(BrokerRefused) as refused:
        inspect(bus.url(password="not-it"))
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
    with pytest.raises(BrokerUnreachable) as unreachable:
        inspect(bus.url(port=port, password="not-it"), timeout=0.5)
    assert "not-it" not in str(refused.value) + str(unreachable.value)
