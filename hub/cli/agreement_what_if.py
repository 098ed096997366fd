"""``hub agreement what-if``: what a proposed agreement would change, shown on past decisions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hub.casework.agreements.publishing import check_file
from hub.casework.agreements.views import WhatIfGroup, WhatIfReport
from hub.casework.agreements.what_if import what_if as try_agreement
from hub.cli.context import hub_of, settings_of
from hub.cli.exit_codes import ExitCode
from hub.cli.output import emit, plain, say, warn
from hub.cli.shared_options import AsJson
from hub.foundation.clock import now
from schemas.counted import counted
from schemas.errors import ConfigurationError


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
    """Show what a proposed agreement would have changed.

    The last decisions are made again, each with the question, directives and
    agreements of its time; the proposed agreement replaces those with its id, and
    is taken as in force, whatever its dates. It shows who would start to see what
    and who would stop, with entries of the ledger as examples, and the rules that
    matched no decision. Nothing is changed.

    JSON keys: agreement, version, title, digest, replaces, decisions, first,
    since, changed, children, begins, ends, differing, groups (each with source,
    recipient, type, category, gained, lost, exists, vanishes, decisions,
    children, begins, ends, examples), untouched, warnings.

    Example: hub agreement what-if agreements/ehc-needs-assessment.toml --last 500
    """
    checked = check_file(file, settings_of(context).agencies, now())
    if checked.agreement is None:
        raise ConfigurationError("\n".join(["The agreement is wrong:", *checked.problem_lines()]))
    with hub_of(context) as hub:
        found = try_agreement(hub, checked.agreement, last=last)
    if as_json:
        emit(found)
    else:
        _report(found)
    return ExitCode.OK


def _report(found: WhatIfReport) -> None:
    proposal = f"{found.agreement}@{found.version}"
    where = f"instead of version {found.replaces}" if found.replaces else "added to the others"
    say(f"The last {counted(found.decisions, 'decision')}, made again with {proposal} {where}.")
    say("It is taken as in force at each moment, whatever its own dates.")
    for group in found.groups:
        say()
        _report_group(group)
    say()
    changed = counted(found.changed, "decision")
    children = counted(found.children, "child", "children")
    deliveries = counted(found.begins, "delivery", "deliveries")
    say(
        f"{changed} about {children} would change: {deliveries} added, {found.ends} no longer made."
    )
    if found.untouched:
        say(f"Rules that matched none of these decisions: {', '.join(found.untouched)}.")
    if found.differing:
        warn(
            f"warning: {counted(found.differing, 'decision')} differ from the ledger even without "
            "it. Run 'hub audit replay --all'."
        )
    for text in found.warnings:
        warn(f"warning: {plain(text)}")


def _report_group(group: WhatIfGroup) -> None:
    say(f"{group.source} -> {group.recipient}, {group.type}, {group.category.value}:")
    if group.gained:
        say(f"  would start to see: {', '.join(group.gained)}")
    if group.lost:
        say(f"  would stop seeing: {', '.join(group.lost)}")
    if group.exists:
        say(f"  would learn only that a record exists: {counted(group.exists, 'time')}")
    if group.vanishes:
        say(f"  would no longer learn that a record exists: {counted(group.vanishes, 'time')}")
    if group.begins or group.ends:
        say(f"  deliveries added: {group.begins}, no longer made: {group.ends}")
    decisions = counted(group.decisions, "decision")
    children = counted(group.children, "child", "children")
    say(f"  {decisions} about {children}; entries {', '.join(map(str, group.examples))}")
