"""Find and stop a private node whose parent process was killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from hub.bus.private_node import guard

if TYPE_CHECKING:
    from pathlib import Path


def stop_left_over(folder: Path) -> None:
    """Stop the node of a killed process, if its guard has not done so."""
    deadline = time.monotonic() + guard.POLITE_SECONDS + 5
    while time.monotonic() < deadline:
        state = state_of(folder)
        if not state or not _is_guard(state["guard"], folder):
            break
        time.sleep(0.1)
    state = state_of(folder)
    if state and _group_runs_here(state["group"], folder):
        with suppress(ProcessLookupError):
            os.killpg(state["group"], signal.SIGKILL)
    (folder / guard.STATE_FILE).unlink(missing_ok=True)


def state_of(folder: Path) -> dict[str, int]:
    """Return the process ids of a folder's node; empty if none are recorded."""
    try:
        read: dict[str, int] = json.loads((folder / guard.STATE_FILE).read_text())
    except (OSError, ValueError):
        return {}
    return read


def _is_guard(pid: int, folder: Path) -> bool:
    shown = _ps("-p", str(pid), "-o", "command=")
    return "guard.py" in shown and str(folder) in shown


def _group_runs_here(group: int, folder: Path) -> bool:
    """Return whether a process group is this folder's node, and not another with a reused id."""
    lines = _ps("-A", "-o", "pgid=,command=").splitlines()
    return any(
        line.split(maxsplit=1)[0] == str(group) and str(folder) in line for line in lines if line
    )


def _ps(*arguments: str) -> str:
    command = ["ps", *arguments]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return shown.stdout
