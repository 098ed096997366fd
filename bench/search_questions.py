"""What bench/search.py asks, and how a single plain statement would answer the same."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace

import search_world as world
from sqlalchemy import Connection, select

from hub.journey.access_log import AccessQuery
from hub.journey.index_query import Place, Query
from hub.store.access_log import AccessLog
from hub.store.daily_counts import DailyCounts
from hub.store.disclosure_index import DisclosureIndex
from hub.store.facet_patterns import conditions
from hub.store.tables import access_log, disclosure_rows, facet_patterns, ledger
from hub.store.time_search import first_at, size_of

LIMIT = 100
Ask = Callable[[Connection], list[int]]


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to find: how the index answers, and how a plain statement would, as places."""

    name: str
    ask: Ask
    plain: Ask | None = None


def searching(name: str, query: Query, place: Place | None = None, limit: int = LIMIT) -> Question:
    """Ask the index for a page."""
    where = place or Place(newest_first=True)

    def ask(store: Connection) -> list[int]:
        page = DisclosureIndex(store).search(query, limit, where)
        return list(dict.fromkeys(row.position for row in page.rows))

    def plain(store: Connection) -> list[int]:
        return _plain(store, query, where, limit)

    return Question(name, ask, plain)


def _plain(store: Connection, query: Query, where: Place, limit: int) -> list[int]:
    """Find the same page by one join, in whatever way the planner likes."""
    place, size = disclosure_rows.c.position, size_of(store)
    chosen = list(conditions(query))
    if query.children:
        chosen.append(disclosure_rows.c.child.in_(query.children))
    if query.directive:
        chosen.append(disclosure_rows.c.directive == query.directive)
    if query.begins:
        chosen.append(place >= first_at(store, query.begins, size))
    if query.until:
        chosen.append(place < first_at(store, query.until, size))
    if where.key is not None:
        chosen.append(place < where.key if where.newest_first else place > where.key)
    wanted = (
        select(place)
        .join(facet_patterns, facet_patterns.c.id == disclosure_rows.c.pattern)
        .where(*chosen)
        .distinct()
        .order_by(place.desc() if where.newest_first else place)
        .limit(limit)
    )
    rows = (
        select(disclosure_rows, facet_patterns, ledger.c.at)
        .join(facet_patterns, facet_patterns.c.id == disclosure_rows.c.pattern)
        .join(ledger, ledger.c.position == place)
        .where(place.in_(wanted.scalar_subquery()), *chosen)
        .order_by(place.desc() if where.newest_first else place, disclosure_rows.c.n)
    )
    return list(dict.fromkeys(row.position for row in store.execute(rows)))


def looking(name: str, query: AccessQuery, before: int | None = None) -> Question:
    """Ask the access log for a page."""

    def ask(store: Connection) -> list[int]:
        return [row.position for row in AccessLog(store).page(query, LIMIT, before).rows]

    def plain(store: Connection) -> list[int]:
        place = access_log.c.position
        rows = store.execute(
            select(place, access_log.c.by, access_log.c.child).order_by(place.desc())
        )
        return [
            row.position
            for row in rows
            if query.by in {"", row.by}
            and (not query.children or row.child in query.children)
            and (before is None or row.position < before)
        ][:LIMIT]

    return Question(name, ask, plain)


def questions(size: int) -> Iterator[Question]:
    """Give every question, over a ledger of so many entries."""
    yield from _facets()
    yield from _combinations()
    yield from _hard()
    yield from _places(size)
    yield from _children()
    yield from _others(size)


ONE = Query(
    kind="disclosure",
    agency="school-07",
    permitted=False,
    type="health.referral-made.v1",
    category="health",
    reason="no-consent",
    purpose="safeguarding",
    basis="6(1)(e) 9(2)(h)",
)


def _facets() -> Iterator[Question]:
    yield searching("nothing named: the newest", Query())
    yield searching("nothing named: the oldest", Query(), Place())
    for one in fields(Query):
        value = getattr(ONE, one.name)
        if value != one.default:
            query = replace(Query(), **{one.name: value})
            yield searching(f"{one.name} {value}", query)
            yield searching(f"{one.name} {value}, oldest first", query, Place())


def _combinations() -> Iterator[Question]:
    draw = random.Random(5)  # noqa: S311  a bench, not a key
    names = [one.name for one in fields(Query) if getattr(ONE, one.name) != one.default]
    for _ in range(24):
        some = draw.sample(names, draw.choice((2, 2, 3, 3, 4, 5)))
        query = replace(Query(), **{name: getattr(ONE, name) for name in some})
        yield searching("+ ".join(some), query, Place(newest_first=draw.random() < 0.7))


