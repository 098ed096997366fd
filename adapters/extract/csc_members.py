"""One member of a DfE child record at a time: its text, day, code list or flag.

Every function raises InputRefused with BAD_VALUE at the member's name; a member that is absent,
null or blank is None.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TypeVar

from pydantic import JsonValue

from adapters.extract.cells import day, plain, word
from schemas.errors import Fault, InputRefused
from schemas.identifiers import Identifier, upn
from schemas.people import Sex

T = TypeVar("T")
Member = Mapping[str, JsonValue]

_FLAGS = {"true": True, "false": False, "": False, "none": False}


def _read(holder: Member, key: str, read: Callable[[str], T]) -> T | None:
    value = holder.get(key)
    try:
        text = "" if value is None else plain(value).strip()
        return read(text) if text else None
    except InputRefused as error:
        raise InputRefused(error.fault, key) from None


def text_of(holder: Member, key: str) -> str | None:
    """Read a text, or a number as text."""
    return _read(holder, key, str)


def day_of(holder: Member, key: str) -> dt.date | None:
    """Read a day."""
    return _read(holder, key, day)


def sex_of(holder: Member, key: str) -> Sex | None:
    """Read a sex, as a letter or a word."""
    return _read(holder, key, lambda text: word(text, Sex))


def upn_of(holder: Member, key: str) -> Identifier | None:
    """Read a unique pupil number."""
    return _read(holder, key, upn)


def flag_of(holder: Member, key: str) -> bool:
    """Read a flag; one that is unclear is never taken for unset."""
    value = holder.get(key)
    known = _FLAGS.get(str(value).casefold()) if isinstance(value, str | bool | None) else None
    if known is None:
        raise InputRefused(Fault.BAD_VALUE, key)
    return known


def codes_of(holder: Member, key: str) -> tuple[str, ...]:
    """Read a list of codes; a single one may come without a list."""
    held = holder.get(key)
    listed = held if isinstance(held, list) else [held]
    try:
        return tuple(plain(code) for code in listed if code not in (None, ""))
    except InputRefused as error:
        raise InputRefused(error.fault, key) from None


def says_something(value: JsonValue | Member) -> bool:
    """Whether a member holds more than blanks and flags that are not set."""
    if isinstance(value, Mapping):
        return any(says_something(each) for each in value.values())
    if isinstance(value, list):
        return any(says_something(each) for each in value)
    return value not in (None, "", False)
