"""``hub demo``: the main job, end to end, on a made-up borough."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hub.foundation.logs import set_up_logs


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    once: Annotated[bool, typer.Option("--once", help="End when the story is told.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Write one JSON summary and nothing else.")
    ] = False,
    scenario: Annotated[
        str, typer.Option(metavar="NAME", help="Play this scenario only. Default: all.")
    ] = "",
    folder: Annotated[
        Path, typer.Option(metavar="DIR", help="Where the demonstration keeps its files.")
    ] = Path("var/demo"),
) -> int:
    """Play the main job on a made-up borough and show what was shared.

    Schools, a health trust and a council hand in files in their own formats;
    the hub translates, decides, records and delivers on a real RabbitMQ, and
    the ledger is verified at the end. Everybody in it is invented.

    Example: hub demo --once --json
    """
    from hub.demo import run  # noqa: PLC0415  it loads the broker and the store

    set_up_logs("auto")
    return run(folder, once=once, as_json=as_json, scenario=scenario)
