"""The options ``--from`` and ``--until``: days in England, the last one included."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from schemas.errors import ConfigurationError
from schemas.times import day_start, parse_day

From = Annotated[str | None, typer.Option("--from", metavar="DATE", help="First day.")]
Until = Annotated[str | None, typer.Option("--until", metavar="DATE", help="Last day.")]


def period(first: str | None, last: str | None) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Return the moments at which the first day begins and the last day ends.

    Raises ConfigurationError where one is not a day, or the last day is before the first.
    """
    begins = _moment("--from", first) if first else None
    ends = _moment("--until", last, after=1) if last else None
    if begins and ends and ends <= begins:
        raise ConfigurationError(f"--until {last} is before --from {first}.")
    return begins, ends


def _moment(option: str, text: str, *, after: int = 0) -> dt.datetime:
    try:
        return day_start(parse_day(text), after=after)
    except (ValueError, OverflowError):
        raise ConfigurationError(f"{option} takes a day such as 2026-09-01.") from None
