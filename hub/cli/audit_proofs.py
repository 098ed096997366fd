"""``hub audit export``, ``verify-export`` and ``prove``: evidence for others."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.audit_answers import one_of
from hub.cli.audit_checkpoint import size_of
from hub.cli.context import hub_of
from hub.cli.exit_codes import ExitCode
from hub.cli.output import emit, plain, say
from hub.cli.shared_options import AsJson, By, checked_reason, checked_user
from hub.keys.witness_keys import witness_keys

if TYPE_CHECKING:
    from hub.ledger.export import ExportReport

KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key", metavar="FILE", help="The ledger's verifier key, from somewhere else than DIR."
    ),
]


def add_to(audit: typer.Typer) -> None:
    """Add the verbs."""
    audit.command()(export)
    audit.command("verify-export")(verify_export)
    audit.command()(prove)


def export(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the files go.")],
    *,
    as_json: AsJson = False,
) -> int:
    """Write the whole ledger as files that anyone can check (C2SP tlog-tiles).

    A later export into the same folder only adds. The verifier key is written
    beside the files, as verifier.pub: whoever checks them should have it by
    another way as well.

    JSON keys: entries, files, key.

    Example: hub audit export out/ledger
    """
    from hub.evidence.export import export as write_files  # noqa: PLC0415  likewise

    with hub_of(context) as hub:
        done = write_files(hub, folder)
    if as_json:
        emit(asdict(done))
    else:
        say(f"{done.entries} entries are in {folder}; {done.files} files are new.")
        say(f"The verifier key, to be given by another way: {done.key}")
    return ExitCode.OK


def verify_export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The export.")],
    *,
    key: KeyFile = None,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A checkpoint you kept, that must agree. Repeatable."),
    ] = None,
    witness_key: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY|FILE", help="A witness's verifier key: one must have signed. Repeatable."
        ),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Verify an export: no settings, no store and no broker are needed.

    It names the first entry that cannot be vouched for, and ends with 1. With
    the key that lies in the export itself it can only show that the files agree
    with each other: get the key by another way. An older copy, or another past,
    agrees with itself: a checkpoint that you kept, or a witness's signature,
    shows that it is one.

    JSON keys: entries, verified, first_bad, span, problem, path, code, root, key, witnessed.

    Example: hub audit verify-export out/ledger --key hub.pub
    """
    from hub.evidence.export import check_export, verifier_of  # noqa: PLC0415  likewise
    from hub.ledger.export import Kept  # noqa: PLC0415  likewise

    verifier = verifier_of(folder, key)
    kept = [Kept(str(file), file.read_bytes()) for file in checkpoint or ()]
    report = check_export(folder, verifier, kept, witness_keys(witness_key or ()))
    root = report.checkpoint.root.hex() if report.checkpoint else None
    if as_json:
        emit(
            {
                "entries": report.size,
                "verified": report.verified,
                "first_bad": report.first_bad,
                "span": report.span,
                "problem": report.problem.value if report.problem else None,
                "path": report.path,
                "code": report.code,
                "root": root,
                "key": str(verifier),
                "witnessed": report.witnessed,
            }
        )
    else:
        _say_report(report)
        if key is None:
            say(f"The key came out of the export itself: {verifier}. Compare it with your own.")
    return ExitCode.OK if report.verified else ExitCode.FOUND


def _say_report(report: ExportReport) -> None:
    if report.verified:
        say(f"The export verifies: {report.size} entries under its signed checkpoint.")
        if report.witnessed:
            say(f"A witness has signed the head of {report.witnessed} entries.")
        return
    where = f" ({report.path})" if report.path else ""
    what = f"{report.problem}{where}" + (f": {report.code}" if report.code else "")
    if report.first_bad is None:
        say(f"THE EXPORT DOES NOT VERIFY: {what}. No single entry can be named.")
    elif report.span == 1:
        say(f"THE EXPORT DOES NOT VERIFY: the first bad entry is {report.first_bad}: {what}.")
    else:
        last = report.first_bad + report.span - 1
        say(f"THE EXPORT DOES NOT VERIFY: among entries {report.first_bad} to {last}: {what}.")


