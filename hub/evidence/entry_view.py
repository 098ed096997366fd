"""One ledger entry for people: what it is found by, its sentence, and its exact bytes."""

from __future__ import annotations

from dataclasses import dataclass

from hub.evidence.views import LedgerEntryView
from hub.intake.hub import Hub
from hub.journey.ledger_rows import LedgerRow
from hub.ledger.errors import LedgerError
from schemas.errors import NotFound


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry as it is stored; ``words`` is empty and ``fault`` says why where it is damaged.

    ``child`` and ``event`` are the opaque references it is found by.
    """

    position: int
    kind: str
    at: str
    child: str | None
    event: str | None
    text: str
    words: str
    fault: str = ""


def newest_entries(hub: Hub, count: int) -> tuple[int, list[LedgerEntryView]]:
    """Return the size of the ledger and its newest entries, the oldest of them first."""
    with hub.reading() as work:
        size = work.ledger.size()
        return size, [_summary(row) for row in work.ledger.rows(max(0, size - count), size)]


def entries_from(hub: Hub, start: int) -> tuple[int, list[LedgerEntryView]]:
    """Return the size of the ledger and its entries from a position on."""
    with hub.reading() as work:
        size = work.ledger.size()
        return size, [_summary(row) for row in work.ledger.rows(start, size)]


def _summary(row: LedgerRow) -> LedgerEntryView:
    """Describe an entry; one that cannot be read has a sentence that says so, and no body."""
    try:
        words, body = row.read().sentence(), row.decoded().body
    except LedgerError as error:
        words, body = f"This entry cannot be read: {error}. Run 'hub audit verify'.", {}
    return LedgerEntryView(
        position=row.position, at=row.at, kind=row.kind, sentence=words, body=body
    )


def entry_at(hub: Hub, position: int) -> EntryView:
    """Read one entry, damaged or not; raises NotFound where there is none."""
    with hub.reading() as work:
        row = next(work.ledger.rows(position, position + 1), None)
        size = work.ledger.size()
    if row is None:
        raise NotFound(f"The ledger has no entry {position}. It has {size}, counted from 0.")
    words = fault = ""
    try:
        words = row.read().sentence()
    except LedgerError as error:
        fault = str(error)
    text = row.entry.decode("utf-8", errors="replace")
    child, event = row.subject.child, row.subject.event
    return EntryView(row.position, row.kind, row.at, child, event, text, words, fault)
