"""The access log: who viewed which data, about whom, and why; from the ledger alone. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from hub.journey.entries import EntryBody
from hub.journey.entries.access import DataAccessedEntry
from schemas.times import stamp


@dataclass(frozen=True, slots=True)
class Access:
    """One access: when, by whom (a staff reference), to what, about which child, and why."""

    position: int
    at: str
    by: str
    what: str
    child: str | None
    reason: str


def access_of(position: int, body: EntryBody, at: dt.datetime) -> Access | None:
    """Return the access that an entry records; None for any other entry."""
    if not isinstance(body, DataAccessedEntry):
        return None
    return Access(position, stamp(at), body.by, body.what, body.child, body.reason)


@dataclass(frozen=True, slots=True)
class AccessQuery:
    """Which accesses: by whom, about whom, and when; a condition that is empty is not applied.

    ``children`` are one child's ids, with those merged into it. ``until`` is not included.
    """

    by: str = ""
    children: tuple[str, ...] = ()
    begins: dt.datetime | None = None
    until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class FoundAccesses:
    """Some accesses, newest first; ``before`` is where the next page begins, None at the end."""

    rows: tuple[Access, ...]
    before: int | None
