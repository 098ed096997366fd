"""What time does to the store: kept events come to their end, receipts become overdue."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, exists, func, select, update

from hub.store.tables import deliveries, events
from schemas.times import stamp


@dataclass(frozen=True, slots=True)
class Overdue:
    """One delivery on the bus that has no receipt in time."""

    id: str
    event: str
    child: str
    recipient: str


class Retention:
    """Finds and notes what time has done, on one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def outlived(self, before: dt.datetime) -> int:
        """Count the kept events that ``purge`` would empty."""
        statement = select(func.count()).select_from(events).where(_outlived(before))
        return self._connection.scalar(statement) or 0

    def purge(self, before: dt.datetime) -> int:
        """Destroy the content of events decided, and last delivered anew, before a moment."""
        emptied = self._connection.execute(
            update(events).where(_outlived(before)).values(sealed=None)
        )
        return emptied.rowcount

    def overdue(self, before: dt.datetime, *, told: bool = False) -> list[Overdue]:
        """List what went out before a moment and has no receipt; with ``told`` all of it.

        Otherwise only that for which no alarm was raised yet.
        """
        statement = select(
            deliveries.c.id, deliveries.c.event, deliveries.c.child, deliveries.c.recipient
        ).where(deliveries.c.state == "published", deliveries.c.published_at < stamp(before))
        if not told:
            statement = statement.where(deliveries.c.alarmed_at.is_(None))
        rows = self._connection.execute(statement.order_by(deliveries.c.seq, deliveries.c.id))
        return [Overdue(row.id, row.event, row.child, row.recipient) for row in rows]

    def alarm(self, delivery: str, now: dt.datetime) -> bool:
        """Note that an alarm was raised for a delivery; False where it was before."""
        changed = self._connection.execute(
            update(deliveries)
            .where(deliveries.c.id == delivery, deliveries.c.alarmed_at.is_(None))
            .values(alarmed_at=stamp(now))
        )
        return changed.rowcount == 1


def _outlived(before: dt.datetime) -> ColumnElement[bool]:
    delivered_anew = exists().where(
        deliveries.c.event == events.c.ref, deliveries.c.made_at >= stamp(before)
    )
    return (
        events.c.sealed.is_not(None)
        & (events.c.decided_at < stamp(before))
        & (events.c.state == "decided")
        & ~delivered_anew
    )
