"""The console's own tables: who may sign in, who has, saved searches, and past verifications.

They hold staff references, never anything about a child: a reason for looking is kept with the
child's opaque id for as long as the session lasts.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from hub.store.tables import metadata

accounts = Table(
    "accounts",
    metadata,
    Column("person", String(40), primary_key=True),
    Column("roles", Text, nullable=False),
    Column("credential", Text),
    Column("made_at", String(32), nullable=False),
    Column("disabled_at", String(32)),
    Column("failures", Integer, nullable=False, default=0),
    Column("locked_until", String(32)),
)

# A session is found by the SHA-256 of its token: who reads the store cannot take one over.
sessions = Table(
    "sessions",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("person", String(40), nullable=False),
    Column("roles", Text, nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("reasons", Text, nullable=False, default="{}"),
    Column("made_at", String(32), nullable=False),
    Column("seen_at", String(32), nullable=False),
    Column("until", String(32), nullable=False),
    Index("sessions_person", "person"),
)

saved_searches = Table(
    "saved_searches",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("person", String(40), nullable=False),
    Column("name", String(80), nullable=False),
    Column("query", Text, nullable=False),
    Column("made_at", String(32), nullable=False),
    Index("saved_searches_person", "person"),
)

verifications = Table(
    "verifications",
    metadata,
    Column("at", String(32), primary_key=True),
    Column("by", String(40), nullable=False),
    Column("entries", Integer, nullable=False),
    Column("verified", Integer, nullable=False),
    Column("problem", Text),
)
