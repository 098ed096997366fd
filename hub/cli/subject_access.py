"""``hub subject-access``: a child's copy of what was decided and shared, and a note for you."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import typer

from hub.casework.subject_access.assemble import assemble
from hub.casework.subject_access.render import write_files
from hub.casework.subject_access.report import SubjectAccess
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
from hub.foundation.view_model import ViewModel
from schemas.counted import counted


class SubjectAccessFiles(ViewModel):
    """Where the files are, and what is in them."""

    folder: str
    entries: int
    disclosures: int
    held_back: int
    third_party: int


def add_to(app: typer.Typer) -> None:
    """Add the noun."""
    app.command("subject-access")(subject_access)


def subject_access(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    child_id: Annotated[
        str | None, typer.Argument(metavar="CHILD", help="The hub's id of the child.")
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
            metavar="ITEM", help="Include this withheld item, by your decision. Repeatable."
        ),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Write a child's subject access copy.

    Four files go into a new folder that only you may open. report.html and
    report.json are for the child or parent. officer-note.html and
    officer-note.json are for you: they state what was left out of the copy
    because it could tip off a person, under which law, and which fields may be
    about other people. The copy shows nothing of what was left out. Read both,
    decide, and write the report again with --hand-over for each item of the note
    that may be disclosed.

    The folder's name does not identify the child. It is recorded in the ledger as
    an access.

    JSON keys: folder, entries, disclosures, held_back, third_party.

    Example: hub subject-access --nhs-number - --by jmalik --reason SAR-2026-017
    """
    sought = sought_of(nhs=nhs_number, pupil=upn, child=child_id)
    user, why = checked_user(by), checked_reason(reason)
    days = settings_of(context).retention_days
    with hub_of(context) as hub:
        found = assemble(
            hub,
            sought,
            by=user,
            reason=why,
            disclosed=tuple(hand_over or ()),
            retention_days=days,
        )
    folder = out or Path(f"subject-access-{clock.now():%Y-%m-%d}-{secrets.token_hex(4)}")
    write_files(found, folder)
    if as_json:
        emit(_files(found, folder))
    else:
        _report(found, folder)
    return ExitCode.OK


def _files(found: SubjectAccess, folder: Path) -> SubjectAccessFiles:
    return SubjectAccessFiles(
        folder=str(folder),
        entries=found.entries,
        disclosures=found.disclosures,
        held_back=len(found.withheld),
        third_party=len(found.flags),
    )


def _report(found: SubjectAccess, folder: Path) -> None:
    say(f"Wrote the files to {folder}. Hand over only report.html and report.json.")
    entries = counted(found.entries, "entry of the ledger", "entries of the ledger")
    say(f"{entries} read, {counted(found.disclosures, 'disclosure')} reported.")
    fields = counted(len(found.flags), "field")
    say(f"{counted(len(found.withheld), 'item')} withheld, {fields} may be about other people:")
    say("read officer-note.html and decide before you hand anything over.")
