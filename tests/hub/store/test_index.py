"""The whole index over both stores: it grows with the ledger, and comes back out of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, inspect, select, text

from hub.evidence.disclosure_search import reindex
from hub.foundation import clock
from hub.intake.hub import Hub
from hub.journey.entries.access import DataAccessedEntry
from hub.journey.entries.decisions import DecisionEntry
from hub.journey.entries.directives import DirectiveRecordedEntry
from hub.journey.pipeline import Letter
from hub.store.engine import migrate, reading, writing
from hub.store.index import Indexed
from hub.store.tables import INDEX
from tests.entry_samples import sample
from tests.happenings import Child, absent, appointed, case_opened, registered, said, with_override


def fill(hub: Hub) -> None:
    """Have the hub do a bit of everything, in several transactions."""
    for number in range(1, 4):
        child = Child(number)
        events = [registered(child), said(child, f"D{number}"), absent(child)]
        hub.take([Letter(event.to_json(), event.source, clock.now()) for event in events])
    more = [appointed(Child(1)), with_override(case_opened(Child(2)))]
    hub.take([Letter(event.to_json(), event.source, clock.now()) for event in more])
    hub.take([Letter(b"no event", "clinic", clock.now())])
    with hub.writing() as (_, lines):
        lines.append(sample(DataAccessedEntry))


def held(engine: Engine) -> dict[str, list[Any]]:
    """All the index holds, table by table."""
    with reading(engine) as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in INDEX
        }


def test_the_index_made_anew_is_the_index_that_grew(hub: Hub) -> None:
    """Row by row, in every table."""
    fill(hub)
    before = held(hub.engine)
    assert all(before.values())
    done = reindex(hub)
    assert held(hub.engine) == before
    counted = sum(row[-1] for row in before["flows"])
    assert done == Indexed(done.decisions, len(before["findings"]), counted, len(before["looks"]))


def test_what_was_lost_or_forged_comes_back(hub: Hub) -> None:
    """The ledger knows better."""
    fill(hub)
    before = held(hub.engine)
    with writing(hub.engine) as connection:
        for statement in (
            "DELETE FROM findings WHERE position % 2 = 0",
            "UPDATE patterns SET recipient = 'x'",
            "UPDATE flows SET count = 7",
            "DELETE FROM looks",
        ):
            connection.execute(text(statement))
    assert held(hub.engine) != before
    reindex(hub)
    assert held(hub.engine) == before


def test_an_entry_that_cannot_be_read_is_left_out(hub: Hub) -> None:
    """The others are indexed all the same; 'hub audit verify' names it."""
    fill(hub)
    before = reindex(hub)
    with writing(hub.engine) as connection:
        size = connection.scalar(text("SELECT count(*) FROM ledger"))
        connection.execute(
            text(
                "INSERT INTO ledger (position, kind, at, entry) SELECT :n, kind, at, :entry "
                "FROM ledger WHERE position = 0"
            ),
            {"n": size, "entry": b"{}"},
        )
    assert reindex(hub) == before


# The index as it stood in a store of version 0003.
_BEFORE = (
    "DROP INDEX ledger_kind",
    *(f"DROP TABLE {table.name}" for table in INDEX),
    """CREATE TABLE findings (position BIGINT NOT NULL, n INTEGER NOT NULL, at VARCHAR(32) NOT NULL,
    child VARCHAR(40), source VARCHAR(42) NOT NULL, PRIMARY KEY (position, n))""",
    "CREATE INDEX findings_child ON findings (child, position)",
    "INSERT INTO findings VALUES (1, 0, 'then', 'child-1', 'school')",
)


def test_a_store_of_before_gets_its_index(hub: Hub) -> None:
    """Bringing it up to date drops the old one and fills the new one from the ledger."""
    fill(hub)
    before = held(hub.engine)
    for version in ("0001", "0003"):
        with writing(hub.engine) as connection:
            for statement in _BEFORE:
                connection.execute(text(statement))
            connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
        migrate(hub.engine)
        assert held(hub.engine) == before
        names = {index["name"] for index in inspect(hub.engine).get_indexes("ledger")}
        assert "ledger_kind" in names


def test_entries_of_some_kinds_are_read_in_the_order_of_the_ledger(hub: Hub) -> None:
    """The same as all of them, without the others."""
    fill(hub)
    kinds = [DecisionEntry, DataAccessedEntry, DirectiveRecordedEntry]
    with hub.reading() as work:
        size = work.ledger.size()
        wanted = [row for row in work.ledger.rows() if row.kind in {one.kind for one in kinds}]
        assert list(work.ledger.of_kinds(kinds, size)) == wanted
        assert list(work.ledger.of_kinds(kinds, wanted[3].position)) == wanted[:3]
