"""Tiles: paths, contents, and which files an export has."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.ledger.errors import LedgerError
from hub.ledger.merkle import Frontier, leaf_hash
from hub.ledger.tiles import (
    ENTRIES,
    Tile,
    bundle_bytes,
    bundles_of,
    export_files,
    split_bundle,
    tile_bytes,
    tiles_of,
)
from tests.merkle import bundle_entries


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(1, 1234067), "tile/1/x001/x234/067"),
        (Tile(0, 1000), "tile/0/x001/000"),
        (Tile(63, 999, 1), "tile/63/999.p/1"),
        (Tile(ENTRIES, 5, 255), "tile/entries/005.p/255"),
        (Tile(ENTRIES, 273), "tile/entries/273"),
    ],
)
def test_paths_are_those_of_the_specification(tile: Tile, path: str) -> None:
    """Groups of three digits, all but the last with an x; a width only when partial."""
    assert tile.path == path
    assert Tile.parse(path) == tile


@given(st.integers(-1, 63), st.integers(0, 2**63 - 1), st.integers(1, 256))
def test_every_path_reads_back(level: int, index: int, width: int) -> None:
    """A path names one file and a file has one path."""
    tile = Tile(level, index, width)
    assert Tile.parse(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/1000",
        "tile/0/001/000",
        "tile/0/x000/000",
        "tile/0/x001/x000",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/",
        "tile/0/000\n",
        "tile/0/\u0660\u0660\u0660",
        "/tile/0/000",
        "tile/0/../000",
        "tile/entries/" + "x999/" * 9 + "999",
        "tile/entries/" + "x999/" * 5000 + "999",
    ],
)
def test_what_is_not_exactly_a_path_is_refused(path: str) -> None:
    """No second spelling, no way out of the folder."""
    with pytest.raises(LedgerError) as caught:
        Tile.parse(path)
    assert caught.value.code == "ledger-tile-malformed"


def test_a_tree_of_seventy_thousand_has_the_tiles_the_specification_counts() -> None:
    """273 full and one of 112 at level 0, one full and one of 17 at level 1, one of 1 above."""
    widths = Counter((tile.level, tile.width) for tile in tiles_of(70_000))
    assert widths == {(0, 256): 273, (0, 112): 1, (1, 256): 1, (1, 17): 1, (2, 1): 1}


def test_a_tree_of_256_has_a_full_tile_and_one_hash_above_it() -> None:
    """A full tile is at once hashed into the level above."""
    assert list(tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]


@pytest.mark.parametrize("size", [0, -1])
def test_an_empty_tree_has_no_files(size: int) -> None:
    """Empty tiles are never served."""
    assert list(tiles_of(size)) == []
    assert list(bundles_of(size)) == []


@given(st.integers(0, 200_000))
def test_bundles_hold_every_entry_once(size: int) -> None:
    """Left to right without gap or overlap, the partial one last."""
    place = 0
    for bundle in bundles_of(size):
        assert bundle.start == place
        place += bundle.width
    assert place == size


def test_the_nodes_of_a_tile_are_the_subtrees_a_store_keeps() -> None:
    """A tile at level 1 has hashes of level 8 of the tree, 256 entries under each."""
    tile = Tile(1, 2, 3)
    assert tile.nodes() == [(8, 512), (8, 513), (8, 514)]
    assert (tile.start, tile.span) == (131_072, 256)
    assert Tile(ENTRIES, 3).nodes() == []


@given(st.lists(st.binary(max_size=400), min_size=1, max_size=256))
def test_a_bundle_gives_back_its_entries(entries: list[bytes]) -> None:
    """Empty and equal entries included."""
    assert bundle_entries(bundle_bytes(entries)) == tuple(entries)


def test_a_bundle_has_a_big_endian_length_before_each_entry() -> None:
    """Two bytes, the larger first."""
    data = bundle_bytes([b"", b"a", b"x" * 300])
    assert data == b"\x00\x00" + b"\x00\x01a" + b"\x01\x2c" + b"x" * 300


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=20), st.data())
def test_a_bundle_that_is_cut_within_an_entry_leaves_a_rest(
    entries: list[bytes], data: st.DataObject
) -> None:
    """A cut between two entries leaves a bundle, but one that is not as wide as its name says."""
    whole, ends = bundle_bytes(entries), {0}
    for count in range(1, len(entries) + 1):
        ends.add(len(bundle_bytes(entries[:count])))
    cut = data.draw(st.integers(0, len(whole)).filter(lambda at: at not in ends))
    read, rest = split_bundle(whole[:cut])
    assert rest
    assert bundle_bytes(read) + rest == whole[:cut] if read else rest == whole[:cut]


def test_a_bundle_holds_no_more_than_256_entries_and_none_too_long() -> None:
    """The limits of the format, both ways."""
    for entries in ([], [b""] * 257):
        with pytest.raises(LedgerError, match="ledger-tile-malformed"):
            bundle_bytes(entries)
    with pytest.raises(LedgerError, match="ledger-entry-too-long"):
        bundle_bytes([b"x" * 65_536])
    assert split_bundle(b"\0\0" * 257) == ((b"",) * 256, b"\0\0")


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=256))
def test_a_tile_is_nothing_but_its_hashes(hashes: list[bytes]) -> None:
    """One after the other."""
    assert tile_bytes(hashes) == b"".join(hashes)


@pytest.mark.parametrize("hashes", [[], [b"x"], [b"x" * 32] * 257])
def test_hashes_that_make_no_tile_are_refused(hashes: list[bytes]) -> None:
    """Too few, too short, too many."""
    with pytest.raises(LedgerError, match="ledger-tile-malformed"):
        tile_bytes(hashes)


@pytest.mark.parametrize(
    ("level", "index", "width"), [(-2, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)]
)
def test_a_tile_that_no_path_can_name_is_refused(level: int, index: int, width: int) -> None:
    """Levels 0 to 63, widths 1 to 256."""
    with pytest.raises(LedgerError, match="ledger-tile-malformed"):
        Tile(level, index, width)


def test_an_export_is_not_written_from_a_store_with_a_gap() -> None:
    """A missing entry or node is a coded error before the file is given."""
    entries = [b"a", b"b", b"c"]
    nodes = {
        (n.level, n.index): n.hash for n in Frontier().extend(leaf_hash(e) for e in entries)[1]
    }
    files = dict(export_files(3, b"head", lambda _: nodes, lambda a, b: entries[a:b]))
    assert list(files) == ["tile/entries/000.p/3", "tile/0/000.p/3", "checkpoint"]
    with pytest.raises(LedgerError, match="ledger-node-missing"):
        list(export_files(3, b"head", lambda _: nodes, lambda a, b: entries[a : b - 1]))
    with pytest.raises(LedgerError, match="ledger-node-missing"):
        list(export_files(3, b"head", lambda _: {}, lambda a, b: entries[a:b]))
