"""``hub quarantine``: inputs that were not understood, and what a person does with them."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from hub.casework import quarantine as inputs
from hub.cli.context import hub_of
from hub.cli.exit_codes import ExitCode
from hub.cli.nouns import group
from hub.cli.output import emit, moment, plain, say, table
from hub.cli.shared_options import AsJson, AsJsonLines, By, Reason, checked_reason, checked_user
from schemas.errors import ConfigurationError

quarantine = group("quarantine")
Id = Annotated[str, typer.Argument(metavar="ID", help="The input's id, from the list.")]


def add_to(app: typer.Typer) -> None:
    """Add the noun."""
    app.add_typer(quarantine)


@quarantine.command("list")
def list_(
    context: typer.Context,
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what was retried or discarded.")
    ] = False,
    as_json: AsJsonLines = False,
) -> int:
    """List inputs that wait for a person, oldest first.

    JSON keys: id, account, code, sentence, place, state, size, arrived_at.

    Example: hub quarantine list
    """
    with hub_of(context) as hub:
        found = inputs.listed(hub, everything=everything)
    if as_json:
        for item in found:
            emit(item)
    elif found:
        heads = ("id", "arrived", "account", "code", "size", "state")
        rows = [(i.id, moment(i.arrived_at), i.account, i.code, i.size, i.state) for i in found]
        table(heads, rows)
    else:
        say("No input waits in the quarantine.")
    return ExitCode.OK


@quarantine.command()
def show(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    item_id: Id,
    *,
    body: Annotated[
        bool, typer.Option("--body", help="Write the bytes as received; needs --reason.")
    ] = False,
    by: By = None,
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why, with --body: for the ledger.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Show one input: its fault, where it is, and who sent it.

    With --body its bytes go to standard output and nothing else; that opens
    personal data, and is recorded in the ledger as an access.

    JSON keys: id, account, code, sentence, place, state, size, arrived_at.

    Example: hub quarantine show 4c1f... --body --reason CASE-104
    """
    if body:
        return _write_body(context, item_id, by, reason)
    with hub_of(context) as hub:
        item = inputs.shown(hub, item_id)
    if as_json:
        emit(item)
    else:
        for name, value in item:
            say(f"{name:<11}{plain(value)}")
    return ExitCode.OK


def _write_body(context: typer.Context, item_id: str, by: str | None, reason: str | None) -> int:
    if reason is None:
        raise ConfigurationError("--body opens personal data: it needs --reason.")
    with hub_of(context) as hub:
        raw = inputs.opened(hub, item_id, by=checked_user(by), reason=checked_reason(reason))
    sys.stdout.flush()
    sys.stdout.buffer.write(raw)
    sys.stdout.buffer.flush()
    return ExitCode.OK


@quarantine.command()
def retry(
    context: typer.Context,
    item_ids: Annotated[list[str], typer.Argument(metavar="ID...", help="From the list.")],
    *,
    by: By = None,
    reason: Reason = "retried",
    as_json: AsJsonLines = False,
) -> int:
    """Judge inputs again, after an agency or a setting changed.

    What is understood now is decided like any event; the rest waits again. Ends
    with 1 where any input waits again.

    JSON keys: id, outcome, code, text, taken.

    Example: hub quarantine retry 4c1f... --by jmalik
    """
    user, why, taken = checked_user(by), checked_reason(reason), True
    with hub_of(context) as hub:
        for reference in item_ids:
            done = inputs.retry(hub, reference, by=user, reason=why)
            taken &= done.taken
            if as_json:
                emit(done)
            else:
                code = f" ({done.code})" if done.code else ""
                say(f"{done.id}  {done.outcome}{code}  {plain(done.text)}".rstrip())
    return ExitCode.OK if taken else ExitCode.FOUND


@quarantine.command()
def discard(context: typer.Context, item_id: Id, *, by: By = None, reason: Reason) -> int:
    """Close one input for good.

    Example: hub quarantine discard 4c1f... --by jmalik --reason "sent again, good"
    """
    with hub_of(context) as hub:
        inputs.discard(hub, item_id, by=checked_user(by), reason=checked_reason(reason))
    say(f"Discarded {item_id}.")
    return ExitCode.OK
