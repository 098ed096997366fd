"""``hub adapter``: the commands of the noun, and ``run``."""

from __future__ import annotations

import threading
from typing import Annotated

import typer

from hub.cli.adapter_check import check
from hub.cli.adapter_list import list_
from hub.cli.adapter_new import new
from hub.cli.context import log_as_set, settings_of
from hub.cli.exit_codes import ExitCode
from hub.cli.nouns import group
from hub.cli.signals import on_stop
from hub.cli.threads import run_together
from schemas.errors import ConfigurationError

adapter = group("adapter")


def add_to(app: typer.Typer) -> None:
    """Add the noun."""
    app.add_typer(adapter)
    adapter.command("run")(run)
    adapter.command("list")(list_)
    adapter.command("check")(check)
    adapter.command("new")(new)


def run(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME...", help="Adapters of the settings.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Run every adapter of the settings.")
    ] = False,
) -> int:
    """Run adapters until they are stopped: documents in, deliveries out.

    Each direction runs on a thread of its own. When one cannot continue, because
    the broker refuses its account or a setting is wrong, all stop and the
    command ends with 2. SIGTERM or Ctrl-C lets them finish the document in
    hand.

    Example: hub adapter run oakfield-ctf northmoor-hl7
    """
    from hub.runtime.bootstrap import adapter_runs  # noqa: PLC0415  it loads the broker and the store

    settings = settings_of(context)
    chosen = list(dict.fromkeys(sorted(settings.adapters) if everything else names or ()))
    if not chosen:
        known = ", ".join(sorted(settings.adapters)) or "none"
        raise ConfigurationError(f"Name adapters of the settings, or --all. There are: {known}.")
    log_as_set(context, settings)
    stop = threading.Event()
    runs = [one for name in chosen for one in adapter_runs(settings, name, stop)]
    on_stop(stop.set)
    run_together(runs, stop)
    return ExitCode.OK
