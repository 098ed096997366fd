"""``hub keys``: the hub's own keys, replaced while it runs."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated

import typer

from hub.cli.context import hub_of, settings_of
from hub.cli.exit_codes import ExitCode
from hub.cli.nouns import group
from hub.cli.output import emit, say
from hub.cli.shared_options import AsJson, By, checked_user
from hub.runtime.key_rotation import Rotated, finish_master, rotate_inbound, rotate_master
from schemas.errors import ConfigurationError

keys = group("keys")


def add_to(app: typer.Typer) -> None:
    """Add the noun."""
    app.add_typer(keys)


@keys.command()
def rotate(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    *,
    master: Annotated[
        bool, typer.Option("--master", help="The key that wraps all data keys of the store.")
    ] = False,
    inbound: Annotated[
        bool, typer.Option("--inbound", help="The key that agencies seal their events to.")
    ] = False,
    finish: Annotated[
        bool, typer.Option("--finish", help="Take the old master key out of its file.")
    ] = False,
    by: By = None,
    as_json: AsJson = False,
) -> int:
    """Replace the master key, or the key that events are sealed to; neither: both.

    Nothing has to be stopped: running workers and adapters take up the new keys
    by themselves. The old master key stays in the file, to open with, until
    --finish takes it out. Keep the old key as long as old back-ups of the store
    shall open. Old keys that events were sealed to stay too: what lies in a
    queue opens. Where several machines run the hub, see the manual first.

    JSON keys: rewrapped, old, dropped, inbound.

    Example: hub keys rotate --master --by jmalik
    """
    # Imported here, for the broker's library loads with it.
    from hub.runtime.bootstrap import master_key_file  # noqa: PLC0415

    if finish and (master or inbound):
        raise ConfigurationError("--finish stands alone: first rotate, then finish.")
    settings, who = settings_of(context), checked_user(by)
    done = Rotated()
    with hub_of(context) as hub:
        if finish:
            done = finish_master(hub, master_key_file(settings), by=who)
        if master or not (inbound or finish):
            done = rotate_master(hub, master_key_file(settings), by=who)
        if inbound or not (master or finish):
            made = rotate_inbound(hub, settings, by=who)
            done = replace(done, inbound=made.inbound)
    if as_json:
        emit(asdict(done))
    else:
        _say(done, finish=finish)
    return ExitCode.OK


def _say(done: Rotated, *, finish: bool) -> None:
    if finish:
        say(f"Took {done.dropped} old master key(s) out of the file.")
        return
    if done.old:
        say(f"New master key: {done.rewrapped} data keys wrapped anew.")
        say("Make a back-up of its file, then run 'hub keys rotate --finish'.")
    if done.inbound:
        say(f"New key to seal events to: {done.inbound}. Give inbound.pub to every agency.")
