"""``hub audit prove``: that an entry is logged, that a ledger extends another, what was sent."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.audit_answers import one_of
from hub.cli.audit_checkpoint import size_of
from hub.cli.context import hub_of
from hub.cli.exit_codes import ExitCode
from hub.cli.output import emit, plain, say
from hub.cli.shared_options import AsJson, By, checked_reason, checked_user
from hub.evidence.commitments import open_delivery
from hub.evidence.export import consistency
from hub.evidence.export import prove as proof_of
from schemas.counted import counted


def add_to(audit: typer.Typer) -> None:
    """Add the verb."""
    audit.command()(prove)


@dataclass(frozen=True, slots=True)
class OpeningOrder:
    """Which delivery's commitment to open, for whom and why, and what to show of it."""

    delivery: str
    by: str
    reason: str
    copy: bytes | None
    show: bool


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
            help="Prove that the ledger of NEW extends that of OLD: sizes or files.",
        ),
    ] = None,
    opens: Annotated[
        str | None, typer.Option(metavar="DELIVERY", help="Open this delivery's commitment.")
    ] = None,
    copy: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The recipient's copy, if the event is not stored."),
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
    """Prove an entry, a ledger's growth, or what was sent.

    A proof of an entry, and one between two sizes or checkpoint files, is
    checked with nothing but itself and the verifier key. To open a delivery's
    commitment, the view is made again from the stored event and the logged
    decision; it needs --reason, and is recorded as an access. Ends with 1 where
    the proof does not hold.

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
        held = copy.read_bytes() if copy else None
        order = OpeningOrder(opens, checked_user(by), checked_reason(reason), held, show)
        return _open(context, order, as_json=as_json)
    return _prove_entry(context, position or 0, as_json=as_json)


def _prove_entry(context: typer.Context, position: int, *, as_json: bool) -> int:

    with hub_of(context) as hub:
        proof = proof_of(hub, position)
    if as_json:
        emit(proof)
    elif proof.verified:
        size = counted(proof.size, "entry", "entries")
        hashes = counted(len(proof.path), "hash", "hashes")
        say(f"Entry {proof.position} is in the ledger of {size}: {proof.root}")
        say(f"The proof has {hashes}; --json writes it with the signed head.")
        say(plain(proof.entry))
    else:
        say(f"ENTRY {proof.position} IS NOT WHAT THE SIGNED HEAD STATES. Run 'hub audit verify'.")
    return ExitCode.OK if proof.verified else ExitCode.FOUND


def _between(context: typer.Context, ends: tuple[str, str], *, as_json: bool) -> int:

    with hub_of(context) as hub:
        old, new = (size_of(hub, one) or 0 for one in ends)
        proof = consistency(hub, old, new)
    if as_json:
        emit(proof)
    elif proof.verified:
        hashes = counted(len(proof.path), "hash", "hashes")
        say(f"The ledger of {proof.new_size} entries extends that of {proof.old_size}.")
        say(f"The proof has {hashes}; --json writes it with the signed heads.")
    else:
        say(f"THE SIGNED LEDGER DOES NOT EXTEND THAT OF {proof.old_size} ENTRIES. Verify it.")
    return ExitCode.OK if proof.verified else ExitCode.FOUND


def _open(context: typer.Context, order: OpeningOrder, *, as_json: bool) -> int:

    with hub_of(context) as hub:
        found = open_delivery(
            hub, order.delivery, by=order.by, reason=order.reason, copy=order.copy
        )
    if as_json:
        emit(found if order.show else found.without_content())
    else:
        outcome = "opens: exactly this was sent" if found.opens else "DOES NOT OPEN"
        say(f"Delivery {found.delivery} for {found.recipient}, entry {found.position}.")
        say(f"Its commitment {found.commitment} {outcome}.")
        if order.show:
            say(f"salt: {found.salt}")
            emit({"payload": found.payload})
    return ExitCode.OK if found.opens else ExitCode.FOUND
