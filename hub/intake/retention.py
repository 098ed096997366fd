"""Retention: destroy kept content when its time is over, and raise alarms for overdue receipts.

Each function reads first and writes only where something is due, so it costs little; several
workers may run it at once, and each thing is still done and recorded once.
"""

from __future__ import annotations

import datetime as dt

import structlog

from hub.foundation import clock
from hub.intake.hub import Hub
from hub.journey.entries.children import EventsPurgedEntry
from hub.journey.entries.deliveries import ReceiptOverdueEntry
from schemas import times

log = structlog.get_logger()


def purgeable(hub: Hub, retention: dt.timedelta) -> int:
    """Count the decided events that have been kept for their time."""
    with hub.reading() as work:
        return work.retention.outlived(clock.now() - retention)


def purge(hub: Hub, retention: dt.timedelta, *, by: str) -> int:
    """Destroy the content of decided events that were kept for their time; returns how many.

    What is still queued of them can be decided no more, and so is never released.
    """
    if not purgeable(hub, retention):
        return 0
    with hub.writing() as (work, lines):
        before = work.now - retention
        count = work.retention.purge(before)
        if count:
            lines.append(EventsPurgedEntry(events=count, before=times.stamp(before), by=by))
    if count:
        log.info("events.purged", count=count)
    return count


def raise_alarms(hub: Hub, patience: dt.timedelta) -> int:
    """Raise an alarm, once each, for what is on the bus without a receipt; returns how many."""
    with hub.reading() as work:
        if not work.retention.overdue(work.now - patience):
            return 0
    with hub.writing() as (work, lines):
        raised = [
            late
            for late in work.retention.overdue(work.now - patience)
            if work.retention.alarm(late.id, work.now)
        ]
        lines.extend(
            ReceiptOverdueEntry(
                delivery=late.id, event=late.event, child=late.child, recipient=late.recipient
            )
            for late in raised
        )
    for late in raised:
        log.warning("delivery.overdue", delivery=late.id, recipient=late.recipient)
    return len(raised)
