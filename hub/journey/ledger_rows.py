"""Ledger entries as the store keeps them: an entry with its position and hash."""

from __future__ import annotations

from dataclasses import dataclass

from hub.journey.entries import Subject


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One entry as it stands in the ledger."""

    position: int
    kind: str
    at: str
    subject: Subject
    entry: bytes
