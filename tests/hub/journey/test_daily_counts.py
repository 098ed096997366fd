"""What each entry counts for, on which day, of which agency."""

from __future__ import annotations

import datetime as dt

import pytest
from pydantic import JsonValue

from hub.journey.daily_counts import What, flows_of
from hub.ledger.entry import EntryKind, LedgerEntry

NOON = dt.datetime(2026, 9, 1, 12, tzinfo=dt.UTC)
K = EntryKind


def counted(kind: EntryKind, body: dict[str, JsonValue], at: dt.datetime = NOON) -> set[object]:
    """Agency and what, of an entry."""
    entry = LedgerEntry(kind=kind, at=at, body=body)
    return {(flow.agency, flow.what) for flow in flows_of(entry)}


@pytest.mark.parametrize(
    ("kind", "body", "agency", "whats"),
    [
        (K.EVENT_RECEIVED, {"source": "a", "override": False}, "a", {What.EVENTS}),
        (K.EVENT_RECEIVED, {"source": "a", "override": True}, "a", {What.EVENTS, What.OVERRIDES}),
        (K.EVENT_QUARANTINED, {"account": "a"}, "a", {What.QUARANTINED}),
        (K.EVENT_QUARANTINED, {"account": ""}, "", {What.QUARANTINED}),
        (K.DECISION, {"recipient": "b", "permitted": False}, "b", {What.WITHHELD}),
        (K.DECISION, {"recipient": "b", "permitted": True}, "b", set()),
        (K.DECISION, {"recipient": "b", "permitted": False, "notice": True}, "b", set()),
        (K.RELEASE, {"recipient": "b", "anything": True, "repeat": 0}, "b", {What.TOLD}),
        (K.RELEASE, {"recipient": "b", "anything": True, "repeat": 1}, "b", set()),
        (K.RELEASE, {"recipient": "b", "anything": False, "repeat": 0}, "b", {What.WITHHELD}),
        (K.RECEIPT, {"recipient": "b", "outcome": "failed"}, "b", {What.FAILED}),
        (K.RECEIPT, {"recipient": "b", "outcome": "delivered"}, "b", set()),
        (K.LOOK, {"by": "jmalik"}, "", set()),
    ],
)
def test_an_entry_counts_for_the_agency_it_is_about(
    kind: EntryKind, body: dict[str, JsonValue], agency: str, whats: set[What]
) -> None:
    """Each kind of entry for what it shows, and others for nothing."""
    assert counted(kind, body) == {(agency, what) for what in whats}


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (dt.datetime(2026, 7, 1, 23, 30, tzinfo=dt.UTC), dt.date(2026, 7, 2)),
        (dt.datetime(2026, 12, 1, 23, 30, tzinfo=dt.UTC), dt.date(2026, 12, 1)),
    ],
)
def test_a_day_is_a_day_in_england(at: dt.datetime, day: dt.date) -> None:
    """In summer it begins an hour before the UTC day."""
    entry = LedgerEntry(kind=EntryKind.EVENT_RECEIVED, at=at, body={"source": "a"})
    assert [flow.day for flow in flows_of(entry)] == [day]
