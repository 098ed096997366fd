"""Ledger entries as the store returns them: an entry's bytes with its position and subject."""

from __future__ import annotations

from dataclasses import dataclass

from hub.journey.entries import EntryBody, EntrySubject, body_of
from hub.ledger.entry import LedgerEntry, decode
from hub.ledger.errors import LedgerError


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One entry of the ledger. Only ``entry`` is evidence; the rest is what it is found by."""

    position: int
    kind: str
    at: str
    subject: EntrySubject
    entry: bytes

    def decoded(self) -> LedgerEntry:
        """Decode the entry; raises LedgerError where it is damaged."""
        return decode(self.entry)

    def read(self) -> EntryBody:
        """Read the body by its kind; raises LedgerError where it is damaged or malformed."""
        return body_of(self.decoded())

    def readable(self) -> EntryBody | None:
        """Read the body by its kind; None where it is damaged or malformed."""
        try:
            return self.read()
        except LedgerError:
            return None
