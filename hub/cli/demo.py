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
    once: Annotated[bool, typer.Option("--once", help="End after the last wave.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Write one JSON summary and nothing else.")
    ] = False,
    scenario: Annotated[
        str, typer.Option(metavar="NAME", help="Play this scenario only. Default: all.")
    ] = "",
    folder: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder for the demonstration's files.")
    ] = Path("var/demo"),
) -> int:
    """Play the main job on a made-up borough and show what was shared.

    Schools, a health trust and a council hand in files in their own formats;
    the hub translates, decides, records and delivers on a real RabbitMQ, and
    the ledger is verified at the end. All children in it are invented; 'hub docs
    demo-borough' describes them.

    It runs a private RabbitMQ node. To use a broker of your own, set HUB_AMQP_URL
    to an administrator's URL there, and HUB_MANAGEMENT_URL where its management
    API is not on port 15672.

    Example: hub demo --once --json
    """
    from hub.demo import run  # noqa: PLC0415  it loads the broker and the store

    set_up_logs("auto")
    return run(folder, once=once, as_json=as_json, scenario=scenario)
