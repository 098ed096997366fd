"""Key pairs for sealing: the hub's, to which agencies seal events, and each agency's, for replies.

Files hold one key each in base64: ``state/inbound/<key id>.key`` (the hub's private keys),
``state/inbound.pub`` (the public key in use), ``secrets/<agency>.seal.key`` (at the agency) and
``secrets/<agency>.seal.pub`` (at the hub). Only their owner can read private files.
"""

from __future__ import annotations

import base64
import binascii
import os
import threading
from collections.abc import Iterable
from pathlib import Path

from hub.bus.address import secrets_folder
from hub.foundation.atomic_file import sync_folder
from hub.foundation.settings import Settings
from hub.keys.master_keys import mark_of
from hub.sealing.hpke import OpeningKey
from hub.sealing.inbound import SEAL
from schemas.errors import ConfigurationError

KEY_BYTES = 32


def _write_private(file: Path, key: bytes) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(base64.b64encode(key) + b"\n")
        out.flush()
        os.fsync(out.fileno())
    sync_folder(file.parent)


def _read(file: Path) -> bytes:
    if not file.is_file():
        raise ConfigurationError(f"No key at {file}. Run 'hub init' to make one, or copy it there.")
    try:
        key = base64.b64decode(file.read_text(encoding="ascii").strip(), validate=True)
    except (binascii.Error, UnicodeDecodeError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ConfigurationError(f"The key at {file} must be {KEY_BYTES} bytes in base64.")
    return key


def make_seal_keys(settings: Settings) -> None:
    """Make the hub's first key pair, and one for every agency that has none."""
    folder = settings.state / "inbound"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not any(folder.glob("*.key")):
        new_inbound_key(settings)
    for agency in settings.agencies:
        public = secrets_folder(settings) / f"{agency}.seal.pub"
        if not public.exists():
            pair = OpeningKey.make(os.urandom)
            _write_private(secrets_folder(settings) / f"{agency}.seal.key", pair.private)
            public.write_bytes(base64.b64encode(pair.public) + b"\n")


def new_inbound_key(settings: Settings) -> str:
    """Make a new key pair of the hub and put it to use; returns its id.

    Earlier private keys stay, to open messages that were sealed to them.
    """
    pair = OpeningKey.make(os.urandom)
    _write_private(settings.state / "inbound" / f"{pair.id.hex()}.key", pair.private)
    file = settings.state / "inbound.pub"
    fresh = file.with_suffix(".pub.tmp")
    fresh.write_bytes(base64.b64encode(pair.public) + b"\n")
    fresh.replace(file)
    sync_folder(file.parent)
    return pair.id.hex()


def inbound_keys(settings: Settings) -> tuple[OpeningKey, ...]:
    """Read every private key of the hub."""
    files = sorted((settings.state / "inbound").glob("*.key"))
    if not files:
        raise ConfigurationError(
            "The hub has no key to decrypt events with. Run 'hub init' to make one."
        )
    return tuple(OpeningKey(_read(file)) for file in files)


def agency_public_key(settings: Settings, agency: str) -> bytes:
    """Read the public key an agency registered."""
    return _read(secrets_folder(settings) / f"{agency}.seal.pub")


def agency_key(settings: Settings, agency: str) -> OpeningKey:
    """Read an agency's private key; it is only where the agency's adapter runs."""
    return OpeningKey(_read(secrets_folder(settings) / f"{agency}.seal.key"))


class InboundKeys:
    """The hub's private keys in a running process; thread-safe.

    A newer key is read when the first message names it, so a rotation needs no restart. An unknown
    key id costs one file lookup.
    """

    def __init__(self, settings: Settings) -> None:
        """Read every key; raises ConfigurationError if there is none."""
        self._folder = settings.state / "inbound"
        self._lock = threading.Lock()
        self._keys = {key.id: key for key in inbound_keys(settings)}

    def __call__(self, bodies: Iterable[bytes]) -> tuple[OpeningKey, ...]:
        """Return the keys, with those that these messages name."""
        with self._lock:
            for named in {SEAL.key_named(body) for body in bodies} - {None, *self._keys}:
                file = self._folder / f"{(named or b'').hex()}.key"
                if file.is_file():
                    self._keys[named or b""] = OpeningKey(_read(file))
            return tuple(self._keys.values())


class HubKey:
    """The hub's public key in a running adapter; read again when its file changes."""

    def __init__(self, settings: Settings) -> None:
        """Read the key; raises ConfigurationError."""
        self._file = settings.state / "inbound.pub"
        self._lock = threading.Lock()
        self._mark = mark_of(self._file)
        self._key = _read(self._file)

    def __call__(self) -> bytes:
        """Return the current key, or the last one read if the file cannot be read."""
        with self._lock:
            mark = mark_of(self._file)
            if mark not in {None, self._mark}:
                self._key, self._mark = _read(self._file), mark
            return self._key
