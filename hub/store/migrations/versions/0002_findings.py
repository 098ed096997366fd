"""The index of what decisions found, filled from the ledger there is.

Revision ID: 0002
"""

from __future__ import annotations

from alembic import op

from hub.store.ledger import Ledger
from hub.store.tables import findings

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table where the first version did not, and fill it."""
    connection = op.get_bind()
    findings.create(connection, checkfirst=True)
    Ledger(connection).reindex()
