"""``hub reoffer``: deliver what was withheld and is permitted now."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from hub.casework.deliveries.reoffer import reoffer as reoffer_all
from hub.cli.context import hub_of
from hub.cli.exit_codes import ExitCode
from hub.cli.output import emit, say, table
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

    Every event that is still kept is decided again, as things are now: after a
    consent was given, say. Nobody gets what the agreements and directives in
    force would not give, and nobody gets twice what it has or will get. What
    was corrected or taken back since is left out. It is recorded in the ledger;
    so is a --dry-run, as a look. An identifier may be -: it is then asked for.

    JSON keys: child, dry_run, offers (each with event, type, happened_at,
    source, recipient, sections, delivery).

    Example: hub reoffer --nhs-number - --dry-run --by jmalik --reason CASE-104
    """
    sought = sought_of(nhs=nhs_number, pupil=upn, child=child)
    who, why = checked_user(by), checked_reason(reason)
    with hub_of(context) as hub:
        found, offers = reoffer_all(hub, sought, by=who, reason=why, dry_run=dry_run)
    if as_json:
        listed = [asdict(offer) for offer in offers]
        emit({"child": found, "dry_run": dry_run, "offers": listed})
        return ExitCode.OK
    if offers:
        heads = ("happened", "type", "from", "to", "sections")
        table(
            heads,
            [
                (o.happened_at[:19], o.type, o.source, o.recipient, " ".join(o.sections))
                for o in offers
            ],
        )
    say(f"{len(offers)} {'would be delivered' if dry_run else 'put on their way'}.")
    return ExitCode.OK
