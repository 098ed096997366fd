"""``hub reoffer``: deliver what was withheld and is permitted now."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.casework.deliveries.reoffer import reoffer as offer_again
from hub.cli.context import hub_of
from hub.cli.exit_codes import ExitCode
from hub.cli.output import emit, moment, say, table
from hub.cli.shared_options import (
    AsJson,
    By,
    Child,
    NhsNumber,
    Reason,
    Upn,
    checked_reason,
    checked_user,
    sought_of,
)
from schemas.counted import counted


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("reoffer")(reoffer)


def reoffer(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    *,
    by: By = None,
    reason: Reason,
    child: Child = None,
    nhs_number: NhsNumber = None,
    upn: Upn = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be delivered, and to whom.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Deliver what was withheld and is permitted now.

    Decides every stored event of one child again, for example after a consent was
    recorded. Each agency gets only what the agreements and directives in force
    permit, and nothing that it has or will get already. Records that were
    corrected or retracted since are left out. It is recorded in the ledger, a
    --dry-run as an access. An identifier given as - is read from a hidden prompt.

    JSON keys: child, dry_run, offers (each with event, type, happened_at,
    source, recipient, sections, delivery).

    Example: hub reoffer --nhs-number - --dry-run --reason CASE-104
    """
    sought = sought_of(nhs=nhs_number, pupil=upn, child=child)
    user, why = checked_user(by), checked_reason(reason)
    with hub_of(context) as hub:
        done = offer_again(hub, sought, by=user, reason=why, dry_run=dry_run)
    if as_json:
        emit(done)
        return ExitCode.OK
    if done.offers:
        heads = ("happened", "type", "from", "to", "sections")
        rows = [
            (moment(o.happened_at), o.type, o.source, o.recipient, " ".join(o.sections))
            for o in done.offers
        ]
        table(heads, rows)
    outcome = "would be made" if dry_run else "made"
    say(f"{counted(len(done.offers), 'new delivery', 'new deliveries')} {outcome}.")
    return ExitCode.OK
