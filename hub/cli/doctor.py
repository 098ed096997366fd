"""``hub doctor``: look over the whole installation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer

from hub.cli.context import settings_of
from hub.cli.exit_codes import ExitCode
from hub.cli.output import emit, plain, say
from hub.runtime.doctor import DoctorFinding, Level, examine
from schemas.errors import ConfigurationError


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False,
) -> int:
    """Check the whole installation and say what to do.

    It checks the settings, the key files and their permissions, the disk, the
    store, the newest checkpoint and the pinned one, witnesses, the clock,
    agreements that expire, what waits for a person, the broker, its topology,
    every agency's login and the queues that should be empty. It changes nothing.
    Ends with 1 if anything is wrong; warnings alone end with 0.

    JSON keys: findings (each with level, about, text, do), ok, warn, wrong.

    Example: hub doctor
    """
    found = []
    for finding in _findings(context):
        found.append(finding)
        if not as_json:
            _say_finding(finding)
    count = Counter(finding.level for finding in found)
    if as_json:
        emit(
            {"findings": [asdict(finding) for finding in found]}
            | {level.value: count[level] for level in Level}
        )
    else:
        say(f"{count[Level.OK]} ok, {count[Level.WARN]} to look at, {count[Level.WRONG]} wrong")
    return ExitCode.FOUND if count[Level.WRONG] else ExitCode.OK


def _findings(context: typer.Context) -> Iterator[DoctorFinding]:
    try:
        settings = settings_of(context)
    except ConfigurationError as error:
        yield DoctorFinding(Level.WRONG, "settings", str(error))
        return
    yield from examine(settings)


def _say_finding(finding: DoctorFinding) -> None:
    first, *more = finding.text.splitlines() or [""]
    do = f" -> {plain(finding.do)}" if finding.do else ""
    end = "" if more else do
    say(f"{finding.level.value:<6} {finding.about:<12} {plain(first)}{end}")
    for line in more:
        say(f"{'':19} {plain(line)}")
    if more and do:
        say(f"{'':19}{do}")
