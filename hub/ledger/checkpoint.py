"""The signed head of the ledger: how many entries there are, and the one hash that fixes them all.

A checkpoint is a signed note of three lines, C2SP tlog-checkpoint: the ledger's name (its origin),
the number of entries, the root hash. Keep one, and everything up to it can never be altered without
your noticing. The log signs with a key that bears the origin as its name; witnesses may cosign.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass

from hub.ledger.errors import LedgerCode, LedgerError
from hub.ledger.keys import Algorithm, SignerKey, VerifierKey
from hub.ledger.merkle import EMPTY_ROOT, HASH_BYTES, MAX_SIZE
from hub.ledger.note import SignedNote, cosign, open_note, parse_note, sign

_HEAD_LINES = 3
_MAX_DIGITS = len(str(MAX_SIZE))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head: the log's ``origin``, ``size`` in entries, 32-byte ``root``, extension lines.

    Ours have no extension lines; those of others are kept. What cannot be a checkpoint raises
    ``LedgerError`` (``ledger-checkpoint-malformed``).
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what tlog-checkpoint does not allow."""
        if any(not line or "\n" in line for line in (self.origin, *self.extensions)):
            raise _malformed("the origin and every extension is one line that is not empty")
        if not 0 <= self.size <= MAX_SIZE or len(self.root) != HASH_BYTES:
            raise _malformed("a size is 0 to 2**63 - 1 and a root has 32 bytes")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise _malformed("a tree without entries has the empty root")

    def text(self) -> str:
        """Spell the lines that are signed, each with its newline."""
        root = base64.b64encode(self.root).decode("ascii")
        lines = (self.origin, str(self.size), root, *self.extensions)
        return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A witness's word that at ``at`` (POSIX seconds) this was the head it had seen."""

    witness: str
    at: int


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint whose log signature holds, with the cosignatures of known witnesses."""

    checkpoint: Checkpoint
    cosignatures: tuple[Cosignature, ...]


def sign_checkpoint(checkpoint: Checkpoint, *keys: SignerKey) -> bytes:
    """Sign a checkpoint with the log's keys (type 0x01) and give the note, in UTF-8.

    Two keys bridge a change of key. The caller never signs two heads that disagree. Raises
    ``LedgerError``: ``ledger-key-malformed``, ``ledger-note-malformed`` without a key, and
    ``ledger-origin-mismatch`` when a key's name is not the origin.
    """
    if any(key.name != checkpoint.origin for key in keys):
        raise LedgerError(LedgerCode.ORIGIN_MISMATCH, "the log's key bears the origin as its name")
    text = checkpoint.text()
    return SignedNote(text, tuple(sign(text, key) for key in keys)).encode()


def cosign_checkpoint(data: bytes, key: SignerKey, at: int) -> bytes:
    """Add a witness's cosignature, made at ``at`` (POSIX seconds), to a signed checkpoint.

    The caller has verified the checkpoint, and its consistency with the last one it cosigned.
    Raises ``LedgerError`` as ``parse_note``, ``parse_checkpoint`` and ``cosign`` do.
    """
    note = parse_note(data)
    parse_checkpoint(note.text)
    return SignedNote(note.text, (*note.signatures, cosign(note.text, key, at))).encode()


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint (not its signatures).

    Raises ``LedgerError`` (``ledger-checkpoint-malformed``) unless it is written exactly so.
    """
    origin, size, root, *extensions = _lines(text)
    if not (size.isascii() and size.isdecimal()) or len(size) > _MAX_DIGITS:
        raise _malformed("the second line is not a number of entries")
    try:
        raw = base64.b64decode(root, validate=True)
    except (binascii.Error, ValueError):
        raise _malformed("the third line is not base64") from None
    checkpoint = Checkpoint(origin, int(size), raw, tuple(extensions))
    if checkpoint.text() != text:
        raise _malformed("the size or the root is not written in its one proper way")
    return checkpoint


def verify_checkpoint(data: bytes, origin: str, keys: Iterable[VerifierKey]) -> SignedCheckpoint:
    """Read a signed checkpoint and make sure that the log called ``origin`` signed it.

    ``keys`` are the log's (type 0x01, named ``origin``) and those of witnesses (type 0x04); one
    signature by a key of the log is needed, cosignatures are reported. Raises ``LedgerError`` as
    ``open_note`` and ``parse_checkpoint`` do, and ``ledger-origin-mismatch`` when the checkpoint
    is another log's, ``ledger-note-unverified`` when only others signed.
    """
    note = open_note(data, keys)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != origin:
        raise LedgerError(LedgerCode.ORIGIN_MISMATCH, "the checkpoint is of another log")
    own = [v for v in note.verified if v.key.algorithm is Algorithm.ED25519]
    if not any(v.key.name == origin for v in own):
        raise LedgerError(LedgerCode.NOTE_UNVERIFIED, "no known key of the log signed")
    seen = tuple(
        Cosignature(v.key.name, v.signed_at) for v in note.verified if v.signed_at is not None
    )
    return SignedCheckpoint(checkpoint, seen)


def _lines(text: str) -> list[str]:
    """Split a checkpoint's text into its lines, three or more, none of them empty."""
    lines = text.split("\n")
    if len(lines) <= _HEAD_LINES or lines.pop() or not all(lines):
        raise _malformed("a checkpoint has at least three lines, none of them empty")
    return lines


def _malformed(detail: str) -> LedgerError:
    return LedgerError(LedgerCode.CHECKPOINT_MALFORMED, detail)
