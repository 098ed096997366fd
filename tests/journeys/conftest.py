"""A hub for each test of a journey."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hub.bus.topology import agency_queue
from tests.conftest import MakeBus
from tests.events import appointed, recorded, registered
from tests.live_hub import ON_THE_BUS, LiveHub, build
from tests.releases import ANNA


@pytest.fixture
def make_live(tmp_path: Path, make_bus: MakeBus) -> Callable[..., LiveHub]:
    """A maker of hubs; see ``tests.live_hub.build`` for what may be chosen."""

    def make(**choices: object) -> LiveHub:
        return build(tmp_path / "hub", make_bus(ON_THE_BUS), **choices)

    return make


@pytest.fixture
def live(make_live: Callable[..., LiveHub]) -> LiveHub:
    """A hub like any other."""
    return make_live()


@pytest.fixture
def delivery(live: LiveHub) -> str:
    """One delivery to the school that rests on consent, taken out of its queue."""
    with live.working():
        live.send("school", registered(ANNA), recorded(ANNA, "consent-1"))
        live.ring()
        live.send("clinic", appointed(ANNA))
        live.ring()
    ((_, properties, _),) = live.take(agency_queue("school"), "school")
    return str(properties.message_id)
