"""The tree of hashes that makes the ledger tamper-evident: RFC 6962 and RFC 9162, section 2.1.

A store keeps one row for every complete subtree: (level, index, hash), where level 0 holds leaf
hashes and the node (L, I) covers the leaves from I * 2**L up to (I + 1) * 2**L. Such a row is
written once and never changes, so the tree is append-only like the ledger. Appending needs only the
``Frontier``, some twenty hashes for a million entries, and a proof is computed from rows that a
``NodeReader`` fetches in one query. Builders raise ``LedgerError``; verifiers answer yes or no,
whatever they are given.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from hub.ledger.errors import LedgerCode, LedgerError

HASH_BYTES = 32
"""The length of every hash: SHA-256."""

MAX_SIZE = 2**63 - 1
"""The largest tree a verifier looks at: what a signed 64-bit column of a store can count."""

MAX_PATH = 64
"""The longest proof a verifier looks at: no proof in a tree of ``MAX_SIZE`` is longer."""

_LEAF_PREFIX = b"\x00"
_NODE_PREFIX = b"\x01"

EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of a tree without leaves (RFC 6962, 2.1)."""

NodeId: TypeAlias = tuple[int, int]
"""(level, index) of a complete subtree."""

NodeReader: TypeAlias = Callable[[Sequence[NodeId]], Mapping[NodeId, bytes]]
"""Fetches the hashes of the named complete subtrees, all at once; what it lacks it leaves out."""


@dataclass(frozen=True, slots=True)
class SubtreeNode:
    """A complete subtree as a store keeps it; ``hash`` has 32 bytes."""

    level: int
    index: int
    hash: bytes


