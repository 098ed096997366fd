"""The first index of what decisions found. Revision 0004 makes it anew, so nothing is done here.

Revision ID: 0002
"""

from __future__ import annotations

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Leave the store as it is."""
