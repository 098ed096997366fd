"""``hub audit export`` and ``verify-export``: the ledger as files that anyone can check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.context import hub_of
from hub.cli.exit_codes import ExitCode
from hub.cli.output import emit, say
from hub.cli.shared_options import AsJson
from hub.evidence.export import check_export, verifier_of
from hub.evidence.export import export as write_files
from hub.evidence.export_view import export_verification
from hub.keys.witness_keys import witness_keys
from hub.ledger.export import Kept
from schemas.counted import counted

if TYPE_CHECKING:
    from hub.evidence.export_view import ExportVerification

KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key", metavar="FILE", help="The ledger's verifier key, obtained apart from DIR."
    ),
]


def add_to(audit: typer.Typer) -> None:
    """Add the verbs."""
    audit.command()(export)
    audit.command("verify-export")(verify_export)


def export(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the files go.")],
    *,
    as_json: AsJson = False,
) -> int:
    """Write the whole ledger as files (C2SP tlog-tiles).

    A later export into the same folder only adds. The verifier key is written
    beside the files as verifier.pub; give it to those who check them by another
    way as well.

    JSON keys: entries, files, key.

    Example: hub audit export out/ledger
    """
    with hub_of(context) as hub:
        done = write_files(hub, folder)
    if as_json:
        emit(done)
    else:
        entries, files = counted(done.entries, "entry", "entries"), counted(done.files, "new file")
        say(f"Exported {entries} to {folder}; {files}.")
        say(f"Verifier key, to be given by another way: {done.key}")
    return ExitCode.OK


def verify_export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The export.")],
    *,
    key: KeyFile = None,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A checkpoint you stored, which must agree. Repeatable."),
    ] = None,
    witness_key: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY|FILE", help="A witness's verifier key: one must have signed. Repeatable."
        ),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Verify an export without settings, store or broker.

    Reports the first entry that does not verify, and ends with 1. With the key
    inside the export it can only show that the files agree with each other:
    obtain the key by another way. An older copy or a forged past also agrees
    with itself; a checkpoint that you stored, or a witness's signature, reveals
    it.

    JSON keys: entries, verified, first_bad, span, problem, path, code, root, key, witnessed.

    Example: hub audit verify-export out/ledger --key hub.pub
    """
    verifier = verifier_of(folder, key)
    stored = [Kept(str(file), file.read_bytes()) for file in checkpoint or ()]
    report = check_export(folder, verifier, stored, witness_keys(witness_key or ()))
    found = export_verification(report, verifier)
    if as_json:
        emit(found)
    else:
        _say_verification(found)
        if key is None:
            say(f"The key is from the export itself: {verifier}. Compare it with your own.")
    return ExitCode.OK if found.verified else ExitCode.FOUND


def _say_verification(found: ExportVerification) -> None:
    if found.verified:
        entries = counted(found.entries, "entry", "entries")
        say(f"The export verifies: {entries} under its signed checkpoint.")
        if found.witnessed:
            say(f"A witness has signed the head of {counted(found.witnessed, 'entry', 'entries')}.")
        return
    where = f" ({found.path})" if found.path else ""
    what = f"{found.problem}{where}" + (f": {found.code}" if found.code else "")
    if found.first_bad is None:
        say(f"THE EXPORT DOES NOT VERIFY: {what}. No single entry can be named.")
    elif found.span == 1:
        say(f"THE EXPORT DOES NOT VERIFY: the first bad entry is {found.first_bad}: {what}.")
    else:
        last = found.first_bad + found.span - 1
        say(f"THE EXPORT DOES NOT VERIFY: among entries {found.first_bad} to {last}: {what}.")
