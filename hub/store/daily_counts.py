"""What flowed through the hub, by day and agency: counted as the ledger grows."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select

from hub.journey.daily_counts import DailyCount
from hub.journey.entries import CountKind
from hub.store.tables import daily_counts
from hub.store.upsert import add_up


@dataclass(frozen=True, slots=True)
class Total:
    """How often something happened to an agency over some days."""

    agency: str
    what: CountKind
    count: int


class DailyCounts:
    """Reads and fills the counts, on one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, seen: Iterable[DailyCount]) -> int:
        """Count more; returns how much more."""
        counts: Counter[tuple[dt.date, str, CountKind]] = Counter()
        for flow in seen:
            counts[flow.day, flow.agency, flow.what] += flow.count
        rows = [
            {"day": day.isoformat(), "agency": agency, "what": what.value, "count": count}
            for (day, agency, what), count in counts.items()
        ]
        add_up(self._connection, daily_counts, "count", rows)
        return counts.total()

    def clear(self) -> None:
        """Take everything out, to be counted anew."""
        self._connection.execute(delete(daily_counts))

    def between(self, first: dt.date, last: dt.date) -> tuple[DailyCount, ...]:
        """Give the counts of some days in England, the last one included, in order."""
        rows = self._connection.execute(
            select(daily_counts)
            .where(daily_counts.c.day.between(first.isoformat(), last.isoformat()))
            .order_by(daily_counts.c.day, daily_counts.c.agency, daily_counts.c.what)
        )
        return tuple(
            DailyCount(dt.date.fromisoformat(row.day), row.agency, CountKind(row.what), row[3])
            for row in rows
        )

    def totals(self, first: dt.date, last: dt.date) -> tuple[Total, ...]:
        """Sum the counts of some days in England up, the last one included, agency by agency."""
        rows = self._connection.execute(
            select(daily_counts.c.agency, daily_counts.c.what, func.sum(daily_counts.c.count))
            .where(daily_counts.c.day.between(first.isoformat(), last.isoformat()))
            .group_by(daily_counts.c.agency, daily_counts.c.what)
            .order_by(daily_counts.c.agency, daily_counts.c.what)
        )
        return tuple(Total(agency, CountKind(what), int(count)) for agency, what, count in rows)

    def last_event_day(self) -> dict[str, dt.date]:
        """Tell for every agency that ever sent an event the day of its last one."""
        rows = self._connection.execute(
            select(daily_counts.c.agency, func.max(daily_counts.c.day))
            .where(daily_counts.c.what == CountKind.EVENTS.value)
            .group_by(daily_counts.c.agency)
        )
        return {agency: dt.date.fromisoformat(day) for agency, day in rows}
