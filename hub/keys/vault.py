"""The vault: seals what is personal before it is stored, and finds numbers again without them.

Every child has a data key of its own, as do the quarantine and the hub; all are kept wrapped by the
master key. Destroying a child's data key makes everything sealed under it unreadable, back-ups
included. Sealing is AES-256-GCM with a random nonce; the additional data names what is sealed, so
that one stored value cannot be put in the place of another. A blind index is HMAC-SHA-256 under a
key of its own. Sources: NIST SP 800-38D (GCM), RFC 5869 (HKDF), RFC 2104 (HMAC).
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
"""The name of the key of all blind indexes."""


class KeyShelf(Protocol):
    """Where wrapped data keys are kept (the store)."""

    def wrapped(self, name: str) -> bytes | None:
        """Give the wrapped key of a name, or None where there is none."""

    def keep(self, name: str, wrapped: bytes) -> None:
        """Keep a new wrapped key."""


def seal(key: bytes, plain: bytes, about: str) -> bytes:
    """Encrypt bytes; ``about`` names what they are and must be given again to open them."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, about.encode())


def unseal(key: bytes, sealed: bytes, about: str) -> bytes:
    """Decrypt bytes; raises Unavailable where key, bytes or ``about`` do not belong together."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about.encode())
    except (InvalidTag, ValueError):
        raise Unavailable("A sealed value does not open with its key.") from None


def _opened(masters: Iterable[bytes], wrapped: bytes, about: str) -> bytes | None:
    for master in masters:
        try:
            return unseal(master, wrapped, about)
        except Unavailable:
            continue
    return None


class Vault:
    """Seals and opens under named data keys, and makes blind indexes.

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
            raise KeyDestroyed("The key of a sealed value has been destroyed.")
        self._open[name] = key
        return key

    def _wrap(self, name: str, key: bytes) -> bytes:
        return seal(self._masters.current()[0], key, f"key {name}")

    def _unwrap(self, name: str, wrapped: bytes) -> bytes:
        """Open a data key with whichever master key wrapped it; raises MasterKeyMissing."""
        about = f"key {name}"
        for masters in (self._masters.current, self._masters.again):
            key = _opened(masters(), wrapped, about)
            if key is not None:
                return key
        raise MasterKeyMissing("A data key does not open: the master key file lacks its key.")

    def rewrapped(self, name: str, wrapped: bytes) -> bytes | None:
        """Wrap a data key anew under the newest master key; None where it is under it already.

        Raises MasterKeyMissing where no master key opens it.
        """
        if _opened(self._masters.current()[:1], wrapped, f"key {name}") is not None:
            return None
        return self._wrap(name, self._unwrap(name, wrapped))

    def forget(self) -> None:
        """Forget opened keys, after a roll-back may have taken new ones off the shelf."""
        self._open.clear()

    def seal(self, name: str, plain: bytes, about: str) -> bytes:
        """Encrypt bytes under a named data key, made when it is first used."""
        return seal(self._key(name, make=True), plain, about)

    def unseal(self, name: str, sealed: bytes, about: str) -> bytes:
        """Decrypt bytes; raises KeyDestroyed, or Unavailable where the key does not fit."""
        return unseal(self._key(name, make=False), sealed, about)

    def blind(self, *parts: str) -> str:
        """Make a blind index: the same parts give the same 64 hexadecimal digits, only here."""
        text = "\x1f".join(parts).encode()
        return hmac.new(self._key(BLIND_KEY, make=True), text, hashlib.sha256).hexdigest()
