"""Run a piece of an adapter in a process of its own: it may crash, hang or eat the memory there."""

from __future__ import annotations

import os
import pickle
import resource
import select
import signal
import sys
import time
import tracemalloc
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

MEBIBYTE = 1_048_576
_MOST_MEMORY = 2048 * MEBIBYTE
_PIECE = 65_536


@dataclass(frozen=True, slots=True)
class ContainedOutcome:
    """How the process ended: its answer, its error by class, or how it died; and what it used."""

    answer: object = None
    error: str = ""
    seconds: float = 0.0
    memory: int = 0


def contained(
    work: Callable[[], object], limit: float, *, measure_memory: bool = False
) -> ContainedOutcome:
    """Run ``work`` in a forked process, for at most ``limit`` seconds of wall time."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # fork beside threads: no lock is used
        child = os.fork()
    if child == 0:
        os.close(reading)
        _work_and_leave(work, writing, measure_memory=measure_memory)
    os.close(writing)
    answer = _answer_of(reading, limit)
    if answer is None:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if answer is None:
        return ContainedOutcome(error=f"no end after {limit:.0f} seconds")
    if os.WIFSIGNALED(status):
        return ContainedOutcome(
            error=f"the process died: {signal.Signals(os.WTERMSIG(status)).name}"
        )
    try:
        outcome = pickle.loads(answer)  # noqa: S301  written by our own child
    except Exception:  # noqa: BLE001  cut short
        return ContainedOutcome(error="the process ended without an answer")
    return outcome if isinstance(outcome, ContainedOutcome) else ContainedOutcome(error="no answer")


def _work_and_leave(work: Callable[[], object], to: int, *, measure_memory: bool) -> NoReturn:
    """Run in the child; nothing of the parent, such as its open files, is closed or flushed."""
    try:
        outcome = _worked(work, measure_memory=measure_memory)
        with os.fdopen(to, "wb") as out:
            out.write(pickle.dumps(outcome))
    finally:
        os._exit(0)


def _worked(work: Callable[[], object], *, measure_memory: bool) -> ContainedOutcome:
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (_address_space() + _MOST_MEMORY,) * 2)
    if measure_memory:
        tracemalloc.start()
    began, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer, error = None, ""
    try:
        answer = work()
    except BaseException as problem:  # noqa: BLE001  reported to the parent by its class
        error = type(problem).__name__
    seconds = time.process_time() - began
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    traced = tracemalloc.get_traced_memory()[1] if measure_memory else 0
    return ContainedOutcome(answer, error, seconds, max(grown, traced))


def _address_space() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123  read in a fresh fork
        return int(file.read().split()[0]) * resource.getpagesize()


def _answer_of(reading: int, limit: float) -> bytes | None:
    """Read until the child closes its end; None when it takes too long."""
    parts: list[bytes] = []
    deadline = time.monotonic() + limit
    try:
        while (left := deadline - time.monotonic()) > 0:
            if not select.select([reading], [], [], left)[0]:
                return None
            piece = os.read(reading, _PIECE)
            if not piece:
                return b"".join(parts)
            parts.append(piece)
    finally:
        os.close(reading)
    return None
