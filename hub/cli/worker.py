"""``hub worker``: one worker, until it is stopped."""

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

    It consumes events and receipts from the bus, decides and records each in one
    transaction, and publishes the deliveries. It may be stopped or killed at any
    moment: messages that were not recorded are delivered again. On SIGTERM or
    Ctrl-C it finishes its current batch.

    Example: hub --config /etc/hub/hub.toml worker
    """
    settings = settings_of(context)
    log_as_set(context, settings)
    with make_worker(settings) as running:
        on_stop(running.stop)
        running.run()
