"""The tables. Nothing that names a person stands in clear.

What must be found again is a keyed hash (a blind index); everything else that is personal is sealed
(hub/keys/vault.py).

Times are UTC text, RFC 3339 with microseconds, so that they sort and read the same everywhere.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from hub.journey.disclosure_index import FACETS

metadata = MetaData()
_Serial = BigInteger().with_variant(Integer, "sqlite")

data_keys = Table(
    "data_keys",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("made_at", String(32), nullable=False),
)

agreements = Table(
    "agreements",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("id", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("valid_from", String(32), nullable=False),
    Column("published_at", String(32), nullable=False),
    UniqueConstraint("id", "version"),
)

children = Table(
    "children",
    metadata,
    Column("child", String(40), primary_key=True),
    Column("particulars", LargeBinary, nullable=False),
    Column("guarded_by", Text, nullable=False, default="[]"),
    Column("competent_until", String(32)),
    Column("merged_into", String(40)),
    Column("made_at", String(32), nullable=False),
)

identifiers = Table(
    "identifiers",
    metadata,
    Column("blind", String(64), nullable=False),
    Column("child", String(40), nullable=False),
    Column("system", String(20), nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("assurance", String(20), nullable=False),
    Column("asserted_by", String(42), nullable=False),
    Column("seen_at", String(32), nullable=False),
    PrimaryKeyConstraint("blind", "child"),
    Index("identifiers_child", "child"),
)

match_keys = Table(
    "match_keys",
    metadata,
    Column("blind", String(64), nullable=False),
    Column("child", String(40), nullable=False),
    PrimaryKeyConstraint("blind", "child"),
    Index("match_keys_child", "child"),
)

involvements = Table(
    "involvements",
    metadata,
    Column("child", String(40), nullable=False),
    Column("agency", String(42), nullable=False),
    Column("since", String(32), nullable=False),
    Column("until", String(32)),
    PrimaryKeyConstraint("child", "agency"),
)

directives = Table(
    "directives",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("child", String(40), nullable=False),
    Column("body", Text, nullable=False),
    Column("detail", LargeBinary, nullable=False),
    Column("recorded_by", String(64), nullable=False),
    Column("recorded_at", String(32), nullable=False),
    Column("withdrawn_at", String(32)),
    Column("withdrawal", LargeBinary),
    Index("directives_child", "child"),
)

events = Table(
    "events",
    metadata,
    Column("seq", _Serial, primary_key=True, autoincrement=True),
    Column("ref", String(36), nullable=False, unique=True),
    Column("fingerprint", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("type", String(80), nullable=False),
    Column("source", String(42), nullable=False),
    Column("child", String(40)),
    Column("key", String(80), nullable=False),
    Column("sealed", LargeBinary),
    Column("happened_at", String(32), nullable=False),
    Column("received_at", String(32), nullable=False),
    Column("decided_at", String(32)),
    Column("status", String(16), nullable=False, default="recorded"),
    Column("record", String(64)),
    Index("events_child", "child"),
    Index("events_state", "state"),
    Index("events_record", "record"),
)
# What is still kept, by age; and the few that correct or retract: each found without a long look.
Index(
    "events_kept",
    events.c.decided_at,
    sqlite_where=events.c.sealed.is_not(None),
    postgresql_where=events.c.sealed.is_not(None),
)
Index(
    "events_changing",
    events.c.seq,
    sqlite_where=events.c.status != "recorded",
    postgresql_where=events.c.status != "recorded",
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account", String(64), nullable=False),
    Column("code", String(40), nullable=False),
    Column("place", Text, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("key", String(80), nullable=False),
    Column("sealed", LargeBinary),
    Column("size", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("arrived_at", String(32), nullable=False),
    Column("closed_at", String(32)),
    Column("closed_by", String(64)),
    Column("reason", Text),
    Index("quarantine_state", "state"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("seq", _Serial, nullable=False),
    Column("event", String(36), nullable=False),
    Column("child", String(40), nullable=False),
    Column("recipient", String(42), nullable=False),
    Column("type", String(80), nullable=False),
    Column("record", String(64)),
    Column("contents", Text, nullable=False),
    Column("secret", LargeBinary),
    Column("commitment", LargeBinary, nullable=False),
    Column("key", String(80), nullable=False),
    Column("body", LargeBinary),
    Column("state", String(16), nullable=False),
    Column("code", String(40)),
    Column("releases", Integer, nullable=False, default=0),
    Column("made_at", String(32), nullable=False),
    Column("published_at", String(32)),
    Column("receipt_at", String(32)),
    Column("alarmed_at", String(32)),
    Column("released", Text),
    Index("deliveries_state", "state", "seq"),
    Index("deliveries_child", "child"),
    Index("deliveries_event", "event"),
    Index("deliveries_record", "record"),
)

reviews = Table(
    "reviews",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("cause", String(40), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("child", String(40)),
    Column("event", String(36)),
    Column("state", String(16), nullable=False),
    Column("detail", LargeBinary),
    Column("key", String(80), nullable=False),
    Column("opened_at", String(32), nullable=False),
    Column("closed_at", String(32)),
    Column("closed_by", String(64)),
    Column("outcome", String(40)),
    UniqueConstraint("cause", "subject"),
    Index("reviews_state", "state"),
)

ledger = Table(
    "ledger",
    metadata,
    Column("position", _Serial, primary_key=True, autoincrement=False),
    Column("kind", String(40), nullable=False),
    Column("at", String(32), nullable=False),
    Column("child", String(40)),
    Column("event", String(36)),
    Column("agency", String(64)),
    Column("entry", LargeBinary, nullable=False),
    Index("ledger_child", "child"),
    Index("ledger_event", "event"),
    Index("ledger_kind", "kind", "position"),
)

ledger_nodes = Table(
    "ledger_nodes",
    metadata,
    Column("level", Integer, nullable=False),
    Column("position", _Serial, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("level", "position"),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", _Serial, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
    Column("made_at", String(32), nullable=False),
)

# The index: made of the ledger's entries and of nothing else, so it may be emptied and made anew.
# Whatever an entry says must fit, or the entry could not be appended: hence Text.
#
# What decisions and disclosures found, one row for each reason. What many rows
# have in common stands once, as their pattern; see docs/decisions/0012-search-by-patterns.md.
facet_patterns = Table(
    "facet_patterns",
    metadata,
    Column("id", _Serial, primary_key=True, autoincrement=False),
    *(Column(name, Text, nullable=False) for name in FACETS),
)

disclosure_rows = Table(
    "disclosure_rows",
    metadata,
    Column("position", _Serial, nullable=False, autoincrement=False),
    Column("n", Integer, nullable=False),
    Column("pattern", _Serial, nullable=False),
    Column("child", Text),
    Column("event", Text),
    Column("directive", Text),
    PrimaryKeyConstraint("position", "n"),
    Index("disclosure_rows_pattern", "pattern", "position"),
    Index("disclosure_rows_child", "child", "position", "pattern"),
    sqlite_with_rowid=False,
)
Index(
    "disclosure_rows_directive",
    disclosure_rows.c.directive,
    disclosure_rows.c.position,
    sqlite_where=disclosure_rows.c.directive.is_not(None),
    postgresql_where=disclosure_rows.c.directive.is_not(None),
)

# What flowed, by day in England and agency (hub/journey/daily_counts.py).
daily_counts = Table(
    "daily_counts",
    metadata,
    Column("day", String(10), nullable=False),
    Column("agency", Text, nullable=False),
    Column("what", String(16), nullable=False),
    Column("count", Integer, nullable=False),
    PrimaryKeyConstraint("day", "agency", "what"),
    Index("daily_counts_agency", "what", "agency", "day"),
    sqlite_with_rowid=False,
)

# The access log: who looked at what, of whom, and why (hub/journey/access_log.py).
access_log = Table(
    "access_log",
    metadata,
    Column("position", _Serial, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
    Column("by", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("child", Text),
    Column("reason", Text, nullable=False),
    Index("access_log_by", "by", "position"),
    Index("access_log_child", "child", "by", "position"),
)
INDEX = (facet_patterns, disclosure_rows, daily_counts, access_log)
