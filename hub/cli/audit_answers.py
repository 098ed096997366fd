"""``hub audit replay`` and ``explain``: decisions made again, and decisions explained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.context import hub_of
from hub.cli.exit_codes import ExitCode
from hub.cli.output import emit, plain, say
from hub.cli.shared_options import AsJson, Child
from hub.evidence.explanation import explain as explanation_of
from hub.evidence.explanation_text import sentences
from hub.evidence.explanation_views import explanation_view
from hub.evidence.replay import ReplaySelection
from hub.evidence.replay import replay as make_again
from hub.evidence.views import replay_view
from schemas.counted import counted
from schemas.errors import ConfigurationError

if TYPE_CHECKING:
    from hub.evidence.views import ReplayView

Event = Annotated[str | None, typer.Option(metavar="REF", help="The hub's reference of an event.")]
Position = Annotated[
    int | None, typer.Option(metavar="N", min=0, help="An entry of the ledger, counted from 0.")
]


def add_to(audit: typer.Typer) -> None:
    """Add the verbs."""
    audit.command()(replay)
    audit.command()(explain)


def one_of(**given: object) -> None:
    """Check that exactly one of these options is given; raises ConfigurationError."""
    if sum(value is not None and value is not False for value in given.values()) != 1:
        names = ", ".join(f"--{name}" for name in given)
        raise ConfigurationError(f"Give exactly one of {names}.")


def replay(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Every decision.")] = False,
    event: Event = None,
    child: Child = None,
    position: Position = None,
    as_json: AsJson = False,
) -> int:
    """Make logged decisions again; each must be the same.

    The question, the agreements and the directives are those that the ledger
    cites, as they were at that entry. It also checks that no agreement or
    directive that applied then was left out. Decisions at release are made
    again too, and the keys that were released must follow from them. With --all
    the whole ledger is verified first; otherwise its signed head is verified and
    only the entries needed are read. Ends with 1 where a decision differs or the
    ledger does not verify.

    JSON keys: entries, replayed, verified, problem, disagreements (each with
    position, event, recipient, differences).

    Example: hub audit replay --all
    """
    one_of(all=everything, event=event, child=child, position=position)
    with hub_of(context) as hub:
        done = replay_view(make_again(hub, ReplaySelection(event, child, position)))
    if as_json:
        emit(done)
    else:
        _say_replay(done, everything=everything)
    return ExitCode.OK if done.verified else ExitCode.FOUND


def _say_replay(done: ReplayView, *, everything: bool) -> None:
    for one in done.disagreements:
        say(f"Entry {one.position}, decision for {one.recipient}, IS NOT THE SAME:")
        for d in one.differences:
            say(plain(f"  {d.field}: logged {d.logged!r}, made again {d.replayed!r}"))
    if done.problem:
        say(f"THE LEDGER DOES NOT VERIFY: {plain(done.problem)}. See 'hub audit verify'.")
    same = done.replayed - len(done.disagreements)
    read = f"; {counted(done.entries, 'entry', 'entries')} read" if everything else ""
    say(f"Replayed {counted(done.replayed, 'decision')}: {same} the same{read}.")


def explain(
    context: typer.Context,
    *,
    event: Event = None,
    delivery: Annotated[
        str | None, typer.Option(metavar="ID", help="From 'hub delivery list'.")
    ] = None,
    position: Position = None,
    as_json: AsJson = False,
) -> int:
    """Explain what of an event was shared with whom, and why.

    Shows names of fields, never their content: under which rule and purpose, on
    which lawful basis, under which version of which agreement and who approved
    it, because of which directive; what was withheld and why; and what became of
    each delivery.

    JSON keys: event, type, source, child, at, entry, decisions (each with
    position, at, recipient, permitted, notice, reoffer, sentences, sections,
    deliveries).

    Example: hub audit explain --position 120
    """
    one_of(event=event, delivery=delivery, position=position)
    with hub_of(context) as hub:
        found = explanation_of(hub, event=event, delivery=delivery, position=position)
    if as_json:
        emit(explanation_view(found))
    else:
        for line in sentences(found):
            say(plain(line))
    return ExitCode.OK
