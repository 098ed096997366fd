"""Days as a person names them on the command line: days in England."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from schemas.errors import ConfigurationError

LONDON = ZoneInfo("Europe/London")

Begins = Annotated[str | None, typer.Option("--from", metavar="DATE", help="First day.")]
Until = Annotated[str | None, typer.Option("--until", metavar="DATE", help="Last day.")]


def period(begins: str | None, until: str | None) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Give the moment at which the first day begins, and that at which the last one is over."""
    return _day(begins) if begins else None, _day(until, after=1) if until else None


def _day(text: str, after: int = 0) -> dt.datetime:
    """Give the moment at which a day begins in England, or one so many days later."""
    try:
        day = dt.date.fromisoformat(text) + dt.timedelta(days=after)
        return dt.datetime.combine(day, dt.time(), LONDON)
    except (ValueError, OverflowError):
        raise ConfigurationError("--from and --until take a day such as 2026-09-01.") from None
