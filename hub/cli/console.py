"""``hub console``: the audit console, a website for information-governance officers."""

from __future__ import annotations

import typer

from hub.cli.context import log_as_set, settings_of
from hub.cli.exit_codes import ExitCode
from hub.cli.signals import on_stop
from hub.foundation.extras import require_extra


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("console")(console)


def console(context: typer.Context) -> int:
    """Serve the audit console until Ctrl-C.

    It listens at 'console.listen' in the settings, on this machine only unless a
    proxy with TLS serves it under an https address. 'hub person add' makes the
    first account. 'hub up' runs it too.

    Example: hub console
    """
    require_extra("console", "hub console")
    from hub.console.server import serve  # noqa: PLC0415  the web's libraries load with it

    settings = settings_of(context)
    log_as_set(context, settings)
    # The server stops by itself on a signal and then calls us; nothing is left to do.
    on_stop(lambda: None)
    serve(settings)
    return ExitCode.OK
