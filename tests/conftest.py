"""The real broker, for every test that asks for it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.brokers import AGENCIES, Bus, emptied_bus, fresh_bus, private_broker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hub.bus.private_node import LocalBroker


class MakeBus(Protocol):
    """Make a fresh bus, of a shape of the test's choosing."""

    def __call__(self, agencies: Sequence[str] = AGENCIES, **shape: int) -> Bus:
        """Make it."""


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBroker | None]:
    """One private node for each test process; None when HUB_AMQP_URL names a broker."""
    if os.environ.get("HUB_AMQP_URL"):
        yield None
        return
    with private_broker(tmp_path_factory.mktemp("broker")) as node:
        yield node


@pytest.fixture
def make_bus(broker: LocalBroker | None) -> Iterator[MakeBus]:
    """A maker of buses on virtual hosts of this test alone."""
    drops: list[Callable[[], None]] = []

    def make(agencies: Sequence[str] = AGENCIES, **shape: int) -> Bus:
        if broker is None:
            if tuple(agencies) != AGENCIES or shape:
                pytest.skip("the broker of HUB_AMQP_URL has a fixed bus")
            return emptied_bus(os.environ["HUB_AMQP_URL"])
        bus, drop = fresh_bus(broker, agencies, **shape)
        drops.append(drop)
        return bus

    yield make
    for drop in drops:
        drop()


@pytest.fixture
def bus(make_bus: MakeBus) -> Bus:
    """A fresh bus with the agencies school, clinic and care."""
    return make_bus()


@pytest.fixture
def bus_url(bus: Bus) -> str:
    """The hub's own URL on a fresh bus."""
    return bus.url()
