"""What is looked for in the index, where a page of the answer begins, and the page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from hub.journey.disclosure_index import IndexRow


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for; what is empty or None does not matter. ``until`` is not included.

    ``kind`` is that of the rows (disclosure_index.py), empty for decisions and disclosures both.
    ``agency`` is sender or recipient. ``children`` are one child's ids, those merged into it too.
    """

    children: tuple[str, ...] = ()
    kind: str = ""
    agency: str = ""
    permitted: bool | None = None
    type: str = ""
    category: str = ""
    reason: str = ""
    purpose: str = ""
    basis: str = ""
    rule: str = ""
    directive: str = ""
    begins: dt.datetime | None = None
    until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: behind ``key``, the last entry of the page before; None at the start."""

    key: int | None = None
    newest_first: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of an answer; ``more`` is where the next page begins, None where this is all."""

    rows: tuple[IndexRow, ...]
    more: Place | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """The entries from ``first`` up to but without ``end``, read from one of the two ends."""

    first: int
    end: int
    newest_first: bool

    def __bool__(self) -> bool:
        return self.first < self.end

    def behind(self, key: int | None) -> Span:
        """Give what is left once an entry has been read; all, where none has."""
        if key is None:
            return self
        if self.newest_first:
            return replace(self, end=min(self.end, key))
        return replace(self, first=max(self.first, key + 1))

    def ahead_of(self, key: int) -> Span:
        """Give what is read before an entry."""
        if self.newest_first:
            return replace(self, first=max(self.first, key + 1))
        return replace(self, end=min(self.end, key))

    def nearest(self, length: int) -> Span:
        """Give the part that is read first, so many entries long."""
        if self.newest_first:
            return replace(self, first=max(self.first, self.end - length))
        return replace(self, end=min(self.end, self.first + length))

    def beyond(self, length: int) -> Span:
        """Give the part that is read after that."""
        if self.newest_first:
            return replace(self, end=max(self.first, self.end - length))
        return replace(self, first=min(self.end, self.first + length))

    def nearness(self, position: int) -> int:
        """Give a number that is the greater, the sooner an entry is read."""
        return position if self.newest_first else -position
