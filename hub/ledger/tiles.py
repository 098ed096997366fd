"""The ledger as files anyone can serve and anyone can check: C2SP tlog-tiles.

Hashes are cut into tiles of 256: at level 0 the leaf hashes, at level 1 one hash for each full tile
of level 0, and so on; entries are cut into bundles of 256 in the same way. A full file never
changes, so an export is added to and can be cached for ever; only the right-hand edge is partial,
and its width is in its name. See https://c2sp.org/tlog-tiles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from hub.ledger.errors import LedgerCode, LedgerError
from hub.ledger.merkle import HASH_BYTES, MAX_SIZE, NodeId, NodeReader

TILE_WIDTH = 256
"""How many hashes a full tile has, and how many entries a full bundle."""

TILE_HEIGHT = 8
"""How many levels of the tree lie between one level of tiles and the next: 2**8 is 256."""

MAX_LEVEL = 63
"""The highest level a tile's path can name."""

ENTRIES = -1
"""The ``level`` of a ``Tile`` that stands for a bundle of entries."""

MAX_ENTRY = 65_535
"""The longest entry a bundle can hold, in bytes: its length is a uint16."""

CHECKPOINT_PATH = "checkpoint"
"""Where an export has its signed head."""

COSIGNED_PATH = "checkpoint.cosigned"
"""Where an export of ours has the newest head that witnesses signed, which may be an older one."""

EntryReader: TypeAlias = Callable[[int, int], Sequence[bytes]]
"""Fetches the encoded entries from the first index up to, not including, the second."""

_LENGTH_BYTES = 2
_PATH = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True)
class Tile:
    """One file of an export: a tile of hashes at ``level`` 0 to 63, or a bundle at ``ENTRIES``.

    ``index`` counts from 0 within the level, ``width`` is 1 to 256. Anything else raises
    ``LedgerError`` (``ledger-tile-malformed``).
    """

    level: int
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        """Refuse what no path can name."""
        if not ENTRIES <= self.level <= MAX_LEVEL or not 0 <= self.index <= MAX_SIZE:
            raise _malformed("a tile has a level of 0 to 63 and an index that is not negative")
        if not 1 <= self.width <= TILE_WIDTH:
            raise _malformed("a tile is 1 to 256 wide")

    @property
    def path(self) -> str:
        """Name the file, as in ``tile/0/x001/x234/067`` or ``tile/entries/000.p/5``."""
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{level}/{_index_path(self.index)}{partial}"

    @property
    def start(self) -> int:
        """Give the index of the first entry under this file."""
        return self.index * TILE_WIDTH * self.span

    @property
    def span(self) -> int:
        """Say how many entries lie under each hash of the tile: 256 to the power of its level."""
        return 1 << TILE_HEIGHT * max(self.level, 0)

    def nodes(self) -> list[NodeId]:
        """Name the complete subtrees whose hashes make up this tile, in order; none of a bundle."""
        if self.level == ENTRIES:
            return []
        first = self.index * TILE_WIDTH
        return [(self.level * TILE_HEIGHT, first + i) for i in range(self.width)]

    @classmethod
    def parse(cls, path: str) -> Tile:
        """Read a path back. Raises ``LedgerError`` (``ledger-tile-malformed``) for any other."""
        match = _PATH.fullmatch(path)
        if match is None or len(path) > 100:  # noqa: PLR2004  # far above any real path
            raise _malformed("not the path of a tile")
        level, groups, width = match.groups()
        index = int(groups.replace("/", "").replace("x", ""))
        tile = cls(ENTRIES if level == "entries" else int(level), index, int(width or TILE_WIDTH))
        if tile.path != path:
            raise _malformed("the path of a tile is not written in its one proper way")
        return tile


def bundles_of(size: int) -> Iterator[Tile]:
    """Name the bundles of ``size`` entries, left to right, the partial one last."""
    return _row(ENTRIES, size)


