"""docs/adapter-tutorial.md works as it is written, from the wheel, without the checkout or Git."""

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

pytestmark = [pytest.mark.broker, pytest.mark.timeout(420), pytest.mark.xdist_group("tutorial")]

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "adapter-tutorial.md"
EXAMPLE = ROOT / "examples" / "adapter" / "leisure"
PATIENCE = 60.0
_PART = re.compile(r"([^\n]*)\n\n```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """One block of code: commands, output, or the content of the file named before it."""

    before: str
    kind: str
    text: str

    @property
    def file(self) -> str:
        """The file that the sentence before the block names last."""
        return re.findall(r"`([\w./-]+\.\w+)`:?", self.before)[-1]


def blocks() -> list[Block]:
    """Read the page's blocks in order."""
    page = PAGE.read_text(encoding="utf-8")
    found = [Block(*parts) for parts in _PART.findall(page)]
    assert len(found) * 2 == page.count("```")
    return found


def files() -> Iterator[Block]:
    """The blocks that are whole files of the package."""
    return (block for block in blocks() if block.kind and block.kind != "sh")


def test_the_page_shows_the_example_that_is_tested() -> None:
    """Each file of the package on the page is the one in examples/adapter."""
    shown = {block.file: block.text for block in files() if (EXAMPLE / block.file).is_file()}
    assert len(shown) == 5
    for name, text in shown.items():
        assert text == (EXAMPLE / name).read_text(encoding="utf-8"), name


class Terminal:
    """A shell in an environment with the wheel, pytest, pip and hatchling, without an index."""

    def __init__(self, installed: InstalledHub, home: Path) -> None:
        self._installed = installed
        self.home = home
        self.folder = home

    def environment(self) -> dict[str, str]:
        """The variables of the shell; pip takes nothing from an index."""
        return self._installed.environment(
            HOME=str(self.home),
            HUB_CONSOLE__ON="false",
            PIP_NO_INDEX="1",
            PIP_NO_BUILD_ISOLATION="0",
            PIP_DISABLE_PIP_VERSION_CHECK="1",
        )

    def run(self, commands: str) -> subprocess.CompletedProcess[str]:
        """Run commands in the folder of the commands before; the first that fails ends them."""
        ran = subprocess.run(
            ["sh", "-e", "-c", f"{commands}\npwd > '{self.home}/.here'"],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            env=self.environment(),
            timeout=180,
        )
        if ran.returncode == 0:
            self.folder = Path((self.home / ".here").read_text().strip())
        return ran

    def expect(self, commands: str, shown: str) -> None:
        """Run commands until they succeed and print what the page shows; once before ``hub up``."""
        waits = (self.home / "up.log").exists()
        deadline = time.monotonic() + (PATIENCE if waits else 0)
        while True:
            ran = self.run(commands)
            if ran.returncode == 0 and _is_shown(shown, ran.stdout):
                return
            if time.monotonic() > deadline:
                pytest.fail(
                    f"{commands}\n{ran.stdout}\n{ran.stderr}\nshown:\n{shown}\n{self.log()}"
                )
            time.sleep(1.0)

    def log(self) -> str:
        """What ``hub up`` wrote."""
        log = self.home / "up.log"
        return log.read_text()[-3000:] if log.exists() else ""

    def start(self) -> subprocess.Popen[bytes]:
        """Run ``hub up`` in a terminal of its own."""
        with (self.home / "up.log").open("wb") as log:
            return subprocess.Popen(
                ["hub", "up"],
                cwd=self.folder,
                env=self.environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def write(self, block: Block) -> None:
        """Write a file as the page says; settings are added to the end."""
        path = self.folder / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a" if path.name == "hub.toml" else "w", encoding="utf-8") as file:
            file.write(block.text)


def _is_shown(shown: str, printed: str) -> bool:
    """Whether each line shown is in the output; ``...`` is any text, space does not count."""
    for line in shown.splitlines():
        parts = [r"\s+".join(map(re.escape, part.split())) for part in line.split("...")]
        if not re.search(r"\s*.*?\s*".join(parts), printed):
            return False
    return True


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """An environment with the extra ``testing``, and an empty home folder."""
    need_rabbitmq()
    home = tmp_path / "home"
    home.mkdir()
    tools = ["pip", "hatchling", "editables"]
    wheel = build_wheel(tmp_path / "wheel")
    return Terminal(make_environment(tmp_path / "env", wheel, extras=["testing"], also=tools), home)


def test_the_page_does_what_it_says(terminal: Terminal) -> None:
    """Every command succeeds in order, prints what is shown, and the document arrives."""
    steps = blocks()
    running: subprocess.Popen[bytes] | None = None
    try:
        for block, after in zip(steps, [*steps[1:], None], strict=True):
            if block.kind == "sh" and block.text.strip() == "hub up":
                running = terminal.start()
            elif block.kind == "sh":
                shown = after.text if after is not None and not after.kind else ""
                terminal.expect(block.text, shown)
            elif block.kind:
                terminal.write(block)
    finally:
        if running is not None:
            os.killpg(running.pid, signal.SIGINT)
            running.wait(PATIENCE)
    where = terminal.run("python -c 'import hub; print(hub.__file__)'").stdout
    assert not Path(where.strip()).is_relative_to(ROOT)
