"""``hub audit flows``: how much each agency sent and received, counted from the ledger."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.casework.dashboard import counts_by_agency
from hub.cli.context import hub_of, settings_of
from hub.cli.exit_codes import ExitCode
from hub.cli.output import emit, say, table
from hub.cli.shared_options import AsJson
from schemas.counted import counted

DAYS = 30
COLUMNS = ("agency", "events", "told", "withheld", "overrides", "quarantined", "failed")


def add_to(audit: typer.Typer) -> None:
    """Add the verb."""
    audit.command()(flows)


def flows(
    context: typer.Context,
    *,
    days: Annotated[
        int, typer.Option(min=1, max=3660, help="How many days, today included.")
    ] = DAYS,
    as_json: AsJson = False,
) -> int:
    """Count what each agency sent and received in the last days.

    events, overrides and quarantined count what the agency sent; told, withheld
    and failed count what was for it. Days are days in England. An agency that
    has sent nothing for 'console.silent_days' is silent.

    JSON keys: first, last, agencies (each with agency, events, told, withheld,
    overrides, quarantined, failed, last_event, silent).

    Example: hub audit flows --days 7
    """
    silent_days = settings_of(context).console.silent_days
    with hub_of(context) as hub:
        found = counts_by_agency(hub, days, silent_days)
    if as_json:
        emit(found)
        return ExitCode.OK
    say(f"From {found.first} to {found.last}:")
    rows = [[getattr(one, name) for name in (*COLUMNS, "last_event")] for one in found.agencies]
    table((*COLUMNS, "last event"), rows)
    silent = [one.agency for one in found.agencies if one.silent]
    if silent:
        say(f"Silent for {counted(silent_days, 'day')} or more: {', '.join(silent)}.")
    return ExitCode.OK
