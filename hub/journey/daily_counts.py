"""What flowed through the hub, counted by day and agency: sent, told, withheld, and what failed.

Counts are made of the ledger's entries and of nothing else. A day is a day in England. Pure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from hub.journey.receipts import ReceiptOutcome
from hub.ledger.entry import EntryKind, LedgerEntry

LONDON = ZoneInfo("Europe/London")
Body = Mapping[str, JsonValue]


class What(StrEnum):
    """What is counted, and of which agency."""

    EVENTS = "events"  # an event of the agency was taken
    OVERRIDES = "overrides"  # an event of the agency asserted a safeguarding override
    QUARANTINED = "quarantined"  # an input of the agency was quarantined
    TOLD = "told"  # the agency was given a delivery's keys, the first time
    WITHHELD = "withheld"  # the agency was told nothing of an event, or refused a delivery's keys
    FAILED = "failed"  # the agency's adapter could not hand a delivery over


@dataclass(frozen=True, slots=True)
class Flow:
    """How often something happened to an agency on a day.

    ``agency`` is empty where an account that is no registered agency sent the input.
    """

    day: dt.date
    agency: str
    what: What
    count: int = 1


def flows_of(entry: LedgerEntry) -> Iterator[Flow]:
    """Give what one entry counts for, each once."""
    body = entry.body
    counted = _COUNTED.get(entry.kind)
    if counted is None:
        return
    day = entry.at.astimezone(LONDON).date()
    side, whats = counted[0], counted[1](body)
    for what in whats:
        yield Flow(day, str(body.get(side) or ""), what)


def _received(body: Body) -> Iterator[What]:
    yield What.EVENTS
    if body.get("override") is True:
        yield What.OVERRIDES


def _quarantined(_body: Body) -> Iterator[What]:
    yield What.QUARANTINED


def _decided(body: Body) -> Iterator[What]:
    if body.get("permitted") is not True and body.get("notice") is not True:
        yield What.WITHHELD


def _released(body: Body) -> Iterator[What]:
    if body.get("anything") is not True:
        yield What.WITHHELD
    elif body.get("repeat") == 0:
        yield What.TOLD


def _receipt(body: Body) -> Iterator[What]:
    if body.get("outcome") == ReceiptOutcome.FAILED:
        yield What.FAILED


# By kind of entry: the member of its body that names the agency, and what it counts for.
_COUNTED = {
    EntryKind.EVENT_RECEIVED: ("source", _received),
    EntryKind.EVENT_QUARANTINED: ("account", _quarantined),
    EntryKind.DECISION: ("recipient", _decided),
    EntryKind.RELEASE: ("recipient", _released),
    EntryKind.RECEIPT: ("recipient", _receipt),
}
