"""What a worker does by the clock: kept content goes in its time, overdue receipts alarm.

It also keeps the newest signed head outside of the store (hub/kept_head.py).

Each look reads first and writes only where something is to be done, so it costs little; several
workers may look at once, and each thing is still done and recorded once.
"""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass

import structlog

from hub import clock, entries
from hub.entries import Subject
from hub.kept_head import keep_newest
from hub.office import Office
from schemas.errors import HubError

log = structlog.get_logger()

EVERY_SECONDS = 60.0
WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Terms:
    """How long content is kept, how soon a receipt must come, how often to look."""

    retention: dt.timedelta = dt.timedelta(days=28)
    receipt: dt.timedelta = dt.timedelta(hours=24)
    every: float = EVERY_SECONDS


class Housekeeping:
    """Does what is due, when it is due; a look that fails is only put off to the next."""

    def __init__(self, office: Office, terms: Terms) -> None:
        self._office = office
        self._terms = terms
        self._due = 0.0

    def tick(self) -> None:
        """Look, if it is time to. Raises nothing: no event waits because of a look."""
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + self._terms.every
        try:
            purge(self._office, self._terms.retention, by=WORKER)
            raise_alarms(self._office, self._terms.receipt)
            keep_newest(self._office)
        except HubError as error:
            log.warning("work.postponed", code=error.code)

    def end(self) -> None:
        """Keep the newest head as it is when work stops in good order. Raises nothing."""
        try:
            keep_newest(self._office)
        except HubError as error:
            log.warning("work.postponed", code=error.code)


def purgeable(office: Office, retention: dt.timedelta) -> int:
    """Count the decided events that have been kept for their time."""
    with office.reading() as books:
        return books.upkeep.outlived(clock.now() - retention)


def purge(office: Office, retention: dt.timedelta, *, by: str) -> int:
    """Destroy the content of decided events that were kept for their time; returns how many.

    What is still queued of them can be decided no more, and so is never released.
    """
    if not purgeable(office, retention):
        return 0
    with office.writing() as (books, lines):
        before = books.now - retention
        count = books.upkeep.purge(before)
        if count:
            lines.append(entries.events_purged(count, clock.stamp(before), by, books.now))
    if count:
        log.info("events.purged", count=count)
    return count


def raise_alarms(office: Office, patience: dt.timedelta) -> int:
    """Raise an alarm, once each, for what is on the bus without a receipt; returns how many."""
    with office.reading() as books:
        if not books.upkeep.overdue(books.now - patience):
            return 0
    with office.writing() as (books, lines):
        raised = [
            late
            for late in books.upkeep.overdue(books.now - patience)
            if books.upkeep.alarm(late.id, books.now)
        ]
        for late in raised:
            subject = Subject(late.child, late.event, late.recipient)
            lines.append(entries.receipt_overdue(late.id, subject, books.now))
    for late in raised:
        log.warning("delivery.overdue", delivery=late.id, recipient=late.recipient)
    return len(raised)
