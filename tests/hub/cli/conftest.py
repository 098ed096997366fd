"""A hub in a folder on a real SQLite store, and its command line run in this process."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog

from hub.cli import main
from hub.foundation import clock
from hub.foundation.settings import load_settings
from hub.intake.hub import Hub
from hub.journey.entries.directives import AgreementPublishedEntry
from hub.journey.pipeline import Letter
from hub.runtime.bootstrap import open_hub, prepare
from schemas.event import Event
from tests.configuration import SETTINGS, agreement
from tests.events import Child, registered
from tests.hub.cli.agency import Agency


@dataclass(frozen=True, slots=True)
class Ran:
    """How one command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401  whatever the command writes
        """The one JSON object on standard output."""
        return json.loads(self.out)


@dataclass
class Cli:
    """A hub's folder, and whoever sits at its command line."""

    folder: Path
    capture: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch

    @property
    def config(self) -> Path:
        """The settings file."""
        return self.folder / "hub.toml"

    @property
    def database(self) -> Path:
        """The store's file."""
        return self.folder / "state" / "hub.sqlite"

    def run(self, *arguments: str, stdin: str = "") -> Ran:
        """Run one command on this hub."""
        return self.bare("--config", str(self.config), *arguments, stdin=stdin)

    def bare(self, *arguments: str, stdin: str = "") -> Ran:
        """Run one command without naming a settings file."""
        self.capture.readouterr()
        self.patch.setattr("sys.stdin", io.StringIO(stdin))
        code = main(arguments)
        said = self.capture.readouterr()
        return Ran(code, said.out, said.err)

    def hub(self) -> Hub:
        """Open the hub's hub."""
        return open_hub(load_settings(self.config))

    def take(self, agency: str, *letters: Event | bytes) -> list[str]:
        """Have the hub take letters as from an agency's account; gives each one's fate."""
        hub = self.hub()
        bodies = [one if isinstance(one, bytes) else one.to_json() for one in letters]
        verdicts = hub.take([Letter(body, agency, clock.now()) for body in bodies])
        hub.engine.dispose()
        return [verdict.fate.value for verdict in verdicts]

    def child(self, number: int = 1) -> str:
        """Have a school register an invented child; gives the hub's id of it."""
        self.take("school", registered(Child(number)))
        return str(self.sql("SELECT child FROM children ORDER BY made_at DESC LIMIT 1")[0][0])

    def sql(self, *statements: str | tuple[str, object]) -> list[Any]:
        """Run statements, each alone or with one value, straight on the store's file."""
        with closing(sqlite3.connect(self.database, isolation_level=None)) as connection:
            rows: list[Any] = []
            for statement in statements:
                text, *values = (statement,) if isinstance(statement, str) else statement
                rows = connection.execute(str(text), values).fetchall()
        return rows

    def ledger(self, kind: str) -> list[dict[str, Any]]:
        """The bodies of the ledger's entries of one kind, in order."""
        rows = self.sql(("SELECT entry FROM ledger WHERE kind = ? ORDER BY position", kind))
        return [json.loads(entry)["body"] for (entry,) in rows]


@pytest.fixture
def bare_cli(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Cli]:
    """A command line in an empty folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("HUB_CONFIG", "HUB_DEBUG", "HUB_AMQP_URL"):
        monkeypatch.delenv(name, raising=False)
    yield Cli(tmp_path, capsys, monkeypatch)
    structlog.reset_defaults()


@pytest.fixture
def cli(bare_cli: Cli) -> Cli:
    """A hub that is ready to work, with the tests' agreement published."""
    text = SETTINGS.format(url="", vhost="hub", general="", adapters="")
    bare_cli.config.write_text(text, encoding="utf-8")
    settings = load_settings(bare_cli.config)
    prepare(settings)
    hub = open_hub(settings)
    with hub.writing() as (work, lines):
        work.agreements.publish(agreement(), work.now)
        lines.append(AgreementPublishedEntry.of(agreement(), by="test"))
    hub.engine.dispose()
    return bare_cli


@pytest.fixture
def agency(cli: Cli) -> Agency:
    """A witness of a ledger of some length, whose key is named in the hub's settings."""
    for number in range(1, 6):
        cli.take("school", registered(Child(number)))
    folder = cli.folder / "trust"
    made = Agency(cli, folder)
    key = ("--key", str(folder / "w.key"), "--name", "trust.example/witness")
    assert cli.bare("witness", "init", *key).code == 0
    shutil.copy(cli.folder / "state" / "ledger.pub", folder / "hub.pub")
    text = cli.config.read_text(encoding="utf-8")
    cli.config.write_text('witnesses = ["trust/w.pub"]\n' + text, encoding="utf-8")
    return made
