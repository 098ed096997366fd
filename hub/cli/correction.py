"""``hub correction``: corrections of records, and which agencies have acknowledged them."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.casework.deliveries.corrections import CorrectionRecipient, CorrectionStatus, listed
from hub.cli.context import hub_of
from hub.cli.exit_codes import ExitCode
from hub.cli.nouns import group
from hub.cli.output import emit, moment, say, table
from hub.cli.shared_options import AsJsonLines

correction = group("correction")


def add_to(app: typer.Typer) -> None:
    """Add the noun."""
    app.add_typer(correction)


@correction.command("list")
def list_(
    context: typer.Context,
    *,
    open_only: Annotated[
        bool, typer.Option("--open", help="Only those that an agency has not acknowledged.")
    ] = False,
    as_json: AsJsonLines = False,
) -> int:
    """List corrections and retractions, oldest first.

    An agency acknowledges with the receipt that its system took the correction,
    or the notice that there is one. Ends with 1 where an agency has not.

    JSON keys: event, type, source, status, received_at, recipients (each with
    recipient, state, delivery, notice, code, at, acknowledged), outstanding.

    Example: hub correction list --open
    """
    with hub_of(context) as hub:
        found = listed(hub, open_only=open_only)
    if as_json:
        for one in found:
            emit(one)
    elif found:
        heads = ("received", "status", "type", "from", "to", "sent", "state", "code")
        table(heads, [_row(one, to) for one in found for to in one.recipients or (None,)])
    else:
        say("All are acknowledged." if open_only else "No record was corrected or retracted.")
    return ExitCode.FOUND if any(one.outstanding for one in found) else ExitCode.OK


def _row(one: CorrectionStatus, to: CorrectionRecipient | None) -> tuple[str, ...]:
    head = (moment(one.received_at), one.status, one.type, one.source)
    if to is None:
        return (*head, "no agency", "", "", "")
    state = "acknowledged" if to.acknowledged else to.state
    return (*head, to.recipient, "notice" if to.notice else "correction", state, to.code)
