"""The operator's side of witnesses: requests to cosign the newest head, and what came back.

A witness is another agency, on its own machine (witness.py). Between the two only files
pass: a request, and the cosigned checkpoint.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from hub.evidence.export import consistency, newest_head
from hub.evidence.pinned_checkpoint import LedgerBroken, contradiction, keep_newest
from hub.foundation.view_model import ViewModel
from hub.intake.hub import Hub
from hub.ledger.checkpoint import SignedCheckpoint, verify_checkpoint
from hub.ledger.errors import LedgerError
from hub.ledger.keys import VerifierKey
from hub.ledger.merkle import consistency_path
from hub.ledger.note import parse_note
from hub.ledger.witness import AddCheckpoint
from schemas.errors import ConfigurationError, NotFound


class CosignatureRequest(ViewModel):
    """A request to cosign: the size the witness saw, the size of the new head, the whole text."""

    old_size: int
    size: int
    request: str


class CosignedCheckpoint(ViewModel):
    """What was taken back: the cosigned head's size, its witnesses, and how many lines are new."""

    size: int
    witnesses: tuple[str, ...]
    new: int


@dataclass(frozen=True, slots=True)
class LastSigned:
    """The newest head that one witness signed, and when; 0 and nothing where it never has."""

    witness: str
    size: int = 0
    signed_at: str = ""


def last_signed(hub: Hub) -> tuple[LastSigned, ...]:
    """Tell of every witness, those of the settings and those of before, when it last signed."""
    with hub.reading() as work:
        found = work.cosignatures.last_of_each()
    names = {str(key): key.name for key in hub.witnesses}
    keys = sorted({*names, *found})
    return tuple(
        LastSigned(names.get(key) or key.partition("+")[0], *found.get(key, ())) for key in keys
    )


def request(hub: Hub, since: int | None = None) -> CosignatureRequest:
    """Ask a witness to cosign the newest head (https://c2sp.org/tlog-witness, add-checkpoint).

    ``since`` is the size of the last checkpoint that the witness cosigned, 0 for a new one; None:
    that of the newest cosigned head there is. Raises NotFound and LedgerBroken.
    """
    head = newest_head(hub)
    with hub.reading() as work:
        newest = work.cosignatures.newest()
        old = since if since is not None else newest.size if newest else 0
        if old > head.size:
            raise LedgerBroken(
                f"The witness saw {old} entries, and the ledger has {head.size}. Is the store an "
                "older copy? Run 'hub audit verify'."
            )
        own = work.ledger.checkpoint_at(head.size) or ""
        proof = consistency_path(old, head.size, work.ledger.nodes)
    if not consistency(hub, old, head.size).verified:
        raise LedgerBroken("The tree is not that of the signed head. Run 'hub audit verify'.")
    body = AddCheckpoint(old, proof, own.encode()).encode()
    return CosignatureRequest(old_size=old, size=head.size, request=body.decode())


def take(hub: Hub, note: bytes) -> CosignedCheckpoint:
    """Take a cosigned checkpoint back: it must be ours, and bear a line of a witness we know.

    Raises ConfigurationError where no witness is known or none of them signed, and LedgerBroken
    where the checkpoint is not of this ledger as it stands.
    """
    if not hub.witnesses:
        raise ConfigurationError("Name the witnesses' keys in the setting 'witnesses' first.")
    signed = _verified(hub, note)
    size, key = signed.checkpoint.size, hub.signer.verifier()
    lines = _lines(note, hub.witnesses)
    keep_newest(hub)
    with hub.writing() as (work, _):
        problem = contradiction(work.ledger, signed.checkpoint)
        if problem:
            raise LedgerBroken(f"The ledger is not that of the cosigned checkpoint: {problem}.")
        if work.ledger.checkpoint_at(size) is None:
            raise NotFound(f"{key.name} keeps no signed checkpoint of {size} entries.")
        new = sum(
            work.cosignatures.add(size, str(witness), line, at, work.now)
            for witness, line, at in lines
        )
    names = tuple(witness.name for witness, _, _ in lines)
    return CosignedCheckpoint(size=size, witnesses=names, new=new)


def _verified(hub: Hub, note: bytes) -> SignedCheckpoint:
    key = hub.signer.verifier()
    try:
        signed = verify_checkpoint(note, key.name, [key, *hub.witnesses])
    except LedgerError as error:
        raise ConfigurationError(
            f"This is no cosigned checkpoint of the ledger: {error}."
        ) from None
    if not signed.cosignatures:
        raise ConfigurationError(
            "No witness of the setting 'witnesses' has signed this checkpoint."
        )
    return signed


def _lines(
    note: bytes, witnesses: tuple[VerifierKey, ...]
) -> list[tuple[VerifierKey, str, dt.datetime]]:
    """Give the line of each witness, and when it signed; the note has been verified."""
    found: dict[VerifierKey, tuple[VerifierKey, str, dt.datetime]] = {}
    for signature in parse_note(note).signatures:
        for key in witnesses:
            if (signature.name, signature.key_hash) == (key.name, key.key_hash):
                seconds = int.from_bytes(signature.value[:8], "big")
                found.setdefault(key, (key, signature.line(), _moment(seconds)))
    return list(found.values())


def _moment(seconds: int) -> dt.datetime:
    """Tell a witness's time; one that no calendar holds is the last there is."""
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC)
    except (OverflowError, ValueError, OSError):
        return dt.datetime.max.replace(tzinfo=dt.UTC)
