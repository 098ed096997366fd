"""Options that several commands share: which child, who acts, and why."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer

from hub.evidence.child_lookup import Sought
from schemas.errors import ConfigurationError
from schemas.identifiers import System

LONGEST_NAME = 40
LONGEST_REASON = 200

By = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Who does this, for the ledger: a staff reference. Default: your login name.",
    ),
]
Reason = Annotated[
    str,
    typer.Option(metavar="TEXT", help="Why: a case number or a code, no names, for the ledger."),
]
ReasonForChild = Annotated[
    str | None,
    typer.Option(metavar="TEXT", help="Why, where a child is named: for the ledger."),
]
NhsNumber = Annotated[
    str | None, typer.Option(metavar="N", help="The child's NHS number; - prompts for it.")
]
Upn = Annotated[
    str | None, typer.Option(metavar="U", help="The child's unique pupil number; - prompts for it.")
]
Child = Annotated[str | None, typer.Option(metavar="ID", help="The hub's id of the child.")]
AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON object.")]
AsJsonLines = Annotated[bool, typer.Option("--json", help="Write one JSON object a line.")]


def checked_user(by: str | None) -> str:
    """Return who acts: ``--by``, or the user's login name; raises ConfigurationError."""
    if by is not None:
        return _checked("--by", by, LONGEST_NAME)
    try:
        return _checked("--by", getpass.getuser(), LONGEST_NAME)
    except (OSError, KeyError, ConfigurationError):
        message = "Give --by NAME: this system has no login name for you that the ledger can take."
        raise ConfigurationError(message) from None


def checked_reason(text: str | None) -> str:
    """Return why something is done, without outer spaces; raises ConfigurationError."""
    return _checked("--reason", text or "", LONGEST_REASON)


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
    """Return what identifies the child; raises ConfigurationError unless exactly one is given.

    An identifier given as ``-`` is read from a hidden prompt or from standard input.
    """
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
            raise ConfigurationError("--la-child-id needs --issuer: the authority that issued it.")
        return Sought(secret_of(la_id, "LA child id"), System.LA_CHILD_ID, issuer)
    return Sought(child or "")


def secret_of(value: str, what: str) -> str:
    """Return the value; for ``-`` read it from a hidden prompt or from standard input."""
    if value != "-":
        return value
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=True, err=True))
    return sys.stdin.readline().strip()
