"""Insert unless it is there already: the one statement that SQLite and PostgreSQL spell apart."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: Connection, table: Table, values: Mapping[str, object]) -> bool:
    """Insert a row; False, with nothing changed, where its key is taken."""
    if connection.dialect.name == "postgresql":
        statement = postgresql.insert(table).values(**values).on_conflict_do_nothing()
        # Without the option SQLAlchemy does not keep the count of an INSERT for every driver.
        result = connection.execute(statement, execution_options={"preserve_rowcount": True})
        return result.rowcount == 1
    other = sqlite.insert(table).values(**values).on_conflict_do_nothing()
    return connection.execute(other).rowcount == 1
