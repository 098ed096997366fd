"""The access log: every access by every person, and every sign-in and account change.

Both are read from the ledger and its index. They contain staff references and opaque ids.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hub.evidence.disclosure_search import looks
from hub.intake.hub import Hub
from hub.journey.access_log import Access, AccessQuery
from hub.journey.entries.access import (
    AccountChangedEntry,
    SignedInEntry,
    SignedOutEntry,
    SignInRefusedEntry,
)
from hub.journey.ledger_rows import LedgerRow

PAGE = 500
_ACCESS = (AccountChangedEntry, SignedInEntry, SignedOutEntry, SignInRefusedEntry)


@dataclass(frozen=True, slots=True)
class Accessed:
    """One sign-in, refusal or account change, in a sentence."""

    position: int
    at: str
    words: str


@dataclass(frozen=True, slots=True)
class AccessPage:
    """One page, newest first; ``before`` is where the next page begins, None on the last."""

    rows: tuple[Accessed, ...]
    before: int | None


def accesses(hub: Hub, limit: int, before: int | None = None) -> AccessPage:
    """Return one page of sign-ins and account changes, newest first."""
    with hub.reading() as work:
        found = list(work.ledger.newest_of_kinds(_ACCESS, limit + 1, before))
    shown = tuple(map(_accessed, found[:limit]))
    return AccessPage(shown, shown[-1].position if len(found) > limit else None)


def all_looks(hub: Hub, query: AccessQuery) -> Iterator[Access]:
    """Return all matching accesses, newest first, read page by page as they are needed."""
    before: int | None = None
    while True:
        page = looks(hub, query, PAGE, before)
        yield from page.rows
        if page.before is None:
            return
        before = page.before


def _accessed(row: LedgerRow) -> Accessed:
    body = row.readable()
    words = body.sentence() if body else "This entry cannot be read. Verify the ledger."
    return Accessed(row.position, row.at, words)
