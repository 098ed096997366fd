"""Times: England's time zone, and how a moment is written wherever it is stored or compared."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
"""The zone in which days begin and end, for law and for people."""


def stamp(moment: dt.datetime) -> str:
    """Write a moment as the store keeps it: UTC, microseconds, sortable."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def unstamp(text: str) -> dt.datetime:
    """Read a moment back from the store."""
    return dt.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=dt.UTC)
