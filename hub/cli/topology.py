"""``hub topology``: the exchanges, queues and accounts of the broker, as data."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from hub.bus.address import bus_definitions
from hub.bus.topology import TopologyNames
from hub.bus.topology_apply import administrator, how_to_apply, missing
from hub.bus.topology_apply import apply as apply_to_broker
from hub.cli.context import settings_of
from hub.cli.exit_codes import ExitCode
from hub.cli.nouns import group
from hub.cli.output import emit, say
from hub.cli.shared_options import AsJson
from hub.foundation.view_model import ViewModel

topology = group("topology")


class TopologyApplied(ViewModel):
    """Whether the topology was applied, and how."""

    applied: bool
    how: str


class TopologyCheck(ViewModel):
    """Whether the topology is complete, and what is missing."""

    complete: bool
    exchanges: tuple[str, ...]
    queues: tuple[str, ...]


def add_to(app: typer.Typer) -> None:
    """Add the noun."""
    app.add_typer(topology)


@topology.command()
def export(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it here, not to standard output.")
    ] = None,
) -> int:
    """Export the broker's definitions.

    Exchanges, queues, policies and accounts, in RabbitMQ's own definitions
    format, to be imported or reviewed. It contains hashes of the accounts'
    passwords and no password; only its owner may read the file. The same settings
    and passwords always give the same text.

    Example: hub topology export --file definitions.json
    """
    text = json.dumps(bus_definitions(settings_of(context)), indent=2)
    if file is None:
        say(text)
        return ExitCode.OK
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(f"{text}\n")
    return ExitCode.OK


@topology.command()
def apply(
    context: typer.Context,
    management: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Management API. Default: 'management_url'."),
    ] = None,
    user: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="An administrator. Default: the user of amqp_url."),
    ] = None,
    password_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Its password. Default: the one in amqp_url."),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Bring the broker up to date with the settings.

    A private broker needs nothing: it reads the topology when 'hub up' starts
    it. An external broker is changed through its management API or, if it runs on
    this machine, through rabbitmqctl; otherwise the command prints the steps for
    its administrator and ends with 3. Nothing on the broker is ever removed.

    JSON keys: applied, how.

    Example: hub topology apply --management https://broker:15671 --user admin
    --password-file admin.password
    """
    settings = settings_of(context)
    if not settings.amqp_url:
        how = f"A private broker has nothing to apply. {how_to_apply(settings)}"
        _report(how, applied=False, as_json=as_json)
        return ExitCode.OK
    password = password_file.read_text(encoding="utf-8").strip() if password_file else None
    how = apply_to_broker(settings, administrator(settings, management, user, password))
    _report(f"Applied {how}.", applied=True, as_json=as_json)
    return ExitCode.OK


def _report(how: str, *, applied: bool, as_json: bool) -> None:
    if as_json:
        emit(TopologyApplied(applied=applied, how=how))
    else:
        say(how)


@topology.command()
def check(context: typer.Context, as_json: AsJson = False) -> int:
    """Check that every exchange and queue exists.

    Ends with 1 where one is missing.

    JSON keys: complete, exchanges, queues (the missing ones).

    Example: hub topology check
    """
    settings = settings_of(context)
    lacking: TopologyNames = missing(settings)
    complete = not (lacking.exchanges or lacking.queues)
    if as_json:
        emit(TopologyCheck(complete=complete, exchanges=lacking.exchanges, queues=lacking.queues))
    else:
        for kind, found in (("exchange", lacking.exchanges), ("queue", lacking.queues)):
            for name in found:
                say(f"missing {kind} {name}")
        say("The topology is complete." if complete else how_to_apply(settings))
    return ExitCode.OK if complete else ExitCode.FOUND
