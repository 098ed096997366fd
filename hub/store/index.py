"""The index of the ledger: disclosures, daily counts and accesses, filled as the ledger grows.

It is made from the entries alone, in the transaction that appends them; so it can be emptied and
rebuilt at any time, and is no evidence itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.journey.access_log import access_of
from hub.journey.daily_counts import counts_of
from hub.journey.disclosure_index import index_rows_of
from hub.journey.entries import EntryBody
from hub.journey.entries.decisions import DecisionEntry
from hub.store.access_log import AccessLog
from hub.store.daily_counts import DailyCounts
from hub.store.disclosure_index import DisclosureIndex

DatedBody = tuple[int, dt.datetime, EntryBody]
"""An entry's position, moment and body."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """How much was put into the index: decisions, disclosure rows, daily counts, accesses."""

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
        self._disclosures = DisclosureIndex(connection)
        self._daily_counts = DailyCounts(connection)
        self._access_log = AccessLog(connection)

    def add(self, entries: Sequence[DatedBody]) -> Indexed:
        """Add entries to the index; returns how much that was."""
        accesses = (access_of(position, body, at) for position, at, body in entries)
        return Indexed(
            decisions=sum(isinstance(body, DecisionEntry) for _, _, body in entries),
            rows=self._disclosures.add(
                row for position, at, body in entries for row in index_rows_of(position, body, at)
            ),
            flows=self._daily_counts.add(
                count for _, at, body in entries for count in counts_of(body, at)
            ),
            looks=self._access_log.add(one for one in accesses if one is not None),
        )

    def clear(self) -> None:
        """Remove everything from the index."""
        for part in (self._disclosures, self._daily_counts, self._access_log):
            part.clear()
