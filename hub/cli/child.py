"""``hub child``: find, merge, split and erase children."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from hub.casework.children.changes import erase as erase_child
from hub.casework.children.changes import merge as merge_children
from hub.casework.children.changes import split as split_child
from hub.casework.children.views import ChildrenFound
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
from hub.evidence.child_lookup import find as find_children
from hub.journey.entries import Attribution
from schemas.counted import counted
from schemas.errors import ConfigurationError
from schemas.identifiers import System

child = group("child")
ChildId = Annotated[str, typer.Argument(metavar="CHILD", help="The hub's id of the child.")]


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
        str | None,
        typer.Option(metavar="X", help="A local authority's child id; - prompts for it."),
    ] = None,
    issuer: Annotated[
        str | None, typer.Option(metavar="LA", help="The authority that issued the child id.")
    ] = None,
    child: Child = None,
    show: Annotated[bool, typer.Option("--show", help="Show the identifiers' values.")] = False,
    as_json: AsJson = False,
) -> int:
    """Find a child by an identifier.

    Shows the child's id in the hub, who takes part in its care, and its
    identifiers: system and assurance, and with --show the values. Every search
    is recorded in the ledger as an access, whether or not a child is found. Ends
    with 1 where none is found.

    Command lines stay in the shell's history: give - as the number, and it is
    read from a hidden prompt or from standard input.

    JSON keys: children, each with child, involved, guarded, identifiers.

    Example: hub child find --nhs-number - --reason CASE-104
    """
    sought = sought_of(nhs=nhs_number, pupil=upn, la_child=(la_child_id, issuer), child=child)
    with hub_of(context) as hub:
        found = find_children(hub, sought, by=checked_user(by), reason=checked_reason(reason))
    shown = tuple(one if show else one.without_values() for one in found)
    if as_json:
        emit(ChildrenFound(children=shown))
    else:
        for one in shown:
            _say_child(one, show=show)
        if not found:
            say("No child has that identifier.")
    return ExitCode.OK if found else ExitCode.FOUND


@child.command()
def merge(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    losing: Annotated[str, typer.Argument(metavar="LOSING", help="The id that ends.")],
    surviving: Annotated[str, typer.Argument(metavar="SURVIVING", help="The id that remains.")],
    *,
    by: By = None,
    reason: Reason,
    as_json: AsJson = False,
) -> int:
    """Make two ids one child.

    Identifiers, involvement, directives and stored events move to the surviving
    id; from now on both ids mean it. Deliveries under way about the losing id are
    never released, and are decided again for the surviving one. A merge cannot
    be undone, but a split can separate the identifiers again.

    JSON keys: child, voided, made, events (each with event, outcome, code,
    child).

    Example: hub child merge 0f3c... 91aa... --by jmalik --reason CASE-104
    """
    word = Attribution(checked_user(by), checked_reason(reason))
    with hub_of(context) as hub:
        done = merge_children(hub, losing, surviving, word)
    if as_json:
        emit(done)
    else:
        say(f"Child {losing} is merged into {done.child}.")
        say(f"{_deliveries(done.voided)} voided, {done.made} made in their place.")
        say(f"{counted(len(done.events), 'held event')} went on.")
    return ExitCode.OK


@child.command()
def split(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    child_id: ChildId,
    *,
    identifier: Annotated[
        list[str],
        typer.Option(
            metavar="SYSTEM:VALUE",
            help="Goes to the new child; nhs-number:- prompts. Repeatable.",
        ),
    ],
    by: By = None,
    reason: Reason,
    as_json: AsJson = False,
) -> int:
    """Give some identifiers of a child to a new one.

    Past decisions stay on record with the first child. Deliveries under way are
    never released. Objections, refusals and restrictions hold for both until
    they are withdrawn for one; consents stay with the first.

    JSON keys: child (the new one), voided, carried, events (each with event,
    outcome, code, child).

    Example: hub child split 0f3c... --identifier upn:- --by jmalik --reason CASE-104
    """
    word = Attribution(checked_user(by), checked_reason(reason))
    named = [_identifier(text) for text in identifier]
    with hub_of(context) as hub:
        done = split_child(hub, child_id, named, word)
    if as_json:
        emit(done)
    else:
        say(f"The new child is {done.child}.")
        say(f"{_deliveries(done.voided)} voided.")
        say(f"Directives that hold for both: {done.carried}.")
        say(f"{counted(len(done.events), 'held event')} went on.")
    return ExitCode.OK


@child.command()
def erase(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    child_id: ChildId,
    *,
    by: By = None,
    reason: Reason,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    as_json: AsJson = False,
) -> int:
    """Destroy a child's key and all stored data, for good.

    The ledger still verifies and records the erasure; it never held a name.
    Deliveries under way about the child can never be opened. Agencies keep what
    they received. Ends with 1 where another process kept the store's log from
    being emptied; it is emptied once the hub is stopped.

    JSON keys: child, voided, identifiers, events, cleared.

    Example: hub child erase 0f3c... --by jmalik --reason ART17-22
    """
    word = Attribution(checked_user(by), checked_reason(reason))
    if not yes:
        _confirm(child_id)
    with hub_of(context) as hub:
        done = erase_child(hub, child_id, word)
    if as_json:
        emit(done)
    else:
        erased = f"{counted(done.identifiers, 'identifier')}, {counted(done.events, 'event')}"
        say(f"Erased child {done.child}: {erased}; {_deliveries(done.voided)} voided.")
        if not done.cleared:
            say("Another process holds the store's log: it is emptied once the hub is stopped.")
    return ExitCode.OK if done.cleared else ExitCode.FOUND


def _deliveries(number: int) -> str:
    return counted(number, "delivery", "deliveries")


def _confirm(child_id: str) -> None:
    """Ask for confirmation; raises ConfigurationError without a terminal."""
    if not sys.stdin.isatty():
        raise ConfigurationError("Erasing cannot be undone. Give --yes to confirm.")
    typer.confirm(f"Erase child {plain(child_id)} for good?", abort=True, err=True)


def _identifier(text: str) -> tuple[System, str]:
    system, _, value = text.partition(":")
    known = {one.value for one in System}
    if system not in known or not value:
        raise ConfigurationError(
            f"--identifier takes SYSTEM:VALUE, with SYSTEM one of {', '.join(sorted(known))}."
        )
    return System(system), secret_of(value, system)


def _say_child(one: ChildFound, *, show: bool) -> None:
    say(f"child {one.child}" + ("  WHEREABOUTS GUARDED" if one.guarded else ""))
    say(f"involved: {', '.join(one.involved) or 'no agency'}")
    heads = ["identifier", "assurance", "asserted by", "seen"] + (["value"] if show else [])
    rows = [
        [held.system.value, held.assurance.value, held.asserted_by, held.seen_at[:10]]
        + ([plain(held.value)] if show else [])
        for held in one.identifiers
    ]
    table(heads, rows)
