"""Daily counts by agency: events, disclosures, refusals and failures, from the ledger alone. Pure.

A day is a day in England.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from hub.journey.entries import CountKind, EntryBody
from schemas.times import LONDON


@dataclass(frozen=True, slots=True)
class DailyCount:
    """How often something happened to an agency on a day.

    ``agency`` is empty where an account that is no registered agency sent the input.
    """

    day: dt.date
    agency: str
    what: CountKind
    count: int = 1


def counts_of(body: EntryBody, at: dt.datetime) -> Iterator[DailyCount]:
    """Return what one entry counts for, each once."""
    day = at.astimezone(LONDON).date()
    for agency, what in body.daily_counts():
        yield DailyCount(day, agency, what)
