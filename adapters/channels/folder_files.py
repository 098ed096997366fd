"""How the folder channel moves files: claims, locks, names that are free, reasons of a refusal.

Claims and drafts are in a working folder of the hub's own, which no agency may write to. A move
out of it is a hard link to the new name followed by the removal of the old one, because a link
fails where the name is taken and a rename would overwrite it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import json
import os
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

from adapters.channels.guarded_folder import GuardedFolder
from adapters.contract import Refusal

LONGEST_KEPT = 200  # bytes of a name; leaves room for a counter and ".reason.json" in 255
LONGEST_NAME = 255
_LOCK_NAME = re.compile(r"[0-9a-f]{32}\.lock")

Shape = tuple[int, int, int]


def shape_of(found: os.stat_result) -> Shape:
    """Return what changes when a file is written to: its size, modification time (ns) and inode."""
    return found.st_size, found.st_mtime_ns, found.st_ino


def private_folder(folder: Path) -> Path:
    """Make a folder that only its owner may use; raises OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    return folder


def write_new(file: Path, body: bytes, group: int = -1) -> None:
    """Write a file that is not there yet and make it durable; on failure nothing is left of it."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(file, flags, 0o640)
    try:
        with os.fdopen(handle, "wb") as opened:
            if group >= 0:
                with contextlib.suppress(PermissionError):
                    os.fchown(handle, -1, group)
            opened.write(body)
            opened.flush()
            os.fsync(handle)
    except OSError:
        with contextlib.suppress(OSError):
            file.unlink()
        raise


def moment_of_change(found: os.stat_result) -> dt.datetime:
    """Return the modification time in UTC."""
    try:
        return dt.datetime.fromtimestamp(found.st_mtime, dt.UTC)
    except (OverflowError, ValueError, OSError):  # a clock that was set to nonsense
        return dt.datetime.fromtimestamp(0, dt.UTC)


def move(source: Path, folder: GuardedFolder, longest: int = LONGEST_KEPT) -> None:
    """Move a file into a folder under a name that is free there."""
    for name in _free_names(source.name, longest):
        with contextlib.suppress(FileExistsError):
            folder.put(source, name)
            return


def move_with_reasons(
    source: Path, folder: GuardedFolder, drafts: Path, refusals: tuple[Refusal, ...]
) -> None:
    """Move a file into a folder, its reasons beside it and there before it."""
    reasons = [
        {"code": r.fault.value, "sentence": r.fault.sentence, "where": r.where} for r in refusals
    ]
    when = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    text = json.dumps({"when": when, "reasons": reasons}, indent=2).encode() + b"\n"
    for name in _free_names(source.name, LONGEST_KEPT):
        if folder.has(name):
            continue
        note, draft = f"{name}.reason.json", drafts / f"{uuid.uuid4().hex}.tmp"
        write_new(draft, text, folder.group)
        try:
            folder.put(draft, note)
        except FileExistsError:
            draft.unlink()
            continue
        try:
            folder.put(source, name)
        except FileExistsError:
            os.unlink(note, dir_fd=folder.handle())
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


def put_back_leftovers(taken: Path, target: GuardedFolder) -> None:
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


def _put_back_orphan(path: Path, target: GuardedFolder) -> None:
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


def put_back(folder: Path, target: GuardedFolder) -> None:
    """Put every claimed file of one reader back under its name."""
    for claim in sorted(folder.iterdir()):
        for file in sorted(claim.iterdir()) if claim.is_dir() else ():
            move(file, target, LONGEST_NAME)
        if claim.is_dir():
            claim.rmdir()
        else:
            move(claim, target, LONGEST_NAME)
