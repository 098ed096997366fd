"""``hub child``: find a child by an identifier."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.child_desk import Found
from hub.child_desk import find as find_child
from hub.cli.endings import Ending
from hub.cli.ground import office_of
from hub.cli.paper import emit, plain, say, table
from hub.cli.person import (
    AsJson,
    By,
    Child,
    NhsNumber,
    Reason,
    Upn,
    checked_by,
    checked_reason,
    sought_of,
)

child = typer.Typer(name="child", help="Find a child by an identifier.")


@child.callback()
def _noun() -> None:
    """Find a child by an identifier."""


def add_to(app: typer.Typer) -> None:
    """Add the noun."""
    app.add_typer(child, no_args_is_help=True)


@child.command()
def find(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    *,
    by: By,
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
    with office_of(context) as office:
        found = find_child(office, sought, by=checked_by(by), reason=checked_reason(reason))
    if as_json:
        emit({"children": [_as_json(one, show=show) for one in found]})
    else:
        for one in found:
            _say_child(one, show=show)
        if not found:
            say("No child of the hub's bears that identifier.")
    return Ending.OK if found else Ending.FOUND


def _as_json(one: Found, *, show: bool) -> dict[str, object]:
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


def _say_child(one: Found, *, show: bool) -> None:
    say(f"child {one.child}" + ("  WHEREABOUTS GUARDED" if one.guarded else ""))
    say(f"takes part: {', '.join(one.involved) or 'nobody'}")
    heads = ["identifier", "assurance", "on the word of", "seen"] + (["value"] if show else [])
    rows = [
        [held.system.value, held.assurance.value, held.asserted_by, held.seen_at[:10]]
        + ([plain(held.value)] if show else [])
        for held in one.identifiers
    ]
    table(heads, rows)
