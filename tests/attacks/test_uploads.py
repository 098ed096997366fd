"""Files that are made to exhaust the machine that reads them."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_READ = (
    "import sys\n"
    "from consent.agreement_file import load_agreement\n"
    "from schemas.errors import ConfigurationError\n"
    "try:\n"
    "    load_agreement(sys.stdin.read())\n"
    "except ConfigurationError:\n"
    "    status = open('/proc/self/status').read()\n"
    "    print(status.split('VmHWM:')[1].split()[0])\n"
)
_LIMIT = 2 * 1024**3


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_LIMIT, _LIMIT))
    resource.setrlimit(resource.RLIMIT_CPU, (10, 10))


@pytest.mark.parametrize(
    "text",
    [".".join("a" * 100_000) + " = 1", "[" + ".".join("a" * 100_000) + "]", "a = " + "[" * 100_000],
    ids=["dotted-key", "dotted-table", "nested-arrays"],
)
def test_an_agreement_of_hostile_shape_costs_nothing(text: str) -> None:
    """200 KB of dotted keys once took 18 GB; now the file is refused within a small process."""
    done = subprocess.run(
        [sys.executable, "-c", _READ],
        input=text,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=_limited,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 200_000  # kilobytes
