"""The index of decisions and disclosures over both stores: any question, in any order, by page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, insert, select, text

from hub.evidence.disclosure_search import search
from hub.evidence.replay import ReplaySelection, replay
from hub.foundation import clock
from hub.intake.hub import Hub
from hub.journey.disclosure_index import IndexRow, facets_of, pattern_of
from hub.journey.index_query import Place, Query
from hub.journey.pipeline import Letter
from hub.store.disclosure_index import DisclosureIndex
from hub.store.engine import reading
from hub.store.facet_patterns import conditions
from hub.store.tables import facet_patterns, ledger
from schemas import times
from tests.events import Child, absent, registered

START = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
SIZE = 400


def fill(hub: Hub) -> None:
    """Have the hub decide about some children."""
    children = [Child(number) for number in range(1, 6)]
    events = [event for child in children for event in (registered(child), absent(child))]
    hub.take([Letter(event.to_json(), "school", clock.now()) for event in events])


def when(position: int) -> dt.datetime:
    """The moment of an entry: several entries have the same."""
    return START + dt.timedelta(hours=position // 7)


# A world of few words, so that questions meet answers; most of its entries are no decisions.
AGENCIES, CHILDREN = ("school", "clinic", "care"), ("child-1", "child-2", "child-3")
DIRECTIVES, BASES = ("d-1", "d-2"), ("6(1)(e)", "6(1)(c)")
WORDS: dict[str, tuple[str, ...]] = {
    "kind": ("decision", "disclosure"),
    "source": AGENCIES,
    "recipient": AGENCIES,
    "type": ("education.exclusion.v1", "health.discharge.v1"),
    "category": ("health", "sen", ""),
    "sharing": ("content", "existence", "withheld"),
    "reason": ("no-consent", "consent-given"),
}
MAYBE = {"purpose": ("safeguarding",), "rule": ("a@1/r", "a@2/r"), "basis": BASES}


@st.composite
def rows(draw: st.DrawFn, position: int) -> list[IndexRow]:
    """What one entry found."""
    one = {name: st.sampled_from(words) for name, words in WORDS.items()}
    one |= {name: st.sampled_from((None, *words)) for name, words in MAYBE.items()}
    one["directive"] = st.sampled_from((None, *DIRECTIVES))
    child, count = draw(st.sampled_from(CHILDREN)), draw(st.integers(1, 3))
    kind = draw(one.pop("kind"))
    return [
        IndexRow(
            position=position,
            n=n,
            at=times.stamp(when(position)),
            kind=kind,
            child=child,
            event=f"event-{position}",
            **draw(st.fixed_dictionaries(one)),
        )
        for n in range(count)
    ]


@st.composite
def worlds(draw: st.DrawFn) -> list[IndexRow]:
    """What the entries of a small ledger found, most of them nothing."""
    places = draw(st.sets(st.integers(0, SIZE - 1), max_size=25))
    return [row for position in sorted(places) for row in draw(rows(position))]


@st.composite
def queries(draw: st.DrawFn) -> Query:
    """A question that combines a few conditions, now and then with something nobody has."""
    values: dict[str, st.SearchStrategy[object]] = {
        "agency": st.sampled_from((*AGENCIES, "nobody")),
        "permitted": st.booleans(),
        "children": st.sets(st.sampled_from((*CHILDREN, "x")), min_size=1, max_size=2).map(tuple),
        "directive": st.sampled_from((*DIRECTIVES, "d-x")),
        "begins": st.integers(-5, SIZE + 5).map(when),
        "until": st.integers(-5, SIZE + 5).map(when),
    }
    for name in ("kind", "type", "category", "reason"):
        values[name] = st.sampled_from((*WORDS[name], "x"))
    values |= {name: st.sampled_from((*words, "x")) for name, words in MAYBE.items()}
    named = draw(st.sets(st.sampled_from(sorted(values)), max_size=4))
    return replace(Query(), **{name: draw(values[name]) for name in sorted(named)})


def fits(row: IndexRow, query: Query) -> bool:
    """Whether a row is meant: the same as the search says, in the plainest way."""
    same = ("kind", "type", "category", "reason", "purpose", "rule", "basis", "directive")
    return (
        all(getattr(query, name) in {"", getattr(row, name)} for name in same)
        and (not query.children or row.child in query.children)
        and query.agency in {"", row.source, row.recipient}
        and query.permitted in {None, row.sharing != "withheld"}
        and (query.begins is None or when(row.position) >= query.begins)
        and (query.until is None or when(row.position) < query.until)
    )


@contextmanager
def undone(engine: Engine, world: Sequence[IndexRow]) -> Iterator[Connection]:
    """A store with such an index, which is gone afterwards."""
    with engine.connect() as connection:
        entries = [
            {"position": n, "kind": "decision", "at": times.stamp(when(n)), "entry": b""}
            for n in range(SIZE)
        ]
        connection.execute(insert(ledger), entries)
        DisclosureIndex(connection).add(world)
        yield connection
        connection.rollback()


def paged(
    index: DisclosureIndex, query: Query, limit: int, *, newest: bool
) -> Iterator[list[IndexRow]]:
    """Every page of an answer."""
    place: Place | None = Place(newest_first=newest)
    while place is not None:
        page = index.search(query, limit, place)
        yield list(page.rows)
        place = page.more


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(worlds(), st.lists(queries(), min_size=1, max_size=6), st.integers(1, 4), st.booleans())
def test_any_question_is_answered_as_a_plain_filter_would(
    engine: Engine, world: list[IndexRow], asked: list[Query], limit: int, newest: bool
) -> None:
    """Every combination, in both orders, page by page; no page splits an entry."""
    with undone(engine, world) as connection:
        for query in asked:
            meant = [row for row in world if fits(row, query)]
            sign = -1 if newest else 1
            meant.sort(key=lambda row: (sign * row.position, row.n))
            places = list(dict.fromkeys(row.position for row in meant))
            pages = list(paged(DisclosureIndex(connection), query, limit, newest=newest))
            assert [row for page in pages for row in page] == meant
            found = [list(dict.fromkeys(row.position for row in page)) for page in pages]
            wanted = [places[n : n + limit] for n in range(0, len(places), limit)]
            assert found == (wanted or [[]])


def test_pages_never_split_a_decision(hub: Hub) -> None:
    """Page by page every row comes once, and a decision's rows stay together."""
    fill(hub)
    found, place = [], Place()
    while place is not None:
        page = search(hub, Query(agency="care"), 1, place)
        assert len({row.position for row in page.rows}) == 1
        found += page.rows
        place = page.more
    assert tuple(found) == search(hub, Query(agency="care"), 1000).rows


