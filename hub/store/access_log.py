"""The access log: who looked at what, newest first, page by page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import Connection, delete, insert, select

from hub.journey.access_log import Access, AccessQuery, FoundAccesses
from hub.store.tables import access_log
from hub.store.time_search import first_at, size_of


class AccessLog:
    """Reads and fills the access log, on one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, seen: Iterable[Access]) -> int:
        """Add accesses; returns how many."""
        rows = [asdict(look) for look in seen]
        if rows:
            self._connection.execute(insert(access_log), rows)
        return len(rows)

    def clear(self) -> None:
        """Take everything out, to be filled anew."""
        self._connection.execute(delete(access_log))

    def page(self, query: AccessQuery, limit: int, before: int | None = None) -> FoundAccesses:
        """Return the newest accesses before the entry ``before``, at most ``limit`` of them."""
        size = size_of(self._connection)
        end = size if before is None else before
        if query.until is not None:
            end = min(end, first_at(self._connection, query.until, size))
        chosen = [access_log.c.position < end]
        if query.begins is not None:
            chosen.append(access_log.c.position >= first_at(self._connection, query.begins, size))
        if query.by:
            chosen.append(access_log.c.by == query.by)
        if query.children:
            chosen.append(access_log.c.child.in_(query.children))
        rows = self._connection.execute(
            select(access_log)
            .where(*chosen)
            .order_by(access_log.c.position.desc())
            .limit(limit + 1)
        )
        found = [Access(**row._mapping) for row in rows]  # noqa: SLF001  its public name
        more, found = len(found) > limit, found[:limit]
        return FoundAccesses(tuple(found), found[-1].position if more else None)
