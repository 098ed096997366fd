"""What tests read of a ledger's tree and its exported bundles, in the plainest way."""

from __future__ import annotations

from collections.abc import Iterable

from hub.ledger.merkle import Frontier
from hub.ledger.tiles import split_bundle


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes, in order."""
    return Frontier().extend(leaves)[0].root()


def bundle_entries(data: bytes) -> tuple[bytes, ...]:
    """The entries of a whole bundle; the inverse of ``bundle_bytes``."""
    entries, rest = split_bundle(data)
    assert not rest, "a bundle is cut exactly at its end"
    assert entries, "a bundle has entries"
    return entries