def _hard() -> Iterator[Question]:
    old = "only long ago: "
    yield searching("a code that no entry has", Query(reason="no-such-code"))
    yield searching("two that never meet", Query(agency="care-03", type="ehc.ehc-plan-issued.v1"))
    yield searching(
        "common, and never together", Query(category="contact", type="care.case-opened.v1")
    )
    yield searching(f"{old}a reason", Query(reason=world.RARE_REASON))
    yield searching(
        f"{old}a reason and an outcome", Query(reason=world.RARE_REASON, permitted=False)
    )
    yield searching(f"{old}a type", Query(type=world.OLD_TYPE))
    yield searching(f"{old}a basis", Query(basis=world.OLD_LAW))
    yield searching(f"{old}a basis, withheld", Query(basis=world.OLD_LAW, permitted=False))
    yield searching(f"{old}a basis, page of 500", Query(basis=world.OLD_LAW), limit=500)
    yield searching(f"{old}an agency", Query(agency=world.GONE_AGENCY))
    yield searching(f"{old}an agency, and common", Query(agency=world.GONE_AGENCY, permitted=True))
    new = Query(agency=world.NEW_AGENCY)
    yield searching("only lately: an agency, oldest first", new, Place())
    yield searching("only lately: and common", replace(new, permitted=False), Place())
    rare = Query(agency="school-07", reason="safeguarding-override", kind="disclosure")
    yield searching("rare with common", rare)
    yield searching("rare with common, page of 500", rare, limit=500)
    yield searching("all withheld, page of 500", Query(permitted=False), limit=500)
    yield searching("all disclosures, page of 500", Query(kind="disclosure"), limit=500)


def _places(size: int) -> Iterator[Question]:
    for part in (0.01, 0.5, 0.99):
        key = int(size * part)
        for query, name in (
            (Query(permitted=False), "withheld"),
            (Query(agency="school-07", reason="no-consent"), "an agency and a reason"),
            (Query(basis=world.OLD_LAW), "an old basis"),
        ):
            yield searching(f"{name}, page at {part:.0%}", query, Place(key, newest_first=True))
    for days, name in ((1, "a day"), (30, "a month"), (365, "a year")):
        begins = world.BEGAN + dt.timedelta(days=900)
        spell = Query(begins=begins, until=begins + dt.timedelta(days=days))
        yield searching(f"{name}, all of it", spell)
        yield searching(f"{name}, withheld", replace(spell, permitted=False))
        yield searching(
            f"{name}, agency and reason", replace(spell, agency="school-07", reason="no-consent")
        )
        yield searching(f"{name}, an earlier basis", replace(spell, basis=world.OLD_LAW))
        yield searching(f"{name}, an agency of later", replace(spell, agency=world.NEW_AGENCY))
    yield searching("before there was anything", Query(until=world.BEGAN, permitted=True))


def _children() -> Iterator[Question]:
    quiet, busy = "child-00400-0000-0000-0000-00000000", world.BUSY_CHILD
    for child, name in ((quiet, "a child"), (busy, "the busiest child")):
        one = Query(children=(child,))
        yield searching(name, one)
        for column in ("kind", "agency", "permitted", "category", "reason", "basis"):
            value = getattr(ONE, column)
            yield searching(f"{name}+ {column}", replace(one, **{column: value}))
        yield searching(f"{name}+ nothing that fits", replace(one, reason="no-such-code"))
        yield searching(f"{name}+ a day", replace(one, begins=world.BEGAN + dt.timedelta(900)))
        spoken = Query(directive=f"d-{child}")
        yield searching(f"a directive of {name}", spoken)
        yield searching(
            f"a directive of {name}+ reason", replace(spoken, reason="consent-withdrawn")
        )
    yield searching("an unknown child", Query(children=("unknown",)))


def _others(size: int) -> Iterator[Question]:
    yield looking("access log: the newest", AccessQuery())
    yield looking("access log: a person", AccessQuery(by="person-150"))
    yield looking(
        "access log: a busy person, page at 1%", AccessQuery(by="person-000"), size // 100
    )
    yield looking(
        "access log: a person and a child", AccessQuery("person-000", (world.BUSY_CHILD,))
    )
    yield looking("access log: unknown user", AccessQuery(by="unknown"))
    today = (world.BEGAN + dt.timedelta(days=365.25 * world.YEARS)).date()

    def month(store: Connection) -> list[int]:
        return [
            one.count for one in DailyCounts(store).totals(today - dt.timedelta(days=31), today)
        ]

    def last(store: Connection) -> list[int]:
        return [day.toordinal() for day in DailyCounts(store).last_event_day().values()]

    yield Question("overview: a month's flow of each agency", month)
    yield Question("overview: last event of each agency", last)
