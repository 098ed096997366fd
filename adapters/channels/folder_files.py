"""How the folder channel touches the disk: claims, locks, moves that never overwrite, reasons.

A move is a hard link to the new name followed by the removal of the old one, for a link fails
where the name is taken and a rename would write over it. Where the file system has no hard links, a
rename to a name that is free takes its place.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import fcntl
import json
import os
import re
import stat
import uuid
from collections.abc import Iterator
from pathlib import Path

from adapters.contract import Refusal
from schemas.errors import ChannelBusy

LONGEST_KEPT = 200  # bytes of a name; leaves room for a counter and ".reason.json" in 255
LONGEST_NAME = 255
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_LOCK_NAME = re.compile(r"[0-9a-f]{32}\.lock")
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS})

Shape = tuple[int, int, int]


def shape_of(found: os.stat_result) -> Shape:
    """What shows whether a file was written to: its size, modification time (ns) and inode."""
    return found.st_size, found.st_mtime_ns, found.st_ino


@contextlib.contextmanager
def busy(what: str) -> Iterator[None]:
    """Turn failures of the disk (full, read only, gone) into ChannelBusy, naming no file."""
    try:
        yield
    except OSError as error:
        raise ChannelBusy(f"{what}: {errno.errorcode.get(error.errno or 0, 'EIO')}.") from error


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_whole(path: Path, body: bytes) -> None:
    """Write a file and make its bytes durable; on failure nothing is left of it."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        with contextlib.suppress(OSError):
            path.unlink()
        raise


def read_at_most(path: Path, limit: int) -> tuple[bytes, os.stat_result, os.stat_result]:
    """Read up to ``limit`` bytes and one more, with the file's state before and after.

    Never follows a symbolic link and never waits for a pipe; raises OSError.
    """
    fd = os.open(path, _OPEN)
    with os.fdopen(fd, "rb") as file:
        before = os.fstat(fd)
        body = file.read(limit + 1) if stat.S_ISREG(before.st_mode) else b""
        return body or b"", before, os.fstat(fd)


def moment_of_change(found: os.stat_result) -> dt.datetime:
    """Give the modification time in UTC."""
    try:
        return dt.datetime.fromtimestamp(found.st_mtime, dt.UTC)
    except (OverflowError, ValueError, OSError):  # a clock that was set to nonsense
        return dt.datetime.fromtimestamp(0, dt.UTC)


def move(source: Path, folder: Path, longest: int = LONGEST_KEPT) -> None:
    """Move a file into a folder under a name that is free there."""
    for name in _free_names(source.name, longest):
        with contextlib.suppress(FileExistsError):
            _place(source, folder / name)
            return


def move_with_reasons(source: Path, folder: Path, refusals: tuple[Refusal, ...]) -> None:
    """Move a file into a folder, its reasons beside it and there before it."""
    reasons = [
        {"code": r.fault.value, "sentence": r.fault.sentence, "where": r.where} for r in refusals
    ]
    when = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    text = json.dumps({"when": when, "reasons": reasons}, indent=2).encode() + b"\n"
    for name in _free_names(source.name, LONGEST_KEPT):
        target, note = folder / name, folder / f"{name}.reason.json"
        if os.path.lexists(target):
            continue
        draft = folder / f".{uuid.uuid4().hex}.tmp"
        write_whole(draft, text)
        try:
            _place(draft, note)
        except FileExistsError:
            draft.unlink()
            continue
        try:
            _place(source, target)
        except FileExistsError:
            note.unlink()
            continue
        return


def _free_names(name: str, longest: int) -> Iterator[str]:
    stem, suffix = os.path.splitext(name)  # noqa: PTH122  the name alone, not a path
    if len(os.fsencode(suffix)) > longest // 4:
        stem, suffix = name, ""
    room = longest - len(os.fsencode(suffix))
    stem = os.fsdecode(os.fsencode(stem)[:room])
    yield stem + suffix
    for number in range(2, 1_000_000):
        mark = f"-{number}"
        yield os.fsdecode(os.fsencode(stem)[: room - len(mark)]) + mark + suffix


def _place(source: Path, target: Path) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        rename_if_free(source, target)
    else:
        source.unlink()


def rename_if_free(source: Path, target: Path) -> None:
    """Rename where there are no hard links; raises FileExistsError where the name is taken."""
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, "taken")
    source.rename(target)


def own_folder(taken: Path) -> tuple[Path, int]:
    """Make a folder for one reader's claims, and the lock that shows the reader lives."""
    while True:
        folder = taken / uuid.uuid4().hex
        path = folder.with_suffix(".lock")
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Another reader that starts just now may have taken the new lock for an orphan.
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_ino == os.fstat(lock).st_ino:
                folder.mkdir()
                return folder, lock
        os.close(lock)


def give_up(folder: Path, lock: int) -> None:
    """Remove a reader's empty folder and its lock."""
    with contextlib.suppress(OSError):
        folder.rmdir()
        folder.with_suffix(".lock").unlink()
    os.close(lock)


def put_back_leftovers(taken: Path, target: Path) -> None:
    """Put back what readers left that live no more: their locks are free."""
    for path in sorted(taken.iterdir()):
        if _LOCK_NAME.fullmatch(path.name):
            _put_back_orphan(path, target)
        elif path.is_dir() and not path.is_symlink():
            if not path.with_suffix(".lock").exists():
                put_back(path, target)
                path.rmdir()
        else:
            move(path, target, LONGEST_NAME)


def _put_back_orphan(path: Path, target: Path) -> None:
    try:
        lock = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return
    folder = path.with_suffix("")
    if folder.is_dir():
        put_back(folder, target)
    else:
        path.unlink(missing_ok=True)
    give_up(folder, lock)


def put_back(folder: Path, target: Path) -> None:
    """Put every claimed file of one reader back under its name."""
    for claim in sorted(folder.iterdir()):
        for file in sorted(claim.iterdir()) if claim.is_dir() else ():
            move(file, target, LONGEST_NAME)
        if claim.is_dir():
            claim.rmdir()
        else:
            move(claim, target, LONGEST_NAME)
