"""The keys that sign the ledger's head, and the one-line form in which they are handed about.

The form is that of C2SP signed-note: a name, a short hash that tells keys of one name apart, and
the key itself. Whoever wants to check the ledger must have the verifier key from somewhere other
than the ledger. A signer key is a secret: it never appears in a ``repr`` or an error.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from enum import IntEnum

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.ledger.errors import LedgerCode, LedgerError

KEY_HASH_BYTES = 4
"""The length of a key hash: the beginning of a SHA-256."""

KEY_BYTES = 32
"""The length of an Ed25519 public key, and of a private key's seed (RFC 8032)."""

_SECRET_MARK = "PRIVATE+KEY+"  # noqa: S105  # how the text form begins; not itself a secret


class Algorithm(IntEnum):
    """The signature types of C2SP signed-note that are in use here."""

    ED25519 = 0x01
    COSIGNATURE_V1 = 0x04


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with its name: ``public`` has 32 bytes (Ed25519, RFC 8032).

    A key that cannot be one raises ``LedgerError`` (``ledger-key-malformed``).
    """

    name: str
    public: bytes
    algorithm: Algorithm = Algorithm.ED25519

    def __post_init__(self) -> None:
        """Refuse a name the format cannot hold and a key of a wrong length."""
        if not is_key_name(self.name) or len(self.public) != KEY_BYTES:
            raise _malformed("a key has a name without spaces or '+' and 32 bytes")

    @property
    def key_hash(self) -> bytes:
        """Tell the key from others of its name: ``SHA-256(name || 0x0A || type || key)[:4]``."""
        kind = bytes([self.algorithm])
        return hashlib.sha256(self.name.encode() + b"\n" + kind + self.public).digest()[:4]

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read ``<name>+<hex hash>+<base64(type || key)>``.

        Raises ``LedgerError`` (``ledger-key-malformed``) unless it is written exactly so.
        """
        name, algorithm, public = _unpack(text)
        key = cls(name, public, algorithm)
        if str(key) != text:
            raise _malformed("the key's hash does not fit the key")
        return key

    def __str__(self) -> str:
        """Spell the key as ``parse`` reads it."""
        return _pack(self.name, self.key_hash, self.algorithm, self.public)


@dataclass(frozen=True, slots=True)
class SignerKey:
    """A private key with its name: ``seed`` is the 32 secret bytes of Ed25519 (RFC 8032).

    A key that cannot be one raises ``LedgerError`` (``ledger-key-malformed``).
    """

    name: str
    seed: bytes = field(repr=False)
    algorithm: Algorithm = Algorithm.ED25519

    def __post_init__(self) -> None:
        """Refuse a name the format cannot hold and a seed of a wrong length."""
        if not is_key_name(self.name) or len(self.seed) != KEY_BYTES:
            raise _malformed("a key has a name without spaces or '+' and 32 bytes")

    def verifier(self) -> VerifierKey:
        """Give the public key that goes with this one."""
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        return VerifierKey(self.name, public, self.algorithm)

    def sign(self, message: bytes) -> bytes:
        """Sign bytes with Ed25519 (RFC 8032): 64 bytes, the same every time."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)

    @classmethod
    def parse(cls, text: str) -> SignerKey:
        """Read ``PRIVATE+KEY+<name>+<hex hash>+<base64(type || seed)>``, as Go tools write it.

        Raises ``LedgerError`` (``ledger-key-malformed``) unless it is written exactly so.
        """
        if not text.startswith(_SECRET_MARK):
            raise _malformed("a private key begins with PRIVATE+KEY+")
        name, algorithm, seed = _unpack(text.removeprefix(_SECRET_MARK))
        key = cls(name, seed, algorithm)
        if key.reveal() != text:
            raise _malformed("the key's hash does not fit the key")
        return key

    def reveal(self) -> str:
        """Spell the secret key as ``parse`` reads it. For a key file and nothing else."""
        shown = _pack(self.name, self.verifier().key_hash, self.algorithm, self.seed)
        return _SECRET_MARK + shown


def is_key_name(name: str) -> bool:
    """Say whether a key may have this name: not empty, no spaces, no plus, no control characters.

    C2SP signed-note, "Format". A name that UTF-8 cannot carry is refused as well.
    """
    if any(c.isspace() or c == "+" or c < " " or "\ud800" <= c <= "\udfff" for c in name):
        return False
    return bool(name)


def _pack(name: str, key_hash: bytes, algorithm: Algorithm, key: bytes) -> str:
    packed = base64.b64encode(bytes([algorithm]) + key).decode("ascii")
    return f"{name}+{key_hash.hex()}+{packed}"


def _unpack(text: str) -> tuple[str, Algorithm, bytes]:
    """Take a key's text apart; the caller checks that it spells back to the same text."""
    name, _, rest = text.partition("+")
    _, _, packed = rest.partition("+")
    try:
        raw = base64.b64decode(packed, validate=True)
        return name, Algorithm(raw[0]), raw[1:]
    except (binascii.Error, ValueError, IndexError):
        raise _malformed("a key is <name>+<hash>+<base64> of a known type") from None


def _malformed(detail: str) -> LedgerError:
    return LedgerError(LedgerCode.KEY_MALFORMED, detail)
