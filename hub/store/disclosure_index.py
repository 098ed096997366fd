"""The index of what decisions and disclosures found: filled as the ledger grows, searched by page.

However a question combines its conditions, an answer costs at most so many steps as there are
patterns (hub/store/facet_patterns.py), never as many as there are entries; how, says
docs/decisions/0012-search-by-patterns.md.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, delete, insert, select

from hub.journey.disclosure_index import Facets, IndexRow, facets_of, pattern_of
from hub.journey.index_query import Page, Place, Query, Span
from hub.store.facet_patterns import Patterns, conditions, fits, within
from hub.store.tables import disclosure_rows, ledger
from hub.store.time_search import first_at, size_of

__all__ = ["DisclosureIndex", "Page", "Place", "Query"]

_AT_ONCE = 500
# How many entries are read one by one, for each one wanted and in all, before patterns are asked.
_NEAR, _NEAR_AT_MOST = 40, 8000


class DisclosureIndex:
    """Reads and fills the index, on one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._patterns = Patterns(connection)

    def add(self, found: Iterable[IndexRow]) -> int:
        """Add rows; returns how many."""
        rows = [(one, facets_of(one)) for one in found]
        if rows:
            self._patterns.add(facets for _, facets in rows)
            self._connection.execute(
                insert(disclosure_rows),
                [
                    {
                        "position": one.position,
                        "n": one.n,
                        "pattern": pattern_of(facets),
                        "child": one.child,
                        "event": one.event,
                        "directive": one.directive,
                    }
                    for one, facets in rows
                ],
            )
        return len(rows)

    def clear(self) -> None:
        """Take everything out, to be filled anew."""
        self._connection.execute(delete(disclosure_rows))
        self._patterns.clear()

    def search(self, query: Query, limit: int, place: Place | None = None) -> Page:
        """Find the next entries, ``limit`` of them, that lie behind a place.

        A page never splits an entry: it has all its rows that fit.
        """
        place = place or Place()
        span = self._span(query, place)
        places = self._places(query, span, limit + 1) if span else []
        more, places = len(places) > limit, places[:limit]
        rows = sorted(
            self._rows(query, places), key=lambda row: (-span.nearness(row.position), row.n)
        )
        return Page(tuple(rows), Place(places[-1], place.newest_first) if more else None)

    def _span(self, query: Query, place: Place) -> Span:
        """Turn dates into places of the ledger."""
        size, first = size_of(self._connection), 0
        end = size
        if query.begins is not None:
            first = first_at(self._connection, query.begins, size)
        if query.until is not None:
            end = first_at(self._connection, query.until, size)
        return Span(first, end, place.newest_first).behind(place.key)

    def _places(self, query: Query, span: Span, wanted: int) -> list[int]:
        """Name the entries that fit, nearest first: so many, or all there are."""
        if query.children or query.directive or not conditions(query):
            return self._along(span, [*_own(query), *fits(query)], wanted)
        length = min(_NEAR * wanted, _NEAR_AT_MOST)
        near = self._along(span.nearest(length), fits(query), wanted)
        rest, missing = span.beyond(length), wanted - len(near)
        return near + self._merged(query, rest, missing) if rest and missing else near

    def _along(self, span: Span, chosen: Sequence[ColumnElement[bool]], wanted: int) -> list[int]:
        """Name entries in the order of one index, until there are enough."""
        place = disclosure_rows.c.position
        statement = (
            select(place)
            .where(*within(span), *chosen)
            .distinct()
            .order_by(place.desc() if span.newest_first else place)
            .limit(wanted)
        )
        return list(self._connection.scalars(statement))

    def _merged(self, query: Query, span: Span, wanted: int) -> list[int]:
        """Name entries pattern by pattern, until no other pattern can have a nearer one.

        The patterns come by their nearest entry. As soon as there are enough entries that lie
        nearer than the next pattern's nearest, nothing that follows can be among them
        (a threshold algorithm: Fagin, Lotem and Naor, 2003).
        """
        best: list[tuple[int, int]] = []
        seen: set[int] = set()
        of_pattern = _of_pattern(span, wanted)
        for pattern, nearest in self._patterns.by_nearness(query, span):
            if len(best) == wanted:
                span = span.ahead_of(best[0][1])
                if not span.first <= nearest < span.end:
                    break
            asked = {"pattern": pattern, "first": span.first, "end": span.end}
            for position in self._connection.scalars(of_pattern, asked):
                if position not in seen:
                    seen.add(position)
                    add = heapq.heappush if len(best) < wanted else heapq.heappushpop
                    add(best, (span.nearness(position), position))
        return [position for _, position in sorted(best, reverse=True)]

    def _rows(self, query: Query, places: Sequence[int]) -> Iterator[IndexRow]:
        """Read the rows of some entries that fit, in no order."""
        for start in range(0, len(places), _AT_ONCE):
            some = places[start : start + _AT_ONCE]
            rows = self._connection.execute(
                select(disclosure_rows, ledger.c.at)
                .join(ledger, ledger.c.position == disclosure_rows.c.position)
                .where(disclosure_rows.c.position.in_(some), *_own(query))
            ).all()
            fitting = self._patterns.fitting(query, {row.pattern for row in rows})
            yield from (_found(row, fitting[row.pattern]) for row in rows if row.pattern in fitting)


def _of_pattern(span: Span, wanted: int) -> Select[Any]:
    """Say in SQL, once for all patterns: the nearest entries that one has in a span."""
    place = disclosure_rows.c.position
    return (
        select(place)
        .where(
            disclosure_rows.c.pattern == bindparam("pattern"),
            place >= bindparam("first"),
            place < bindparam("end"),
        )
        .distinct()
        .order_by(place.desc() if span.newest_first else place)
        .limit(wanted)
    )


def _found(row: Row[Any], facets: Facets) -> IndexRow:
    kind, source, recipient, event_type, category, sharing, reason, purpose, rule, basis = facets
    return IndexRow(
        position=row.position,
        n=row.n,
        at=row.at,
        kind=kind,
        child=row.child,
        event=row.event,
        source=source,
        recipient=recipient,
        type=event_type,
        category=category,
        sharing=sharing,
        reason=reason,
        purpose=purpose or None,
        rule=rule or None,
        basis=basis or None,
        directive=row.directive,
    )


def _own(query: Query) -> list[ColumnElement[bool]]:
    """Say in SQL what a query wants of a row's own columns."""
    chosen: list[ColumnElement[bool]] = []
    if query.children:
        chosen.append(disclosure_rows.c.child.in_(query.children))
    if query.directive:
        chosen.append(disclosure_rows.c.directive == query.directive)
    return chosen
