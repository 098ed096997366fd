"""What ``hub consent record`` and ``withdraw`` say with ``--dry-run``: the effect, and no more."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.casework.directives.impact import Effect
from hub.casework.directives.impact_text import as_json as written
from hub.casework.directives.impact_text import sentences
from hub.cli.exit_codes import ExitCode
from hub.cli.output import emit, say

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only tell what it would change; record nothing.")
]


def tell_effect(effect: Effect, *, as_json: bool) -> int:
    """Tell what a directive would change."""
    if as_json:
        emit({"dry_run": True, **written(effect)})
        return ExitCode.OK
    kind = effect.directive.kind.value
    act = f"Withdrawing {kind} {effect.directive.id}" if effect.withdraws else f"This {kind}"
    say(f"{act}, about child {effect.child}:")
    for sentence in sentences(effect):
        say(f"- {sentence}")
    say("Nothing was recorded.")
    return ExitCode.OK
