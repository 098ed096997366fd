"""What each entry counts for, on which day, of which agency."""

from __future__ import annotations

import datetime as dt

import pytest

from hub.journey.daily_counts import counts_of
from hub.journey.entries import MODELS, CountKind, EntryBody
from hub.journey.entries.decisions import DecisionEntry
from hub.journey.entries.deliveries import ReceiptEntry, ReleaseEntry
from hub.journey.entries.events import EventQuarantinedEntry, EventReceivedEntry
from hub.journey.receipts import ReceiptOutcome
from tests.entry_samples import NOW, SAMPLES, sample

COUNTED = {
    model.kind
    for model in (
        EventReceivedEntry, EventQuarantinedEntry, DecisionEntry, ReleaseEntry, ReceiptEntry,
    )
}  # fmt: skip


def counted(body: EntryBody) -> set[tuple[str, CountKind]]:
    """Agency and what, of an entry."""
    return {(one.agency, one.what) for one in counts_of(body, NOW)}


@pytest.mark.parametrize(
    ("body", "agency", "whats"),
    [
        (sample(EventReceivedEntry), "clinic", {CountKind.EVENTS}),
        (
            sample(EventReceivedEntry, override=True),
            "clinic",
            {CountKind.EVENTS, CountKind.OVERRIDES},
        ),
        (sample(EventQuarantinedEntry), "clinic", {CountKind.QUARANTINED}),
        (sample(EventQuarantinedEntry, account=""), "", {CountKind.QUARANTINED}),
        (sample(DecisionEntry, permitted=False), "school", {CountKind.WITHHELD}),
        (sample(DecisionEntry), "school", set()),
        (sample(DecisionEntry, permitted=False, notice=True), "school", set()),
        (sample(ReleaseEntry), "school", {CountKind.TOLD}),
        (sample(ReleaseEntry, repeat=1), "school", set()),
        (sample(ReleaseEntry, anything=False), "school", {CountKind.WITHHELD}),
        (sample(ReceiptEntry), "school", {CountKind.FAILED}),
        (sample(ReceiptEntry, outcome=ReceiptOutcome.DELIVERED), "school", set()),
    ],
)
def test_an_entry_counts_for_the_agency_it_is_about(
    body: EntryBody, agency: str, whats: set[CountKind]
) -> None:
    """Each kind of entry for what it shows."""
    assert counted(body) == {(agency, what) for what in whats}


@pytest.mark.parametrize("kind", sorted(MODELS.keys() - COUNTED))
def test_other_entries_count_for_nothing(kind: str) -> None:
    """They are counted nowhere else either."""
    assert counted(SAMPLES[kind]) == set()


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (dt.datetime(2026, 7, 1, 23, 30, tzinfo=dt.UTC), dt.date(2026, 7, 2)),
        (dt.datetime(2026, 12, 1, 23, 30, tzinfo=dt.UTC), dt.date(2026, 12, 1)),
    ],
)
def test_a_day_is_a_day_in_england(at: dt.datetime, day: dt.date) -> None:
    """In summer it begins an hour before the UTC day."""
    assert [one.day for one in counts_of(sample(EventReceivedEntry), at)] == [day]
