"""``hub agreement what-if``: what a proposed agreement would have changed in the last decisions."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.casework.agreements.publishing import check_file
from hub.cli.context import hub_of, settings_of
from hub.cli.exit_codes import ExitCode
from hub.cli.output import emit, plain, say, warn
from hub.cli.shared_options import AsJson
from hub.foundation.clock import now
from schemas.errors import ConfigurationError

if TYPE_CHECKING:
    from hub.casework.agreements.what_if import WhatIf
    from hub.journey.comparison import Group


def add_to(agreement: typer.Typer) -> None:
    """Add the verb."""
    agreement.command("what-if")(what_if)


def what_if(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The proposed agreement.")],
    *,
    last: Annotated[
        int, typer.Option(min=1, max=100_000, help="How many of the newest decisions.")
    ] = 1000,
    as_json: AsJson = False,
) -> int:
    """Make the last decisions again with a proposed agreement; nothing is changed.

    Each is asked as it was asked, with the directives and agreements of then;
    the proposed one stands in the place of its id, or beside them, and is taken
    as in force at that moment, whatever its dates say. It shows who would newly
    see what, and who would no longer, with entries of the ledger as examples;
    and rules that no decision touched.

    JSON keys: agreement, version, digest, replaces, decisions, first, since,
    changed, children, begins, ends, differing, groups (each with source,
    recipient, type, category, gained, lost, exists, vanishes, decisions,
    children, begins, ends, examples), untouched, warnings.

    Example: hub agreement what-if agreements/ehc-needs-assessment.toml --last 500
    """
    from hub.casework.agreements.what_if import what_if as asked  # noqa: PLC0415  the store's library loads with it

    checked = check_file(file, settings_of(context).agencies, now())
    if checked.agreement is None:
        raise ConfigurationError(checked.problem or "")
    with hub_of(context) as hub:
        found = asked(hub, checked.agreement, last=last)
    if as_json:
        emit(_as_json(found))
    else:
        _say(found)
    return ExitCode.OK


def _as_json(found: WhatIf) -> dict[str, object]:
    paper = found.agreement
    return {
        "agreement": paper.id,
        "version": paper.version,
        "digest": paper.digest(),
        "replaces": found.replaces,
        "decisions": found.decisions,
        "first": found.first,
        "since": found.since,
        "changed": found.changed,
        "children": found.children,
        "begins": found.begins,
        "ends": found.ends,
        "differing": found.differing,
        "groups": [asdict(group) for group in found.groups],
        "untouched": [rule.id for rule in found.untouched],
        "warnings": list(found.warnings),
    }


def _say(found: WhatIf) -> None:
    paper = found.agreement
    where = f"in the place of version {found.replaces}" if found.replaces else "beside the others"
    say(
        f"The last {found.decisions} decisions, made again with {paper.id}@{paper.version} {where}."
    )
    say("It is taken as in force at each moment, whatever its own dates say.")
    for group in found.groups:
        say()
        _say_group(group)
    say()
    say(
        f"{found.changed} decisions about {found.children} children would change: "
        f"{found.begins} deliveries would newly be made, {found.ends} no longer."
    )
    if found.untouched:
        rules = ", ".join(rule.id for rule in found.untouched)
        say(f"Rules that none of these decisions touched: {rules}.")
    if found.differing:
        warn(
            f"warning: {found.differing} decisions do not come out as logged even without it. "
            "Run 'hub audit replay --all'."
        )
    for text in found.warnings:
        warn(f"warning: {plain(text)}")


def _say_group(group: Group) -> None:
    say(f"{group.source} -> {group.recipient}, {group.type}, {group.category.value}:")
    if group.gained:
        say(f"  would newly see: {', '.join(group.gained)}")
    if group.lost:
        say(f"  would no longer see: {', '.join(group.lost)}")
    if group.exists:
        say(f"  would newly learn only that there is a record: {group.exists} times")
    if group.vanishes:
        say(f"  would no longer learn that there is a record: {group.vanishes} times")
    if group.begins or group.ends:
        say(f"  deliveries newly made: {group.begins}, no longer made: {group.ends}")
    places = ", ".join(map(str, group.examples))
    say(f"  {group.decisions} decisions about {group.children} children; entries {places}")
