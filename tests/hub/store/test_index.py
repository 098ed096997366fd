"""The whole index over both stores: it grows with the ledger, and comes back out of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, select, text

from hub.evidence.disclosure_search import reindex
from hub.foundation import clock
from hub.intake.hub import Hub
from hub.journey.entries.access import DataAccessedEntry
from hub.journey.entries.decisions import DecisionEntry
from hub.journey.entries.directives import DirectiveRecordedEntry
from hub.journey.pipeline import Letter
from hub.store.engine import reading, writing
from hub.store.index import Indexed
from hub.store.tables import INDEX
from tests.entry_samples import sample
from tests.events import Child, absent, appointed, case_opened, recorded, registered, with_override


def fill(hub: Hub) -> None:
    """Have the hub do a bit of everything, in several transactions."""
    for number in range(1, 4):
        child = Child(number)
        events = [registered(child), recorded(child, f"D{number}"), absent(child)]
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
    counted = sum(row[-1] for row in before["daily_counts"])
    assert done == Indexed(
        done.decisions, len(before["disclosure_rows"]), counted, len(before["access_log"])
    )


def test_what_was_lost_or_forged_comes_back(hub: Hub) -> None:
    """The ledger knows better."""
    fill(hub)
    before = held(hub.engine)
    with writing(hub.engine) as connection:
        for statement in (
            "DELETE FROM disclosure_rows WHERE position % 2 = 0",
            "UPDATE facet_patterns SET recipient = 'x'",
            "UPDATE daily_counts SET count = 7",
            "DELETE FROM access_log",
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


def test_entries_of_some_kinds_are_read_in_the_order_of_the_ledger(hub: Hub) -> None:
    """The same as all of them, without the others."""
    fill(hub)
    kinds = [DecisionEntry, DataAccessedEntry, DirectiveRecordedEntry]
    with hub.reading() as work:
        size = work.ledger.size()
        wanted = [row for row in work.ledger.rows() if row.kind in {one.kind for one in kinds}]
        assert list(work.ledger.of_kinds(kinds, size)) == wanted
        assert list(work.ledger.of_kinds(kinds, wanted[3].position)) == wanted[:3]
