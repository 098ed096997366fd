"""Who looked at what is kept, at whom, and why: the access log, made of the ledger's entries. Pure.

Every look by every person is in the ledger itself; this reads it out.
"""

from __future__ import annotations

from dataclasses import dataclass

from consent.ledger.entry import EntryKind, LedgerEntry
from hub.clock import stamp


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
