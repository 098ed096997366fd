"""Statutory clocks: how long the law gives for each step of an EHC plan, with where it says so.

The periods are data with a source and a day from which they hold, because the law is being changed:
a new period is a new entry, and the old one gets its last day. Nothing here suspends a clock for
school holidays or for the exceptions of regulation 10(4); those are a person's judgement.

Sources: Special Educational Needs and Disability Regulations 2014 (SI 2014/1530); Children and
Families Act 2014 s.44; R (L) v Devon County Council [2022] EWHC 493 (Admin); Education Act 1996 s.8
with the Education (School Leaving Date) Order 1997 (SI 1997/1970).
"""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """What a period is counted in; weeks and months are the calendar's, holidays included."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


class Counting(StrEnum):
    """Whether the day that starts a period is part of it.

    after: "within six weeks of receiving"; the day itself is day 0. beginning-with: "beginning
    with the day on which", "starting with the date on which"; the day itself is the first day.
    """

    AFTER = "after"
    BEGINNING_WITH = "beginning-with"


class Bound(StrEnum):
    """Whether something must be done by the last day, or must stay possible until it."""

    AT_LATEST = "at-latest"
    AT_LEAST = "at-least"


@dataclass(frozen=True, slots=True)
class Clock:
    """One period of the law: what starts it, how long it runs, and which text says so."""

    code: str
    title: str
    starts: str
    length: int
    unit: Unit
    source: str
    holds_from: dt.date
    holds_until: dt.date | None = None
    counting: Counting = Counting.AFTER
    bound: Bound = Bound.AT_LATEST

    def holds_on(self, day: dt.date) -> bool:
        """Whether the entry is the law on a day; ``holds_until`` is its last day."""
        return self.holds_from <= day and (self.holds_until is None or day <= self.holds_until)


_REGULATIONS = dt.date(2014, 9, 1)  # SI 2014/1530 regulation 1
_JUNE, _SEPTEMBER = 6, 9
_DEVON = dt.date(2022, 3, 9)  # the judgment: the 12 weeks follow from regulations 20 and 22

CLOCKS: tuple[Clock, ...] = (
    Clock(
        code="assessment-decision",
        title="Decide whether to assess, and say so",
        starts="The council received the request for an EHC needs assessment",
        length=6,
        unit=Unit.WEEKS,
        source="SI 2014/1530 reg 5(1)",
        holds_from=_REGULATIONS,
    ),
    Clock(
        code="advice",
        title="Give the advice that the council asked for",
        starts="The agency received the council's request for advice",
        length=6,
        unit=Unit.WEEKS,
        source="SI 2014/1530 reg 8(1)",
        holds_from=_REGULATIONS,
    ),
    Clock(
        code="decision-not-to-issue",
        title="Say that no plan will be issued",
        starts="The council received the request for an EHC needs assessment",
        length=16,
        unit=Unit.WEEKS,
        source="SI 2014/1530 reg 10(1)",
        holds_from=_REGULATIONS,
    ),
    Clock(
        code="draft-representations",
        title="Time for the parent or young person to make representations on the draft plan",
        starts="The draft plan was served",
        length=15,
        unit=Unit.DAYS,
        source="SI 2014/1530 reg 13(1)(a)",
        holds_from=_REGULATIONS,
        counting=Counting.BEGINNING_WITH,
        bound=Bound.AT_LEAST,
    ),
    Clock(
        code="final-plan",
        title="Send the finalised plan",
        starts="The council received the request for an EHC needs assessment",
        length=20,
        unit=Unit.WEEKS,
        source="SI 2014/1530 reg 13(2)",
        holds_from=_REGULATIONS,
    ),
    Clock(
        code="annual-review",
        title="Review the plan",
        starts="The plan was first made, or was last reviewed",
        length=12,
        unit=Unit.MONTHS,
        source="Children and Families Act 2014 s.44(1)",
        holds_from=_REGULATIONS,
        counting=Counting.BEGINNING_WITH,
    ),
    Clock(
        code="review-decision",
        title="Decide after the review to keep, amend or end the plan, and say so",
        starts="The review meeting was held",
        length=4,
        unit=Unit.WEEKS,
        source="SI 2014/1530 reg 20(10)",
        holds_from=_REGULATIONS,
    ),
    Clock(
        code="amended-plan",
        title="Send the amended final plan after a review",
        starts="The review meeting was held",
        length=12,
        unit=Unit.WEEKS,
        source="SI 2014/1530 regs 20(10) and 22; R (L) v Devon [2022] EWHC 493 (Admin)",
        holds_from=_DEVON,
    ),
)


def clock_on(code: str, day: dt.date) -> Clock | None:
    """Find the entry of a clock that is the law on a day, or None where there is none."""
    return next((c for c in CLOCKS if c.code == code and c.holds_on(day)), None)


def due(clock: Clock, start: dt.date) -> dt.date:
    """Compute the last day of a clock's period that was started by what happened on ``start``."""
    if clock.unit is Unit.MONTHS:
        end = _months_after(start, clock.length)
    else:
        days = clock.length * (7 if clock.unit is Unit.WEEKS else 1)
        end = start + dt.timedelta(days=days)
    if clock.counting is Counting.BEGINNING_WITH:
        end -= dt.timedelta(days=1)
    return end


def _months_after(start: dt.date, months: int) -> dt.date:
    """Return the same day so many months on; 1 March where that month is too short to have it."""
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    length = calendar.monthrange(year, month)[1]
    if start.day <= length:
        return dt.date(year, month, start.day)
    return dt.date(year, month, length) + dt.timedelta(days=1)


def compulsory_school_age_end(birth_date: dt.date) -> dt.date:
    """Compute when someone stops being of compulsory school age: at the end of this day.

    It is the last Friday in June of the school year (1 September to 31 August) in which the
    sixteenth birthday falls: Education Act 1996 s.8(3), SI 1997/1970.
    """
    autumn = birth_date.month >= _SEPTEMBER
    year = birth_date.year + 16 + (1 if autumn else 0)
    last = dt.date(year, _JUNE, 30)
    return last - dt.timedelta(days=(last.weekday() - calendar.FRIDAY) % 7)
