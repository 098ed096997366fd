"""The patterns of the index: every combination of facets that rows have, each once.

There are tens of thousands where there are tens of millions of rows, so a question is first put to
the patterns. A pattern's number follows from its facets alone: no transaction that is undone, and
no other process, can make it mean anything else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from sqlalchemy import ColumnElement, Connection, delete, exists, func, select

from consent.decision import Sharing
from hub.journey.disclosure_index import FACETS, Facets, pattern_of
from hub.journey.index_query import Query, Span
from hub.store.tables import disclosure_rows, facet_patterns
from hub.store.upsert import insert_each_new

_AT_ONCE = 500
_SAME = ("kind", "type", "category", "reason", "purpose", "basis", "rule")


class Patterns:
    """Reads and fills the table of patterns, on one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, seen: Iterable[Facets]) -> None:
        """Add those patterns that are new."""
        rows = [
            {"id": pattern_of(facets), **dict(zip(FACETS, facets, strict=True))}
            for facets in dict.fromkeys(seen)
        ]
        insert_each_new(self._connection, facet_patterns, rows)

    def clear(self) -> None:
        """Take everything out."""
        self._connection.execute(delete(facet_patterns))

    def fitting(self, query: Query, among: Collection[int]) -> dict[int, Facets]:
        """Give those of some patterns that fit a query."""
        found: dict[int, Facets] = {}
        numbers = sorted(among)
        for start in range(0, len(numbers), _AT_ONCE):
            some = numbers[start : start + _AT_ONCE]
            rows = self._connection.execute(
                select(facet_patterns).where(facet_patterns.c.id.in_(some), *conditions(query))
            )
            found |= {row.id: tuple(row)[1:] for row in rows}
        return found

    def by_nearness(self, query: Query, span: Span) -> Iterator[tuple[int, int]]:
        """Give all patterns that fit, each with its nearest entry in the span, nearest first."""
        end = func.max if span.newest_first else func.min
        nearest = (
            select(end(disclosure_rows.c.position))
            .where(disclosure_rows.c.pattern == facet_patterns.c.id, *within(span))
            .scalar_subquery()
            .label("nearest")
        )
        ordered = nearest.desc() if span.newest_first else nearest.asc()
        rows = self._connection.execute(
            select(facet_patterns.c.id, nearest)
            .where(*conditions(query))
            .order_by(ordered.nulls_last())
        )
        for pattern, position in rows:
            if position is None:
                break
            yield pattern, position


def within(span: Span) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Say in SQL that a row is of an entry of the span."""
    return disclosure_rows.c.position >= span.first, disclosure_rows.c.position < span.end


def conditions(query: Query) -> list[ColumnElement[bool]]:
    """Say in SQL which patterns fit; nothing where all do."""
    chosen = [facet_patterns.c[name] == value for name in _SAME if (value := getattr(query, name))]
    if query.agency:
        chosen.append(
            (facet_patterns.c.source == query.agency) | (facet_patterns.c.recipient == query.agency)
        )
    if query.permitted is not None:
        withheld = facet_patterns.c.sharing == Sharing.WITHHELD.value
        chosen.append(~withheld if query.permitted else withheld)
    return chosen


def fits(query: Query) -> list[ColumnElement[bool]]:
    """Say in SQL that the pattern of a row fits; nothing where all do.

    Row by row, not as a join: the order in which the rows are read must stay that of the index.
    """
    chosen = conditions(query)
    return (
        [exists().where(facet_patterns.c.id == disclosure_rows.c.pattern, *chosen)]
        if chosen
        else []
    )
