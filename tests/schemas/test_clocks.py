"""Statutory clocks: the vectors, and the days on which the law counts."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from dateutil.relativedelta import FR, relativedelta
from hypothesis import given
from hypothesis import strategies as st

from schemas.clocks import (
    CLOCKS,
    Bound,
    Clock,
    Counting,
    clock_on,
    compulsory_school_age_end,
    due,
)

DATES = st.dates(dt.date(2014, 9, 1), dt.date(2100, 1, 1))
TODAY = dt.date(2026, 3, 2)


def day(text: str) -> dt.date:
    """Read an ISO date."""
    return dt.date.fromisoformat(text)


def clock(code: str) -> Clock:
    """Find a clock of today's law."""
    found = clock_on(code, TODAY)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("start", "six", "sixteen", "twenty"),
    [
        ("2025-01-06", "2025-02-17", "2025-04-28", "2025-05-26"),
        ("2024-09-02", "2024-10-14", "2024-12-23", "2025-01-20"),
        ("2024-02-29", "2024-04-11", "2024-06-20", "2024-07-18"),
        ("2025-12-15", "2026-01-26", "2026-04-06", "2026-05-04"),
        ("2025-03-30", "2025-05-11", "2025-07-20", "2025-08-17"),
    ],
)
def test_six_sixteen_and_twenty_weeks(start: str, six: str, sixteen: str, twenty: str) -> None:
    """The periods of regulations 5, 8, 10 and 13 end on these days."""
    codes = ("assessment-decision", "advice", "decision-not-to-issue", "final-plan")
    ends = [due(clock(code), day(start)) for code in codes]
    assert ends == [day(six), day(six), day(sixteen), day(twenty)]


def test_fifteen_days_begin_with_the_day_of_service() -> None:
    """Regulation 13(1)(a) counts the day on which the draft was served, and is a minimum."""
    representations = clock("draft-representations")
    assert due(representations, day("2026-03-02")) == day("2026-03-16")
    assert representations.bound is Bound.AT_LEAST


@pytest.mark.parametrize(
    ("start", "end"),
    [("2025-03-02", "2026-03-01"), ("2024-02-29", "2025-02-28"), ("2025-01-01", "2025-12-31")],
)
def test_twelve_months_start_with_the_day_of_the_plan(start: str, end: str) -> None:
    """Section 44(1) counts the day itself, so a year ends the day before."""
    assert due(clock("annual-review"), day(start)) == day(end)


def test_after_a_review_meeting_come_four_and_twelve_weeks() -> None:
    """Decision and amended plan are both counted from the meeting."""
    meeting = day("2026-01-05")
    assert due(clock("review-decision"), meeting) == day("2026-02-02")
    assert due(clock("amended-plan"), meeting) == day("2026-03-30")


@given(DATES)
def test_weeks_agree_with_another_library(start: dt.date) -> None:
    """Dateutil adds the same weeks."""
    for code, weeks in (("advice", 6), ("decision-not-to-issue", 16), ("final-plan", 20)):
        assert due(clock(code), start) == start + relativedelta(weeks=weeks)


@given(DATES)
def test_a_later_start_never_ends_earlier(start: dt.date) -> None:
    """Every clock keeps the order of days."""
    for entry in CLOCKS:
        assert due(entry, start) <= due(entry, start + dt.timedelta(days=1))


def test_a_clock_is_the_law_only_in_its_time() -> None:
    """Before the regulations came into force there is none."""
    assert clock_on("final-plan", day("2014-08-31")) is None
    assert clock_on("final-plan", day("2014-09-01")) is not None
    assert clock_on("no-such-clock", TODAY) is None


def test_an_entry_holds_through_its_last_day() -> None:
    """The successor begins on the day after."""
    old = Clock(
        code="x",
        title="x",
        starts="x",
        length=1,
        unit=clock("advice").unit,
        source="x",
        holds_from=day("2020-01-01"),
        holds_until=day("2020-12-31"),
    )
    assert old.holds_on(day("2020-12-31"))
    assert not old.holds_on(day("2021-01-01"))
    assert old.counting is Counting.AFTER


def test_no_two_entries_of_a_clock_hold_on_one_day() -> None:
    """On any day the law says one thing."""
    for one, other in itertools.combinations(CLOCKS, 2):
        if one.code == other.code:
            first, second = sorted((one, other), key=lambda c: c.holds_from)
            assert first.holds_until is not None
            assert first.holds_until < second.holds_from


def test_every_clock_says_where_it_comes_from() -> None:
    """Source, start and title are filled in."""
    assert all(c.source and c.starts and c.title and c.length > 0 for c in CLOCKS)


@pytest.mark.parametrize(
    ("born", "end"),
    [
        ("2009-08-31", "2025-06-27"),
        ("2009-09-01", "2026-06-26"),
        ("2010-01-15", "2026-06-26"),
        ("2008-02-29", "2024-06-28"),
        ("2010-06-26", "2026-06-26"),
        ("2009-06-27", "2025-06-27"),
    ],
)
def test_the_end_of_compulsory_school_age(born: str, end: str) -> None:
    """The last Friday in June of the school year of the sixteenth birthday."""
    assert compulsory_school_age_end(day(born)) == day(end)


@given(st.dates(dt.date(1990, 1, 1), dt.date(2080, 12, 31)))
def test_school_leaving_agrees_with_another_library(born: dt.date) -> None:
    """Dateutil finds the same last Friday in June."""
    sixteen = born + relativedelta(years=16)
    year = sixteen.year + (1 if born.month >= 9 else 0)
    last_friday = dt.date(year, 6, 30) + relativedelta(weekday=FR(-1))
    assert compulsory_school_age_end(born) == last_friday
