"""The access log over both stores: newest first, by person, child and time."""

from __future__ import annotations

import datetime as dt

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, insert

from hub.journey.access_log import Access, AccessQuery
from hub.store.access_log import AccessLog
from hub.store.tables import ledger
from schemas.times import stamp

START = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
SIZE = 40


def when(position: int) -> dt.datetime:
    """The moment of an entry."""
    return START + dt.timedelta(hours=position // 3)


def look(position: int, by: str, child: str | None) -> Access:
    """A look."""
    return Access(position, stamp(when(position)), by, "decisions", child, "CASE-9")


people, children = st.sampled_from(("anna", "bob")), st.sampled_from(("c1", "c2", "c3"))
looks_made = st.lists(
    st.builds(look, st.integers(0, SIZE - 1), people, st.none() | children),
    unique_by=lambda one: one.position,
)
asked = st.builds(
    AccessQuery,
    by=people | st.just(""),
    children=st.sets(children, max_size=2).map(tuple),
    begins=st.none() | st.integers(0, SIZE).map(when),
    until=st.none() | st.integers(0, SIZE).map(when),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(looks_made, asked, st.integers(1, 4))
def test_any_part_of_it_is_read_newest_first_page_by_page(
    engine: Engine, made: list[Access], query: AccessQuery, limit: int
) -> None:
    """The same as a plain filter would give, every look once."""
    meant = [
        one
        for one in sorted(made, key=lambda one: -one.position)
        if query.by in {"", one.by}
        and (not query.children or one.child in query.children)
        and (query.begins is None or when(one.position) >= query.begins)
        and (query.until is None or when(one.position) < query.until)
    ]
    found: list[Access] = []
    with engine.connect() as connection:
        entries = [
            {"position": n, "kind": "look", "at": stamp(when(n)), "entry": b""} for n in range(SIZE)
        ]
        connection.execute(insert(ledger), entries)
        log = AccessLog(connection)
        log.add(made)
        page = log.page(query, limit)
        found += page.rows
        while page.before is not None:
            assert len(page.rows) == limit
            page = log.page(query, limit, page.before)
            found += page.rows
        connection.rollback()
    assert found == meant
