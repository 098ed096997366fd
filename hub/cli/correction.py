"""``hub correction``: who was told that a record is wrong, and who has confirmed it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from hub.casework.deliveries.corrections import CorrectionRecipient, CorrectionStatus, listed
from hub.cli.context import hub_of
from hub.cli.exit_codes import ExitCode
from hub.cli.nouns import group
from hub.cli.output import emit, say, table

correction = group("correction")


def add_to(app: typer.Typer) -> None:
    """Add the noun."""
    app.add_typer(correction)


@correction.command("list")
def list_(
    context: typer.Context,
    *,
    open_only: Annotated[
        bool, typer.Option("--open", help="Only those that somebody has not acknowledged.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object a line.")] = False,
) -> int:
    """List corrections and retractions, oldest first: who was told, who acknowledged.

    An agency acknowledges by the receipt that its system took the correction,
    or the notice that there is one. Ends with 1 where anybody has not yet.

    JSON keys: event, type, source, status, received_at, told (each with
    recipient, state, delivery, notice, code, at, acknowledged), outstanding.

    Example: hub correction list --open
    """
    with hub_of(context) as hub:
        found = listed(hub, open_only=open_only)
    if as_json:
        for one in found:
            emit(_as_json(one))
    elif found:
        heads = ("received", "status", "type", "from", "to", "what", "state", "code")
        table(heads, [_row(one, told) for one in found for told in one.told or (None,)])
    else:
        say("No record was corrected or taken back." if not open_only else "All are acknowledged.")
    return ExitCode.FOUND if any(one.outstanding for one in found) else ExitCode.OK


def _row(one: CorrectionStatus, told: CorrectionRecipient | None) -> tuple[str, ...]:
    change = one.change
    head = (change.received_at[:19], change.status, change.type, change.source)
    if told is None:
        return (*head, "nobody", "", "", "")
    state = "acknowledged" if told.acknowledged else told.state
    return (*head, told.recipient, "notice" if told.notice else "correction", state, told.code)


def _as_json(one: CorrectionStatus) -> dict[str, object]:
    return {
        "event": one.change.ref,
        "type": one.change.type,
        "source": one.change.source,
        "status": one.change.status,
        "received_at": one.change.received_at,
        "told": [asdict(told) | {"acknowledged": told.acknowledged} for told in one.told],
        "outstanding": list(one.outstanding),
    }