def prove(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    position: Annotated[
        int | None, typer.Argument(metavar="POSITION", help="An entry, counted from 0.")
    ] = None,
    *,
    between: Annotated[
        tuple[str, str] | None,
        typer.Option(
            metavar="OLD NEW",
            help="Prove that the ledger of OLD begins that of NEW: sizes or files.",
        ),
    ] = None,
    opens: Annotated[
        str | None, typer.Option(metavar="DELIVERY", help="Open this delivery's commitment.")
    ] = None,
    copy: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The recipient's copy of it, where it is not kept."),
    ] = None,
    show: Annotated[
        bool, typer.Option("--show", help="Show salt and content: they are personal data.")
    ] = False,
    by: By = None,
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why, with --opens: for the ledger.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Prove an entry, that a ledger goes on from an earlier one, or what a delivery held.

    An entry's proof is checked with nothing but itself and the verifier key, and
    so is one between two sizes or checkpoint files: it leads to the newer head.
    To open a delivery's commitment the view is made again from the kept event
    and the logged decision; it needs --by and --reason, and the look is
    recorded. Ends with 1 where the proof does not hold.

    JSON keys: position, entry, leaf, path, size, root, checkpoint, verified;
    with --between: old_size, old_root, old_checkpoint, new_size, new_root,
    new_checkpoint, path, verified; with --opens: delivery, position, recipient,
    commitment, opens, and with --show salt, payload.

    Example: hub audit prove 120 --json
    """
    one_of(POSITION=position, opens=opens, between=between)
    if between is not None:
        return _between(context, between, as_json=as_json)
    if opens is not None:
        order = (checked_user(by), checked_reason(reason))
        held = copy.read_bytes() if copy else None
        return _open(context, opens, order, held, show=show, as_json=as_json)
    from hub.evidence.export import prove as proof_of  # noqa: PLC0415  likewise

    with hub_of(context) as hub:
        proof = proof_of(hub, position or 0)
    if as_json:
        emit(asdict(proof))
    elif proof.verified:
        say(f"Entry {proof.position} is in the ledger of {proof.size} entries: {proof.root}")
        say(f"The proof has {len(proof.path)} hashes; --json writes it with the signed head.")
        say(plain(proof.entry))
    else:
        say(f"ENTRY {proof.position} IS NOT WHAT THE SIGNED HEAD SAYS. Run 'hub audit verify'.")
    return ExitCode.OK if proof.verified else ExitCode.FOUND


def _between(context: typer.Context, ends: tuple[str, str], *, as_json: bool) -> int:
    from hub.evidence.export import consistency  # noqa: PLC0415  likewise

    with hub_of(context) as hub:
        old, new = (size_of(hub, one) or 0 for one in ends)
        proof = consistency(hub, old, new)
    if as_json:
        emit(asdict(proof))
    elif proof.verified:
        say(f"The ledger of {proof.old_size} entries begins that of {proof.new_size}.")
        say(f"The proof has {len(proof.path)} hashes; --json writes it with the signed heads.")
    else:
        say(f"THE LEDGER OF {proof.old_size} ENTRIES DOES NOT BEGIN THE SIGNED ONE. Verify it.")
    return ExitCode.OK if proof.verified else ExitCode.FOUND


def _open(  # noqa: PLR0913  what, on whose word, and how it is shown
    context: typer.Context,
    delivery: str,
    order: tuple[str, str],
    copy: bytes | None,
    *,
    show: bool,
    as_json: bool,
) -> int:
    from hub.evidence.commitments import open_delivery  # noqa: PLC0415  likewise

    by, reason = order
    with hub_of(context) as hub:
        found = open_delivery(hub, delivery, by=by, reason=reason, copy=copy)
    shown = asdict(found)
    if not show:
        del shown["salt"], shown["payload"]
    if as_json:
        emit(shown)
    else:
        holds = "opens: exactly this was made" if found.opens else "DOES NOT OPEN: it was not this"
        say(f"Delivery {found.delivery} for {found.recipient}, entry {found.position}.")
        say(f"Its commitment {found.commitment} {holds}.")
        if show:
            say(f"salt: {found.salt}")
            emit({"payload": found.payload})
    return ExitCode.OK if found.opens else ExitCode.FOUND
