"""``hub subject-access``: a copy of all that was decided and sent about a child, for who asks."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.context import hub_of, settings_of
from hub.cli.exit_codes import ExitCode
from hub.cli.output import emit, say
from hub.cli.shared_options import (
    AsJson,
    By,
    NhsNumber,
    Reason,
    Upn,
    checked_reason,
    checked_user,
    sought_of,
)
from hub.foundation import clock

if TYPE_CHECKING:
    from hub.casework.subject_access.report import SubjectAccess


def add_to(app: typer.Typer) -> None:
    """Add the noun."""
    app.command("subject-access")(subject_access)


def subject_access(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    child_id: Annotated[
        str | None, typer.Argument(metavar="CHILD", help="The hub's own id of the child.")
    ] = None,
    *,
    by: By = None,
    reason: Reason,
    nhs_number: NhsNumber = None,
    upn: Upn = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A new folder for the files.")
    ] = None,
    hand_over: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ITEM", help="Show this held-back item, by your decision. Repeatable."
        ),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Write a child's subject access copy.

    Four files go into a new folder that only you may open. report.html and
    report.json are for the child or parent. officer-note.html and
    officer-note.json are for you: they say what was left out of the copy because
    it would tip somebody off, on which law, and which fields may be about others.
    The copy shows nothing of what was left out. Read both, decide, and make the
    report again with --hand-over for each item of the note that may be told.

    The folder's name says nothing about the child. The look is recorded.

    JSON keys: folder, entries, disclosures, held_back, third_party.

    Example: hub subject-access --nhs-number - --by jmalik --reason SAR-2026-017
    """
    from hub.casework.subject_access.assemble import assemble  # noqa: PLC0415  loads the store
    from hub.casework.subject_access.render import write_files  # noqa: PLC0415  with the above

    sought = sought_of(nhs=nhs_number, pupil=upn, child=child_id)
    word = (checked_user(by), checked_reason(reason))
    days = settings_of(context).retention_days
    with hub_of(context) as hub:
        found = assemble(
            hub,
            sought,
            by=word[0],
            reason=word[1],
            disclosed=tuple(hand_over or ()),
            retention_days=days,
        )
    folder = out or Path(f"subject-access-{clock.now():%Y-%m-%d}-{secrets.token_hex(4)}")
    write_files(found, folder)
    if as_json:
        emit(_as_json(found, folder))
    else:
        _say(found, folder)
    return ExitCode.OK


def _as_json(found: SubjectAccess, folder: Path) -> dict[str, object]:
    return {
        "folder": str(folder),
        "entries": found.entries,
        "disclosures": found.disclosures,
        "held_back": len(found.withheld),
        "third_party": len(found.flags),
    }


def _say(found: SubjectAccess, folder: Path) -> None:
    say(f"The files are in {folder}. Only report.html and report.json are for whoever asked.")
    say(f"{found.entries} entries of the ledger were read; {found.disclosures} disclosure(s) told.")
    say(f"{len(found.withheld)} item(s) withheld, {len(found.flags)} field(s) may be about others:")
    say("read officer-note.html and decide before you hand anything over.")
