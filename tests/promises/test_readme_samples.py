"""The samples in README.md are what the commands print: each command is run, and compared.

Ids, times, hashes and counts of ledger entries differ from run to run and are not compared. In a
sample ``...`` stands for any text that was left out; line breaks do not count.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hub.demo.summary import read_account, summarise
from hub.evidence.verification import verify_ledger
from hub.foundation.settings import load_settings
from hub.runtime.bootstrap import open_hub
from tests.brokers import need_rabbitmq

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
_FENCE = re.compile(r"^```[a-z]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_VARYING = (
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)?", "<time>"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<id>"),
    (r"\b([dp])-[0-9a-f]{24}\b", r"\1-<id>"),
    (r"\b[A-Za-z0-9+/]{43}=", "<root>"),
    (r"\b\d{4}-\d\d-\d\d\b", "<day>"),
    (r"\(entry \d+\)", "(entry <n>)"),
    (r"\b[\d,]{3,}\s+(<time>|entries)", r"<n> \1"),
    (r"\b\d+ signed checkpoints", "<n> signed checkpoints"),
    (r'"(ledger_entries|seconds)": [\d.]+', r'"\1": <n>'),
    (r"(RabbitMQ|sqlite|SQLite) [\d.]+", r"\1 <version>"),
    (r"─+", "─"),
    (r"\s+", " "),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A command of the README as its arguments, and the output that the README shows."""

    arguments: tuple[str, ...]
    shown: str


def samples() -> Iterator[Sample]:
    """Find every command with its output, and the end of the demonstration."""
    for block in _FENCE.findall(README.read_text(encoding="utf-8")):
        if block.startswith("─"):
            yield Sample(("demo", "--once"), block)
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            if shown.strip():
                yield Sample(_arguments(command), shown)


def _arguments(command: str) -> tuple[str, ...]:
    """Return what follows ``hub`` in a command, or what ``make demo`` gives to it."""
    program, *words = shlex.split(command)
    if program == "make":
        return ("demo", *shlex.split(words[-1].removeprefix("ARGS=")))
    assert Path(program).name == "hub", command
    return tuple(words)


def plain(text: str, folder: Path | None = None) -> str:
    """Replace what differs from run to run, and all space by single spaces."""
    if folder is not None:
        text = text.replace(f"{folder}{os.sep}", "")
    for pattern, name in _VARYING:
        text = re.sub(pattern, name, text)
    return text.strip()


def matches(shown: str, real: str) -> bool:
    """Whether a sample is part of a real output, with any text where it has ``...``."""
    parts = [re.escape(part.strip()) for part in re.split(r"\s*\.\.\.\s*", shown)]
    return re.search(r"(?:.*?)".join(parts), real, re.DOTALL) is not None


def run(folder: Path, *arguments: str) -> str:
    """Run ``hub`` in a folder; returns its standard output."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"}
    command = [sys.executable, "-m", "hub", *arguments]
    ran = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env=environment,
        timeout=200,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder in which the demonstration was played, and what it printed."""
    need_rabbitmq()
    folder = tmp_path_factory.mktemp("readme")
    return folder, run(folder, "demo", "--once")


def summary_of(folder: Path) -> str:
    """The summary that ``--json`` prints, of the demonstration that was played."""
    hub = open_hub(load_settings(folder / "var" / "demo" / "hub.toml"))
    summary = summarise(
        hub,
        read_account(hub),
        broker="RabbitMQ 0",
        verified=verify_ledger(hub).verified,
        seconds=0.0,
        outputs=sorted((folder / "var" / "demo" / "agencies").glob("*/out/*")),
    )
    hub.engine.dispose()
    return json.dumps(summary)


SAMPLES = list(samples())
NAMES = [" ".join(sample.arguments) for sample in SAMPLES]


def test_the_samples_are_found() -> None:
    """The demonstration, its summary, a search, an explanation, verification, replay."""
    verbs = {word for sample in SAMPLES for word in sample.arguments if not word.startswith("-")}
    assert {"demo", "search", "explain", "verify", "replay", "withdrawal"} <= verbs


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_a_sample_is_what_the_command_prints(sample: Sample, played: tuple[Path, str]) -> None:
    """Word for word, except for what differs from run to run."""
    folder, story = played
    real = plain(_output(sample, folder, story), folder)
    shown = plain(sample.shown, folder)
    assert matches(shown, real), f"README shows:\n{shown}\nThe command prints:\n{real[:3000]}"


def _output(sample: Sample, folder: Path, story: str) -> str:
    """Run a sample's command, or take what the fixture has of it."""
    if sample.arguments == ("demo", "--once"):
        return story
    if sample.arguments == ("demo", "--once", "--json"):
        return summary_of(folder)
    arguments = list(sample.arguments)
    if "demo" in arguments:
        return run(folder, *arguments, "--folder", str(folder / "var" / "scenario"))
    if "--position" in arguments:
        # The entry that the README explains is the first that its search finds.
        search = next(one for one in SAMPLES if "search" in one.arguments)
        lines = run(folder, *search.arguments).splitlines()
        arguments[arguments.index("--position") + 1] = lines[1].split()[0]
    return run(folder, *arguments)


def test_a_wrong_sample_is_seen() -> None:
    """The comparison finds another word and another number, and allows what was left out."""
    real = plain("So far: 180 events decided.\n138 documents delivered under /tmp/x/var.")
    assert matches(plain("So far: 180 events ...\n138 documents delivered"), real)
    assert not matches(plain("So far: 181 events ..."), real)
    assert not matches(plain("So far: 180 events decided. ... 138 files delivered"), real)
