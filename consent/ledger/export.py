"""Checking a ledger that somebody hands you, with nothing but its files and its public key.

Every entry is hashed again and the whole tree is built again from the entries alone. Each hash in
the files must be the one that comes out, and the root must be the one in the signed checkpoint. The
first place where this fails is named. Nothing is asked of the database or of whoever runs the hub.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from consent.ledger.checkpoint import Checkpoint, verify_checkpoint
from consent.ledger.errors import LedgerError
from consent.ledger.keys import VerifierKey
from consent.ledger.merkle import HASH_BYTES, Frontier, Node, leaf_hash
from consent.ledger.tiles import (
    CHECKPOINT_PATH,
    TILE_HEIGHT,
    TILE_WIDTH,
    Tile,
    bundles_of,
    split_bundle,
)

FileReader: TypeAlias = Callable[[str], bytes | None]
"""Gives the content of a file of the export by its path, or None when there is no such file."""


class Problem(StrEnum):
    """What is wrong with an export; the values are listed in ``docs/ledger.md``."""

    CHECKPOINT_MISSING = "checkpoint-missing"
    CHECKPOINT_REFUSED = "checkpoint-refused"
    FILE_MISSING = "file-missing"
    FILE_MALFORMED = "file-malformed"
    HASH_MISMATCH = "hash-mismatch"
    ROOT_MISMATCH = "root-mismatch"


@dataclass(frozen=True, slots=True)
class Report:
    """What came of checking an export.

    ``verified`` is true only when everything fits a checkpoint signed by the log. ``size`` is the
    number of entries the checkpoint names (0 when it cannot be trusted). Otherwise ``problem`` says
    what is wrong and ``path`` in which file; ``first_bad`` is the index of the first entry that
    cannot be vouched for, and the fault lies within ``span`` entries from there (1: exactly that
    entry). ``first_bad`` is None when no place can be named: the checkpoint itself was refused, or
    all files agree with each other but not with the checkpoint. ``code`` is the ``LedgerCode`` for
    which a checkpoint was refused.
    """

    verified: bool
    size: int
    first_bad: int | None = None
    span: int = 0
    problem: Problem | None = None
    path: str | None = None
    code: str | None = None
    checkpoint: Checkpoint | None = None


class _Flaw(Exception):
    """The first thing found wrong: a finding carried out of the loop, not an error."""

    def __init__(
        self, problem: Problem, path: str, first: int | None = None, span: int = 0
    ) -> None:
        super().__init__(problem.value)
        self.problem, self.path, self.first, self.span = problem, path, first, span


def verify_export(read: FileReader, origin: str, keys: Iterable[VerifierKey]) -> Report:
    """Check a whole export (C2SP tlog-tiles) against its own signed checkpoint.

    1. Trust the checkpoint only if the log called ``origin`` signed it with one of ``keys``.
    2. Hash every entry, in order, and compare with the leaf hashes.
    3. Compare every subtree that these leaves complete with the tiles above.
    4. Compare the root that comes out with the checkpoint.

    Raises nothing on the content of files; what ``read`` raises passes through.
    """
    # (1) Without a checkpoint by the log there is nothing to hold the entries against.
    data = read(CHECKPOINT_PATH)
    if data is None:
        return _no_checkpoint(Problem.CHECKPOINT_MISSING)
    try:
        head = verify_checkpoint(data, origin, keys).checkpoint
    except LedgerError as error:
        return _no_checkpoint(Problem.CHECKPOINT_REFUSED, error.code)
    try:
        _check_tree(read, head)
    except _Flaw as flaw:
        return Report(
            verified=False,
            size=head.size,
            first_bad=flaw.first,
            span=flaw.span,
            problem=flaw.problem,
            path=flaw.path,
            checkpoint=head,
        )
    return Report(verified=True, size=head.size, checkpoint=head)


def _no_checkpoint(problem: Problem, code: str | None = None) -> Report:
    """Report that there is no signed head to check against."""
    return Report(verified=False, size=0, problem=problem, path=CHECKPOINT_PATH, code=code)


def _check_tree(read: FileReader, head: Checkpoint) -> None:
    """Rebuild the tree from the entries, or raise the first ``_Flaw``."""
    tiles, frontier = _Tiles(read, head.size), Frontier()
    for bundle in bundles_of(head.size):
        for entry in _entries(read, bundle):
            # (2) and (3): the leaf is itself the first of the nodes it completes.
            frontier, nodes = frontier.append(leaf_hash(entry))
            for node in nodes:
                tiles.compare(node)
    # (4) All entries and hashes agree; do they agree with what was signed?
    if frontier.root() != head.root:
        raise _Flaw(Problem.ROOT_MISMATCH, CHECKPOINT_PATH)
    if tiles.lacking is not None:
        raise tiles.lacking


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

    def compare(self, node: Node) -> None:
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
            problem = Problem.FILE_MALFORMED if cut else Problem.HASH_MISMATCH
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
                flaw = _Flaw(Problem.FILE_MISSING, tile.path, tile.start, whole)
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
        raise _Flaw(Problem.FILE_MISSING, bundle.path, bundle.start, bundle.width)
    entries, rest = split_bundle(data)
    yield from entries[: bundle.width]
    if len(entries) != bundle.width or rest:
        short = min(len(entries), bundle.width - 1)
        first, span = bundle.start + short, bundle.width - short
        raise _Flaw(Problem.FILE_MALFORMED, bundle.path, first, span)
