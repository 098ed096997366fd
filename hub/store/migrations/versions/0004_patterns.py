"""The index in patterns, and with disclosures, flows and looks; filled from the ledger there is.

Revision ID: 0004
"""

from __future__ import annotations

from alembic import op

from hub.store.ledger import Ledger
from hub.store.tables import INDEX, ledger

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Drop what there was of the index, which is made of the ledger alone, and make it anew."""
    connection = op.get_bind()
    for table in INDEX:
        table.drop(connection, checkfirst=True)
        table.create(connection)
    for index in ledger.indexes:
        index.create(connection, checkfirst=True)
    Ledger(connection).reindex()
