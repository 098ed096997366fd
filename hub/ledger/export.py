"""Checking a ledger that somebody hands you, with nothing but its files and its public key.

Every entry is hashed again and the whole tree is built again from the entries alone. Each hash in
the files must be the one that comes out, and the root must be the one in the signed checkpoint. The
first place where this fails is named. Nothing is asked of the database or of whoever runs the hub.
Checkpoints that the reader kept, and those that witnesses signed, must fit as well: an older copy,
or another past, agrees with itself but not with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from hub.ledger.checkpoint import Checkpoint, SignedCheckpoint, verify_checkpoint
from hub.ledger.errors import LedgerError
from hub.ledger.keys import VerifierKey
from hub.ledger.merkle import HASH_BYTES, Frontier, SubtreeNode, leaf_hash
from hub.ledger.tiles import (
    CHECKPOINT_PATH,
    COSIGNED_PATH,
    TILE_HEIGHT,
    TILE_WIDTH,
    Tile,
    bundles_of,
    split_bundle,
)

FileReader: TypeAlias = Callable[[str], bytes | None]
"""Gives the content of a file of the export by its path, or None when there is no such file."""


class ExportProblem(StrEnum):
    """What is wrong with an export; the values are listed in ``docs/ledger.md``."""

    CHECKPOINT_MISSING = "checkpoint-missing"
    CHECKPOINT_REFUSED = "checkpoint-refused"
    FILE_MISSING = "file-missing"
    FILE_MALFORMED = "file-malformed"
    HASH_MISMATCH = "hash-mismatch"
    ROOT_MISMATCH = "root-mismatch"
    KEPT_REFUSED = "kept-refused"
    KEPT_MISMATCH = "kept-mismatch"
    CUT_SHORT = "cut-short"
    NOT_WITNESSED = "not-witnessed"


@dataclass(frozen=True, slots=True)
class Kept:
    """A signed checkpoint that the reader has from elsewhere: a name for it, and the note."""

    name: str
    note: bytes


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What came of checking an export.

    ``verified`` is true only when everything fits a checkpoint signed by the log. ``size`` is the
    number of entries the checkpoint names (0 when it cannot be trusted). Otherwise ``problem`` says
    what is wrong and ``path`` in which file; ``first_bad`` is the index of the first entry that
    cannot be vouched for, and the fault lies within ``span`` entries from there (1: exactly that
    entry). ``first_bad`` is None when no place can be named: the checkpoint itself was refused, or
    all files agree with each other but not with the checkpoint. ``code`` is the ``LedgerCode`` for
    which a checkpoint was refused. ``witnessed`` is the size of the newest head that one of the
    given witnesses signed, 0 without one.
    """

    verified: bool
    size: int
    first_bad: int | None = None
    span: int = 0
    problem: ExportProblem | None = None
    path: str | None = None
    code: str | None = None
    checkpoint: Checkpoint | None = None
    witnessed: int = 0


class _Flaw(Exception):
    """The first thing found wrong: a finding carried out of the loop, not an error."""

    def __init__(
        self,
        problem: ExportProblem,
        path: str,
        first: int | None = None,
        span: int = 0,
        code: str | None = None,
    ) -> None:
        super().__init__(problem.value)
        self.problem, self.path, self.first, self.span = problem, path, first, span
        self.code = code


@dataclass(frozen=True, slots=True)
class _Head:
    """A signed head that the entries must give the root of, and where it is from."""

    size: int
    root: bytes
    name: str
    cosigned: bool


