"""The master keys, which wrap every data key of the store.

There is one, and more than one during a rotation. The file holds one key a line, 32 bytes in
base64, the newest first: the newest wraps, all of them unwrap. A running process notices that the
file changed and reads it again, so a rotation (key_rotation.py) needs no restart.
"""

from __future__ import annotations

import base64
import binascii
import os
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hub.foundation.atomic_file import sync_folder
from schemas.errors import ConfigurationError, Unavailable

KEY_BYTES = 32
Mark = tuple[int, int, int]


class MasterKeyMissing(Unavailable):
    """A data key needs a master key that this process does not have or cannot read."""


class MasterKeys:
    """The wrapping keys derived from the master keys, newest first; thread-safe."""

    def __init__(self, keys: Sequence[bytes], file: Path | None = None) -> None:
        """Hold fixed keys; see ``of_file`` for keys that follow a file."""
        self._file = file
        self._lock = threading.Lock()
        self._mark = mark_of(file) if file else None
        self._keys = tuple(map(_wrapping, keys))

    @classmethod
    def of_file(cls, file: Path) -> MasterKeys:
        """Read a file's keys and follow its changes; raises ConfigurationError."""
        mark = mark_of(file)
        made = cls(read_master_keys(file), file)
        # Taken before reading, so that a change in between is noticed at the first use.
        made._mark = mark
        return made

    def current(self) -> tuple[bytes, ...]:
        """Return the keys, read again if the file changed.

        Raises MasterKeyMissing if the changed file cannot be read: keys that may have been replaced
        could wrap a new data key that no later key opens.
        """
        if self._file is None:
            return self._keys
        with self._lock:
            mark = mark_of(self._file)
            if mark is None or mark != self._mark:
                self._read(self._file)
                self._mark = mark
            return self._keys

    def again(self) -> tuple[bytes, ...]:
        """Return the keys, read again in any case; raises MasterKeyMissing."""
        if self._file is not None:
            with self._lock:
                self._read(self._file)
        return self._keys

    def _read(self, file: Path) -> None:
        try:
            self._keys = tuple(map(_wrapping, read_master_keys(file)))
        except (ConfigurationError, OSError):
            raise MasterKeyMissing(
                f"The master key at {file} cannot be read. Check the file and its permissions."
            ) from None


def read_master_keys(file: Path) -> tuple[bytes, ...]:
    """Read a file of master keys, newest first; raises ConfigurationError with what to do."""
    if not file.is_file():
        raise ConfigurationError(f"No master key at {file}. Run 'hub init' to make one.")
    try:
        lines = file.read_text(encoding="ascii").split()
        keys = tuple(base64.b64decode(line, validate=True) for line in lines)
    except (binascii.Error, UnicodeDecodeError):
        keys = ()
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise ConfigurationError(f"Each line of the master key at {file} must be {_FORM}.")
    return keys


_FORM = f"{KEY_BYTES} bytes in base64"


def make_master_key(file: Path) -> None:
    """Make a master key file that only its owner can read, unless the file exists."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    _fill(handle, [os.urandom(KEY_BYTES)])


def write_master_keys(file: Path, keys: Iterable[bytes]) -> None:
    """Replace the keys in a file atomically and durably."""
    file = file.resolve()
    fresh = file.with_name(f"{file.name}.new")
    with suppress(FileNotFoundError):
        fresh.unlink()
    _fill(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), keys)
    fresh.replace(file)
    sync_folder(file.parent)


def _fill(handle: int, keys: Iterable[bytes]) -> None:
    with os.fdopen(handle, "wb") as out:
        out.writelines(base64.b64encode(key) + b"\n" for key in keys)
        out.flush()
        os.fsync(out.fileno())


def _wrapping(master: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, None, b"interagency-hub wrapping").derive(master)


def mark_of(file: Path) -> Mark | None:
    """Return a mark that changes when a file changes; None if there is no file."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
