"""The folder channel's inlet: an agency system drops files into ``in/``, and the hub takes them.

Below one root: ``in/`` (the agency writes, the hub takes), ``processed/`` and ``rejected/`` (where
a taken file ends). No agency file is ever deleted, overwritten or read half written: a file is
taken only when its size and modification time are the same in two scans, and is checked again after
it was read and when it is answered. File names are never logged.

The agency may write to all of these folders, so each is used through a ``GuardedFolder`` only, and
a taken file waits in a working folder of the hub's own (docs/operations.md).
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from adapters.channels.folder_files import (
    LONGEST_NAME,
    Shape,
    give_up,
    moment_of_change,
    move,
    move_with_reasons,
    own_folder,
    private_folder,
    put_back,
    put_back_leftovers,
    shape_of,
)
from adapters.channels.guarded_folder import GuardedFolder, busy, read_at_most
from adapters.contract import Document, Refusal
from schemas.errors import ChannelBusy, ConfigurationError, Fault

UNFINISHED = (".tmp", ".part", ".filepart")
LIMIT = 1_048_576
_SLICE = 0.05  # seconds between two questions whether to stop


def working_folder(root: Path, work: Path | None, part: str) -> Path:
    """Make the hub's own folder for one direction of a channel, beside the root by default.

    Raises ConfigurationError where it is on another file system than the root, or inside it.
    """
    folder = work or root.parent / f".{root.name}.hub"
    if folder.resolve().is_relative_to(root.resolve()):
        raise ConfigurationError(
            f"The working folder {folder} is inside {root}, where the agency may write. "
            "Set 'work' to a folder that only the hub may write to."
        )
    with busy("The hub's working folder cannot be used now"):
        made = private_folder(private_folder(folder) / part)
        if made.stat().st_dev != root.stat().st_dev:
            raise ConfigurationError(
                f"The working folder {folder} is on another file system than {root}. Set 'work' "
                "to a folder on the same file system that only the hub may write to."
            )
    return made


@dataclass(slots=True)
class _Sight:
    """What was seen of one file: its shape, since when it is so, and since when it is there."""

    shape: Shape
    since: float
    first: float


@dataclass(slots=True)
class FilePickup:
    """One file taken from ``in/``; the first end that is called counts, later ones do nothing.

    An end raises ChannelBusy where the file cannot be moved; it stays taken and is read later.
    """

    document: Document
    claim: Path
    shape: Shape
    first: float
    _answer: Callable[[FilePickup, tuple[Refusal, ...]], None]
    end: str = field(default="")

    def accept(self) -> None:
        """Move the file to ``processed/``."""
        self._finish("processed", ())

    def refuse(self, refusals: tuple[Refusal, ...]) -> None:
        """Move the file to ``rejected/`` beside ``<name>.reason.json``, which is written first."""
        self._finish("rejected", refusals or (Refusal(Fault.UNSUPPORTED),))

    def postpone(self) -> None:
        """Put the file back into ``in/``."""
        self._finish("in", ())

    def _finish(self, end: str, refusals: tuple[Refusal, ...]) -> None:
        if not self.end:
            self.end = end
            self._answer(self, refusals)


class FolderInlet:
    """Takes files from ``in/``.

    ``settle`` is how many seconds a file must be unchanged; ``patience`` after how many seconds a
    file that never rests is refused with STILL_GROWING; ``limit`` how many bytes are read (and one
    more, so that a larger file shows); ``poll`` the seconds between scans. ``once`` ends when the
    folder is empty and nothing is unsettled, offering each file once.

    Names that begin with a dot or end in .tmp, .part or .filepart are left alone, and so is all
    that is not a plain file: links are never followed, and a file with several hard links is
    refused. Each inlet takes files into a folder of its own below ``work``, which no agency may
    write to, and holds a lock beside it, so that two inlets can share a root; what a killed one
    left is put back when the next one starts.
    """

    def __init__(  # noqa: PLR0913  every one has a default
        self,
        root: Path | str,
        *,
        work: Path | None = None,
        settle: float = 1.0,
        patience: float = 60.0,
        limit: int = LIMIT,
        poll: float = 0.5,
        once: bool = False,
    ) -> None:
        """Make the folders; raises ChannelBusy, or ConfigurationError for an unusable ``work``."""
        self._settle, self._patience, self._limit = settle, patience, limit
        self._poll, self._once = poll, once
        self._sights: dict[str, _Sight] = {}
        self._offered: set[str] = set()
        self._claims = 0
        self._stuck = False
        self._closed = threading.Event()
        with busy("The incoming folder cannot be used now"):
            top = Path(root)
            top.mkdir(parents=True, exist_ok=True)
            taken = working_folder(top, work, "taken")
            names = ("in", "processed", "rejected")
            self._folders = {name: GuardedFolder(top, name) for name in names}
            self._in = self._folders["in"]
            self._own, self._lock = own_folder(taken)
            put_back_leftovers(taken, self._in)

    def pickups(self, stop: Callable[[], bool]) -> Iterator[FilePickup]:
        """Yield settled files, oldest first and then by name, each ended before the next.

        One that is not ended is postponed. With ``once``, raises ChannelBusy where the folder
        cannot be read; without, it is scanned again.
        """
        while not self._done(stop):
            ready, postponed = self._scan(), False
            for name in ready:
                if self._done(stop):
                    return
                pickup = self._take(name)
                if pickup:
                    try:
                        yield pickup
                    finally:
                        pickup.postpone()
                    postponed = postponed or pickup.end == "in"
            if self._once and not ready and not self._sights:
                return
            if not ready or postponed:
                self._wait(stop)

    def close(self) -> None:
        """Stop, put back the files in hand, and release the lock."""
        self._closed.set()
        if self._lock < 0:
            return
        with contextlib.suppress(OSError):
            put_back(self._own, self._in)
        give_up(self._own, self._lock)
        self._lock = -1
        for folder in self._folders.values():
            folder.close()

    def _done(self, stop: Callable[[], bool]) -> bool:
        return stop() or self._closed.is_set()

    def _wait(self, stop: Callable[[], bool]) -> None:
        until = time.monotonic() + self._poll
        while not stop() and (left := until - time.monotonic()) > 0:
            if self._closed.wait(min(left, _SLICE)):
                return

    def _scan(self) -> list[str]:
        """Note what is there, and name the files that are settled, oldest first."""
        try:
            with busy("The incoming folder cannot be read now"):
                if self._stuck:
                    put_back(self._own, self._in)
                    self._stuck = False
                seen = dict(self._visible())
        except ChannelBusy:
            if self._once:
                raise
            return []
        now = time.monotonic()
        self._sights = {n: s for n, s in self._sights.items() if n in seen}
        ready = [name for name, shape in seen.items() if self._settled(name, shape, now)]
        return sorted(ready, key=lambda n: (seen[n][1], n))

    def _visible(self) -> Iterator[tuple[str, Shape]]:
        for name, state in self._in.entries():
            hidden = name.startswith(".") or name.lower().endswith(UNFINISHED)
            if not hidden and name not in self._offered:
                yield name, shape_of(state)

    def _settled(self, name: str, shape: Shape, now: float) -> bool:
        """Whether a file is unchanged since an earlier scan; one that never settles is refused."""
        sight = self._sights.setdefault(name, _Sight(shape, now, now))
        if sight.shape != shape:
            another = sight.shape[2] != shape[2]
            sight.shape, sight.since = shape, now
            sight.first = now if another else sight.first
        if sight.since < now and now - sight.since >= self._settle:
            return True
        if sight.since > sight.first and now - sight.first > self._patience:
            claim = self._claim(name)
            if claim:
                self._refuse(claim, Fault.STILL_GROWING)
        return False

    def _take(self, name: str) -> FilePickup | None:
        """Claim a file by renaming it and read it; one that changed meanwhile is left for later."""
        sight = self._sights[name]
        claim = self._claim(name)
        if claim is None:
            return None
        try:
            body, before, after = read_at_most(claim, self._limit)
        except OSError:
            self._leave(claim, sight, Fault.UNREADABLE)
            return None
        if {shape_of(before), shape_of(after)} != {sight.shape}:
            self._leave(claim, sight, Fault.STILL_GROWING)
            return None
        if self._once:
            self._offered.add(name)
        document = Document(body, moment_of_change(after), claim.suffix.lower())
        return FilePickup(document, claim, shape_of(after), sight.first, self._answer)

    def _claim(self, name: str) -> Path | None:
        """Take a file into this inlet's own folder; None where another reader was first."""
        self._sights.pop(name, None)
        self._claims += 1
        folder = self._own / str(self._claims)
        try:
            folder.mkdir()
            self._in.take(name, folder / name)
        except OSError:
            with contextlib.suppress(OSError):
                folder.rmdir()
            return None
        return folder / name

    def _leave(self, claim: Path, sight: _Sight, fault: Fault) -> None:
        """Put back a file that cannot be read yet; out of patience, refuse it."""
        now = time.monotonic()
        if now - sight.first > self._patience:
            self._refuse(claim, fault)
            return
        with contextlib.suppress(OSError):
            self._sights[claim.name] = _Sight(shape_of(claim.lstat()), now, sight.first)
        with contextlib.suppress(ChannelBusy):
            self._end(claim, "in", ())

    def _refuse(self, claim: Path, fault: Fault) -> None:
        with contextlib.suppress(ChannelBusy):
            self._end(claim, "rejected", (Refusal(fault),))

    def _answer(self, pickup: FilePickup, refusals: tuple[Refusal, ...]) -> None:
        """End a pickup; a file that went on growing after it was read is read again instead."""
        with busy("A taken file cannot be reached now; it is read again later"):
            shape = shape_of(pickup.claim.lstat())
        if shape == pickup.shape:
            self._end(pickup.claim, pickup.end, refusals)
            return
        self._offered.discard(pickup.claim.name)
        pickup.end = "in"
        self._leave(pickup.claim, _Sight(shape, 0.0, pickup.first), Fault.STILL_GROWING)

    def _end(self, claim: Path, end: str, refusals: tuple[Refusal, ...]) -> None:
        """Move a claimed file to where it ends, and make that durable."""
        folder = self._folders[end]
        try:
            with busy("A taken file cannot be moved now; it is read again later"):
                if refusals:
                    move_with_reasons(claim, folder, self._own, refusals)
                else:
                    move(claim, folder, *((LONGEST_NAME,) if end == "in" else ()))
                folder.sync()
                claim.parent.rmdir()
        except ChannelBusy:
            self._stuck = True
            raise
