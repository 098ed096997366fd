"""The index of the ledger: what its entries found, counted and saw, filled as it grows.

It is made of the entries and of nothing else, in the transaction that appends them; so it can be
emptied and made anew at any time, and is no evidence itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.journey.access_log import look_of
from hub.journey.daily_counts import flows_of
from hub.journey.disclosure_index import findings_of
from hub.ledger.entry import EntryKind, LedgerEntry
from hub.store.access_log import AccessLog
from hub.store.daily_counts import DailyCounts
from hub.store.disclosure_index import DisclosureIndex

Placed = tuple[int, LedgerEntry]


@dataclass(frozen=True, slots=True)
class Indexed:
    """How much was put into the index: decisions, rows of findings, counts of flows, looks."""

    decisions: int = 0
    rows: int = 0
    flows: int = 0
    looks: int = 0

    def __add__(self, other: Indexed) -> Indexed:
        return Indexed(
            self.decisions + other.decisions,
            self.rows + other.rows,
            self.flows + other.flows,
            self.looks + other.looks,
        )


class Index:
    """Fills and empties the whole index, on one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._findings = DisclosureIndex(connection)
        self._flows = DailyCounts(connection)
        self._looks = AccessLog(connection)

    def add(self, entries: Sequence[Placed]) -> Indexed:
        """Put entries in, each with its place in the ledger; returns how much that was."""
        seen = (look_of(position, entry) for position, entry in entries)
        return Indexed(
            decisions=sum(entry.kind is EntryKind.DECISION for _, entry in entries),
            rows=self._findings.add(
                found for position, entry in entries for found in findings_of(position, entry)
            ),
            flows=self._flows.add(flow for _, entry in entries for flow in flows_of(entry)),
            looks=self._looks.add(look for look in seen if look is not None),
        )

    def clear(self) -> None:
        """Take everything out."""
        for part in (self._findings, self._flows, self._looks):
            part.clear()
