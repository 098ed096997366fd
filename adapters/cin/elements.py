"""One element of a census at a time: its place, its children by name, its text as a typed value.

A value that its field does not allow is refused by its place and reads as None; the readers of
texts raise InputRefused with BAD_VALUE.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from lxml import etree

from adapters.cin.codes import CODES
from adapters.contract import Refusal
from schemas.errors import Fault, InputRefused
from schemas.times import LONDON

T = TypeVar("T")
FIRST_YEAR = 1900  # earlier moments have no civil offset that a timestamp could hold

_DAY = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T00:00:00(?:\.0+)?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?"
)
_YES = {"true": True, "1": True, "false": False, "0": False}


def day(text: str) -> dt.date:
    """Read an XML date; an offset, and a time of midnight that some systems add, change nothing."""
    found = _DAY.fullmatch(text)
    if found is None:
        raise InputRefused(Fault.BAD_VALUE)
    return dt.date.fromisoformat(found[1])


def moment(text: str) -> dt.datetime:
    """Read an XML date and time, as UTC; one without an offset is Europe/London time."""
    value = dt.datetime.fromisoformat(text)
    if not FIRST_YEAR <= value.year < dt.MAXYEAR:
        raise InputRefused(Fault.BAD_VALUE)
    return (value if value.tzinfo else value.replace(tzinfo=LONDON)).astimezone(dt.UTC)


def yes(text: str) -> bool:
    """Read a truth value in any case, or 1 or 0."""
    return one_of(_YES, text.lower())


def one_of(words: Mapping[str, T], text: str) -> T:
    """Read a word that means a value."""
    if text not in words:
        raise InputRefused(Fault.BAD_VALUE)
    return words[text]


@dataclass(frozen=True, slots=True)
class CinElement:
    """An element and its place; names are compared without namespace and without case."""

    element: etree._Element
    place: str
    refused: list[Refusal]

    @property
    def name(self) -> str:
        """The element's own name."""
        return etree.QName(self.element).localname

    def every(self, name: str) -> Iterator[CinElement]:
        """Return the children of a name, in order."""
        same = [e for e in self.element if etree.QName(e).localname.casefold() == name.casefold()]
        for n, each in enumerate(same, start=1):
            number = f"[{n}]" if len(same) > 1 or name in {"Child", "CINdetails"} else ""
            yield CinElement(each, f"{self.place}/{name}{number}", self.refused)

    def one(self, name: str) -> CinElement | None:
        """Return the only child of a name; a second one is refused."""
        found = [*self.every(name)]
        for each in found[1:]:
            self.refused.append(Refusal(Fault.BAD_VALUE, each.place))
        return found[0] if found else None

    def has(self, name: str) -> bool:
        """Whether there is a child of the name with a value."""
        return any((e.element.text or "").strip() or len(e.element) for e in self.every(name))

    def value(self, name: str, read: Callable[[str], T]) -> T | None:
        """Read the text of the only child of a name; a bad one is refused and gives None."""
        found = self.one(name)
        return found.read(read) if found else None

    def read(self, read: Callable[[str], T]) -> T | None:
        """Read the element's own text; a bad one is refused and gives None."""
        text = (self.element.text or "").strip()
        if not text:
            return None
        try:
            return read(text)
        except (InputRefused, ValueError):
            self.refused.append(Refusal(Fault.BAD_VALUE, self.place))
            return None

    def code(self, name: str) -> str | None:
        """Read the code under a name; one that is not on its list is refused and gives None."""
        return self.value(name, lambda text: listed(name, text))


def listed(name: str, text: str) -> str:
    """Read a code of the list that belongs to the element."""
    if not re.fullmatch(CODES[name], text):
        raise InputRefused(Fault.BAD_VALUE)
    return text
