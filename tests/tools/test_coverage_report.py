"""The report of coverage by package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools.coverage_report import Covered, by_package, main, report

ROOT = Path(__file__).parents[2]


def test_files_add_up_to_packages_and_packages_to_all() -> None:
    """Hub's packages are separate; the last line is the whole."""
    packages = by_package(
        {
            "hub/bus/publisher.py": Covered(10, 9),
            "hub/bus/topology.py": Covered(10, 10),
            "schemas/events/health.py": Covered(4, 2),
        }
    )
    assert packages == {"hub.bus": Covered(20, 19), "schemas": Covered(4, 2)}
    assert report(packages).splitlines() == [
        "hub.bus   95.0 %      19 of     20",
        "schemas   50.0 %       2 of      4",
        "all       87.5 %      21 of     24",
    ]


def test_without_data_the_report_names_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without data the exit code is 1."""
    monkeypatch.chdir(tmp_path)
    assert main([]) == 1
    assert "make coverage" in capsys.readouterr().err


def test_what_a_command_runs_counts_too(tmp_path: Path) -> None:
    """A process that a test starts is measured: coverage.py patches subprocess."""
    test = tmp_path / "test_starts.py"
    test.write_text(
        "import subprocess, sys\n\n\n"
        "def test_version():\n"
        "    subprocess.run([sys.executable, '-m', 'hub', '--version'], check=True)\n"
    )
    data = tmp_path / "data"
    started = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(test)]
    done = subprocess.run(
        [*started, "--cov", "--cov-report=", f"--rootdir={ROOT}", "-c", "pyproject.toml"],
        cwd=ROOT,
        env={"COVERAGE_FILE": str(data), "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    ran = subprocess.run(
        [sys.executable, "-m", "coverage", "report", "--include=hub/cli/root.py"],
        cwd=ROOT,
        env={"COVERAGE_FILE": str(data)},
        capture_output=True,
        text=True,
        check=True,
    )
    percent = int(ran.stdout.split()[-1].rstrip("%"))
    assert percent > 30, ran.stdout
