"""Stopping in good order: what SIGTERM and Ctrl-C mean to a command that runs on."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType


def on_stop(stop: Callable[[], None]) -> None:
    """Call ``stop`` on SIGTERM or Ctrl-C; a second Ctrl-C ends the process at once.

    A Ctrl-C reaches a supervised process twice, as SIGINT from the terminal and as SIGTERM from
    the supervisor, so SIGTERM never interrupts the stopping.
    """

    def handle(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)
