"""Checking an export: a whole one verifies, and every kind of damage is found and named."""

from __future__ import annotations

import functools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.ledger.checkpoint import Checkpoint, sign_checkpoint
from hub.ledger.export import ExportProblem, ExportReport, verify_export
from hub.ledger.keys import SignerKey
from hub.ledger.merkle import Frontier, leaf_hash
from hub.ledger.tiles import bundle_bytes, export_files, tiles_of
from tests.merkle import bundle_entries

ORIGIN = "hub.example/ledger"
LOG = SignerKey(ORIGIN, b"l" * 32)
SIZES = [0, 1, 2, 255, 256, 257, 600, 65_536, 66_000]
SIZE = 600  # two full bundles and one of 88

Files = dict[str, bytes]


def entry(index: int) -> bytes:
    """Give the entry that stands at ``index``."""
    return f'{{"n":{index}}}'.encode()


@functools.cache
def _built(size: int) -> tuple[tuple[str, bytes], ...]:
    entries = [entry(i) for i in range(size)]
    frontier, nodes = Frontier().extend(leaf_hash(e) for e in entries)
    rows = {(n.level, n.index): n.hash for n in nodes}
    head = sign_checkpoint(Checkpoint(ORIGIN, size, frontier.root()), LOG)
    return tuple(export_files(size, head, lambda _: rows, lambda a, b: entries[a:b]))


def export(size: int = SIZE) -> Files:
    """Write an export of ``size`` entries."""
    return dict(_built(size))


def rewritten(size: int, change: Callable[[list[bytes]], None]) -> Files:
    """Write a forged export that agrees with itself, under the true checkpoint."""
    entries = [entry(i) for i in range(size)]
    change(entries)
    rows = {(n.level, n.index): n.hash for n in Frontier().extend(leaf_hash(e) for e in entries)[1]}
    head = export(size)["checkpoint"]
    return dict(export_files(size, head, lambda _: rows, lambda a, b: entries[a:b]))


def check(files: Files) -> ExportReport:
    """Check an export with the log's public key."""
    return verify_export(files.get, ORIGIN, [LOG.verifier()])


def bundle_of(index: int) -> tuple[str, int]:
    """Name the bundle that holds an entry of the export of ``SIZE``, and its place in it."""
    number, place = divmod(index, 256)
    return f"tile/entries/{number:03}" + (".p/88" if number == 2 else ""), place


@pytest.mark.parametrize("size", SIZES)
def test_a_whole_export_verifies(size: int) -> None:
    """At every kind of size, from none to more than one tile of the second level."""
    report = check(export(size))
    assert report.verified
    assert (report.size, report.problem, report.first_bad) == (size, None, None)


@given(st.integers(0, SIZE - 1), st.integers(0, 7))
def test_a_tampered_entry_is_named(index: int, bit: int) -> None:
    """One bit in any entry, and the report says which."""
    files, (path, place) = export(), bundle_of(index)
    entries = list(bundle_entries(files[path]))
    entries[place] = bytes([entries[place][0] ^ 1 << bit]) + entries[place][1:]
    files[path] = bundle_bytes(entries)
    report = check(files)
    assert not report.verified
    assert (report.first_bad, report.span) == (index, 1)
    assert report.problem is ExportProblem.HASH_MISMATCH


@given(st.integers(0, SIZE - 1))
def test_a_dropped_entry_is_named(index: int) -> None:
    """What follows moves up, so the first place that does not fit is where it was."""
    files, (path, place) = export(), bundle_of(index)
    entries = list(bundle_entries(files[path]))
    del entries[place]
    files[path] = bundle_bytes(entries)
    report = check(files)
    assert not report.verified
    assert report.first_bad == index


@given(st.lists(st.integers(0, SIZE - 1), min_size=2, max_size=2, unique=True))
def test_two_entries_that_changed_places_are_found(pair: list[int]) -> None:
    """The first of the two places is named, in one bundle or across two."""
    files = export()
    first, second = sorted(pair)
    whole = {path: list(bundle_entries(files[path])) for path, _ in map(bundle_of, pair)}
    (path_a, place_a), (path_b, place_b) = bundle_of(first), bundle_of(second)
    whole[path_a][place_a], whole[path_b][place_b] = entry(second), entry(first)
    files |= {path: bundle_bytes(entries) for path, entries in whole.items()}
    report = check(files)
    assert not report.verified
    assert (report.first_bad, report.problem) == (first, ExportProblem.HASH_MISMATCH)


@given(st.integers(0, SIZE - 1), st.data())
def test_a_truncated_bundle_is_named_from_the_first_entry_that_is_cut(
    index: int, data: st.DataObject
) -> None:
    """Everything before the cut is still vouched for."""
    files, (path, place) = export(), bundle_of(index)
    entries = bundle_entries(files[path])
    kept = len(bundle_bytes(entries[:place])) if place else 0
    files[path] = files[path][: kept + data.draw(st.integers(0, len(entries[place]) + 1))]
    report = check(files)
    assert not report.verified
    assert (report.first_bad, report.problem) == (index, ExportProblem.FILE_MALFORMED)