def test_the_newest_come_first_where_that_is_wanted(hub: Hub) -> None:
    """The same rows, entry by entry from the other end."""
    fill(hub)
    oldest = search(hub, Query(), 1000).rows
    newest = search(hub, Query(), 1000, Place(newest_first=True)).rows
    assert newest == tuple(sorted(oldest, key=lambda row: (-row.position, row.n)))


def test_a_pattern_stands_once(hub: Hub) -> None:
    """However many rows have it."""
    fill(hub)
    found = search(hub, Query(), 1000).rows
    with reading(hub.engine) as connection:
        kept = set(connection.scalars(select(facet_patterns.c.id)))
    assert kept == {pattern_of(facets_of(row)) for row in found}
    assert len(kept) < len(found)


def test_work_that_is_undone_leaves_no_pattern_behind_that_others_would_miss(
    hub: Hub,
) -> None:
    """What comes later has its patterns, though the same ones were undone before."""

    def fail() -> None:
        with hub.writing() as (work, _):
            work.disclosure_index.add([ROW])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with hub.writing() as (work, _):
        work.disclosure_index.add([ROW])
    assert [row.reason for row in search(hub, Query(rule="a@1/r"), 10).rows] == ["no-consent"]


ROW = IndexRow(
    position=0, n=0, at="", kind="decision", child="child-1", event="event-1", source="school",
    recipient="care", type="education.exclusion.v1", category="sen", sharing="withheld",
    reason="no-consent", purpose=None, rule="a@1/r", basis=None, directive=None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (Query(children=("child-1",), reason="no-consent"), "disclosure_rows_child"),
        (Query(children=("child-1", "child-2"), begins=START), "disclosure_rows_child"),
        (Query(directive="d-1", agency="care"), "disclosure_rows_directive"),
    ],
)
def test_a_child_or_a_directive_is_found_by_its_own_index(
    tmp_path_factory: pytest.TempPathFactory, query: Query, index: str
) -> None:
    """SQLite's own plan says so."""
    from hub.store.engine import migrate, open_store  # noqa: PLC0415  only here

    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('plan') / 'hub.sqlite'}")
    migrate(store)
    plans: list[str] = []
    with undone(store, [ROW]) as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.set_trace_callback(plans.append)
        DisclosureIndex(connection).search(query, 5, Place(newest_first=True))
        raw.set_trace_callback(None)
        (asked,) = [p for p in plans if p.startswith("SELECT DISTINCT")]
        plan = [row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {asked}"))]
    assert f" {index} " in plan[0]
    store.dispose()


def test_a_question_without_conditions_asks_no_pattern() -> None:
    """Then the rows are read as they lie."""
    assert conditions(Query(children=("child-1",), directive="d-1", begins=START)) == []


def test_every_decision_is_made_again(hub: Hub) -> None:
    """All come out the same."""
    fill(hub)
    done = replay(hub, ReplaySelection())
    assert done.verified
    assert done.replayed > 0
