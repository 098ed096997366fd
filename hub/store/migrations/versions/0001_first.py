"""The first tables, and the triggers that make the ledger append-only.

Everything is spelled out here: this migration does not change when the live tables do. A test
compares what it makes with hub/store/tables.py.

Revision ID: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_APPEND_ONLY = ("ledger", "ledger_nodes", "checkpoints", "agreements", "cosignatures")


def upgrade() -> None:
    """Make every table and index, and forbid changes to what is append-only."""
    _data_keys_and_agreements()
    _children()
    _directives()
    _events()
    _quarantine()
    _deliveries()
    _reviews()
    _ledger()
    _disclosures()
    _counts_and_accesses()
    _console()
    if op.get_bind().dialect.name == "sqlite":
        _append_only_sqlite()
    else:
        _append_only_postgresql()


def _data_keys_and_agreements() -> None:
    op.create_table(
        "data_keys",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("made_at", sa.String(32), nullable=False),
    )
    op.create_table(
        "agreements",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("valid_from", sa.String(32), nullable=False),
        sa.Column("published_at", sa.String(32), nullable=False),
        sa.UniqueConstraint("id", "version"),
    )


def _children() -> None:
    op.create_table(
        "children",
        sa.Column("child", sa.String(40), primary_key=True),
        sa.Column("particulars", sa.LargeBinary, nullable=False),
        sa.Column("guarded_by", sa.Text, nullable=False),
        sa.Column("competent_until", sa.String(32)),
        sa.Column("merged_into", sa.String(40)),
        sa.Column("made_at", sa.String(32), nullable=False),
    )
    op.create_table(
        "identifiers",
        sa.Column("blind", sa.String(64), nullable=False),
        sa.Column("child", sa.String(40), nullable=False),
        sa.Column("system", sa.String(20), nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("assurance", sa.String(20), nullable=False),
        sa.Column("asserted_by", sa.String(42), nullable=False),
        sa.Column("seen_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("blind", "child"),
    )
    op.create_index("identifiers_child", "identifiers", ["child"])
    op.create_table(
        "match_keys",
        sa.Column("blind", sa.String(64), nullable=False),
        sa.Column("child", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("blind", "child"),
    )
    op.create_index("match_keys_child", "match_keys", ["child"])
    op.create_table(
        "involvements",
        sa.Column("child", sa.String(40), nullable=False),
        sa.Column("agency", sa.String(42), nullable=False),
        sa.Column("since", sa.String(32), nullable=False),
        sa.Column("until", sa.String(32)),
        sa.PrimaryKeyConstraint("child", "agency"),
    )


def _directives() -> None:
    op.create_table(
        "directives",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("child", sa.String(40), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("detail", sa.LargeBinary, nullable=False),
        sa.Column("recorded_by", sa.String(64), nullable=False),
        sa.Column("recorded_at", sa.String(32), nullable=False),
        sa.Column("withdrawn_at", sa.String(32)),
        sa.Column("withdrawal", sa.LargeBinary),
    )
    op.create_index("directives_child", "directives", ["child"])


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("seq", _SERIAL, primary_key=True, autoincrement=True),
        sa.Column("ref", sa.String(36), nullable=False, unique=True),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("type", sa.String(80), nullable=False),
        sa.Column("source", sa.String(42), nullable=False),
        sa.Column("child", sa.String(40)),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("happened_at", sa.String(32), nullable=False),
        sa.Column("received_at", sa.String(32), nullable=False),
        sa.Column("decided_at", sa.String(32)),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("record", sa.String(64)),
    )
    op.create_index(
        "events_changing",
        "events",
        ["seq"],
        sqlite_where=sa.text("status != 'recorded'"),
        postgresql_where=sa.text("status != 'recorded'"),
    )
    op.create_index("events_child", "events", ["child"])
    op.create_index(
        "events_kept",
        "events",
        ["decided_at"],
        sqlite_where=sa.text("sealed IS NOT NULL"),
        postgresql_where=sa.text("sealed IS NOT NULL"),
    )
    op.create_index("events_record", "events", ["record"])
    op.create_index("events_state", "events", ["state"])


def _quarantine() -> None:
    op.create_table(
        "quarantine",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("arrived_at", sa.String(32), nullable=False),
        sa.Column("closed_at", sa.String(32)),
        sa.Column("closed_by", sa.String(64)),
        sa.Column("reason", sa.Text),
    )
    op.create_index("quarantine_state", "quarantine", ["state"])


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("seq", _SERIAL, nullable=False),
        sa.Column("event", sa.String(36), nullable=False),
        sa.Column("child", sa.String(40), nullable=False),
        sa.Column("recipient", sa.String(42), nullable=False),
        sa.Column("type", sa.String(80), nullable=False),
        sa.Column("record", sa.String(64)),
        sa.Column("contents", sa.Text, nullable=False),
        sa.Column("secret", sa.LargeBinary),
        sa.Column("commitment", sa.LargeBinary, nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("body", sa.LargeBinary),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("code", sa.String(40)),
        sa.Column("releases", sa.Integer, nullable=False),
        sa.Column("made_at", sa.String(32), nullable=False),
        sa.Column("published_at", sa.String(32)),
        sa.Column("receipt_at", sa.String(32)),
        sa.Column("alarmed_at", sa.String(32)),
        sa.Column("released", sa.Text),
    )
    op.create_index("deliveries_child", "deliveries", ["child"])
    op.create_index("deliveries_event", "deliveries", ["event"])
    op.create_index("deliveries_record", "deliveries", ["record"])
    op.create_index("deliveries_state", "deliveries", ["state", "seq"])


def _reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("cause", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("child", sa.String(40)),
        sa.Column("event", sa.String(36)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("detail", sa.LargeBinary),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("opened_at", sa.String(32), nullable=False),
        sa.Column("closed_at", sa.String(32)),
        sa.Column("closed_by", sa.String(64)),
        sa.Column("outcome", sa.String(40)),
        sa.UniqueConstraint("cause", "subject"),
    )
    op.create_index("reviews_state", "reviews", ["state"])


def _ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("position", _SERIAL, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("child", sa.String(40)),
        sa.Column("event", sa.String(36)),
        sa.Column("agency", sa.String(64)),
        sa.Column("entry", sa.LargeBinary, nullable=False),
    )
    op.create_index("ledger_child", "ledger", ["child"])
    op.create_index("ledger_event", "ledger", ["event"])
    op.create_index("ledger_kind", "ledger", ["kind", "position"])
    op.create_table(
        "ledger_nodes",
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("position", _SERIAL, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("level", "position"),
    )
    op.create_table(
        "checkpoints",
        sa.Column("size", _SERIAL, primary_key=True, autoincrement=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("made_at", sa.String(32), nullable=False),
    )
    op.create_table(
        "cosignatures",
        sa.Column("size", _SERIAL, nullable=False),
        sa.Column("witness", sa.String(400), nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("signed_at", sa.String(32), nullable=False),
        sa.Column("taken_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("size", "witness"),
    )


def _disclosures() -> None:
    op.create_table(
        "facet_patterns",
        sa.Column("id", _SERIAL, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("sharing", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
    )
    op.create_table(
        "disclosure_rows",
        sa.Column("position", _SERIAL, nullable=False, autoincrement=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("pattern", _SERIAL, nullable=False),
        sa.Column("child", sa.Text),
        sa.Column("event", sa.Text),
        sa.Column("directive", sa.Text),
        sa.PrimaryKeyConstraint("position", "n"),
        sqlite_with_rowid=False,
    )
    op.create_index("disclosure_rows_child", "disclosure_rows", ["child", "position", "pattern"])
    op.create_index(
        "disclosure_rows_directive",
        "disclosure_rows",
        ["directive", "position"],
        sqlite_where=sa.text("directive IS NOT NULL"),
        postgresql_where=sa.text("directive IS NOT NULL"),
    )
    op.create_index("disclosure_rows_pattern", "disclosure_rows", ["pattern", "position"])


def _counts_and_accesses() -> None:
    op.create_table(
        "daily_counts",
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("agency", sa.Text, nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("day", "agency", "what"),
        sqlite_with_rowid=False,
    )
    op.create_index("daily_counts_agency", "daily_counts", ["what", "agency", "day"])
    op.create_table(
        "access_log",
        sa.Column("position", _SERIAL, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("child", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_index("access_log_by", "access_log", ["by", "position"])
    op.create_index("access_log_child", "access_log", ["child", "by", "position"])


def _console() -> None:
    op.create_table(
        "accounts",
        sa.Column("person", sa.String(40), primary_key=True),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("credential", sa.Text),
        sa.Column("made_at", sa.String(32), nullable=False),
        sa.Column("disabled_at", sa.String(32)),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("locked_until", sa.String(32)),
    )
    op.create_table(
        "sessions",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("csrf", sa.String(64), nullable=False),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.Column("made_at", sa.String(32), nullable=False),
        sa.Column("seen_at", sa.String(32), nullable=False),
        sa.Column("until", sa.String(32), nullable=False),
    )
    op.create_index("sessions_person", "sessions", ["person"])
    op.create_table(
        "saved_searches",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("made_at", sa.String(32), nullable=False),
    )
    op.create_index("saved_searches_person", "saved_searches", ["person"])
    op.create_table(
        "verifications",
        sa.Column("at", sa.String(32), primary_key=True),
        sa.Column("by", sa.String(40), nullable=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("verified", sa.Integer, nullable=False),
        sa.Column("problem", sa.Text),
    )


def _append_only_sqlite() -> None:
    for table in _APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def _append_only_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION hub_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION hub_append_only()"
        )
