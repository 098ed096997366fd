"""A hub for each test of a journey."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import MakeBus
from tests.house import ON_THE_BUS, House, build


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
