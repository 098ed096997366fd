"""The console's own tables.

Revision ID: 0003
"""

from __future__ import annotations

from alembic import op

from hub.store.console_tables import people, saved_searches, sessions, verifications

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables where they are not there."""
    connection = op.get_bind()
    for table in (people, sessions, saved_searches, verifications):
        table.create(connection, checkfirst=True)