def verify_export(
    read: FileReader,
    origin: str,
    keys: Iterable[VerifierKey],
    kept: Iterable[Kept] = (),
    witnesses: Iterable[VerifierKey] = (),
) -> ExportReport:
    """Check a whole export (C2SP tlog-tiles) against its own signed checkpoint, and against others.

    1. Trust the checkpoint only if the log called ``origin`` signed it with one of ``keys``.
    2. Hash every entry, in order, and compare with the leaf hashes.
    3. Compare every subtree that these leaves complete with the tiles above.
    4. Compare the root that comes out with the checkpoint.
    5. At the size of each checkpoint in ``kept``, and of the one that witnesses signed, compare the
       root of then; where ``witnesses`` are named, one of them must have signed a head.

    Raises nothing on the content of files; what ``read`` raises passes through.
    """
    named = tuple(witnesses)
    known = (*keys, *named)
    head, others = None, list[_Head]()
    try:
        # (1) Without a checkpoint by the log there is nothing to hold the entries against.
        signed = _own_head(read, origin, known)
        head = signed.checkpoint
        others.append(_head(signed, CHECKPOINT_PATH))
        flaws = _add_others(others, _cosigned_file(read, kept), origin, known)
        _check_tree(read, head, sorted(others[1:], key=lambda one: one.size))
        if flaws:
            raise flaws[0]
        _check_witnessed(others, named)
    except _Flaw as flaw:
        return _report(head, others, flaw)
    return _report(head, others, None)


def _check_witnessed(heads: Iterable[_Head], witnesses: Sequence[VerifierKey]) -> None:
    if witnesses and not any(one.cosigned for one in heads):
        raise _Flaw(ExportProblem.NOT_WITNESSED, CHECKPOINT_PATH)


def _report(head: Checkpoint | None, heads: Iterable[_Head], flaw: _Flaw | None) -> ExportReport:
    return ExportReport(
        verified=flaw is None,
        size=head.size if head else 0,
        first_bad=flaw.first if flaw else None,
        span=flaw.span if flaw else 0,
        problem=flaw.problem if flaw else None,
        path=flaw.path if flaw else None,
        code=flaw.code if flaw else None,
        checkpoint=head,
        witnessed=max((one.size for one in heads if one.cosigned), default=0),
    )


def _own_head(read: FileReader, origin: str, keys: Sequence[VerifierKey]) -> SignedCheckpoint:
    data = read(CHECKPOINT_PATH)
    if data is None:
        raise _Flaw(ExportProblem.CHECKPOINT_MISSING, CHECKPOINT_PATH)
    try:
        return verify_checkpoint(data, origin, keys)
    except LedgerError as error:
        refused = ExportProblem.CHECKPOINT_REFUSED
        raise _Flaw(refused, CHECKPOINT_PATH, code=error.code) from None


def _head(signed: SignedCheckpoint, name: str) -> _Head:
    head = signed.checkpoint
    return _Head(head.size, head.root, name, bool(signed.cosignatures))


def _cosigned_file(read: FileReader, kept: Iterable[Kept]) -> Iterator[Kept]:
    """Give what the reader kept, and the cosigned head that lies in the export."""
    yield from kept
    data = read(COSIGNED_PATH)
    if data is not None:
        yield Kept(COSIGNED_PATH, data)


def _add_others(
    heads: list[_Head], kept: Iterable[Kept], origin: str, keys: Sequence[VerifierKey]
) -> list[_Flaw]:
    """Add every kept head that the log signed; of the others give what is wrong with them."""
    flaws = []
    for one in kept:
        try:
            heads.append(_head(verify_checkpoint(one.note, origin, keys), one.name))
        except LedgerError as error:
            flaws.append(_Flaw(ExportProblem.KEPT_REFUSED, one.name, code=error.code))
    return flaws


def _check_tree(read: FileReader, head: Checkpoint, kept: Sequence[_Head]) -> None:
    """Rebuild the tree from the entries, or raise the first ``_Flaw``."""
    tiles, past = _Tiles(read, head.size), _Past(kept)
    frontier = Frontier()
    past.compare(frontier)
    for bundle in bundles_of(head.size):
        for entry in _entries(read, bundle):
            # (2) and (3): the leaf is itself the first of the nodes it completes.
            frontier, nodes = frontier.append(leaf_hash(entry))
            for node in nodes:
                tiles.compare(node)
            # (5) A head of before vouches for all up to it.
            past.compare(frontier)
    # (4) All entries and hashes agree; do they agree with what was signed?
    if frontier.root() != head.root:
        if not past.vouched:
            raise _Flaw(ExportProblem.ROOT_MISMATCH, CHECKPOINT_PATH)
        span = head.size - past.vouched
        raise _Flaw(ExportProblem.ROOT_MISMATCH, CHECKPOINT_PATH, past.vouched, span)
    past.end(head.size)
    if tiles.lacking is not None:
        raise tiles.lacking


