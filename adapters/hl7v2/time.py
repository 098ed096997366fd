"""Dates and times as HL7 v2 writes them, read without guessing.

Source: HL7 v2.5.1 section 2.A.22 (DTM) and 2.A.77 (TS).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from schemas.times import LONDON

_STAMP = re.compile(
    r"([0-9]{4})(?:([0-9]{2})(?:([0-9]{2})(?:([0-9]{2})(?:([0-9]{2})(?:([0-9]{2})"
    r"(?:\.([0-9]+))?)?)?)?)?)?(Z|[+-][0-9]{4})?"
)
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]([0-9:.]+)(Z|[+-][0-9]{2}:?[0-9]{2})?)?")
_EARLIEST, _LATEST = 1850, 2200


@dataclass(frozen=True, slots=True)
class Stamp:
    """A date and time as written: the day, and the moment in UTC where an hour is given.

    A moment without an offset is Europe/London's; the hour that autumn repeats is its first.
    """

    day: dt.date
    moment: dt.datetime | None = None
    local: dt.datetime | None = None
    has_offset: bool = False


def read_stamp(text: str) -> Stamp | None:
    """Read an HL7 time stamp of at least a day, or the ISO form some senders use, or None."""
    if iso := _ISO.fullmatch(text.strip()):
        text = "".join(part or "" for part in iso.groups()).replace(":", "")
    match = _STAMP.fullmatch(text.strip())
    if match is None or match[3] is None or not _EARLIEST <= int(match[1]) <= _LATEST:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    fraction = int((match[7] or "0").ljust(6, "0")[:6])
    try:
        local = dt.datetime(year, month, day, hour, minute, second, fraction, _zone(match[8]))
        moment = local.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
    return Stamp(local.date(), moment if match[4] else None, local, match[8] is not None)


def _zone(offset: str | None) -> dt.tzinfo:
    if offset is None:
        return LONDON
    if offset == "Z":
        return dt.UTC
    minutes = int(offset[1:3]) * 60 + int(offset[3:])
    return dt.timezone(dt.timedelta(minutes=-minutes if offset[0] == "-" else minutes))
