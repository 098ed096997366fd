"""``hub init``: makes what an installation needs and does not have yet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hub.bus.address import secrets_folder
from hub.casework.agreements.template import agreement_template
from hub.cli.context import quiet_logs
from hub.cli.exit_codes import ExitCode
from hub.cli.global_options import DEFAULT_FILE, global_options
from hub.cli.output import emit, plain, say
from hub.foundation.settings import Settings, load_settings
from hub.foundation.settings_reference import settings_file
from hub.runtime.bootstrap import master_key_file, prepare, signing_key_file

TEMPLATE = "agreement-template.toml"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("init")(init)


def init(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where hub.toml goes. Default: here.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False,
) -> int:
    """Make a settings file, keys, passwords and the store, where missing.

    Existing files are left alone; the store's tables are brought up to date. Run
    it again after adding an agency. Keep the master key safe and apart from
    back-ups of the store: without it the store cannot be read. Keys and the store
    are hidden from Git; in a folder where that is impossible, nothing is made.

    JSON keys: config, made, kept, next.

    Example: hub init --folder /etc/hub
    """
    quiet_logs()
    config = _config(context, folder)
    template = config.with_name(TEMPLATE)
    before = {file for file in (config, template) if file.exists()}
    if config not in before:
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(settings_file(), encoding="utf-8")
        if template not in before:
            template.write_text(agreement_template(), encoding="utf-8")
    settings = load_settings(config)
    before |= {file for file in _files(settings) if file.exists()}
    prepare(settings)
    there = [file for file in (config, template, *_files(settings)) if file.exists()]
    made = [file for file in there if file not in before]
    kept = [file for file in there if file in before]
    if as_json:
        found: dict[str, object] = {"config": str(config), "made": [str(f) for f in made]}
        emit(found | {"kept": [str(f) for f in kept], "next": _next(settings)})
        return ExitCode.OK
    for file in made:
        say(f"made  {plain(file)}")
    for file in kept:
        say(f"kept  {plain(file)}")
    say("Next: " + " ".join(_next(settings)))
    return ExitCode.OK


def _config(context: typer.Context, folder: Path | None) -> Path:
    if folder is not None:
        return folder / DEFAULT_FILE
    return global_options(context).config or DEFAULT_FILE


def _files(settings: Settings) -> list[Path]:
    """List the files that ``prepare`` makes."""
    signing = signing_key_file(settings)
    inbound = sorted((settings.state / "inbound").glob("*.key"))
    secrets = sorted(file for file in secrets_folder(settings).glob("[!.]*") if file.is_file())
    store = [] if settings.store_url else [settings.state / "hub.sqlite"]
    keys = [master_key_file(settings), signing, signing.with_suffix(".pub"), *inbound]
    return [*keys, settings.state / "inbound.pub", *secrets, *store]


def _next(settings: Settings) -> list[str]:
    steps = []
    if not settings.agencies:
        steps.append("Add your agencies and adapters to the settings, then run 'hub init' again.")
    steps.append(f"Copy {TEMPLATE}, and publish your agreements with 'hub agreement publish FILE'.")
    if settings.amqp_url:
        steps.append("Bring the broker up to date with 'hub topology apply'.")
    start = "Check everything with 'hub doctor', then start 'hub up'"
    again = " (stop it and start it again if it is running: it reads the agencies when it starts)."
    return [*steps, start + (again if settings.agencies else ".")]