@dataclass(slots=True)
class _Past:
    """The kept heads, smallest first, each compared when the tree has its size."""

    heads: Sequence[_Head]
    done: int = 0
    vouched: int = 0

    def compare(self, frontier: Frontier) -> None:
        """Hold the tree of now against every head of its size, or raise a ``_Flaw``."""
        while self.done < len(self.heads) and self.heads[self.done].size == frontier.size:
            head = self.heads[self.done]
            if head.root != frontier.root():
                span = head.size - self.vouched
                raise _Flaw(ExportProblem.KEPT_MISMATCH, head.name, self.vouched, span)
            self.done, self.vouched = self.done + 1, head.size

    def end(self, size: int) -> None:
        """Raise a ``_Flaw`` where a head counts more entries than there are."""
        if self.done < len(self.heads):
            head = self.heads[-1]
            raise _Flaw(ExportProblem.CUT_SHORT, head.name, size, head.size - size)


@dataclass(slots=True)
class _Tiles:
    """The hash tiles of an export, of which one at a time is held for each level.

    A tile above level 0 that is missing says nothing of any entry, so it is remembered in
    ``lacking`` and told at the end, unless something worse is found.
    """

    read: FileReader
    size: int
    held: dict[int, tuple[Tile, bytes | None]] = field(default_factory=dict)
    lacking: _Flaw | None = None

    def compare(self, node: SubtreeNode) -> None:
        """Hold a recomputed node against its tile, or raise a ``_Flaw``; not all are in tiles."""
        level, between = divmod(node.level, TILE_HEIGHT)
        if between:
            return
        index, place = divmod(node.index, TILE_WIDTH)
        tile, content = self._tile(level, index)
        if content is None:
            return
        end = (place + 1) * HASH_BYTES
        cut = len(content) < end or (place == tile.width - 1 and len(content) > end)
        if cut or content[end - HASH_BYTES : end] != node.hash:
            problem = ExportProblem.FILE_MALFORMED if cut else ExportProblem.HASH_MISMATCH
            raise _Flaw(problem, tile.path, node.index * tile.span, tile.span)

    def _tile(self, level: int, index: int) -> tuple[Tile, bytes | None]:
        """Read a tile once, as wide as the size of the tree makes it."""
        held = self.held.get(level)
        if held is None or held[0].index != index:
            row = self.size >> TILE_HEIGHT * level
            tile = Tile(level, index, min(TILE_WIDTH, row - index * TILE_WIDTH))
            content = self.read(tile.path)
            if content is None:
                whole = tile.span * tile.width
                flaw = _Flaw(ExportProblem.FILE_MISSING, tile.path, tile.start, whole)
                if level == 0:
                    raise flaw
                self.lacking = self.lacking or flaw
            held = self.held[level] = (tile, content)
        return held


def _entries(read: FileReader, bundle: Tile) -> Iterator[bytes]:
    """Give the entries of a bundle one by one, then raise a ``_Flaw`` if they are too few or many.

    What can be read is given first, so that an earlier bad entry is found before a later cut.
    """
    data = read(bundle.path)
    if data is None:
        raise _Flaw(ExportProblem.FILE_MISSING, bundle.path, bundle.start, bundle.width)
    entries, rest = split_bundle(data)
    yield from entries[: bundle.width]
    if len(entries) != bundle.width or rest:
        short = min(len(entries), bundle.width - 1)
        first, span = bundle.start + short, bundle.width - short
        raise _Flaw(ExportProblem.FILE_MALFORMED, bundle.path, first, span)
