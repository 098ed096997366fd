"""``hub demo --scenario withdrawal``: played on a real broker, counted; other names are refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.brokers import need_rabbitmq

pytestmark = [pytest.mark.xdist_group("withdrawal-scenario"), pytest.mark.timeout(240)]


def demo(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the demonstration as a person would."""
    command = [sys.executable, "-m", "hub", "demo", *arguments, "--folder", str(folder)]
    root = Path(__file__).parents[2]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=200, cwd=root
    )


@pytest.mark.broker
def test_nothing_withdrawn_is_released_and_the_rest_arrives(tmp_path: Path) -> None:
    """The last line's numbers say so, and the ledger verifies."""
    need_rabbitmq()
    ran = demo(tmp_path / "demo", "--scenario", "withdrawal", "--once", "--json")
    assert ran.returncode == 0, ran.stderr[-2000:]
    counts = json.loads(ran.stdout.splitlines()[-1])
    assert counts["queued_before"] == 12
    assert counts["released_after_withdrawal"] == 0
    assert counts["withheld_at_release"] == 10
    assert counts["other_sections_delivered"] == 10
    assert counts["ledger_verified"] is True
    assert set(counts) > {"broker", "store", "seconds"}


def test_an_unknown_scenario_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    """It ends with 2, names them, and makes nothing."""
    ran = demo(tmp_path / "demo", "--scenario", "nope", "--once")
    assert ran.returncode == 2
    assert "There is no scenario 'nope'. There are: withdrawal." in ran.stderr
    assert not (tmp_path / "demo").exists()
