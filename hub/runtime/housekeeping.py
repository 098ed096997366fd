"""The periodic tasks of a worker: retention, overdue receipts, and the pinned checkpoint.

The pinned checkpoint is the newest signed checkpoint, stored in a file outside the store
(pinned_checkpoint.py).
"""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass

import structlog

from hub.evidence.pinned_checkpoint import keep_newest
from hub.intake.hub import Hub
from hub.intake.retention import purge, raise_alarms
from schemas.errors import HubError

log = structlog.get_logger()

EVERY_SECONDS = 60.0
WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Terms:
    """Retention period, time limit for receipts, and interval of the tasks."""

    retention: dt.timedelta = dt.timedelta(days=28)
    receipt: dt.timedelta = dt.timedelta(hours=24)
    every: float = EVERY_SECONDS


class Housekeeping:
    """Runs the tasks when they are due; a failed run is repeated at the next interval."""

    def __init__(self, hub: Hub, terms: Terms) -> None:
        self._hub = hub
        self._terms = terms
        self._due = 0.0

    def tick(self) -> None:
        """Run the tasks if they are due. Raises nothing, so that events never wait for them."""
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + self._terms.every
        try:
            purge(self._hub, self._terms.retention, by=WORKER)
            raise_alarms(self._hub, self._terms.receipt)
            keep_newest(self._hub)
        except HubError as error:
            log.warning("work.postponed", code=error.code)

    def end(self) -> None:
        """Pin the newest checkpoint at an orderly end. Raises nothing."""
        try:
            keep_newest(self._hub)
        except HubError as error:
            log.warning("work.postponed", code=error.code)