def tiles_of(size: int) -> Iterator[Tile]:
    """Name the tiles of hashes of a tree of ``size`` entries.

    From level 0 up, within a level from left to right, the partial one last: a partial tile is
    never hashed into the level above (tlog-tiles, "Partial Tiles").
    """
    level, width = 0, size
    while width > 0:
        yield from _row(level, width)
        level, width = level + 1, width // TILE_WIDTH


def tile_bytes(hashes: Sequence[bytes]) -> bytes:
    """Join 1 to 256 hashes as the content of a tile.

    Raises ``LedgerError`` (``ledger-tile-malformed``) for another number or a wrong length.
    """
    if not 1 <= len(hashes) <= TILE_WIDTH or any(len(h) != HASH_BYTES for h in hashes):
        raise _malformed("a tile is 1 to 256 hashes of 32 bytes")
    return b"".join(hashes)


def bundle_bytes(entries: Sequence[bytes]) -> bytes:
    """Join 1 to 256 entries as a bundle: each with its length before it, uint16 big-endian.

    Raises ``LedgerError``: ``ledger-tile-malformed``, ``ledger-entry-too-long``.
    """
    if not 1 <= len(entries) <= TILE_WIDTH:
        raise _malformed("a bundle is 1 to 256 entries")
    if any(len(entry) > MAX_ENTRY for entry in entries):
        raise LedgerError(LedgerCode.ENTRY_TOO_LONG, f"an entry has at most {MAX_ENTRY} bytes")
    return b"".join(len(entry).to_bytes(_LENGTH_BYTES, "big") + entry for entry in entries)


def split_bundle(data: bytes) -> tuple[tuple[bytes, ...], bytes]:
    """Cut as many whole entries as there are from ``data``, 256 at most, and give what is left."""
    entries: list[bytes] = []
    at = 0
    while len(entries) < TILE_WIDTH and at + _LENGTH_BYTES <= len(data):
        start = at + _LENGTH_BYTES
        end = start + int.from_bytes(data[at:start], "big")
        if end > len(data):
            break
        entries.append(data[start:end])
        at = end
    return tuple(entries), data[at:]


def export_files(
    size: int, checkpoint: bytes, read: NodeReader, entries: EntryReader
) -> Iterator[tuple[str, bytes]]:
    """Give every file of an export of ``size`` entries as (path, content), checkpoint last.

    ``checkpoint`` is the signed head at that size. The last comes last so that a half-written
    export still shows the previous head. Raises ``LedgerError``: ``ledger-node-missing``, and as
    ``tile_bytes`` and ``bundle_bytes`` do.
    """
    for bundle in bundles_of(size):
        texts = entries(bundle.start, bundle.start + bundle.width)
        yield bundle.path, bundle_bytes(_exactly(bundle, texts))
    for tile in tiles_of(size):
        names = tile.nodes()
        found = read(names)
        hashes = [found[name] for name in names if name in found]
        yield tile.path, tile_bytes(_exactly(tile, hashes))
    yield CHECKPOINT_PATH, checkpoint


def _row(level: int, width: int) -> Iterator[Tile]:
    """Name the files of one level that hold ``width`` hashes or entries."""
    for index in range(width // TILE_WIDTH):
        yield Tile(level, index)
    if width > 0 and width % TILE_WIDTH:
        yield Tile(level, width // TILE_WIDTH, width % TILE_WIDTH)


def _exactly(tile: Tile, found: Sequence[bytes]) -> Sequence[bytes]:
    """Make sure that the store gave all that belongs in the file."""
    if len(found) != tile.width:
        detail = f"the store gave {len(found)} of {tile.width} for {tile.path}"
        raise LedgerError(LedgerCode.NODE_MISSING, detail)
    return found


def _index_path(index: int) -> str:
    """Spell an index in groups of three digits, all but the last with an x before it."""
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    return "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])


def _malformed(detail: str) -> LedgerError:
    return LedgerError(LedgerCode.TILE_MALFORMED, detail)
