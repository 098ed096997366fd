"""Searches that people keep under a name; never one that names a child."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from hub.store.console_tables import saved_searches
from schemas.times import stamp


@dataclass(frozen=True, slots=True)
class Saved:
    """One saved search: ``query`` is the query string of its address, without a child."""

    id: str
    name: str
    query: str


class SavedSearches:
    """Reads and writes saved searches, on one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, person: str) -> list[Saved]:
        """List a person's searches by name."""
        table = saved_searches
        rows = self._connection.execute(
            select(table.c.id, table.c.name, table.c.query)
            .where(table.c.person == person)
            .order_by(table.c.name, table.c.id)
        )
        return [Saved(row.id, row.name, row.query) for row in rows]

    def keep(self, person: str, saved: Saved, now: dt.datetime) -> None:
        """Keep one more search."""
        self._connection.execute(
            insert(saved_searches).values(
                id=saved.id, person=person, name=saved.name, query=saved.query, made_at=stamp(now)
            )
        )

    def drop(self, person: str, reference: str) -> bool:
        """Forget one of a person's own searches; False where it is not theirs."""
        chosen = (saved_searches.c.id == reference) & (saved_searches.c.person == person)
        return self._connection.execute(delete(saved_searches).where(chosen)).rowcount == 1
