"""Where the wrapped data keys stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from hub.foundation.clock import now
from hub.store.tables import data_keys
from schemas.times import stamp


class DataKeys:
    """The vault's key shelf, on one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def wrapped(self, name: str) -> bytes | None:
        """Give the wrapped key of a name, or None where there is none."""
        row = self._connection.execute(
            select(data_keys.c.wrapped).where(data_keys.c.name == name)
        ).first()
        return bytes(row[0]) if row else None

    def keep(self, name: str, wrapped: bytes) -> None:
        """Keep a new wrapped key."""
        self._connection.execute(
            insert(data_keys).values(name=name, wrapped=wrapped, made_at=stamp(now()))
        )

    def destroy(self, name: str) -> None:
        """Destroy a key: what it sealed can never be read again."""
        self._connection.execute(delete(data_keys).where(data_keys.c.name == name))

    def all(self) -> Iterator[tuple[str, bytes]]:
        """Give every wrapped key with its name."""
        statement = select(data_keys.c.name, data_keys.c.wrapped).execution_options(yield_per=1000)
        for name, wrapped in self._connection.execute(statement):
            yield name, bytes(wrapped)

    def replace(self, wrapped: Mapping[str, bytes]) -> None:
        """Put other wrappings of the same keys in the place of those there are."""
        if wrapped:
            self._connection.execute(
                update(data_keys)
                .where(data_keys.c.name == bindparam("known"))
                .values(wrapped=bindparam("w")),
                [{"known": name, "w": bytes_} for name, bytes_ in wrapped.items()],
            )
