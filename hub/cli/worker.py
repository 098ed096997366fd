"""``hub worker``: one worker, until it is told to stop."""

from __future__ import annotations

import typer

from hub.cli.context import log_as_set, settings_of
from hub.cli.signals import on_stop
from hub.runtime.bootstrap import make_worker


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("worker")(worker)


def worker(context: typer.Context) -> None:
    """Run one worker: decide events and send deliveries.

    It takes events and receipts off the bus, has each decided and recorded in
    one transaction, and puts the deliveries on the bus. It may be stopped or
    killed at any moment: what was not recorded comes again. SIGTERM or Ctrl-C
    lets it finish what it has in hand.

    Example: hub --config /etc/hub/hub.toml worker
    """
    settings = settings_of(context)
    log_as_set(context, settings)
    with make_worker(settings) as running:
        on_stop(running.stop)
        running.run()
