"""``hub retention``: the end of what has been kept for its time."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from hub.cli.context import hub_of, settings_of
from hub.cli.exit_codes import ExitCode
from hub.cli.nouns import group
from hub.cli.output import emit, say
from hub.cli.shared_options import AsJson, By, checked_user
from hub.intake.retention import purge as destroy_expired
from hub.intake.retention import purgeable

retention = group("retention")


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

    A running worker does the same every minute. What is still queued of such an
    event is never released; held events and the quarantine are left alone.

    JSON keys: events, days, dry_run.

    Example: hub retention purge --dry-run
    """
    days, who = settings_of(context).retention_days, checked_user(by)
    kept_for = dt.timedelta(days=days)
    with hub_of(context) as hub:
        count = purgeable(hub, kept_for) if dry_run else destroy_expired(hub, kept_for, by=who)
    if as_json:
        emit({"events": count, "days": days, "dry_run": dry_run})
    else:
        done = "would lose" if dry_run else "lost"
        say(f"{count} event(s) decided more than {days} days ago {done} their content.")
    return ExitCode.OK