def leaf_hash(entry: bytes) -> bytes:
    """Hash one entry as a leaf: ``SHA-256(0x00 || entry)`` (RFC 6962, 2.1)."""
    return hashlib.sha256(_LEAF_PREFIX + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbouring subtrees as one: ``SHA-256(0x01 || left || right)`` (RFC 6962, 2.1)."""
    return hashlib.sha256(_NODE_PREFIX + left + right).digest()


def subtrees(start: int, end: int) -> list[NodeId]:
    """Name the complete subtrees, left to right, that make up the leaves from start up to end.

    ``start`` must be a multiple of the largest power of two within ``end - start``, as it is for
    every range the RFC's definitions ask for.
    """
    names = []
    for level in range((end - start).bit_length() - 1, -1, -1):
        if (end - start) >> level & 1:
            names.append((level, start >> level))
            start += 1 << level
    return names


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right-hand edge of a tree: all that is needed to append to it or to name its root.

    ``size`` is the number of leaves; ``hashes`` are those of ``subtrees(0, size)``, largest first,
    one for each 1 in the binary form of ``size``. Making one that does not fit raises
    ``LedgerError`` (``ledger-bad-range``, ``ledger-bad-hash``).
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a size and hashes that do not belong together."""
        if self.size < 0:
            raise LedgerError(LedgerCode.BAD_RANGE, "a tree cannot have a negative size")
        if len(self.hashes) != self.size.bit_count() or not _are_hashes(self.hashes):
            raise LedgerError(LedgerCode.BAD_HASH, "a frontier has one hash for each 1 of its size")

    @classmethod
    def load(cls, size: int, read: NodeReader) -> Frontier:
        """Take up a tree of ``size`` leaves from a store, in one call of ``read``.

        Raises ``LedgerError``: ``ledger-bad-range``, ``ledger-node-missing``, ``ledger-bad-hash``.
        """
        if size < 0:
            raise LedgerError(LedgerCode.BAD_RANGE, "a tree cannot have a negative size")
        return cls(size, tuple(_fetch(subtrees(0, size), read)))

    def append(self, leaf: bytes) -> tuple[Frontier, list[SubtreeNode]]:
        """Add one leaf hash; give the new frontier and the subtrees this leaf completed."""
        return self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> tuple[Frontier, list[SubtreeNode]]:
        """Add leaf hashes in order; give the new frontier and all newly completed subtrees.

        The nodes include the leaves themselves (level 0) and come children first. Raises
        ``LedgerError`` (``ledger-bad-hash``) for a leaf hash that has not 32 bytes.
        """
        size, stack, nodes = self.size, list(self.hashes), list[SubtreeNode]()
        for leaf in leaves:
            if not _are_hashes((leaf,)):
                raise LedgerError(LedgerCode.BAD_HASH, f"a leaf hash has {HASH_BYTES} bytes")
            node = SubtreeNode(0, size, leaf)
            nodes.append(node)
            while node.index & 1:
                node = SubtreeNode(
                    node.level + 1, node.index >> 1, node_hash(stack.pop(), node.hash)
                )
                nodes.append(node)
            stack.append(node.hash)
            size += 1
        return Frontier(size, tuple(stack)), nodes

    def root(self) -> bytes:
        """Give the root hash of the tree as it stands, 32 bytes."""
        return _fold(self.hashes)


def inclusion_path(index: int, size: int, read: NodeReader) -> tuple[bytes, ...]:
    """Prove that leaf ``index`` is in the tree of ``size`` leaves, by its audit path.

    RFC 9162, 2.1.3. It runs from the leaf up; ``read`` is called once. Raises ``LedgerError``:
    ``ledger-bad-range`` unless 0 <= index < size, ``ledger-node-missing``, ``ledger-bad-hash``.
    """
    if not 0 <= index < size:
        raise LedgerError(LedgerCode.BAD_RANGE, f"no leaf {index} in a tree of {size}")
    ranges, start, end = list[tuple[int, int]](), 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return _range_hashes(ranges[::-1], read)


def consistency_path(old_size: int, new_size: int, read: NodeReader) -> tuple[bytes, ...]:
    """Prove that the tree of ``old_size`` leaves is the beginning of that of ``new_size``.

    The order is that of RFC 9162, 2.1.4; the proof is empty when the sizes are equal or the old
    tree is empty. ``read`` is called at most once. Raises ``LedgerError``: ``ledger-bad-range``
    unless 0 <= old_size <= new_size, ``ledger-node-missing``, ``ledger-bad-hash``.
    """
    if not 0 <= old_size <= new_size:
        raise LedgerError(LedgerCode.BAD_RANGE, f"no way from size {old_size} to {new_size}")
    if old_size == 0:
        return ()
    ranges, start, end = list[tuple[int, int]](), 0, new_size
    while old_size < end:
        middle = start + _split(end - start)
        if old_size <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start > 0:
        ranges.append((start, end))
    return _range_hashes(ranges[::-1], read)


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """Say whether ``path`` proves ``leaf`` (a leaf hash) at ``index`` under ``root``.

    Follows RFC 9162, 2.1.3.2. Never raises: False for any wrong length, range or hash.
    """
    if not 0 <= index < size <= MAX_SIZE or len(path) > MAX_PATH:
        return False
    if not _are_hashes((leaf, root, *path)):
        return False
    place, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """Say whether ``path`` proves that the new tree begins with the old one.

    Follows RFC 9162, 2.1.4.2. Equal sizes need equal roots and an empty path; an old size of 0
    needs ``EMPTY_ROOT`` and an empty path, and is then consistent with every tree. Never raises:
    False for any wrong length, range or hash.
    """
    if not 0 <= old_size <= new_size <= MAX_SIZE or len(path) > MAX_PATH:
        return False
    if not _are_hashes((old_root, new_root, *path)):
        return False
    if old_size == new_size:
        return not path and old_root == new_root and (old_size > 0 or old_root == EMPTY_ROOT)
    if old_size == 0:
        return not path and old_root == EMPTY_ROOT
    if not path:
        return False
    # An old tree of 2**k leaves is one subtree: the proof leaves out its root, which is known.
    steps = path if old_size & (old_size - 1) else (old_root, *path)
    return _climb(old_size, new_size, steps) == (old_root, new_root)


def implied_old_root(
    old_size: int, new_size: int, new_root: bytes, path: Sequence[bytes]
) -> bytes | None:
    """Give the root that a proof shows the new tree to have had at ``old_size``; None for none.

    The proof names that root only where ``old_size`` is no power of two: otherwise it takes it for
    granted (RFC 9162, 2.1.4). Never raises: None for any wrong length, range or hash.
    """
    if not 0 < old_size < new_size <= MAX_SIZE or not 0 < len(path) <= MAX_PATH:
        return None
    if not old_size & (old_size - 1) or not _are_hashes((new_root, *path)):
        return None
    found = _climb(old_size, new_size, path)
    return found[0] if found and found[1] == new_root else None


def _climb(old_size: int, new_size: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Recompute both roots from a whole proof (RFC 9162, 2.1.4.2, steps 3 to 6); None: no fit."""
    place, last = old_size - 1, new_size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if place & 1 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    return (old, new) if last == 0 else None


def _split(length: int) -> int:
    """Give the largest power of two below ``length`` (RFC 6962, 2.1); ``length`` is at least 2."""
    return 1 << (length - 1).bit_length() - 1


def _fold(hashes: Sequence[bytes]) -> bytes:
    """Join complete subtrees, largest first, into the root over them."""
    if not hashes:
        return EMPTY_ROOT
    found = hashes[-1]
    for left in reversed(hashes[:-1]):
        found = node_hash(left, found)
    return found


def _range_hashes(ranges: Sequence[tuple[int, int]], read: NodeReader) -> tuple[bytes, ...]:
    """Give the root over each range of leaves, fetching all that is needed in one call."""
    parts = [subtrees(start, end) for start, end in ranges]
    hashes = iter(_fetch([name for part in parts for name in part], read))
    return tuple(_fold([next(hashes) for _ in part]) for part in parts)


def _fetch(names: Sequence[NodeId], read: NodeReader) -> list[bytes]:
    """Read the named nodes and check that all came, each with 32 bytes."""
    found = read(names) if names else {}
    missing = [name for name in names if name not in found]
    if missing:
        raise LedgerError(LedgerCode.NODE_MISSING, f"the store lacks the node {missing[0]}")
    hashes = [found[name] for name in names]
    if not _are_hashes(hashes):
        raise LedgerError(LedgerCode.BAD_HASH, f"a stored hash has not {HASH_BYTES} bytes")
    return hashes


def _are_hashes(values: Iterable[object]) -> bool:
    """Say whether every value is 32 bytes."""
    return all(isinstance(value, bytes) and len(value) == HASH_BYTES for value in values)
