"""The vault: encrypts personal data before it is stored, and makes blind indexes of identifiers.

Every child has a data key, as do the quarantine and the hub; the store holds them wrapped by the
master key. Destroying a child's data key makes everything encrypted under it unreadable, back-ups
included. Encryption is AES-256-GCM with a random nonce; the additional data names the stored
value, so that one value cannot replace another. A blind index is HMAC-SHA-256 under its own key.
Sources: NIST SP 800-38D (GCM), RFC 5869 (HKDF), RFC 2104 (HMAC).
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterable
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.keys.master_keys import KEY_BYTES, MasterKeyMissing, MasterKeys
from schemas.errors import KeyDestroyed, Unavailable

NONCE_BYTES = 12
BLIND_KEY = "blind-index"
"""The name of the key for blind indexes."""


class KeyShelf(Protocol):
    """Storage of wrapped data keys (the store implements it)."""

    def wrapped(self, name: str) -> bytes | None:
        """Return the wrapped key of a name, or None."""

    def keep(self, name: str, wrapped: bytes) -> None:
        """Store a new wrapped key."""


def seal(key: bytes, plain: bytes, about: str) -> bytes:
    """Encrypt bytes; ``about`` names them and is needed again to decrypt them."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, about.encode())


def unseal(key: bytes, sealed: bytes, about: str) -> bytes:
    """Decrypt bytes; raises Unavailable if key, bytes and ``about`` do not belong together."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about.encode())
    except (InvalidTag, ValueError):
        raise Unavailable(
            "A stored value cannot be decrypted with its key. Check the master key: 'hub doctor'."
        ) from None


def _opened(masters: Iterable[bytes], wrapped: bytes, about: str) -> bytes | None:
    for master in masters:
        try:
            return unseal(master, wrapped, about)
        except Unavailable:
            continue
    return None


class Vault:
    """Encrypts and decrypts under named data keys, and makes blind indexes.

    Names in use: ``child:<child id>``, ``quarantine``, ``hub``.
    """

    def __init__(self, masters: MasterKeys, shelf: KeyShelf) -> None:
        self._masters = masters
        self._shelf = shelf
        self._open: dict[str, bytes] = {}

    def _key(self, name: str, *, make: bool) -> bytes:
        if name in self._open:
            return self._open[name]
        wrapped = self._shelf.wrapped(name)
        if wrapped is not None:
            key = self._unwrap(name, wrapped)
        elif make:
            key = os.urandom(KEY_BYTES)
            self._shelf.keep(name, self._wrap(name, key))
        else:
            raise KeyDestroyed("The key of a stored value has been destroyed.")
        self._open[name] = key
        return key

    def _wrap(self, name: str, key: bytes) -> bytes:
        return seal(self._masters.current()[0], key, f"key {name}")

    def _unwrap(self, name: str, wrapped: bytes) -> bytes:
        """Unwrap a data key with the master key that wrapped it; raises MasterKeyMissing."""
        about = f"key {name}"
        for masters in (self._masters.current, self._masters.again):
            key = _opened(masters(), wrapped, about)
            if key is not None:
                return key
        raise MasterKeyMissing(
            "A data key does not open: the file of the master key lacks the key that wrapped it."
        )

    def rewrapped(self, name: str, wrapped: bytes) -> bytes | None:
        """Wrap a data key under the newest master key; None if it is already.

        Raises MasterKeyMissing if no master key opens it.
        """
        if _opened(self._masters.current()[:1], wrapped, f"key {name}") is not None:
            return None
        return self._wrap(name, self._unwrap(name, wrapped))

    def forget(self) -> None:
        """Drop unwrapped keys, because a roll-back may have removed new ones from the store."""
        self._open.clear()

    def seal(self, name: str, plain: bytes, about: str) -> bytes:
        """Encrypt bytes under a named data key, which is made at first use."""
        return seal(self._key(name, make=True), plain, about)

    def unseal(self, name: str, sealed: bytes, about: str) -> bytes:
        """Decrypt bytes; raises KeyDestroyed, or Unavailable if the key does not match."""
        return unseal(self._key(name, make=False), sealed, about)

    def blind(self, *parts: str) -> str:
        """Return a blind index: the same parts give the same 64 hexadecimal digits in a store."""
        text = "\x1f".join(parts).encode()
        return hmac.new(self._key(BLIND_KEY, make=True), text, hashlib.sha256).hexdigest()
