"""Every test of the store runs over SQLite and over a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hub.intake.hub import Hub
from hub.journey.entries.directives import AgreementPublishedEntry
from hub.keys.master_keys import MasterKeys
from hub.ledger.keys import SignerKey
from hub.store.engine import migrate, open_store
from schemas.agencies import Agency, Directory
from tests.configuration import agencies, agreement
from tests.postgres import Postgres, private_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One database server for all tests of a process."""
    with private_postgres() as server:
        yield server


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("postgresql"))]
)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A store without tables."""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.new_database()
    else:
        url = f"sqlite:///{tmp_path / 'hub.sqlite'}"
    engine = open_store(url)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(empty: Engine) -> Engine:
    """A store ready for use."""
    migrate(empty)
    return empty


@pytest.fixture
def hub(engine: Engine) -> Hub:
    """A hub over the store, with the tests' agencies and agreement."""
    made = Hub(
        engine=engine,
        master=MasterKeys([bytes(range(32))]),
        signer=SignerKey("hub.test.example", bytes(range(32))),
        directory=Directory(Agency(name=n, **fields) for n, fields in agencies().items()),
    )
    with made.writing() as (work, lines):
        work.agreements.publish(agreement(), work.now)
        lines.append(AgreementPublishedEntry.of(agreement(), by="test"))
    return made
