"""The whole index over both stores: it grows with the ledger, and comes back out of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, inspect, select, text

from hub.evidence.disclosure_search import reindex
from hub.foundation import clock
from hub.intake.hub import Office
from hub.journey import entries
from hub.journey.pipeline import Letter
from hub.ledger.entry import EntryKind
from hub.store.engine import migrate, reading, writing
from hub.store.index import Indexed
from hub.store.tables import INDEX
from tests.happenings import Child, absent, appointed, case_opened, registered, said, with_override


def work(office: Office) -> None:
    """Have the hub do a bit of everything, in several transactions."""
    for number in range(1, 4):
        child = Child(number)
        events = [registered(child), said(child, f"D{number}"), absent(child)]
        office.take([Letter(event.to_json(), event.source, clock.now()) for event in events])
    more = [appointed(Child(1)), with_override(case_opened(Child(2)))]
    office.take([Letter(event.to_json(), event.source, clock.now()) for event in more])
    office.take([Letter(b"no event", "clinic", clock.now())])
    with office.writing() as (books, lines):
        lines.append(entries.looked("jmalik", "decisions", "child-1", "CASE-9", books.now))


def held(engine: Engine) -> dict[str, list[Any]]:
    """All the index holds, table by table."""
    with reading(engine) as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in INDEX
        }


def test_the_index_made_anew_is_the_index_that_grew(office: Office) -> None:
    """Row by row, in every table."""
    work(office)
    before = held(office.engine)
    assert all(before.values())
    done = reindex(office)
    assert held(office.engine) == before
    counted = sum(row[-1] for row in before["flows"])
    assert done == Indexed(done.decisions, len(before["findings"]), counted, len(before["looks"]))


def test_what_was_lost_or_forged_comes_back(office: Office) -> None:
    """The ledger knows better."""
    work(office)
    before = held(office.engine)
    with writing(office.engine) as connection:
        for statement in (
            "DELETE FROM findings WHERE position % 2 = 0",
            "UPDATE patterns SET recipient = 'x'",
            "UPDATE flows SET count = 7",
            "DELETE FROM looks",
        ):
            connection.execute(text(statement))
    assert held(office.engine) != before
    reindex(office)
    assert held(office.engine) == before


def test_an_entry_that_cannot_be_read_is_left_out(office: Office) -> None:
    """The others are indexed all the same; 'hub audit verify' names it."""
    work(office)
    before = reindex(office)
    with writing(office.engine) as connection:
        size = connection.scalar(text("SELECT count(*) FROM ledger"))
        connection.execute(
            text(
                "INSERT INTO ledger (position, kind, at, entry) SELECT :n, kind, at, :entry "
                "FROM ledger WHERE position = 0"
            ),
            {"n": size, "entry": b"{}"},
        )
    assert reindex(office) == before


# The index as it stood in a store of version 0003.
_BEFORE = (
    "DROP INDEX ledger_kind",
    *(f"DROP TABLE {table.name}" for table in INDEX),
    """CREATE TABLE findings (position BIGINT NOT NULL, n INTEGER NOT NULL, at VARCHAR(32) NOT NULL,
    child VARCHAR(40), source VARCHAR(42) NOT NULL, PRIMARY KEY (position, n))""",
    "CREATE INDEX findings_child ON findings (child, position)",
    "INSERT INTO findings VALUES (1, 0, 'then', 'child-1', 'school')",
)


def test_a_store_of_before_gets_its_index(office: Office) -> None:
    """Bringing it up to date drops the old one and fills the new one from the ledger."""
    work(office)
    before = held(office.engine)
    for version in ("0001", "0003"):
        with writing(office.engine) as connection:
            for statement in _BEFORE:
                connection.execute(text(statement))
            connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
        migrate(office.engine)
        assert held(office.engine) == before
        names = {index["name"] for index in inspect(office.engine).get_indexes("ledger")}
        assert "ledger_kind" in names


def test_entries_of_some_kinds_are_read_in_the_order_of_the_ledger(office: Office) -> None:
    """The same as all of them, without the others."""
    work(office)
    kinds = [EntryKind.DECISION, EntryKind.LOOK, EntryKind.DIRECTIVE]
    with office.reading() as books:
        size = books.ledger.size()
        wanted = [row for row in books.ledger.rows() if row.kind in kinds]
        assert list(books.ledger.of_kinds(kinds, size)) == wanted
        assert list(books.ledger.of_kinds(kinds, wanted[3].position)) == wanted[:3]
