"""Where the wrapped data keys stand."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from hub.clock import now, stamp
from hub.store.tables import keys


class Shelf:
    """The vault's key shelf, on one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def wrapped(self, name: str) -> bytes | None:
        """Give the wrapped key of a name, or None where there is none."""
        row = self._connection.execute(select(keys.c.wrapped).where(keys.c.name == name)).first()
        return bytes(row[0]) if row else None

    def keep(self, name: str, wrapped: bytes) -> None:
        """Keep a new wrapped key."""
        self._connection.execute(
            insert(keys).values(name=name, wrapped=wrapped, made_at=stamp(now()))
        )

    def destroy(self, name: str) -> None:
        """Destroy a key: what it sealed can never be read again."""
        self._connection.execute(delete(keys).where(keys.c.name == name))
