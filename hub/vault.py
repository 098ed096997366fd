"""The vault: seals what is personal before it is stored, and finds numbers again without them.

Every child has a data key of its own, as do the quarantine and the hub; all are kept wrapped by the
master key. Destroying a child's data key makes everything sealed under it unreadable, back-ups
included. Sealing is AES-256-GCM with a random nonce; the additional data names what is sealed, so
that one stored value cannot be put in the place of another. A blind index is HMAC-SHA-256 under a
key of its own. Sources: NIST SP 800-38D (GCM), RFC 5869 (HKDF), RFC 2104 (HMAC).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from schemas.errors import ConfigurationError, Unavailable

KEY_BYTES = 32
NONCE_BYTES = 12
BLIND_KEY = "blind-index"
"""The name of the key of all blind indexes."""


class KeyShelf(Protocol):
    """Where wrapped data keys are kept (the store)."""

    def wrapped(self, name: str) -> bytes | None:
        """Give the wrapped key of a name, or None where there is none."""

    def keep(self, name: str, wrapped: bytes) -> None:
        """Keep a new wrapped key."""


def read_master_key(file: Path) -> bytes:
    """Read a master key (32 bytes in base64); raises ConfigurationError that says what to do."""
    if not file.is_file():
        raise ConfigurationError(f"No master key at {file}. Run 'hub init' to make one.")
    try:
        key = base64.b64decode(file.read_text(encoding="ascii").strip(), validate=True)
    except (binascii.Error, UnicodeDecodeError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ConfigurationError(f"The master key at {file} must be 32 bytes in base64.")
    return key


def make_master_key(file: Path) -> None:
    """Make a master key file that only its owner can read; an existing file is left alone."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "wb") as out:
        out.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")


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


class Vault:
    """Seals and opens under named data keys, and makes blind indexes.

    Names in use: ``child:<child id>``, ``quarantine``, ``hub``.
    """

    def __init__(self, master: bytes, shelf: KeyShelf) -> None:
        self._master = HKDF(SHA256(), KEY_BYTES, None, b"interagency-hub wrapping").derive(master)
        self._shelf = shelf
        self._open: dict[str, bytes] = {}

    def _key(self, name: str, *, make: bool) -> bytes:
        if name in self._open:
            return self._open[name]
        wrapped = self._shelf.wrapped(name)
        if wrapped is not None:
            key = unseal(self._master, wrapped, f"key {name}")
        elif make:
            key = os.urandom(KEY_BYTES)
            self._shelf.keep(name, seal(self._master, key, f"key {name}"))
        else:
            raise Unavailable("The key of a sealed value has been destroyed.")
        self._open[name] = key
        return key

    def forget(self) -> None:
        """Forget opened keys, after a roll-back may have taken new ones off the shelf."""
        self._open.clear()

    def seal(self, name: str, plain: bytes, about: str) -> bytes:
        """Encrypt bytes under a named data key, made when it is first used."""
        return seal(self._key(name, make=True), plain, about)

    def unseal(self, name: str, sealed: bytes, about: str) -> bytes:
        """Decrypt bytes; raises Unavailable where the key is destroyed or does not fit."""
        return unseal(self._key(name, make=False), sealed, about)

    def blind(self, *parts: str) -> str:
        """Make a blind index: the same parts give the same 64 hexadecimal digits, only here."""
        text = "\x1f".join(parts).encode()
        return hmac.new(self._key(BLIND_KEY, make=True), text, hashlib.sha256).hexdigest()
