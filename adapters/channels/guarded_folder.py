"""A folder that another party may write to, used only through handles that never follow links.

An agency can replace any name in its own folders at any moment, by a symbolic link or by another
folder. Every step here therefore goes through the handle of a directory that was opened without
following links and whose device and owner are the expected ones (CWE-59, CWE-367).
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from schemas.errors import ChannelBusy

_OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_OPEN_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NO_HARD_LINKS = frozenset(
    {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS}
)


@contextlib.contextmanager
def busy(what: str) -> Iterator[None]:
    """Turn failures of the disk (full, read only, gone) into ChannelBusy, naming no file."""
    try:
        yield
    except OSError as error:
        raise ChannelBusy(f"{what}: {errno.errorcode.get(error.errno or 0, 'EIO')}.") from error


def sync_path(folder: Path) -> None:
    """Make the names in one of the hub's own folders durable."""
    handle = os.open(folder, _OPEN_FOLDER)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class GuardedFolder:
    """One directory below a root, reached through its handle.

    ``handle()`` compares the directory's name with its handle each time. A directory that was
    replaced by another real one of the expected owner and device is opened again; anything else
    under the name is an OSError (ELOOP, ENOTDIR, EXDEV, EACCES), and nothing is read or written.
    Expected are the device of the root, and as owner this process, the owner of the root or the
    directory's own owner when it was first opened.
    """

    def __init__(self, root: Path, name: str) -> None:
        """Open the directory, and make it where it is missing; raises OSError."""
        self._name = name
        self._root = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._handle = -1
        try:
            found = os.fstat(self._root)
            self._device, self._owners = found.st_dev, {found.st_uid, os.geteuid()}
            with contextlib.suppress(FileExistsError):
                os.mkdir(name, dir_fd=self._root)
            first = os.stat(name, dir_fd=self._root, follow_symlinks=False)
            self._owners.add(first.st_uid)
            self.handle()
        except BaseException:
            self.close()
            raise

    @property
    def group(self) -> int:
        """The group that owns the directory."""
        return os.fstat(self.handle()).st_gid

    def handle(self) -> int:
        """Return the handle of the directory that has the name now; raises OSError."""
        there = os.stat(self._name, dir_fd=self._root, follow_symlinks=False)
        if self._handle >= 0 and os.path.samestat(there, os.fstat(self._handle)):
            return self._handle
        fresh = os.open(self._name, _OPEN_FOLDER, dir_fd=self._root)
        found = os.fstat(fresh)
        if found.st_dev != self._device or found.st_uid not in self._owners:
            os.close(fresh)
            code = errno.EXDEV if found.st_dev != self._device else errno.EACCES
            raise OSError(code, "not the expected directory")
        if self._handle >= 0:
            os.close(self._handle)
        self._handle = fresh
        return fresh

    def entries(self) -> Iterator[tuple[str, os.stat_result]]:
        """Yield the name and state of every plain file; all else is left out."""
        with os.scandir(self.handle()) as found:
            for entry in found:
                with contextlib.suppress(FileNotFoundError):
                    state = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(state.st_mode):
                        yield entry.name, state

    def take(self, name: str, claim: Path) -> None:
        """Move an entry into one of the hub's own folders; raises OSError."""
        os.rename(name, claim, src_dir_fd=self.handle())

    def put(self, source: Path, name: str) -> None:
        """Move one of the hub's own files in; raises FileExistsError where the name is taken."""
        handle = self.handle()
        try:
            os.link(source, name, dst_dir_fd=handle, follow_symlinks=False)
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
            self.rename_if_free(source, name)
        else:
            source.unlink()

    def rename_if_free(self, source: Path, name: str) -> None:
        """Rename where there are no hard links; raises FileExistsError where the name is taken."""
        if self.has(name):
            raise FileExistsError(errno.EEXIST, "taken")
        os.rename(source, name, dst_dir_fd=self.handle())

    def has(self, name: str) -> bool:
        """Whether the name is taken, by whatever it is."""
        with contextlib.suppress(FileNotFoundError):
            os.stat(name, dir_fd=self.handle(), follow_symlinks=False)
            return True
        return False

    def is_same(self, name: str, file: Path) -> bool:
        """Whether the name is another hard link of one of the hub's own files."""
        with contextlib.suppress(FileNotFoundError):
            there = os.stat(name, dir_fd=self.handle(), follow_symlinks=False)
            return os.path.samestat(there, file.lstat())
        return False

    def sync(self) -> None:
        """Make the names in the directory durable."""
        os.fsync(self.handle())

    def close(self) -> None:
        """Close the handles."""
        for handle in (self._handle, self._root):
            if handle >= 0:
                os.close(handle)
        self._handle = self._root = -1


def read_at_most(file: Path, limit: int) -> tuple[bytes, os.stat_result, os.stat_result]:
    """Read up to ``limit`` bytes and one more, with the file's state before and after.

    Never follows a symbolic link and never waits for a pipe. Raises OSError, also for a file with
    several hard links: its content may belong to another user.
    """
    handle = os.open(file, _OPEN_FILE)
    with os.fdopen(handle, "rb") as opened:
        before = os.fstat(handle)
        if before.st_nlink != 1:
            raise OSError(errno.EMLINK, "several hard links")
        body = opened.read(limit + 1) if stat.S_ISREG(before.st_mode) else b""
        return body or b"", before, os.fstat(handle)
