"""Options that several commands share: who is meant, who asks, and why."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from hub.evidence.child_lookup import Sought
from schemas.errors import ConfigurationError
from schemas.identifiers import System

LONGEST_NAME = 40
LONGEST_REASON = 200

By = Annotated[
    str,
    typer.Option(metavar="NAME", help="Who does this: a staff reference. It stands in the ledger."),
]
Reason = Annotated[
    str,
    typer.Option(
        metavar="TEXT", help="Why: a case number or a code, no names. It stands in the ledger."
    ),
]
NhsNumber = Annotated[
    str | None, typer.Option(metavar="N", help="The child's NHS number; - asks for it.")
]
Upn = Annotated[
    str | None, typer.Option(metavar="U", help="The child's unique pupil number; - asks for it.")
]
Child = Annotated[str | None, typer.Option(metavar="ID", help="The hub's own id of the child.")]
AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON object.")]


def checked_by(name: str) -> str:
    """Check who does something; raises ConfigurationError."""
    return _checked("--by", name, LONGEST_NAME)


def checked_reason(text: str) -> str:
    """Check why something is done; raises ConfigurationError."""
    return _checked("--reason", text, LONGEST_REASON)


def _checked(option: str, text: str, longest: int) -> str:
    text = text.strip()
    if not text or len(text) > longest or not text.isprintable():
        raise ConfigurationError(f"{option} takes 1 to {longest} printable characters.")
    return text


def sought_of(
    *,
    nhs: str | None = None,
    pupil: str | None = None,
    la_child: tuple[str | None, str | None] = (None, None),
    child: str | None = None,
) -> Sought:
    """Tell by what a child is looked for: exactly one of these; ``-`` is asked for, hidden."""
    la_id, issuer = la_child
    given = [value for value in (nhs, pupil, la_id, child) if value is not None]
    if len(given) != 1:
        raise ConfigurationError("Name the child in exactly one way; see --help.")
    if nhs is not None:
        return Sought(secret_of(nhs, "NHS number"), System.NHS_NUMBER)
    if pupil is not None:
        return Sought(secret_of(pupil, "UPN"), System.UPN)
    if la_id is not None:
        if not issuer:
            raise ConfigurationError("--la-child-id needs --issuer: which authority gave it.")
        return Sought(secret_of(la_id, "LA child id"), System.LA_CHILD_ID, issuer)
    return Sought(child or "")


def secret_of(value: str, what: str) -> str:
    """Give the value; for ``-`` from a hidden prompt or, where there is none, standard input."""
    if value != "-":
        return value
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=True, err=True))
    return sys.stdin.readline().strip()
