"""Text with signatures under it, in the format other transparency logs use: C2SP signed-note.

A note is lines of text, an empty line, and one line for each signature, so a person can read it and
several parties can sign the same words. Two kinds of signature are known: Ed25519 by the log itself
(type 0x01, https://c2sp.org/signed-note) and the time-stamped cosignature of a witness who saw that
the log only grew (type 0x04, https://c2sp.org/tlog-cosignature). Signatures by keys we do not know
are passed over, never trusted; a bad one by a key we know spoils the note.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hub.ledger.errors import LedgerCode, LedgerError
from hub.ledger.keys import KEY_HASH_BYTES, Algorithm, SignerKey, VerifierKey, is_key_name

MAX_NOTE_BYTES = 1_000_000
"""The longest note that is read. The Go implementation has the same limit."""

MAX_SIGNATURES = 100
"""The most signature lines that are read: the format asks for at least 16; Go stops at 100."""

_DASH = "\N{EM DASH} "
_TIMESTAMP_BYTES = 8
_MAX_TIMESTAMP = 2**63 - 1  # https://c2sp.org/tlog-cosignature, "Format"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line, not yet checked: key name, 4-byte key hash, and the bytes signed with."""

    name: str
    key_hash: bytes
    value: bytes

    def __post_init__(self) -> None:
        """Refuse what cannot be written as a signature line (``ledger-note-malformed``)."""
        if not is_key_name(self.name) or len(self.key_hash) != KEY_HASH_BYTES or not self.value:
            raise _malformed("a signature line names no usable key or has no signature")

    def line(self) -> str:
        """Spell the line, with its final newline."""
        packed = base64.b64encode(self.key_hash + self.value).decode("ascii")
        return f"{_DASH}{self.name} {packed}\n"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """Text that ends in a newline, and its signatures, none of them checked yet."""

    text: str
    signatures: tuple[Signature, ...]

    def __post_init__(self) -> None:
        """Refuse text that a note cannot hold (``ledger-note-malformed``)."""
        _check_text(self.text)

    def encode(self) -> bytes:
        """Spell the note as UTF-8 bytes.

        Raises ``LedgerError`` (``ledger-note-malformed``) without a signature or with too many.
        """
        if not 0 < len(self.signatures) <= MAX_SIGNATURES:
            raise _malformed("a note has 1 to 100 signatures")
        return (self.text + "\n" + "".join(s.line() for s in self.signatures)).encode("utf-8")


@dataclass(frozen=True, slots=True)
class Verified:
    """A signature that holds: by which key, and for a cosignature when (POSIX seconds)."""

    key: VerifierKey
    signed_at: int | None


@dataclass(frozen=True, slots=True)
class OpenedNote:
    """A note of which at least one signature by a known key holds, and none by such a key fails.

    ``verified`` names each key once, in the order of the note; ``unknown`` are the signatures of
    other keys, about which nothing is claimed.
    """

    text: str
    verified: tuple[Verified, ...]
    unknown: tuple[Signature, ...]


def sign(text: str, key: SignerKey) -> Signature:
    """Sign note text with an Ed25519 key (type 0x01); the result is the same every time.

    Raises ``LedgerError``: ``ledger-note-malformed``, ``ledger-key-malformed`` for a witness key.
    """
    _check_text(text)
    _expect(key, Algorithm.ED25519)
    return Signature(key.name, key.verifier().key_hash, key.sign(text.encode("utf-8")))


def cosign(text: str, key: SignerKey, at: int) -> Signature:
    """Cosign checkpoint text as a witness (type 0x04) at ``at``, in POSIX seconds.

    The caller has checked that the log is consistent with what it cosigned before. Raises
    ``LedgerError``: ``ledger-note-malformed``, ``ledger-key-malformed``, ``ledger-bad-range``.
    """
    _check_text(text)
    _expect(key, Algorithm.COSIGNATURE_V1)
    if not 0 <= at <= _MAX_TIMESTAMP:
        raise LedgerError(LedgerCode.BAD_RANGE, "a cosignature's time is POSIX seconds")
    value = at.to_bytes(_TIMESTAMP_BYTES, "big") + key.sign(_cosigned(text, at))
    return Signature(key.name, key.verifier().key_hash, value)


