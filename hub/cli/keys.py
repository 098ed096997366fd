"""``hub keys``: replace the hub's own keys while it runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from hub.cli.context import hub_of, settings_of
from hub.cli.exit_codes import ExitCode
from hub.cli.nouns import group
from hub.cli.output import emit, say
from hub.cli.shared_options import AsJson, By, checked_user
from hub.foundation.view_model import ViewModel
from hub.runtime.bootstrap import master_key_file
from hub.runtime.key_rotation import Rotated, finish_master, rotate_inbound, rotate_master
from schemas.counted import counted
from schemas.errors import ConfigurationError

keys = group("keys")


class RotationView(ViewModel):
    """Which keys were replaced, and how much was wrapped again."""

    rewrapped: int
    old: int
    dropped: int
    inbound: str


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
        bool, typer.Option("--finish", help="Remove the old master key from its file.")
    ] = False,
    by: By = None,
    as_json: AsJson = False,
) -> int:
    """Replace the master key and the key that events are sealed to.

    With --master or --inbound only that key. Nothing has to be stopped: running
    workers and adapters take up the new keys. The old master key stays in its
    file, to open existing data, until --finish removes it; keep a copy as long as
    old back-ups of the store must open. Old inbound keys stay, so that queued
    events open. Where several machines run the hub, read the manual first.

    JSON keys: rewrapped, old, dropped, inbound.

    Example: hub keys rotate --master --by jmalik
    """
    if finish and (master or inbound):
        raise ConfigurationError("--finish goes alone: first rotate, then finish.")
    settings, user = settings_of(context), checked_user(by)
    done = Rotated()
    with hub_of(context) as hub:
        if finish:
            done = finish_master(hub, master_key_file(settings), by=user)
        if master or not (inbound or finish):
            done = rotate_master(hub, master_key_file(settings), by=user)
        if inbound or not (master or finish):
            made = rotate_inbound(hub, settings, by=user)
            done = replace(done, inbound=made.inbound)
    if as_json:
        emit(RotationView.model_validate(done))
    else:
        _report(done, finish=finish)
    return ExitCode.OK


def _report(done: Rotated, *, finish: bool) -> None:
    if finish:
        say(f"Removed {counted(done.dropped, 'old master key')} from the file.")
        return
    if done.old:
        say(f"New master key: {counted(done.rewrapped, 'data key')} wrapped again.")
        say("Back up its file, then run 'hub keys rotate --finish'.")
    if done.inbound:
        say(f"New key to seal events to: {done.inbound}. Give inbound.pub to every agency.")
