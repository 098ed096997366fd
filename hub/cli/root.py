"""The command ``hub``: its global options, its nouns, and the one place where errors become words.

A noun's file is imported only when the noun is used, so that help and translation start at once.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module, metadata
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.exit_codes import Ending, complain, explain
from hub.cli.global_options import LogForm, Start, default_config


@dataclass(frozen=True, slots=True)
class Noun:
    """One noun of the command line: its name, its file in hub/cli, its help in one sentence."""

    name: str
    file: str
    help: str


NOUNS = (
    Noun("init", "init", "Make a settings file, keys, passwords and the store, where missing."),
    Noun("up", "up", "Run the whole hub: broker, worker, adapters and console, until Ctrl-C."),
    Noun("demo", "demo", "Play the main job on a made-up borough and show what was shared."),
    Noun("translate", "translate", "Translate agency files into events, or events into files."),
    Noun("worker", "worker", "Run one worker: decide events, record them, send deliveries."),
    Noun("adapter", "adapter", "Run adapters, or list what is installed and configured."),
    Noun("agreement", "agreement", "Check, publish and list data-sharing agreements."),
    Noun("consent", "consent", "Record, withdraw and show what people said about sharing."),
    Noun("child", "child", "Find, merge, split and erase children."),
    Noun("review", "review", "List and close matters that need a person."),
    Noun("quarantine", "quarantine", "See, retry and discard what could not be understood."),
    Noun("delivery", "delivery", "List deliveries, retry or discard dead letters."),
    Noun("reoffer", "reoffer", "Deliver what was withheld of a child's events, as permitted now."),
    Noun("correction", "correction", "List who was told that a record is wrong, and who knows it."),
    Noun("retention", "retention", "Destroy what has been kept for its time."),
    Noun("keys", "keys", "Replace the hub's own keys while it runs."),
    Noun("audit", "audit", "Verify the ledger, and read what it says."),
    Noun(
        "subject-access",
        "subject_access",
        "Write a copy of what was decided and sent about a child.",
    ),
    Noun("console", "console", "Serve the audit console, until Ctrl-C."),
    Noun("person", "person", "Say who may sign in to the console, and as what."),
    Noun("witness", "witness", "Cosign the ledger of a hub that somebody else runs."),
    Noun("topology", "topology", "Export, apply and check what the broker must hold."),
    Noun("doctor", "doctor", "Check the whole installation and say what to do."),
)


def build(wanted: Sequence[str]) -> typer.Typer:
    """Build the command with the wanted nouns in full; of the others only name and help."""
    app = typer.Typer(name="hub", no_args_is_help=True, pretty_exceptions_enable=False)
    app.callback()(_global_options)
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
    """Stand in for a noun that this call does not use."""


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
        LogForm | None, typer.Option(help="How logs look. Default: as the settings say.")
    ] = None,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Share events about children between agencies: what is permitted, nothing else, on record.

    Begin with 'hub demo', or with 'hub init' for an installation of your own.

    Exit codes: 0 done; 1 done, but something was refused, withheld, not verified
    or found wrong; 2 wrong command or settings; 3 store or broker out of reach;
    130 interrupted. Errors go to standard error with a code; HUB_DEBUG=1 adds
    the traceback.
    """
    del version
    context.obj = Start(config or default_config(), log_format)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the number is the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        code = _run(given)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return Ending.INTERRUPTED
    except Exception as error:  # noqa: BLE001  every error ends as a sentence and a code
        return explain(error)
    return code


def _run(given: list[str]) -> int:
    completing = "_HUB_COMPLETE" in os.environ
    app = build_all() if completing else build(given)
    try:
        done = typer.main.get_command(app).main(given, prog_name="hub", standalone_mode=False)
    except typer.Abort:
        return Ending.INTERRUPTED
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
    """Say how the command was used wrongly (typer's own errors, whatever its version)."""
    context = getattr(error, "ctx", None)
    path = getattr(context, "command_path", "hub")
    text = str(error.format_message()) if hasattr(error, "format_message") else ""
    if text:
        complain("usage", f"{text.rstrip('.')}. See '{path} --help'.")
    return Ending.WRONG
