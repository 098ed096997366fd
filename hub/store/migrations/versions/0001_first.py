"""The first tables, and the triggers that make the ledger append-only.

Revision ID: 0001
"""

from __future__ import annotations

from alembic import op

from hub.store.tables import APPEND_ONLY, metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table of the first version."""
    connection = op.get_bind()
    metadata.create_all(connection)
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            if connection.dialect.name == "sqlite":
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
    if connection.dialect.name == "postgresql":
        _append_only_postgresql()


def _append_only_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION hub_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION hub_append_only()"
        )
