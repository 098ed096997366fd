"""The cells of a flat extract: how one cell's text becomes a typed value, and a value its text.

Dates are ``YYYY-MM-DD`` or ``DD/MM/YYYY``; moments add ``T`` or a space, ``HH:MM`` or ``HH:MM:SS``,
and an offset where it is known (none means Europe/London). A list is separated by ``;``, or is a
JSON array. Words of a fixed list may differ in case, and may have ``_`` or a space for ``-``.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

from pydantic import JsonValue

from schemas.errors import Fault, InputRefused
from schemas.people import Sex, WhereaboutsFlag
from schemas.sections import SectionPart
from schemas.times import LONDON

FIRST_YEAR = 1900  # earlier moments have no civil offset that a timestamp could hold

_MOMENT = re.compile(
    r"(?:(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})"
    r"|(?P<d2>[0-9]{1,2})/(?P<m2>[0-9]{1,2})/(?P<y2>[0-9]{4}))"
    r"(?:[T ](?P<time>[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)"
    r" ?(?P<offset>Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_UNFIT = re.compile("[\x00\ud800-\udfff]")  # what JSON can say and text cannot hold
W = TypeVar("W", bound=Enum)

# Letters that offices write instead of the words, by the list they stand for.
_LETTERS: Mapping[type[Enum], Mapping[str, Enum]] = {
    Sex: {"f": Sex.FEMALE, "m": Sex.MALE, "i": Sex.OTHER, "u": Sex.UNKNOWN},
    WhereaboutsFlag: {
        "y": WhereaboutsFlag.RESTRICTED,
        "yes": WhereaboutsFlag.RESTRICTED,
        "n": WhereaboutsFlag.UNRESTRICTED,
        "no": WhereaboutsFlag.UNRESTRICTED,
    },
}


def moment(text: str, *, through: bool = False) -> dt.datetime:
    """Read a moment, as UTC; one without an offset is Europe/London time.

    A day alone is its first moment, or, with ``through``, the first moment of the day after.
    Raises InputRefused with BAD_VALUE.
    """
    date, clock = _date_and_clock(text)
    if not FIRST_YEAR <= date.year < dt.MAXYEAR:
        raise InputRefused(Fault.BAD_VALUE)
    if clock is None and through:
        date += dt.timedelta(days=1)
    value = dt.datetime.combine(date, clock or dt.time())
    return (value if value.tzinfo else value.replace(tzinfo=LONDON)).astimezone(dt.UTC)


def day(text: str) -> dt.date:
    """Read a day; of a moment with an offset, the day it was in London.

    Raises InputRefused with BAD_VALUE.
    """
    date, clock = _date_and_clock(text)
    if clock is None or clock.tzinfo is None:
        return date
    return moment(text).astimezone(LONDON).date()


def _date_and_clock(text: str) -> tuple[dt.date, dt.time | None]:
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        raise InputRefused(Fault.BAD_VALUE)
    year, month, day_ = (int(found[name] or found[name + "2"]) for name in ("y", "m", "d"))
    try:
        clock = (
            dt.time.fromisoformat(found["time"] + (found["offset"] or ""))
            if found["time"]
            else None
        )
        return dt.date(year, month, day_), clock
    except ValueError:
        raise InputRefused(Fault.BAD_VALUE) from None


def word(text: str, words: type[W]) -> W:
    """Read a word of a fixed list; raises InputRefused with BAD_VALUE."""
    wanted = re.sub(r"[_ ]+", "-", text.strip().casefold())
    letter = _LETTERS.get(words, {}).get(wanted)
    if isinstance(letter, words):
        return letter
    for member in words:
        if str(member.value).casefold() == wanted:
            return member
    raise InputRefused(Fault.BAD_VALUE)


def items(value: JsonValue) -> list[JsonValue]:
    """Read a list: a JSON array as such or as text, or text separated by ``;``.

    Raises InputRefused with BAD_VALUE.
    """
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = _json_array(value)
    if isinstance(value, list):
        return value
    if isinstance(value, bool | float | dict) or value is None:
        raise InputRefused(Fault.BAD_VALUE)
    return [part.strip() for part in str(value).split(";") if part.strip()]


def _json_array(text: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        raise InputRefused(Fault.BAD_VALUE) from None
    return value


def plain(value: JsonValue) -> str:
    """Read a cell with one value as text; raises InputRefused with BAD_VALUE."""
    if isinstance(value, str) and not _UNFIT.search(value):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise InputRefused(Fault.BAD_VALUE)


def key_field(part: type[SectionPart]) -> str:
    """Name the field of a part that a short list gives: its first required one."""
    return next(name for name, info in part.model_fields.items() if info.is_required())


def value_of(found: object) -> JsonValue:
    """Write a typed value as JSON would hold it: text, number, list of texts, list of objects."""
    if isinstance(found, tuple):
        return [value_of(each) for each in found]
    if isinstance(found, SectionPart):
        dumped: JsonValue = found.model_dump(mode="json", exclude_none=True)
        return dumped
    if isinstance(found, Enum):
        return str(found.value)
    if isinstance(found, dt.date):
        return found.isoformat()
    return found if isinstance(found, int) else str(found)


def cell_of(value: JsonValue, part: type[SectionPart] | None = None) -> str:
    """Write a value as one CSV cell; a list of parts with nothing but their key is a short list."""
    if not isinstance(value, list):
        return str(value)
    short = [_short(each, part) for each in value]
    texts = [text for text in short if text is not None]
    if texts and len(texts) == len(value):
        return ";".join(texts)
    return json.dumps(value, ensure_ascii=False)


def _short(value: JsonValue, part: type[SectionPart] | None) -> str | None:
    if isinstance(value, dict) and part is not None and set(value) == {key_field(part)}:
        value = value[key_field(part)]
    if not isinstance(value, str) or not value or value != value.strip():
        return None
    return None if ";" in value or value.startswith("[") else value
