"""``hub retention``: destroy the content of events past their retention period."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from hub.cli.context import hub_of, settings_of
from hub.cli.exit_codes import ExitCode
from hub.cli.nouns import group
from hub.cli.output import emit, say
from hub.cli.shared_options import AsJson, By, checked_user
from hub.foundation.view_model import ViewModel
from hub.intake.retention import purge as destroy_expired
from hub.intake.retention import purgeable
from schemas.counted import counted

retention = group("retention")


class PurgeResult(ViewModel):
    """How many events lost their content, or with ``dry_run`` would lose it."""

    events: int
    days: int
    dry_run: bool


def add_to(app: typer.Typer) -> None:
    """Add the noun."""
    app.add_typer(retention)


@retention.command()
def purge(
    context: typer.Context,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count them.")] = False,
    by: By = None,
    as_json: AsJson = False,
) -> int:
    """Destroy the content of decided events older than retention_days.

    A running worker does the same every minute. Deliveries of such an event that
    are still queued are never released; held events and the quarantine stay.

    JSON keys: events, days, dry_run.

    Example: hub retention purge --dry-run
    """
    days, user = settings_of(context).retention_days, checked_user(by)
    period = dt.timedelta(days=days)
    with hub_of(context) as hub:
        count = purgeable(hub, period) if dry_run else destroy_expired(hub, period, by=user)
    if as_json:
        emit(PurgeResult(events=count, days=days, dry_run=dry_run))
    else:
        outcome = "would lose" if dry_run else "lost"
        age = counted(days, "day")
        say(f"{counted(count, 'event')} decided more than {age} ago {outcome} content.")
    return ExitCode.OK
