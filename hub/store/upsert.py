"""Insert unless it is there already: the statements that SQLite and PostgreSQL spell apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Values = Mapping[str, object]


def _insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    here = connection.dialect.name == "postgresql"
    return postgresql.insert(table) if here else sqlite.insert(table)


def insert_new(connection: Connection, table: Table, values: Values) -> bool:
    """Insert a row; False, with nothing changed, where its key is taken."""
    statement = _insert(connection, table).values(**values).on_conflict_do_nothing()
    # Without the option SQLAlchemy does not keep the count of an INSERT for every driver.
    result = connection.execute(statement, execution_options={"preserve_rowcount": True})
    return result.rowcount == 1


def insert_each_new(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Insert those rows whose keys are free."""
    if rows:
        statement = _insert(connection, table).on_conflict_do_nothing()
        connection.execute(statement, [dict(row) for row in rows])


def add_up(connection: Connection, table: Table, column: str, rows: Sequence[Values]) -> None:
    """Insert rows, and where a row's key is taken add to that row's number."""
    if rows:
        statement = _insert(connection, table)
        more = table.c[column] + statement.excluded[column]
        key = list(table.primary_key.columns)
        statement = statement.on_conflict_do_update(index_elements=key, set_={column: more})
        connection.execute(statement, [dict(row) for row in rows])
