"""Who looked at what is kept, at whom, and why: the access log, made of the ledger's entries. Pure.

Every look by every person is in the ledger itself; this reads it out.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from hub.ledger.entry import EntryKind, LedgerEntry
from schemas.times import stamp


@dataclass(frozen=True, slots=True)
class Looked:
    """One look: when, by whom (a staff reference), at what, of which child if any, and why."""

    position: int
    at: str
    by: str
    what: str
    child: str | None
    reason: str


def look_of(position: int, entry: LedgerEntry) -> Looked | None:
    """Give the look that an entry records; None for any other entry."""
    if entry.kind is not EntryKind.LOOK:
        return None
    body = entry.body
    child = body.get("child")
    return Looked(
        position=position,
        at=stamp(entry.at),
        by=str(body.get("by", "")),
        what=str(body.get("what", "")),
        child=child if isinstance(child, str) else None,
        reason=str(body.get("reason", "")),
    )


@dataclass(frozen=True, slots=True)
class LookQuery:
    """Whose looks, at whom, and when; what is empty or None does not matter.

    ``children`` are one child's ids, those merged into it too. ``until`` is not included.
    """

    by: str = ""
    children: tuple[str, ...] = ()
    begins: dt.datetime | None = None
    until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class LookPage:
    """Some looks, newest first; ``before`` is where the next page begins, None where it is all."""

    rows: tuple[Looked, ...]
    before: int | None
