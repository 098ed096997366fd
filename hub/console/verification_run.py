"""A verification of the whole ledger that somebody began at the console: one at a time.

It runs beside the pages, on a thread of its own. What came of it is kept in the store, and is in
the ledger like every look; how far it is, only in this process.
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
class Run:
    """One verification: by whom, since when, how far, and what came of it.

    ``failed`` is set where the verification itself could not go on: that says nothing of the
    ledger. While neither it nor ``found`` is there, it runs.
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
        """How much of the ledger has been read."""
        return 100 * self.done // self.of if self.of else 0


class VerificationRunner:
    """Lets one verification run at a time, and tells how far it is."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._run: Run | None = None

    @property
    def run(self) -> Run | None:
        """The verification that runs, or the last one of this process; None before the first."""
        return self._run

    @property
    def running(self) -> bool:
        """Whether one runs now."""
        run = self._run
        return run is not None and run.ended_at is None

    def start(self, hub: Hub, by: str) -> bool:
        """Begin a verification; False where one runs already."""
        with self._lock:
            if self.running:
                return False
            self._run = Run(by, clock.now())
            self._ended.clear()
        work = threading.Thread(target=self._work, args=(hub, by), daemon=True)
        work.start()
        return True

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended, but no longer than this; returns whether it has."""
        return self._ended.wait(seconds)

    def _work(self, hub: Hub, by: str) -> None:
        try:
            found = verify_ledger(hub, self._tell)
            self._change(lambda run: replace(run, found=found))
            _note(hub, by, found)
        except Exception as error:  # noqa: BLE001  whatever it is, nobody else would hear of it
            # Not log.exception: a foreign error's text may quote an entry.
            log.error("verification.failed", error=type(error).__name__)  # noqa: TRY400
            self._change(lambda run: replace(run, failed=run.found is None))
        finally:
            self._change(lambda run: replace(run, ended_at=clock.now()))
            self._ended.set()

    def _tell(self, done: int, of: int) -> None:
        self._change(lambda run: replace(run, done=done, of=of))

    def _change(self, change: Callable[[Run], Run]) -> None:
        with self._lock:
            if self._run is not None:
                self._run = change(self._run)


def _note(hub: Hub, by: str, found: Audit) -> None:
    """Keep what came of it, and record it as a look of whoever began it."""
    said = (
        "it verifies" if found.verified else f"it does not verify from entry {found.first_bad} on"
    )
    what = f"the whole ledger of {found.entries} entries: {said}"
    with hub.writing() as (work, lines):
        work.verifications.note(
            by=by,
            entries=found.entries,
            verified=found.verified,
            problem=found.problem,
            now=work.now,
        )
        lines.append(DataAccessedEntry(by=by, what=what, child=None, reason=""))
