"""``hub audit flows``: how much went from and to each agency, counted from the ledger."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Annotated

import typer

from hub.cli.context import hub_of, settings_of
from hub.cli.exit_codes import ExitCode
from hub.cli.output import emit, say, table
from hub.cli.shared_options import AsJson

DAYS = 30


def add_to(audit: typer.Typer) -> None:
    """Add the verb."""
    audit.command()(flows)


def flows(
    context: typer.Context,
    *,
    days: Annotated[
        int, typer.Option(min=1, max=3660, help="How many days, today among them.")
    ] = DAYS,
    as_json: AsJson = False,
) -> int:
    """Count what went from and to each agency in the last days.

    events, overrides and quarantined are of what the agency sent; told, withheld
    and failed of what was for it. Days are days in England. An agency that has
    sent nothing for 'console.silent_days' is silent.

    JSON keys: first, last, agencies (each with agency, events, told, withheld,
    overrides, quarantined, failed, last_event, silent).

    Example: hub audit flows --days 7
    """
    from hub.casework.dashboard import flows_in  # noqa: PLC0415  the store's library loads with it

    silent = settings_of(context).console.silent_days
    with hub_of(context) as hub:
        first, last, found = flows_in(hub, days, silent)
    if as_json:
        rows = [asdict(one) for one in found]
        emit({"first": str(first), "last": str(last), "agencies": [_plain(row) for row in rows]})
        return ExitCode.OK
    say(f"From {first} to {last}:")
    heads = ("agency", "events", "told", "withheld", "overrides", "quarantined", "failed", "last")
    rows_ = [[_cell(value) for value in asdict(one).values()][: len(heads)] for one in found]
    table(heads, rows_)
    quiet = [one.agency for one in found if one.silent]
    if quiet:
        say(f"Silent for {silent} days or more: {', '.join(quiet)}.")
    return ExitCode.OK


def _plain(row: dict[str, object]) -> dict[str, object]:
    return row | {"last_event": _cell(row["last_event"])}


def _cell(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date) else value
