"""Days and moments as FHIR writes them, and as moments at which a word begins or ends to hold.

FHIR's ``dateTime`` may be a year, a month, a day or a moment, and the end of its Period is the last
that still belongs to it; a directive ends just before its ``valid_until``. A day without a zone is
a day in England.
"""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

from consent.fhir.resource import moment

LONDON = ZoneInfo("Europe/London")
_DAY = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
_FRACTION = re.compile(r"\.(\d+)")
_FINEST = dt.timedelta(microseconds=1)
_MONTHS = 12
_DIGITS = 6


def begin_of(text: str | None) -> dt.datetime | None:
    """Give the first moment that a ``dateTime`` means; None where it means none."""
    try:
        return _first(text or "")
    except (ValueError, OverflowError):
        return None


def end_of(text: str | None) -> dt.datetime | None:
    """Give the first moment after a ``dateTime``; None where it means none."""
    try:
        return _after(text or "")
    except (ValueError, OverflowError):
        return None


def last_before(end: dt.datetime) -> str:
    """Write the last moment before an end, as FHIR's Period has it."""
    return moment(end - _FINEST)


def _first(text: str) -> dt.datetime:
    if found := _DAY.fullmatch(text):
        year, month, day = (int(part or 1) for part in found.groups())
        return dt.datetime(year, month, day, tzinfo=LONDON)
    at = dt.datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError
    return at


def _after(text: str) -> dt.datetime:
    if found := _DAY.fullmatch(text):
        year, month, day = (int(part) if part else None for part in found.groups())
        if month is None:
            return dt.datetime((year or 1) + 1, 1, 1, tzinfo=LONDON)
        if day is None:
            years, months = divmod(month, _MONTHS)
            return dt.datetime((year or 1) + years, months + 1, 1, tzinfo=LONDON)
        next_day = dt.date(year or 1, month, day) + dt.timedelta(days=1)
        return dt.datetime.combine(next_day, dt.time(), LONDON)
    fraction = _FRACTION.search(text)
    step = dt.timedelta(seconds=1)
    if fraction:
        step = max(_FINEST, step / 10 ** min(len(fraction[1]), _DIGITS))
    return _first(text) + step
