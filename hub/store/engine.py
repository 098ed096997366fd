"""Opening the store: one engine with the right settings, and migrations that bring it up to date.

SQLite runs with a write-ahead log, full synchronisation and one writer at a time (every writing
transaction begins with BEGIN IMMEDIATE, so that two writers wait for each other instead of
failing). PostgreSQL runs with its defaults; writers that append to the ledger take a lock.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

from schemas.errors import ConfigurationError, Unavailable

__all__ = [
    "Connection",
    "Engine",
    "StoreFailed",
    "StoreRefused",
    "migrate",
    "open_store",
    "reading",
    "require_current",
    "store_url",
    "truncate_log",
    "writing",
]

StoreFailed = DBAPIError
# What the store will not hold, however often it is tried: the fault of one letter's data.
StoreRefused = (DataError, IntegrityError)
_BUSY_SECONDS = 60
_LEDGER_LOCK = 0x6875625F6C6F67  # any fixed number: names the ledger's advisory lock


def store_url(url: str, state: Path) -> str:
    """Give the configured URL, or that of the embedded SQLite store in the state folder."""
    return url or f"sqlite:///{state / 'hub.sqlite'}"


def open_store(url: str) -> Engine:
    """Make the engine; nothing is connected yet."""
    sqlite = url.startswith("sqlite")
    arguments: dict[str, Any] = {"timeout": _BUSY_SECONDS} if sqlite else {}
    engine = create_engine(url, connect_args=arguments, pool_pre_ping=not sqlite)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401  DBAPI
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that writes: all of it is kept, or none.

    Raises Unavailable where the store cannot be reached or written (such as a full disk).
    """
    try:
        with _turn(engine), engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _LEDGER_LOCK})
            yield connection
    except DBAPIError as error:
        raise Unavailable(f"The store failed: {type(error.orig).__name__}.") from error


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """Wait in the system's queue for one's turn to write to an embedded store.

    SQLite's own waiting is asking again after a pause, and whoever asks at the right moment goes
    first: under load a withdrawal could wait for minutes while releases overtake it.
    """
    file = engine.url.database
    if engine.dialect.name != "sqlite" or not file or file == ":memory:":
        yield
        return
    try:
        handle = os.open(f"{file}.turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Unavailable(f"The store failed: {type(error).__name__}.") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def truncate_log(engine: Engine) -> bool:
    """Empty the embedded store's log, where old pages stand; False where readers hold it.

    PostgreSQL has no such log to empty: what was deleted there is overwritten when it is vacuumed.
    """
    if engine.dialect.name != "sqlite":
        return True
    raw = engine.raw_connection()
    try:
        (busy, *_) = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        raw.close()
    return not busy


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that only reads, on one consistent state of the store."""
    try:
        with engine.connect().execution_options(reading=True) as connection, connection.begin():
            yield connection
    except DBAPIError as error:
        raise Unavailable(f"The store failed: {type(error.orig).__name__}.") from error


def _migrations(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def migrate(engine: Engine) -> None:
    """Bring the store's tables up to date; safe to run again, and by several processes at once."""
    try:
        with writing(engine) as connection:
            command.upgrade(_migrations(connection), "head")
    except SQLAlchemyError as error:
        raise Unavailable(f"The store cannot be brought up to date: {error}") from error


def require_current(engine: Engine) -> None:
    """Check that the store is made and of this version; raises ConfigurationError if not."""
    with reading(engine) as connection:
        have = MigrationContext.configure(connection).get_current_revision()
        want = ScriptDirectory.from_config(_migrations(connection)).get_current_head()
    if have != want:
        state = "has not been made" if have is None else f"is of version {have}, not {want}"
        raise ConfigurationError(f"The store {state}. Run 'hub init' to bring it up to date.")
