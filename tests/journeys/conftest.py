"""A hub for each test of a journey."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hub.bus.topology import agency_queue
from tests.conftest import MakeBus
from tests.happenings import appointed, registered, said
from tests.house import ON_THE_BUS, House, build
from tests.releases import ANNA


@pytest.fixture
def make_house(tmp_path: Path, make_bus: MakeBus) -> Callable[..., House]:
    """A maker of hubs; see ``tests.house.build`` for what may be chosen."""

    def make(**choices: object) -> House:
        return build(tmp_path / "hub", make_bus(ON_THE_BUS), **choices)

    return make


@pytest.fixture
def house(make_house: Callable[..., House]) -> House:
    """A hub like any other."""
    return make_house()


@pytest.fixture
def delivery(house: House) -> str:
    """One delivery to the school that rests on consent, taken out of its queue."""
    with house.working():
        house.send("school", registered(ANNA), said(ANNA, "consent-1"))
        house.ring()
        house.send("clinic", appointed(ANNA))
        house.ring()
    ((_, properties, _),) = house.take(agency_queue("school"), "school")
    return str(properties.message_id)
