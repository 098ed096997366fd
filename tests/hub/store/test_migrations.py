"""The migrations: what they make is what the live tables say, and they never import those."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text

import hub.store.console_tables
import hub.store.cosignature_table
from hub.store.engine import migrate, open_store, reading, writing
from hub.store.tables import metadata
from tests.postgres import Postgres

MIGRATIONS = Path(hub.store.console_tables.__file__).parent / "migrations"
# What the server itself says of tables, columns, constraints and indexes, in its own words.
_SQLITE = ("SELECT type, name, sql FROM sqlite_master WHERE type IN ('table', 'index')",)
_POSTGRESQL = (
    (
        "SELECT table_name, column_name, ordinal_position, data_type, character_maximum_length, "
        "is_nullable, column_default FROM information_schema.columns WHERE table_schema = 'public'"
    ),
    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    (
        "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace"
    ),
)


@pytest.fixture
def twin(empty: Engine, tmp_path: Path, request: pytest.FixtureRequest) -> Iterable[Engine]:
    """A second store on the same kind of database, made of the live tables."""
    if empty.dialect.name == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        engine = open_store(server.new_database())
    else:
        engine = open_store(f"sqlite:///{tmp_path / 'twin.sqlite'}")
    with writing(engine) as connection:
        metadata.create_all(connection)
    yield engine
    engine.dispose()


def described(engine: Engine) -> set[tuple[str, ...]]:
    """The schema as the database itself describes it, but for the version of the migrations."""
    statements = _POSTGRESQL if engine.dialect.name == "postgresql" else _SQLITE
    with reading(engine) as connection:
        rows = [row for one in statements for row in connection.execute(text(one))]
    found = {tuple(" ".join(str(value).split()) for value in row) for row in rows}
    return {row for row in found if not any("alembic_version" in value for value in row)}


def test_the_migrated_schema_is_that_of_the_live_tables(empty: Engine, twin: Engine) -> None:
    """Tables, columns, types, keys and indexes, partial ones too, on each database."""
    migrate(empty)
    assert described(empty) == described(twin)
    with reading(empty) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


@pytest.mark.parametrize("path", sorted(MIGRATIONS.rglob("*.py")), ids=lambda path: path.stem)
def test_a_migration_imports_nothing_of_ours(path: Path) -> None:
    """Otherwise a later change of the tables would change what an old migration did."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    named += [a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names]
    assert [name for name in named if name.startswith(("hub", "schemas", "consent"))] == []
