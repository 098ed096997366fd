"""Times: moments as the store keeps them, days as people write them."""

from __future__ import annotations

import datetime as dt

import pytest

from schemas.times import day_start, parse_day, stamp, unstamp


def test_a_stamp_is_read_back() -> None:
    """To the microsecond, in UTC."""
    moment = dt.datetime(2026, 7, 1, 1, 2, 3, 4, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    assert stamp(moment) == "2026-07-01T00:02:03.000004Z"
    assert unstamp(stamp(moment)) == moment


def test_a_day_is_written_with_hyphens() -> None:
    """Year, month, day."""
    assert parse_day("2026-09-01") == dt.date(2026, 9, 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "20260901",
        "2026-W36-2",
        "2026-9-1",
        "2026-02-30",
        "1756684800",
        "\u0662\u0660\u0662\u0666-09-01",
    ],
)
def test_any_other_form_is_refused(text: str) -> None:
    """Also those that Python's own reader accepts."""
    with pytest.raises(ValueError, match=r".+"):
        parse_day(text)


def test_a_day_begins_at_midnight_in_england() -> None:
    """In summer that is the evening before in UTC; ``after`` counts days, not hours."""
    begins = day_start(dt.date(2026, 7, 1)).astimezone(dt.UTC)
    assert begins == dt.datetime(2026, 6, 30, 23, tzinfo=dt.UTC)
    changed = day_start(dt.date(2026, 10, 25), after=1).astimezone(dt.UTC)
    assert changed == dt.datetime(2026, 10, 26, tzinfo=dt.UTC)
