"""The index of what decisions found: filled as the ledger grows, searched page by page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from consent.decision import Sharing
from hub.clock import stamp
from hub.findings import Found
from hub.store.tables import findings

_BATCH = 1000
_SAME = ("type", "category", "reason", "purpose", "rule", "directive")


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for; what is empty or None does not matter. ``until`` is not included.

    ``agency`` is sender or recipient. ``children`` are one child's ids, those merged into it too.
    """

    children: tuple[str, ...] = ()
    agency: str = ""
    permitted: bool | None = None
    type: str = ""
    category: str = ""
    reason: str = ""
    purpose: str = ""
    rule: str = ""
    directive: str = ""
    begins: dt.datetime | None = None
    until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of an answer; ``after`` is where the next page goes on, None where this is all."""

    rows: tuple[Found, ...]
    after: int | None


class Findings:
    """Reads and fills the index, on one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, found: Iterable[Found]) -> int:
        """Add rows; returns how many."""
        rows, count = iter(found), 0
        while some := list(islice(rows, _BATCH)):
            self._connection.execute(insert(findings), [asdict(row) for row in some])
            count += len(some)
        return count

    def clear(self) -> None:
        """Take everything out, to be filled anew."""
        self._connection.execute(delete(findings))

    def search(self, query: Query, limit: int, after: int = -1) -> Page:
        """Find the next decisions, ``limit`` of them, whose place is behind ``after``.

        A page never splits a decision: it has all its rows that fit.
        """
        chosen = list(_conditions(query))
        wanted = (
            select(findings.c.position)
            .where(*chosen, findings.c.position > after)
            .distinct()
            .order_by(findings.c.position)
            .limit(limit + 1)
        )
        places = list(self._connection.scalars(wanted))
        more, places = len(places) > limit, places[:limit]
        if not places:
            return Page((), None)
        rows = self._connection.execute(
            select(findings)
            .where(*chosen, findings.c.position.between(places[0], places[-1]))
            .order_by(findings.c.position, findings.c.n)
        )
        found = tuple(Found(**row._mapping) for row in rows)  # noqa: SLF001  its public name
        return Page(found, places[-1] if more else None)


def _conditions(query: Query) -> Iterator[ColumnElement[bool]]:
    if query.children:
        yield findings.c.child.in_(query.children)
    if query.agency:
        yield (findings.c.source == query.agency) | (findings.c.recipient == query.agency)
    if query.permitted is not None:
        withheld = findings.c.sharing == Sharing.WITHHELD.value
        yield ~withheld if query.permitted else withheld
    for name in _SAME:
        if value := getattr(query, name):
            yield findings.c[name] == value
    if query.begins is not None:
        yield findings.c.at >= stamp(query.begins)
    if query.until is not None:
        yield findings.c.at < stamp(query.until)
