"""The command ``hub``: its global options, its nouns, and the one place that reports errors.

A noun's file is imported only when the noun is used, so that help and translation start at once.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module, metadata
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.exit_codes import ExitCode, explain, write_error
from hub.cli.global_options import GlobalOptions, LogFormat, default_config
from hub.cli.nouns import NOUNS
from schemas.suggestion import nearest

_CHOICES = re.compile(r"'([^']*)' is not one of (.*)")
_NOISE = "Value error, "
_HELP = """Share events about children between agencies: only what is permitted, and on record.

Begin with 'hub demo', or with 'hub init' for an installation of your own.
'hub docs' lists and prints the documentation.

With --json a command writes JSON and nothing else to standard output.
Errors go to standard error with a code; HUB_DEBUG=1 adds the traceback.

\b
Exit codes:
"""


def help_text() -> str:
    """Return the help of ``hub``, which ends with the table of exit codes."""
    return _HELP + "\n".join(f"{int(code):>3}  {code.sentence}" for code in ExitCode)


def build(wanted: Sequence[str]) -> typer.Typer:
    """Build the command with the wanted nouns in full; of the others only name and help."""
    app = typer.Typer(
        name="hub", no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False
    )
    app.callback(help=help_text())(_global_options)
    for noun in NOUNS:
        if noun.name in wanted:
            import_module(f"hub.cli.{noun.file}").add_to(app)
        else:
            app.command(noun.name, help=noun.help)(_unloaded)
    return app


def build_all() -> typer.Typer:
    """Build the command with every noun in full."""
    return build([noun.name for noun in NOUNS])


def _unloaded() -> None:
    """Take the place of a noun that this call does not use."""


def _show_version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"hub {metadata.version('interagency-hub')}\n")
        raise typer.Exit


def _global_options(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Settings file. Default: $HUB_CONFIG, else ./hub.toml."),
    ] = None,
    log_format: Annotated[
        LogFormat | None, typer.Option(help="Format of logs. Default: as in the settings.")
    ] = None,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    del version
    context.obj = GlobalOptions(config or default_config(), log_format)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        code = _run(given)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001  every error ends as a sentence and a code
        return explain(error)
    return code


def _run(given: list[str]) -> int:
    completing = "_HUB_COMPLETE" in os.environ
    app = build_all() if completing else build(given)
    try:
        done = typer.main.get_command(app).main(given, prog_name="hub", standalone_mode=False)
    except typer.Abort:
        return ExitCode.INTERRUPTED
    except SystemExit as ended:
        # What typer makes of a closed pipe.
        if isinstance(ended.__context__, BrokenPipeError):
            raise ended.__context__ from None
        raise
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        return _misused(error)
    return int(done or 0)


def _misused(error: Exception) -> int:
    """Report a usage error (typer's own errors, whatever its version)."""
    context = getattr(error, "ctx", None)
    path = getattr(context, "command_path", "hub")
    text = str(error.format_message()) if hasattr(error, "format_message") else ""
    if text:
        near = _nearest_choice(text)
        hint = f" Did you mean '{near}'?" if near else ""
        sentence = text if text.endswith("?") else f"{text.removesuffix('.')}.{hint}"
        write_error("usage", f"{sentence.replace(_NOISE, '')} See '{path} --help'.")
    return ExitCode.WRONG


def _nearest_choice(text: str) -> str | None:
    """Return the choice nearest to what was typed, where an error lists the choices."""
    found = _CHOICES.search(text)
    return nearest(found[1], re.findall(r"'([^']+)'", found[2])) if found else None