@given(st.integers(0, SIZE))
def test_an_inserted_entry_is_found(index: int) -> None:
    """One entry too many shows where it was put, or at the end of its bundle."""
    files, (path, place) = export(), bundle_of(min(index, SIZE - 1))
    entries = list(bundle_entries(files[path]))
    at = place if index < SIZE else place + 1
    entries.insert(at, b"forged")
    files[path] = b"".join(len(e).to_bytes(2, "big") + e for e in entries)
    report = check(files)
    assert not report.verified
    assert report.first_bad == min(index, SIZE - 1)


def test_bytes_after_the_last_entry_of_a_bundle_are_found() -> None:
    """A bundle ends where its last entry ends."""
    for path, last in (("tile/entries/000", 255), ("tile/entries/002.p/88", 599)):
        files = export()
        files[path] += b"\0"
        report = check(files)
        assert (report.first_bad, report.problem) == (last, ExportProblem.FILE_MALFORMED)


@pytest.mark.parametrize("size", [SIZE, 66_000])
def test_every_missing_file_is_named(size: int) -> None:
    """No file of an export can be left out."""
    whole = export(size)
    for path in [p for p in whole if "/0/" not in p and "entries" not in p] + sorted(whole)[:6]:
        report = check({p: c for p, c in whole.items() if p != path})
        assert not report.verified
        assert report.path == path
        missing = {ExportProblem.FILE_MISSING, ExportProblem.CHECKPOINT_MISSING}
        assert report.problem in missing


def test_a_cut_in_time_is_found() -> None:
    """Leaving out the newest entries under a newer checkpoint does not pass."""
    files = export(500) | {"checkpoint": export()["checkpoint"]}
    report = check(files)
    assert not report.verified
    assert (report.first_bad, report.problem) == (256, ExportProblem.FILE_MISSING)
    assert report.path == "tile/entries/001"


@given(st.sampled_from([t.path for t in tiles_of(SIZE)]), st.data())
def test_any_changed_byte_in_a_tile_is_found_where_it_is(path: str, data: st.DataObject) -> None:
    """A changed hash casts doubt on exactly the entries under it."""
    files = export()
    content = bytearray(files[path])
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= 1
    files[path] = bytes(content)
    report = check(files)
    tile = next(t for t in tiles_of(SIZE) if t.path == path)
    assert not report.verified
    assert (report.problem, report.path) == (ExportProblem.HASH_MISMATCH, path)
    assert (report.first_bad, report.span) == (tile.start + at // 32 * tile.span, tile.span)


@pytest.mark.parametrize("path", [t.path for t in tiles_of(SIZE)])
def test_a_tile_that_is_too_short_or_too_long_is_found(path: str) -> None:
    """A tile has the length its name says."""
    for content in (export()[path][:-1], export()[path] + b"\0", b""):
        report = check(export() | {path: content})
        assert (report.problem, report.path) == (ExportProblem.FILE_MALFORMED, path)


def test_a_forger_who_rewrites_leaf_hashes_too_is_found_one_level_up() -> None:
    """The doubt is then on the 256 entries under one hash, and the report says so."""
    forged = rewritten(SIZE, lambda entries: entries.__setitem__(300, b"forged"))
    kept = export()["tile/1/000.p/2"]
    report = check(forged | {"tile/1/000.p/2": kept})
    assert report.problem is ExportProblem.HASH_MISMATCH
    assert (report.first_bad, report.span, report.path) == (256, 256, "tile/1/000.p/2")


@pytest.mark.parametrize("index", [0, 300, 599])
def test_a_forger_who_rewrites_everything_is_stopped_by_the_signed_root(index: int) -> None:
    """Files that agree with each other do not agree with what the log signed."""
    report = check(rewritten(SIZE, lambda entries: entries.__setitem__(index, b"forged")))
    assert not report.verified
    assert (report.problem, report.first_bad) == (ExportProblem.ROOT_MISMATCH, None)


def test_an_export_without_a_checkpoint_is_not_looked_at() -> None:
    """There is nothing to hold it against."""
    report = check({})
    assert report == ExportReport(
        verified=False, size=0, problem=ExportProblem.CHECKPOINT_MISSING, path="checkpoint"
    )


def test_an_export_with_a_checkpoint_by_someone_else_is_not_looked_at() -> None:
    """A forger's own signature proves nothing; the reason is given."""
    forger = SignerKey(ORIGIN, b"f" * 32)
    files = export()
    files["checkpoint"] = sign_checkpoint(Checkpoint(ORIGIN, 1, leaf_hash(b"")), forger)
    report = check(files)
    assert (report.verified, report.problem) == (False, ExportProblem.CHECKPOINT_REFUSED)
    assert report.code == "ledger-note-unverified"


@given(st.dictionaries(st.sampled_from(sorted(export())), st.binary(max_size=300), min_size=1))
def test_any_rubbish_in_any_files_is_reported_and_not_raised(rubbish: Files) -> None:
    """The checker survives whatever it is handed."""
    assert not check(export() | rubbish).verified


def test_an_older_export_is_the_beginning_of_a_newer_one() -> None:
    """Full files never change, so an export can be added to."""
    old, new = export(600), export(66_000)
    full = [path for path in old if path != "checkpoint" and ".p/" not in path]
    assert full
    assert all(old[path] == new[path] for path in full)
