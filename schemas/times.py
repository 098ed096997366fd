"""Times: England's time zone, and how a moment is written wherever it is stored or compared."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
"""The zone in which days begin and end, for law and for people."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def stamp(moment: dt.datetime) -> str:
    """Write a moment as the store keeps it: UTC, microseconds, sortable."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def unstamp(text: str) -> dt.datetime:
    """Read a moment back from the store."""
    return dt.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=dt.UTC)


def parse_day(text: str) -> dt.date:
    """Return the day that a text such as 2026-09-01 names; raises ValueError for any other form."""
    if not _DAY.fullmatch(text):
        message = "a day is written as 2026-09-01"
        raise ValueError(message)
    return dt.date.fromisoformat(text)


def day_start(day: dt.date, *, after: int = 0) -> dt.datetime:
    """Return the first moment in England of the day that is ``after`` days later.

    Raises OverflowError for a day that no calendar has.
    """
    return dt.datetime.combine(day + dt.timedelta(days=after), dt.time(), LONDON)
