"""``hub quarantine``: what could not be understood, and what a person does with it."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from hub.casework.quarantine import discard as discard_one
from hub.casework.quarantine import listed, opened, shown
from hub.casework.quarantine import retry as retry_one
from hub.cli.context import hub_of
from hub.cli.exit_codes import ExitCode
from hub.cli.nouns import group
from hub.cli.output import emit, plain, say, table
from hub.cli.shared_options import AsJson, By, Reason, checked_reason, checked_user
from hub.journey.inbox import Quarantined
from schemas.errors import ConfigurationError, Fault

quarantine = group("quarantine")
Id = Annotated[str, typer.Argument(metavar="ID", help="The input's id, from the list.")]


def add_to(app: typer.Typer) -> None:
    """Add the noun."""
    app.add_typer(quarantine)


@quarantine.command("list")
def list_(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what was retried or discarded.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object a line.")] = False,
) -> int:
    """List what waits for a person, oldest first.

    JSON keys: id, account, code, sentence, place, state, size, arrived_at.

    Example: hub quarantine list
    """
    with hub_of(context) as hub:
        found = listed(hub, everything=everything)
    if as_json:
        for item in found:
            emit(_as_json(item))
    elif found:
        heads = ("id", "arrived", "account", "code", "size", "state")
        rows = [(i.id, i.arrived_at[:19], i.account, i.code, i.size, i.state) for i in found]
        table(heads, rows)
    else:
        say("Nothing waits in the quarantine.")
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
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why.")] = None,
    as_json: AsJson = False,
) -> int:
    """Show why one input was not understood, where it is wrong, and who sent it.

    With --body its bytes go to standard output and nothing else; that is a look
    at personal data, and is recorded in the ledger.

    Example: hub quarantine show 4c1f... --body --by jmalik --reason CASE-104
    """
    if not body:
        with hub_of(context) as hub:
            item = shown(hub, item_id)
        if as_json:
            emit(_as_json(item))
        else:
            for name, value in _as_json(item).items():
                say(f"{name:<11}{plain(value)}")
        return ExitCode.OK
    if reason is None:
        raise ConfigurationError("--body opens personal data: it needs --reason.")
    with hub_of(context) as hub:
        raw = opened(hub, item_id, by=checked_user(by), reason=checked_reason(reason))
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
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object a line.")] = False,
) -> int:
    """Judge inputs again, as the hub is now: after an agency or a setting changed.

    What is understood now is decided like any event; what is not waits again.
    Ends with 1 where any waits again.

    JSON keys: id, outcome, code, text, taken.

    Example: hub quarantine retry 4c1f... --by jmalik
    """
    who, why, taken = checked_user(by), checked_reason(reason), True
    with hub_of(context) as hub:
        for reference in item_ids:
            done = retry_one(hub, reference, by=who, reason=why)
            taken &= done.taken
            if as_json:
                emit(asdict(done) | {"taken": done.taken})
            else:
                code = f" ({done.code})" if done.code else ""
                say(f"{done.id}  {done.outcome}{code}  {plain(done.text)}".rstrip())
    return ExitCode.OK if taken else ExitCode.FOUND


@quarantine.command()
def discard(context: typer.Context, item_id: Id, *, by: By = None, reason: Reason) -> int:
    """Close one input for good: nothing will come of it.

    Example: hub quarantine discard 4c1f... --by jmalik --reason "sent again, good"
    """
    with hub_of(context) as hub:
        discard_one(hub, item_id, by=checked_user(by), reason=checked_reason(reason))
    say(f"Discarded {item_id}.")
    return ExitCode.OK


def _as_json(item: Quarantined) -> dict[str, object]:
    known = item.code in {fault.value for fault in Fault}
    return {
        "id": item.id,
        "account": item.account,
        "code": item.code,
        "sentence": Fault(item.code).sentence if known else "",
        "place": item.place,
        "state": item.state,
        "size": item.size,
        "arrived_at": item.arrived_at,
    }
