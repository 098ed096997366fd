"""The table of what witnesses signed: one line of another agency for one signed head of ours.

It is evidence like the ledger itself, so rows are only added. It names no person.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, String, Table, Text

from hub.store.tables import metadata

cosignatures = Table(
    "cosignatures",
    metadata,
    Column("size", BigInteger().with_variant(Integer, "sqlite"), nullable=False),
    # The witness's verifier key, as one line.
    Column("witness", String(400), nullable=False),
    Column("line", Text, nullable=False),
    Column("signed_at", String(32), nullable=False),
    Column("taken_at", String(32), nullable=False),
    PrimaryKeyConstraint("size", "witness"),
)
