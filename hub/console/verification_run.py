"""Verification run: a check of the whole ledger started from the console, one at a time.

It runs on a thread of its own. The result is stored, and recorded in the ledger as an access. The
progress is in the memory of this process only.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from hub.evidence.verification import Audit, verify_ledger
from hub.foundation import clock
from hub.intake.hub import Hub
from hub.journey.entries.access import DataAccessedEntry

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class VerificationRun:
    """One verification: who started it and when, its progress and its result.

    ``failed`` means that the run itself could not continue, which says nothing about the ledger.
    ``found`` is the result; until one of them is set the run is in progress.
    """

    by: str
    started_at: dt.datetime
    done: int = 0
    of: int = 0
    found: Audit | None = None
    failed: bool = False
    ended_at: dt.datetime | None = None

    @property
    def percent(self) -> int:
        """Share of the ledger that has been read."""
        return 100 * self.done // self.of if self.of else 0


class VerificationRunner:
    """Starts one verification at a time and reports its progress."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._run: VerificationRun | None = None

    @property
    def run(self) -> VerificationRun | None:
        """The current run, or the last one of this process; None before the first."""
        return self._run

    @property
    def running(self) -> bool:
        """Whether a run is in progress."""
        run = self._run
        return run is not None and run.ended_at is None

    def start(self, hub: Hub, by: str) -> bool:
        """Start a run; returns False if one is in progress."""
        with self._lock:
            if self.running:
                return False
            self._run = VerificationRun(by, clock.now())
            self._ended.clear()
        work = threading.Thread(target=self._work, args=(hub, by), daemon=True)
        work.start()
        return True

    def wait(self, seconds: float) -> bool:
        """Wait for the run to end; returns False on timeout."""
        return self._ended.wait(seconds)

    def _work(self, hub: Hub, by: str) -> None:
        try:
            found = verify_ledger(hub, self._report)
            self._change(lambda run: replace(run, found=found))
            _record(hub, by, found)
        except Exception as error:  # noqa: BLE001  a thread has no caller to raise to
            # Not log.exception: the text of a library's error may quote an entry.
            log.error("verification.failed", error=type(error).__name__)  # noqa: TRY400
            self._change(lambda run: replace(run, failed=run.found is None))
        finally:
            self._change(lambda run: replace(run, ended_at=clock.now()))
            self._ended.set()

    def _report(self, done: int, of: int) -> None:
        self._change(lambda run: replace(run, done=done, of=of))

    def _change(self, change: Callable[[VerificationRun], VerificationRun]) -> None:
        with self._lock:
            if self._run is not None:
                self._run = change(self._run)


def _record(hub: Hub, by: str, found: Audit) -> None:
    """Store the result, and record it as an access of the user who started it."""
    result = (
        "it verifies" if found.verified else f"it does not verify from entry {found.first_bad} on"
    )
    what = f"the whole ledger of {found.entries} entries: {result}"
    with hub.writing() as (work, lines):
        work.verifications.note(
            by=by,
            entries=found.entries,
            verified=found.verified,
            problem=found.problem,
            now=work.now,
        )
        lines.append(DataAccessedEntry(by=by, what=what, child=None, reason=""))
