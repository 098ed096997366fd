"""Encryption to a public key (HPKE), so that only the holder of the private key can read.

RFC 9180, base mode, single-shot: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. The context
of a message is in ``info`` and the ``aad`` is empty, as section 8.1 of the RFC recommends for the
single-shot calls. Base mode does not authenticate the sender; the broker does (``user_id``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from hub.sealing.block import KEY_BYTES, TAG_BYTES, Random
from hub.sealing.encoding import MAX_SEALED_BYTES, pad, unpad
from schemas.errors import ConfigurationError, Fault, InputRefused

KEY_ID_BYTES = 8
ENC_BYTES = 32
STEP = 1024
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def key_id(public: bytes) -> bytes:
    """Return the id of a public key: the first 8 bytes of its SHA-256."""
    return hashlib.sha256(public).digest()[:KEY_ID_BYTES]


@dataclass(frozen=True, slots=True)
class OpeningKey:
    """An X25519 key pair (RFC 7748), from its 32 private bytes, which ``repr`` never shows.

    Raises ConfigurationError for a key that is not 32 bytes.
    """

    private: bytes = field(repr=False)
    public: bytes = field(init=False)
    handle: X25519PrivateKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compute the public key once."""
        if len(self.private) != KEY_BYTES:
            raise ConfigurationError(f"A private X25519 key has {KEY_BYTES} bytes.")
        handle = X25519PrivateKey.from_private_bytes(self.private)
        object.__setattr__(self, "handle", handle)
        object.__setattr__(self, "public", handle.public_key().public_bytes_raw())

    @classmethod
    def make(cls, random: Random) -> OpeningKey:
        """Make a new key pair; any 32 random bytes are a private key."""
        return cls(random(KEY_BYTES))

    @property
    def id(self) -> bytes:
        """The key's id, which sealed messages begin with."""
        return key_id(self.public)


@dataclass(frozen=True, slots=True)
class HpkeSeal:
    """One kind of message sealed to a public key: its first bytes and its domain."""

    magic: bytes
    domain: bytes

    def info(self, public: bytes, name: str) -> bytes:
        """Return the context of a message: its kind, the key's id and the agency's name."""
        return self.domain + key_id(public) + name.encode()

    def seal(self, public: bytes, name: str, plain: bytes) -> bytes:
        """Pad and encrypt; raises ConfigurationError for an unusable public key, or TOO_LARGE."""
        if len(plain) > MAX_SEALED_BYTES - 2 * STEP:
            raise InputRefused(Fault.TOO_LARGE)
        info = self.info(public, name)
        try:
            key = X25519PublicKey.from_public_bytes(public)
            sealed = _SUITE.encrypt(pad(plain, STEP), key, info=info)
        except ValueError:
            raise ConfigurationError("A public key is not a usable X25519 key.") from None
        return self.magic + key_id(public) + sealed

    def key_named(self, body: bytes) -> bytes | None:
        """Return the id of the key that a message is sealed to; None if it names none."""
        start = len(self.magic)
        named = body[start : start + KEY_ID_BYTES]
        whole = body[:start] == self.magic and len(named) == KEY_ID_BYTES
        return named if whole else None

    def open(self, keys: Sequence[OpeningKey], name: str, body: bytes) -> bytes:
        """Decrypt with the key that the message names; raises InputRefused.

        NOT_SEALED for a message of another kind, TOO_LARGE, and SEAL_BROKEN otherwise.
        """
        start = len(self.magic) + KEY_ID_BYTES
        if len(body) > MAX_SEALED_BYTES:
            raise InputRefused(Fault.TOO_LARGE)
        if body[: len(self.magic)] != self.magic:
            raise InputRefused(Fault.NOT_SEALED, "magic")
        padded = len(body) - start - ENC_BYTES - TAG_BYTES
        if padded < STEP or padded % STEP:
            raise InputRefused(Fault.SEAL_BROKEN, "length")
        named = body[len(self.magic) : start]
        for key in keys:
            if key.id == named:
                return unpad(self._decrypt(key, name, body[start:]), STEP, "message")
        raise InputRefused(Fault.SEAL_BROKEN, "key id")

    def _decrypt(self, key: OpeningKey, name: str, sealed: bytes) -> bytes:
        try:
            return _SUITE.decrypt(sealed, key.handle, info=self.info(key.public, name))
        except (InvalidTag, ValueError):
            raise InputRefused(Fault.SEAL_BROKEN, "message") from None
