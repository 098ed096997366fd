"""Every store that was ever kept as a fixture is upgraded, verified and replayed by the commands.

The stores are in tests/fixtures, made by ``python -m tools.make_fixture_store``. They are never
made again: a later change must still read them.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hub.cli import main
from hub.foundation.settings import load_settings
from hub.journey.entries import MODELS
from hub.runtime.bootstrap import open_hub

FIXTURES = Path(__file__).parents[2] / "fixtures"
STORES = sorted(path.name for path in FIXTURES.glob("store-*"))


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    """A stored hub in a folder of its own, and the figures that are expected of it."""
    kept = FIXTURES / request.param
    state = tmp_path / "state"
    state.mkdir()
    keys = json.loads((kept / "keys.json").read_text())
    (tmp_path / "hub.toml").write_bytes((kept / "hub.toml").read_bytes())
    for name, file in (
        ("master", "master.key"), ("ledger", "ledger.key"), ("checkpoint", "newest.checkpoint"),
    ):  # fmt: skip
        (state / file).write_bytes(bytes.fromhex(keys[name]))
        (state / file).chmod(0o600)
    with closing(sqlite3.connect(state / "hub.sqlite")) as database:
        database.executescript(gzip.decompress((kept / "store.sql.gz").read_bytes()).decode())
    return tmp_path / "hub.toml", json.loads((kept / "expected.json").read_text())


def run(config: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:  # noqa: ANN401
    """What a command answers as JSON; it must end well."""
    capsys.readouterr()
    code = main(["--config", str(config), *arguments, "--json"])
    answer = capsys.readouterr()
    assert code == 0, answer.err
    return json.loads(answer.out)


def test_there_is_a_stored_store() -> None:
    """The tests below are of every one."""
    assert "store-0001" in STORES


def test_a_stored_store_is_upgraded_verified_and_replayed(
    store: tuple[Path, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    """By the real commands, with the figures of the day it was made."""
    config, expected = store
    run(config, capsys, "init")
    audit = run(config, capsys, "audit", "verify")
    figures = ("entries", "verified", "checkpoints", "root")
    assert {name: audit[name] for name in figures} == {name: expected[name] for name in figures}
    replayed = run(config, capsys, "audit", "replay", "--all")
    assert replayed["verified"] is expected["agrees"] is True
    assert replayed["replayed"] == expected["replayed"]
    assert replayed["disagreements"] == []


def test_every_entry_of_a_stored_store_is_read_by_its_model(
    store: tuple[Path, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    """Body by body; and what is sealed in the store still opens."""
    config, expected = store
    run(config, capsys, "init")
    hub = open_hub(load_settings(config))
    with hub.reading() as work:
        rows = list(work.ledger.rows())
        bodies = [row.read() for row in rows]
        assert [body.subject() for body in bodies] == [row.subject for row in rows]
        assert Counter(body.kind for body in bodies) == expected["kinds"]
        events = {row.subject.event for row in rows if row.subject.event}
        stored = [kept for ref in events if (kept := work.inbox.find(ref)) and kept.body]
        assert len(stored) == expected["stored_events"] > 0
        assert work.inbox.counts() == expected["inbox"]
        assert work.deliveries.counts() == expected["deliveries"]
    hub.engine.dispose()


def test_the_index_of_a_stored_store_is_rebuilt_as_it_was(
    store: tuple[Path, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    """What the ledger says of disclosures, counts and accesses has not changed."""
    config, _ = store
    run(config, capsys, "init")
    database = config.parent / "state" / "hub.sqlite"
    tables = ("disclosure_rows", "facet_patterns", "daily_counts", "access_log")

    def held() -> dict[str, list[Any]]:
        with closing(sqlite3.connect(database)) as opened:
            return {
                name: sorted(opened.execute(f"SELECT * FROM {name}"), key=repr)  # noqa: S608
                for name in tables
            }

    before = held()
    assert all(before.values())
    run(config, capsys, "audit", "reindex")
    assert held() == before


def test_the_first_stored_store_has_every_kind_of_its_time() -> None:
    """A kind that is added later is added to a later fixture."""
    expected = json.loads((FIXTURES / "store-0001" / "expected.json").read_text())
    assert expected["kinds"].keys() <= MODELS.keys()
    assert len(expected["kinds"]) == 30