def parse_note(data: bytes) -> SignedNote:
    """Read a note without checking any signature.

    Raises ``LedgerError`` (``ledger-note-malformed``) for anything that is not exactly a note.
    """
    if len(data) > MAX_NOTE_BYTES:
        raise _malformed("a note has at most a million bytes")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError:
        raise _malformed("a note is UTF-8") from None
    text, blank, tail = whole.rpartition("\n\n")
    if not blank or not tail.endswith("\n"):
        raise _malformed("a note is text, an empty line and signature lines")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise _malformed("a note has at most 100 signatures")
    return SignedNote(text + "\n", tuple(_parse_line(line) for line in lines))


def open_note(data: bytes, known: Iterable[VerifierKey]) -> OpenedNote:
    """Read a note and check the signatures made by ``known`` keys, all of them.

    Raises ``LedgerError``: ``ledger-note-malformed``; ``ledger-signature-invalid`` when a known
    key's signature does not hold; ``ledger-note-unverified`` when no known key signed;
    ``ledger-key-ambiguous`` when two different known keys share name and hash.
    """
    note, keys = parse_note(data), _by_name_and_hash(known)
    verified: dict[VerifierKey, Verified] = {}
    unknown: list[Signature] = []
    for signature in note.signatures:
        key = keys.get((signature.name, signature.key_hash))
        if key is None:
            unknown.append(signature)
        else:
            verified.setdefault(key, _verify(note.text, signature, key))
    if not verified:
        raise LedgerError(LedgerCode.NOTE_UNVERIFIED, "no known key signed the note")
    return OpenedNote(note.text, tuple(verified.values()), tuple(unknown))


def _verify(text: str, signature: Signature, key: VerifierKey) -> Verified:
    """Check one signature by a known key, or raise ``ledger-signature-invalid``."""
    message, value, signed_at = text.encode("utf-8"), signature.value, None
    if key.algorithm is Algorithm.COSIGNATURE_V1:
        signed_at = int.from_bytes(value[:_TIMESTAMP_BYTES], "big")
        message, value = _cosigned(text, signed_at), value[_TIMESTAMP_BYTES:]
    if (signed_at or 0) > _MAX_TIMESTAMP or not _holds(key.public, value, message):
        raise LedgerError(LedgerCode.SIGNATURE_INVALID, f"the signature of {key} does not hold")
    return Verified(key, signed_at)


def _holds(public: bytes, value: bytes, message: bytes) -> bool:
    """Say whether an Ed25519 signature holds (RFC 8032)."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(value, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _cosigned(text: str, at: int) -> bytes:
    """Give the message that a cosignature signs (tlog-cosignature, "Ed25519 signed message")."""
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _by_name_and_hash(known: Iterable[VerifierKey]) -> dict[tuple[str, bytes], VerifierKey]:
    """Index keys as a signature line names them."""
    keys: dict[tuple[str, bytes], VerifierKey] = {}
    for key in known:
        if keys.setdefault((key.name, key.key_hash), key) != key:
            raise LedgerError(LedgerCode.KEY_AMBIGUOUS, f"two keys are called {key.name}")
    return keys


def _parse_line(line: str) -> Signature:
    """Read one signature line, without its newline."""
    dash, _, rest = line.partition(" ")
    name, _, packed = rest.partition(" ")
    if dash + " " != _DASH:
        raise _malformed("a line after the empty line is not a signature line")
    try:
        raw = base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError):
        raise _malformed("a signature is not base64") from None
    if base64.b64encode(raw).decode("ascii") != packed:
        raise _malformed("a signature is not written in the one proper base64")
    return Signature(name, raw[:KEY_HASH_BYTES], raw[KEY_HASH_BYTES:])


def _check_text(text: str) -> None:
    """Refuse text that has no final newline, has control characters, or is not Unicode."""
    if not text.endswith("\n") or any(c < " " and c != "\n" for c in text):
        raise _malformed("note text ends in a newline and has no control characters")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise _malformed("note text is Unicode without lone surrogates") from None


def _expect(key: SignerKey, algorithm: Algorithm) -> None:
    if key.algorithm is not algorithm:
        detail = f"this signature needs a key of type {algorithm:#04x}"
        raise LedgerError(LedgerCode.KEY_MALFORMED, detail)


def _malformed(detail: str) -> LedgerError:
    return LedgerError(LedgerCode.NOTE_MALFORMED, detail)
