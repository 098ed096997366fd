"""``hub audit replay`` and ``explain``: decisions made again, and decisions in plain sentences."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.context import hub_of
from hub.cli.exit_codes import ExitCode
from hub.cli.output import emit, plain, say
from hub.cli.shared_options import AsJson
from schemas.errors import ConfigurationError

if TYPE_CHECKING:
    from hub.evidence.replay import Replay

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
    everything: Annotated[bool, typer.Option("--all", help="Every decision there is.")] = False,
    event: Event = None,
    child: Annotated[
        str | None, typer.Option(metavar="ID", help="The hub's own id of a child.")
    ] = None,
    position: Position = None,
    as_json: AsJson = False,
) -> int:
    """Make logged decisions again; each must come out the same.

    The question, the agreements and the directives are those that the ledger
    cites, as they stood at that place of the ledger. It is looked for, too,
    whether an agreement or a directive was left out that counted then. What was
    decided when keys were asked for is made again too, and what was given must
    follow from it. With --all the whole ledger is verified first and read;
    otherwise its head is verified, and only what is needed is read. Ends with 1
    where a decision does not come out the same, or the ledger does not verify.

    JSON keys: entries, replayed, disagreements, verified, problem, differences
    (each with position, event, recipient, fields).

    Example: hub audit replay --all
    """
    from hub.evidence.replay import ReplaySelection  # noqa: PLC0415  the store's library loads with it
    from hub.evidence.replay import replay as make_again  # noqa: PLC0415  likewise

    one_of(all=everything, event=event, child=child, position=position)
    with hub_of(context) as hub:
        done = make_again(hub, ReplaySelection(event, child, position))
    if as_json:
        emit(_replay_json(done))
    else:
        _say_replay(done, everything=everything)
    return ExitCode.OK if done.verified else ExitCode.FOUND


def _replay_json(done: Replay) -> dict[str, object]:
    differences = [
        {
            "position": one.position,
            "event": one.event,
            "recipient": one.recipient,
            "fields": [asdict(difference) for difference in one.differences],
        }
        for one in done.disagreements
    ]
    return {
        "entries": done.entries,
        "replayed": done.replayed,
        "disagreements": len(differences),
        "verified": done.verified,
        "problem": done.problem,
        "differences": differences,
    }


def _say_replay(done: Replay, *, everything: bool) -> None:
    for one in done.disagreements:
        say(f"Entry {one.position}, about {one.recipient}, DOES NOT COME OUT THE SAME:")
        for d in one.differences:
            say(plain(f"  {d.field}: logged {d.logged!r}, made again {d.replayed!r}"))
    if done.problem:
        say(f"THE LEDGER DOES NOT VERIFY: {plain(done.problem)}. See 'hub audit verify'.")
    same = done.replayed - len(done.disagreements)
    read = f"; {done.entries} entries read" if everything else ""
    say(f"{same} of {done.replayed} decisions come out the same{read}.")


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
    """Explain in plain sentences who was told what of an event, and why.

    Names of fields, never what they hold: by which rule and purpose, on which
    lawful basis, under which version of which agreement and who approved it,
    because of whose word; what was withheld and why; and what became of each
    delivery.

    JSON keys: event, type, source, child, at, decisions (each with position,
    recipient, permitted, sentences, sections, deliveries).

    Example: hub audit explain --position 120
    """
    from hub.evidence.explanation import explain as explained  # noqa: PLC0415  the store's library loads
    from hub.evidence.explanation_text import as_json as written  # noqa: PLC0415  likewise
    from hub.evidence.explanation_text import sentences  # noqa: PLC0415  likewise

    one_of(event=event, delivery=delivery, position=position)
    with hub_of(context) as hub:
        found = explained(hub, event=event, delivery=delivery, position=position)
    if as_json:
        emit(written(found))
    else:
        for line in sentences(found):
            say(plain(line))
    return ExitCode.OK
