"""``hub child``: find, merge, split and erase children."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from hub.casework.children.changes import Changed
from hub.casework.children.changes import erase as erase_child
from hub.casework.children.changes import merge as merge_children
from hub.casework.children.changes import split as split_child
from hub.cli.context import hub_of
from hub.cli.exit_codes import ExitCode
from hub.cli.nouns import group
from hub.cli.output import emit, plain, say, table
from hub.cli.shared_options import (
    AsJson,
    By,
    Child,
    NhsNumber,
    Reason,
    Upn,
    checked_reason,
    checked_user,
    secret_of,
    sought_of,
)
from hub.evidence.child_lookup import ChildFound
from hub.evidence.child_lookup import find as find_child
from hub.journey.entries import OnWhoseWord
from schemas.errors import ConfigurationError
from schemas.identifiers import System

child = group("child")
One = Annotated[str, typer.Argument(metavar="CHILD", help="The hub's own id of the child.")]


def add_to(app: typer.Typer) -> None:
    """Add the noun."""
    app.add_typer(child)


@child.command()
def find(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    *,
    by: By = None,
    reason: Reason,
    nhs_number: NhsNumber = None,
    upn: Upn = None,
    la_child_id: Annotated[
        str | None, typer.Option(metavar="X", help="A local authority's child id; - asks for it.")
    ] = None,
    issuer: Annotated[
        str | None, typer.Option(metavar="LA", help="Which authority gave the child id.")
    ] = None,
    child: Child = None,
    show: Annotated[bool, typer.Option("--show", help="Show the identifiers' values.")] = False,
    as_json: AsJson = False,
) -> int:
    """Find a child: its id in the hub, who takes part in its care, its identifiers.

    Of identifiers only the system and the assurance are shown, and the values
    with --show. Every look is recorded in the ledger, found or not. Ends with 1
    where no child is found.

    What stands on a command line stays in the shell's history: give - and the
    number is asked for, hidden, or read from standard input.

    JSON keys: children, each with child, involved, guarded, identifiers.

    Example: hub child find --nhs-number - --by jmalik --reason CASE-104
    """
    sought = sought_of(nhs=nhs_number, pupil=upn, la_child=(la_child_id, issuer), child=child)
    with hub_of(context) as hub:
        found = find_child(hub, sought, by=checked_user(by), reason=checked_reason(reason))
    if as_json:
        emit({"children": [_as_json(one, show=show) for one in found]})
    else:
        for one in found:
            _say_child(one, show=show)
        if not found:
            say("No child of the hub's bears that identifier.")
    return ExitCode.OK if found else ExitCode.FOUND


@child.command()
def merge(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    losing: Annotated[str, typer.Argument(metavar="LOSING", help="The id that ends.")],
    surviving: Annotated[str, typer.Argument(metavar="SURVIVING", help="The id that stays.")],
    *,
    by: By = None,
    reason: Reason,
    as_json: AsJson = False,
) -> int:
    """Make two ids one child: they turned out to be the same.

    Identifiers, involvement, what was said about sharing and what is kept go to
    the surviving id; from now on both ids mean it. What was on its way about
    the losing id is never released, and is decided anew under the surviving
    one. A merge cannot be undone; a split can part the identifiers again.

    JSON keys: child, voided, made, events.

    Example: hub child merge 0f3c... 91aa... --by jmalik --reason CASE-104
    """
    word = OnWhoseWord(checked_user(by), checked_reason(reason))
    with hub_of(context) as hub:
        done = merge_children(hub, losing, surviving, word)
    if as_json:
        emit(_changed_json(done) | {"made": done.made})
    else:
        say(f"Child {losing} is merged into {done.child}.")
        say(f"{done.voided} delivery(s) voided, {done.made} made anew.")
        say(f"{len(done.events)} held event(s) went on.")
    return ExitCode.OK


@child.command()
def split(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    child_id: One,
    *,
    identifier: Annotated[
        list[str],
        typer.Option(
            metavar="SYSTEM:VALUE", help="Goes to the new child; nhs-number:- asks. Repeatable."
        ),
    ],
    by: By = None,
    reason: Reason,
    as_json: AsJson = False,
) -> int:
    """Give some identifiers of a child to a new one: it turned out to be two.

    What was decided stays on record where it was. What was on its way is never
    released. Objections, refusals, restrictions and guards hold for both until
    they are withdrawn for one; consents stay with the first.

    JSON keys: child (the new one), voided, carried, events.

    Example: hub child split 0f3c... --identifier upn:- --by jmalik --reason CASE-104
    """
    word = OnWhoseWord(checked_user(by), checked_reason(reason))
    named = [_identifier(text) for text in identifier]
    with hub_of(context) as hub:
        done = split_child(hub, child_id, named, word)
    if as_json:
        emit(_changed_json(done) | {"carried": done.carried})
    else:
        say(f"The new child is {done.child}.")
        say(f"{done.voided} delivery(s) voided, {done.carried} directive(s) hold for both.")
        say(f"{len(done.events)} held event(s) went on.")
    return ExitCode.OK


@child.command()
def erase(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    child_id: One,
    *,
    by: By = None,
    reason: Reason,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")] = False,
    as_json: AsJson = False,
) -> int:
    """Destroy a child's key, and with it all the hub keeps about the child, for good.

    The ledger stays, verifies, and says that it was done: it never held a name.
    Whatever is still on its way about the child can never be opened. Agencies
    keep what they were given. Ends with 1 where a reader kept the store's log
    from being emptied; it is emptied once the hub is stopped.

    JSON keys: child, voided, identifiers, events, cleared.

    Example: hub child erase 0f3c... --by jmalik --reason ART17-22
    """
    word = OnWhoseWord(checked_user(by), checked_reason(reason))
    if not yes:
        _confirm(child_id)
    with hub_of(context) as hub:
        done = erase_child(hub, child_id, word)
    if as_json:
        emit(asdict(done))
    else:
        say(f"Child {done.child} is erased: {done.identifiers} identifier(s),")
        say(f"{done.events} event(s); {done.voided} delivery(s) voided.")
        if not done.cleared:
            say("A reader holds the store's log: it is emptied once the hub is stopped.")
    return ExitCode.OK if done.cleared else ExitCode.FOUND


def _confirm(child_id: str) -> None:
    """Ask whether it is meant; raises ConfigurationError where nobody can be asked."""
    if not sys.stdin.isatty():
        raise ConfigurationError("Erasing cannot be undone. Give --yes if it is meant.")
    typer.confirm(f"Erase child {plain(child_id)} for good?", abort=True, err=True)


def _identifier(text: str) -> tuple[System, str]:
    system, _, value = text.partition(":")
    known = {one.value for one in System}
    if system not in known or not value:
        raise ConfigurationError(
            f"--identifier takes SYSTEM:VALUE, with SYSTEM one of {', '.join(sorted(known))}."
        )
    return System(system), secret_of(value, system)


def _changed_json(done: Changed) -> dict[str, object]:
    events = [{"event": e.ref, "outcome": e.fate.value, "child": e.child} for e in done.events]
    return {"child": done.child, "voided": done.voided, "events": events}


def _as_json(one: ChildFound, *, show: bool) -> dict[str, object]:
    return {
        "child": one.child,
        "involved": list(one.involved),
        "guarded": one.guarded,
        "identifiers": [
            {
                "system": held.system.value,
                "assurance": held.assurance.value,
                "asserted_by": held.asserted_by,
                "seen_at": held.seen_at,
            }
            | ({"value": held.value} if show else {})
            for held in one.identifiers
        ],
    }


def _say_child(one: ChildFound, *, show: bool) -> None:
    say(f"child {one.child}" + ("  WHEREABOUTS GUARDED" if one.guarded else ""))
    say(f"takes part: {', '.join(one.involved) or 'nobody'}")
    heads = ["identifier", "assurance", "on the word of", "seen"] + (["value"] if show else [])
    rows = [
        [held.system.value, held.assurance.value, held.asserted_by, held.seen_at[:10]]
        + ([plain(held.value)] if show else [])
        for held in one.identifiers
    ]
    table(heads, rows)
