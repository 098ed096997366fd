"""What a witness does: it cosigns a ledger's head only where that goes on from the last it saw.

A witness keeps one checkpoint of each ledger, the newest it signed. The operator hands it a request
in the form of the C2SP witness protocol (https://c2sp.org/tlog-witness, add-checkpoint): the size
it saw, a consistency proof from there, the new checkpoint. The witness needs nothing else of the
operator, and so cannot be shown two pasts. Where two signed heads cannot both be true, the pair is
a ``Fork``: whoever has the operator's verifier key can check it, and it convicts.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from hub.ledger.checkpoint import Checkpoint, parse_checkpoint, verify_checkpoint
from hub.ledger.errors import LedgerCode, LedgerError
from hub.ledger.keys import VerifierKey
from hub.ledger.merkle import HASH_BYTES, MAX_SIZE, implied_old_root, verify_consistency
from hub.ledger.note import parse_note

MAX_PROOF = 63
"""The most hashes a request may hold (tlog-witness, add-checkpoint)."""

_OLD = "old "
_MAX_DIGITS = len(str(MAX_SIZE))


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A request to cosign: the size the witness saw, the proof from there, the signed checkpoint.

    ``checkpoint`` is the note as bytes; no signature of it has been checked. What cannot be a
    request raises ``LedgerError`` (``ledger-request-malformed``).
    """

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: bytes

    def __post_init__(self) -> None:
        """Refuse what tlog-witness does not allow."""
        if not 0 <= self.old_size <= MAX_SIZE:
            raise _malformed("an old size is 0 to 2**63 - 1")
        if len(self.proof) > MAX_PROOF or any(len(one) != HASH_BYTES for one in self.proof):
            raise _malformed("a proof has at most 63 hashes of 32 bytes")

    def encode(self) -> bytes:
        """Spell the request as it is handed over."""
        lines = [f"{_OLD}{self.old_size}", *(_b64(one) for one in self.proof), ""]
        return "".join(f"{line}\n" for line in lines).encode("ascii") + self.checkpoint

    @classmethod
    def parse(cls, data: bytes) -> AddCheckpoint:
        """Read a request; no signature is checked.

        Raises ``LedgerError``: ``ledger-request-malformed``, and as ``parse_note`` and
        ``parse_checkpoint`` do for what follows the empty line.
        """
        head, blank, checkpoint = data.partition(b"\n\n")
        try:
            first, *hashes = head.decode("ascii").split("\n")
            proof = tuple(base64.b64decode(one, validate=True) for one in hashes)
        except (UnicodeDecodeError, binascii.Error, ValueError):
            raise _malformed("the lines before the empty line are not a proof") from None
        size = first.removeprefix(_OLD)
        if not size.isdecimal() or len(size) > _MAX_DIGITS or not blank:
            raise _malformed("a request begins with 'old' and a size, and has an empty line")
        request = cls(int(size), proof, checkpoint)
        if request.encode() != data:
            raise _malformed("the request is not written in its one proper way")
        parse_checkpoint(parse_note(checkpoint).text)
        return request


class WitnessVerdict(StrEnum):
    """What a witness finds of a request; the values are listed in ``docs/ledger.md``."""

    GOES_ON = "goes-on"
    OTHER_SIZE = "other-size"
    SMALLER = "smaller"
    UNPROVED = "unproved"
    FORK = "fork"


@dataclass(frozen=True, slots=True)
class Fork:
    """Two signed checkpoints of one ledger that cannot both be true, as bytes.

    With equal sizes they differ in the root. Otherwise ``proof`` leads from another past than that
    of ``kept`` to ``offered``: hashes cannot be made to fit, so the operator has two ledgers.
    """

    kept: bytes
    offered: bytes
    proof: tuple[bytes, ...] = ()

    def convicts(self, key: VerifierKey) -> bool:
        """Say whether the pair proves two pasts to whoever has the log's key. Raises nothing."""
        try:
            old = verify_checkpoint(self.kept, key.name, [key]).checkpoint
            new = verify_checkpoint(self.offered, key.name, [key]).checkpoint
        except LedgerError:
            return False
        return _is_fork(old, new, self.proof)


def judge(
    kept: Checkpoint | None, new: Checkpoint, old_size: int, proof: Sequence[bytes]
) -> WitnessVerdict:
    """Say whether a witness may sign ``new``, when ``kept`` is the newest head that it signed.

    Follows tlog-witness, add-checkpoint: the old size must be that of ``kept`` (0 for None), and
    the proof must lead from there. Both checkpoints bear the log's signature already.
    """
    if kept is not None and _is_fork(kept, new, proof if old_size == kept.size else ()):
        return WitnessVerdict.FORK
    if new.size < (kept.size if kept else 0) or new.size < old_size:
        return WitnessVerdict.SMALLER
    if old_size != (kept.size if kept else 0):
        return WitnessVerdict.OTHER_SIZE
    if kept is None or kept.size == 0:
        return WitnessVerdict.UNPROVED if proof else WitnessVerdict.GOES_ON
    holds = verify_consistency(kept.size, kept.root, new.size, new.root, proof)
    return WitnessVerdict.GOES_ON if holds else WitnessVerdict.UNPROVED


def _is_fork(old: Checkpoint, new: Checkpoint, proof: Sequence[bytes]) -> bool:
    """Say whether both heads cannot be of one ledger."""
    if old.size == new.size:
        return old.root != new.root
    if not proof:
        return False
    implied = implied_old_root(old.size, new.size, new.root, proof)
    return implied is not None and implied != old.root


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _malformed(detail: str) -> LedgerError:
    return LedgerError(LedgerCode.REQUEST_MALFORMED, detail)
