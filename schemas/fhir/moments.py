"""FHIR dates and times: read as days, as moments and as the bounds of a period, and written.

FHIR's ``dateTime`` may be a year, a month, a day or a moment. The end of a Period is the last
instant that belongs to it; a directive's ``valid_until`` is the first that does not. A day without
a time zone is a day in England.
"""

from __future__ import annotations

import datetime as dt
import re

from schemas.errors import Fault, InputRefused
from schemas.fhir.reading import Node, child, string
from schemas.times import LONDON

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PARTIAL_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?")
_LOOSE_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2})(:[0-9]{2}(?:\.[0-9]+)?)?(Z|[+-][0-9:]+)?"
)
_FRACTION = re.compile(r"\.([0-9]+)")
_FINEST = dt.timedelta(microseconds=1)
_MONTHS = 12
_DIGITS = 6


def completed(text: str) -> str:
    """Add what real systems leave out of a moment: the seconds, and London's offset."""
    loose = _LOOSE_MOMENT.fullmatch(text)
    if loose is None or (loose[2] and loose[3]):
        return text
    whole = loose[1] + (loose[2] or ":00")
    if loose[3]:
        return whole + loose[3]
    try:
        return dt.datetime.fromisoformat(whole).replace(tzinfo=LONDON).isoformat()
    except ValueError:
        return text


def moment(text: str | None, where: str) -> dt.datetime | None:
    """Read a moment; one without an offset is in London's time. Raises BAD_VALUE at ``where``."""
    if text is None:
        return None
    try:
        read = dt.datetime.fromisoformat(completed(text))
        if read.tzinfo is None:
            read = read.replace(tzinfo=LONDON)
        read.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise InputRefused(Fault.BAD_VALUE, where) from None
    return read


def day(text: str | None, where: str) -> dt.date | None:
    """Read a day, or the day of a moment in London; a year or month alone is no day. BAD_VALUE."""
    if text is None or len(text) < len("2026-09-07"):
        return None
    if not _DAY.fullmatch(text):
        found = moment(text, where)
        return found.astimezone(LONDON).date() if found else None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InputRefused(Fault.BAD_VALUE, where) from None


def in_use(node: Node, at: dt.datetime) -> bool:
    """Whether a name, address or contact is current: not marked old, its period not over."""
    ends = day(string(child(node, "period"), "end"), "period/end")
    return node.get("use") != "old" and (ends is None or ends >= at.astimezone(LONDON).date())


def start_of(text: str | None) -> dt.datetime | None:
    """Return the first instant of a ``dateTime`` of any precision; None where it is not one."""
    try:
        return _first(text or "")
    except (ValueError, OverflowError):
        return None


def end_of(text: str | None) -> dt.datetime | None:
    """Return the first instant after a ``dateTime`` of any precision; None where it is not one."""
    try:
        return _after(text or "")
    except (ValueError, OverflowError):
        return None


def instant(at: dt.datetime) -> str:
    """Write a moment in UTC with six decimals of the second, as FHIR instant and dateTime."""
    plain = at.astimezone(dt.UTC).replace(tzinfo=None)
    return plain.isoformat(timespec="microseconds") + "Z"


def last_before(end: dt.datetime) -> str:
    """Write the last instant before an end, as FHIR's Period has it."""
    return instant(end - _FINEST)


def _first(text: str) -> dt.datetime:
    if found := _PARTIAL_DATE.fullmatch(text):
        year, month, day_ = (int(part or 1) for part in found.groups())
        return dt.datetime(year, month, day_, tzinfo=LONDON)
    at = dt.datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError
    return at


def _after(text: str) -> dt.datetime:
    if found := _PARTIAL_DATE.fullmatch(text):
        year, month, day_ = (int(part) if part else None for part in found.groups())
        if month is None:
            return dt.datetime((year or 1) + 1, 1, 1, tzinfo=LONDON)
        if day_ is None:
            years, months = divmod(month, _MONTHS)
            return dt.datetime((year or 1) + years, months + 1, 1, tzinfo=LONDON)
        next_day = dt.date(year or 1, month, day_) + dt.timedelta(days=1)
        return dt.datetime.combine(next_day, dt.time(), LONDON)
    fraction = _FRACTION.search(text)
    step = dt.timedelta(seconds=1)
    if fraction:
        step = max(_FINEST, step / 10 ** min(len(fraction[1]), _DIGITS))
    return _first(text) + step
