"""A PostgreSQL server of one's own, in a folder, for the tests that run over both stores.

It listens on a socket in its folder and nowhere else. The server refuses to run as root, so under
root it runs as ``nobody``. Without PostgreSQL the tests are skipped locally and
fail in CI.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

_USER = "nobody"
_SETTINGS = "-c listen_addresses='' -c fsync=off -c shared_buffers=16MB -c max_connections=40"


@dataclass
class Postgres:
    """A running server."""

    programs: Path
    folder: Path
    databases: int = 0

    def new_database(self) -> str:
        """Make an empty database; gives its SQLAlchemy URL."""
        self.databases += 1
        name = f"hub{self.databases}"
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return self.url(name)

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://hub@/{database}?host={self.folder}"

    def start(self) -> None:
        """Run the server until it answers."""
        options = f"{_SETTINGS} -c unix_socket_directories={self.folder}"
        self._run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        """Stop the server at once, cutting every connection."""
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def make(self) -> None:
        """Make the cluster's files."""
        self._run("initdb", "-U", "hub", "-A", "trust", "-E", "UTF8", "--no-sync")

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self.programs / program), "-D", str(self.folder / "data"), *arguments],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            timeout=120,
            user=_USER if os.getuid() == 0 else None,
        )


def _programs() -> Path | None:
    """Where ``initdb`` is: on the path, or where Debian puts it, the newest first."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    debian = Path("/usr/lib/postgresql")
    places = sorted(debian.glob("*/bin/initdb"), key=lambda p: -int(p.parts[-3].split(".")[0]))
    return places[0].parent if places else None


@contextmanager
def private_postgres() -> Iterator[Postgres]:
    """Run a server for as long as the context lasts."""
    programs = _programs()
    if programs is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed: apt-get install postgresql")
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="hub-pg-"))  # short: a socket's path has 107 bytes
    if os.getuid() == 0:
        shutil.chown(folder, _USER)
    server = Postgres(programs, folder)
    try:
        server.make()
        server.start()
        yield server
        server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
