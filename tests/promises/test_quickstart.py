"""docs/quickstart.md works as it is written: its commands are run from the installed package."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.brokers import need_rabbitmq
from tests.installed import InstalledHub, build_wheel, make_environment

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]

PAGE = Path(__file__).parents[2] / "docs" / "quickstart.md"
PATIENCE = 60.0
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass
class Terminal:
    """A user's shell in an environment with the hub, beginning in the home folder."""

    installed: InstalledHub
    home: Path

    @property
    def folder(self) -> Path:
        """Where the pilot is."""
        return self.home / "hub-pilot"

    def run(self, commands: str) -> subprocess.CompletedProcess[str]:
        """Run commands in the pilot's folder; the shell stops at the first that fails."""
        folder = self.folder if self.folder.exists() else self.home
        return subprocess.run(
            ["sh", "-e", "-c", commands],
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            env=self.environment(),
            timeout=120,
        )

    def environment(self) -> dict[str, str]:
        """The variables of the shell."""
        return self.installed.environment(HOME=str(self.home), HUB_CONSOLE__ON="false")


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """An environment with the base requirements, and an empty home folder."""
    need_rabbitmq()
    home = tmp_path / "home"
    home.mkdir()
    return Terminal(make_environment(tmp_path / "env", build_wheel(tmp_path / "wheel")), home)


@dataclass(frozen=True, slots=True)
class Step:
    """One block of commands, and the output that the page shows after it."""

    commands: str
    shown: str


def steps() -> Iterator[Step]:
    """Read the page's commands in order; files to be made become commands too."""
    blocks = _FENCE.findall(PAGE.read_text(encoding="utf-8"))
    files = {"toml": "hub.toml", "csv": "pupils.csv"}
    for (kind, text), (after, shown) in zip(blocks, [*blocks[1:], ("sh", "")], strict=True):
        if kind in files:
            yield Step(f"cat >> {files[kind]} <<'END'\n{text}END\n", "")
        elif kind == "sh":
            yield Step(text, "" if after else shown)


def test_the_page_does_what_it_says(terminal: Terminal) -> None:
    """Every command succeeds in order, and prints what the page shows."""
    hub: subprocess.Popen[bytes] | None = None
    try:
        for step in steps():
            if step.commands.strip() == "hub up":
                hub = _start(terminal)
            else:
                _expect(terminal, step)
    finally:
        if hub is not None:
            os.killpg(hub.pid, signal.SIGINT)
            hub.wait(PATIENCE)


def _start(terminal: Terminal) -> subprocess.Popen[bytes]:
    """Run ``hub up`` in a terminal of its own."""
    with (terminal.home / "up.log").open("wb") as log:
        return subprocess.Popen(
            [str(terminal.installed.folder / "bin" / "hub"), "up"],
            cwd=terminal.folder,
            env=terminal.environment(),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _expect(terminal: Terminal, step: Step) -> None:
    """Run one step until it prints what is shown; once, where nothing has to arrive first."""
    deadline = time.monotonic() + (PATIENCE if "exchange/" in step.commands or step.shown else 0)
    while True:
        ran = terminal.run(step.commands)
        wrong = ran.returncode or not _is_shown(step.shown, ran.stdout)
        if not wrong:
            return
        if time.monotonic() > deadline:
            log = terminal.home / "up.log"
            up = log.read_text()[-3000:] if log.exists() else ""
            pytest.fail(f"{step.commands}\n{ran.stdout}\n{ran.stderr}\nshown:\n{step.shown}\n{up}")
        time.sleep(1.0)


def _is_shown(shown: str, printed: str) -> bool:
    """Whether the output is as shown; ``...`` stands for any text, space does not count."""
    parts = [re.escape(" ".join(part.split())) for part in shown.split("...")]
    pattern = ".*?".join(parts).replace(r"\ ", r"\s+")
    return re.search(pattern, printed, re.DOTALL) is not None
