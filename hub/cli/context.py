"""What most commands need: the settings, silent logs, and the hub where there is a store."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog
import typer

from hub.cli.global_options import global_options
from hub.foundation.logs import set_up_logs
from hub.foundation.settings import Settings, load_settings

if TYPE_CHECKING:
    from hub.intake.hub import Hub


def settings_of(context: typer.Context) -> Settings:
    """Return the settings that the global options name, with logs silenced."""
    quiet_logs()
    return load_settings(global_options(context).config)


def settings_if_any(context: typer.Context) -> Settings | None:
    """Return the settings, or None where there is no settings file."""
    config = global_options(context).config
    if config is not None and not config.is_file():
        quiet_logs()
        return None
    return settings_of(context)


def log_as_set(context: typer.Context, settings: Settings) -> None:
    """Write logs, for commands that run until they are stopped."""
    set_up_logs(global_options(context).log_format or settings.log_format)


@contextmanager
def hub_of(context: typer.Context) -> Iterator[Hub]:
    """Open the hub for one command."""
    from hub.runtime.bootstrap import open_hub  # noqa: PLC0415  the broker's library loads with it

    hub = open_hub(settings_of(context))
    try:
        yield hub
    finally:
        hub.engine.dispose()


def quiet_logs() -> None:
    """Silence logs, which would otherwise go to standard output."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
        logger_factory=structlog.ReturnLoggerFactory(),
        cache_logger_on_first_use=False,
    )
