"""What witnesses signed, append-only like the ledger.

Revision ID: 0005
"""

from __future__ import annotations

from alembic import op

from hub.store.cosignature_table import cosigned

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table where it is not there, and forbid to change it."""
    connection = op.get_bind()
    cosigned.create(connection, checkfirst=True)
    if connection.dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER IF NOT EXISTS cosigned_no_{verb.lower()} "
                f"BEFORE {verb} ON cosigned "
                "BEGIN SELECT RAISE(ABORT, 'cosigned is append-only'); END"
            )
    if connection.dialect.name == "postgresql":
        op.execute("DROP TRIGGER IF EXISTS cosigned_append_only ON cosigned")
        op.execute(
            "CREATE TRIGGER cosigned_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cosigned "
            "FOR EACH STATEMENT EXECUTE FUNCTION hub_append_only()"
        )
