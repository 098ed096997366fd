"""``hub audit checkpoint``: the newest signed head, requests to witnesses, and cosignatures."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.context import hub_of
from hub.cli.exit_codes import ExitCode
from hub.cli.output import emit, plain, say
from hub.cli.shared_options import AsJson
from hub.evidence.cosigning import request, take
from hub.evidence.export import cosigned, known_size, newest_cosigned, newest_head
from hub.keys.witness_keys import witness_signer
from schemas.counted import counted
from schemas.errors import ConfigurationError

if TYPE_CHECKING:
    from hub.evidence.export import ExportedHead
    from hub.intake.hub import Hub


def add_to(audit: typer.Typer) -> None:
    """Add the verb."""
    audit.command()(checkpoint)


def checkpoint(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    *,
    request: Annotated[
        bool, typer.Option("--request", help="Write a request for a witness to cosign it.")
    ] = False,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE|FILE",
            help="The last checkpoint the witness saw, or its size. Default: the last cosigned.",
        ),
    ] = None,
    cosigned: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Import a checkpoint that a witness has cosigned."),
    ] = None,
    witnessed: Annotated[
        bool, typer.Option("--witnessed", help="Print the newest cosigned checkpoint.")
    ] = False,
    witness: Annotated[
        Path | None,
        typer.Option(metavar="KEYFILE", help="Cosign with a witness's key on this machine."),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Print the newest signed checkpoint of the ledger.

    Store it outside the hub: it reveals any later change of the ledger's past.

    A witness is another agency. --request writes what it needs to cosign
    (c2sp.org/tlog-witness) on its own machine with 'hub witness sign'.
    --cosigned imports the result, after checking it with the keys in the setting
    'witnesses'. --since is what that witness saw last: where the ledger does not
    extend it, nothing is signed. --witness cosigns at once, for those who hold
    the witness's key themselves.

    JSON keys: origin, size, root, note; with --request: old_size, size,
    request; with --cosigned: size, witnesses, new.

    Example: hub audit checkpoint > checkpoints/2026-09.txt
    """
    if sum([request, cosigned is not None, witnessed, witness is not None]) > 1:
        raise ConfigurationError("Give one of --request, --cosigned, --witnessed and --witness.")
    if since is not None and not (request or witness):
        raise ConfigurationError("--since goes with --request or --witness.")
    with hub_of(context) as hub:
        if request:
            return _request(hub, since, as_json=as_json)
        if cosigned is not None:
            return _import(hub, cosigned.read_bytes(), as_json=as_json)
        head = _head(hub, witness, since, witnessed=witnessed)
    if as_json:
        emit(head)
    else:
        sys.stdout.write(head.note)
    return ExitCode.OK


def _head(hub: Hub, witness: Path | None, since: str | None, *, witnessed: bool) -> ExportedHead:

    if witness is not None:
        return cosigned(hub, witness_signer(witness), size_of(hub, since))
    return newest_cosigned(hub) if witnessed else newest_head(hub)


def size_of(hub: Hub, given: str | None) -> int | None:
    """Return a size: a number as given, or the size of the checkpoint in a file.

    Raises LedgerBroken where the ledger does not extend that checkpoint.
    """
    if given is None or (given.isascii() and given.isdecimal()):
        return None if given is None else int(given)
    return known_size(hub, Path(given).read_bytes())


def _request(hub: Hub, since: str | None, *, as_json: bool) -> int:

    made = request(hub, size_of(hub, since))
    if as_json:
        emit(made)
    else:
        sys.stdout.write(made.request)
    return ExitCode.OK


def _import(hub: Hub, note: bytes, *, as_json: bool) -> int:

    done = take(hub, note)
    if as_json:
        emit(done)
    else:
        witnesses = ", ".join(map(plain, done.witnesses))
        size = counted(done.size, "entry", "entries")
        say(f"The head of {size} is cosigned by {witnesses}; {counted(done.new, 'new signature')}.")
    return ExitCode.OK
