"""``hub up``: the whole hub in one command."""

from __future__ import annotations

import typer

from hub.cli.context import log_as_set, settings_of
from hub.cli.global_options import global_options
from schemas.errors import ConfigurationError


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("up")(up)


def up(context: typer.Context) -> int:
    """Run the whole hub: broker, worker, adapters and console, until Ctrl-C.

    Without amqp_url in the settings it runs a private RabbitMQ node over the
    state folder. The worker, the adapters and the console are processes of their
    own and are started again when they end. 'console.on' in the settings says
    whether the console runs.

    Example: hub up
    """
    from hub.runtime.supervisor import up as run  # noqa: PLC0415  it loads the broker and the store

    settings = settings_of(context)
    config = global_options(context).config
    if config is None:
        raise ConfigurationError("'hub up' needs a settings file: its processes read it. Name one.")
    log_as_set(context, settings)
    return run(settings, config.absolute())
