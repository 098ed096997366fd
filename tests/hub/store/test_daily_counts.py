"""Counts by day and agency, over both stores."""

from __future__ import annotations

import datetime as dt

from hub.intake.hub import Hub
from hub.journey.daily_counts import DailyCount
from hub.journey.entries import CountKind
from hub.store.daily_counts import Total

DAY = dt.date(2026, 9, 1)
NEXT = dt.date(2026, 9, 2)


def add(hub: Hub, *flows: DailyCount) -> None:
    """Count, in a transaction of its own."""
    with hub.writing() as (work, _):
        work.daily_counts.add(flows)


def test_counts_add_up(hub: Hub) -> None:
    """Within one piece of work, and from one to the next."""
    for _ in range(2):
        add(
            hub,
            DailyCount(DAY, "a", CountKind.TOLD),
            DailyCount(DAY, "a", CountKind.TOLD),
            DailyCount(DAY, "b", CountKind.TOLD),
        )
    with hub.reading() as work:
        found = work.daily_counts.between(DAY, DAY)
    assert found == (
        DailyCount(DAY, "a", CountKind.TOLD, 4),
        DailyCount(DAY, "b", CountKind.TOLD, 2),
    )


def test_work_that_is_undone_counts_for_nothing(hub: Hub) -> None:
    """The counts say what the ledger says."""
    add(hub, DailyCount(DAY, "a", CountKind.TOLD))
    with hub.writing() as (work, _):
        before = work.daily_counts.between(DAY, DAY)
        with work.ledger.savepoint() as part:
            work.daily_counts.add([DailyCount(DAY, "a", CountKind.TOLD)])
            part.rollback()
        assert work.daily_counts.between(DAY, DAY) == before


def test_days_are_read_with_the_last_one_included(hub: Hub) -> None:
    """And nothing beside them."""
    add(hub, *(DailyCount(DAY + dt.timedelta(days=n), "a", CountKind.EVENTS) for n in range(4)))
    with hub.reading() as work:
        found = work.daily_counts.between(NEXT, NEXT + dt.timedelta(days=1))
    assert [flow.day for flow in found] == [NEXT, NEXT + dt.timedelta(days=1)]


def test_days_are_summed_up_agency_by_agency(hub: Hub) -> None:
    """As an overview of a month wants it."""
    add(hub, *(DailyCount(DAY + dt.timedelta(days=n), "a", CountKind.EVENTS, 2) for n in range(4)))
    with hub.reading() as work:
        assert work.daily_counts.totals(DAY, NEXT) == (Total("a", CountKind.EVENTS, 4),)


def test_the_last_day_of_each_agency_that_sent_is_known(hub: Hub) -> None:
    """What others told it does not count as a sign of life."""
    add(
        hub, DailyCount(DAY, "a", CountKind.EVENTS), DailyCount(NEXT, "a", CountKind.EVENTS),
        DailyCount(DAY, "b", CountKind.EVENTS), DailyCount(NEXT, "b", CountKind.TOLD),
        DailyCount(DAY, "c", CountKind.TOLD),
    )  # fmt: skip
    with hub.reading() as work:
        assert work.daily_counts.last_event_day() == {"a": NEXT, "b": DAY}
