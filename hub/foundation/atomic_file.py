"""Atomic writing of a small file: after a crash or power failure it is whole or absent."""

from __future__ import annotations

import os
from pathlib import Path

OPEN = 0o644
SECRET = 0o600


def write_whole(file: Path, content: bytes, mode: int = OPEN) -> None:
    """Write or replace a file atomically; raises OSError, and then nothing has changed."""
    fresh = file.with_name(f".{file.name}.{os.getpid()}.new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Flush a folder's directory entries to disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
