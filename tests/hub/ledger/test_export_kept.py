"""An export held against checkpoints of elsewhere: older copies and other pasts are found."""

from __future__ import annotations

import os

from hypothesis import given
from hypothesis import strategies as st

from hub.ledger.checkpoint import Checkpoint, cosign_checkpoint, sign_checkpoint
from hub.ledger.export import ExportProblem, ExportReport, Kept, verify_export
from hub.ledger.keys import Algorithm, SignerKey, VerifierKey
from hub.ledger.merkle import Frontier, leaf_hash
from hub.ledger.tiles import COSIGNED_PATH, export_files
from tests.merkle import root_of

LOG = SignerKey("hub.example/ledger", b"l" * 32)
WITNESS = SignerKey("trust.example/witness", b"w" * 32, Algorithm.COSIGNATURE_V1)
ENTRIES = [f"entry {i}".encode() for i in range(600)]


def other(at: int) -> list[bytes]:
    """Another past from one entry on."""
    return ENTRIES[:at] + [f"other {i}".encode() for i in range(at, len(ENTRIES))]


def signed(entries: list[bytes], size: int) -> bytes:
    """The signed head of the first entries."""
    root = root_of(leaf_hash(entry) for entry in entries[:size])
    return sign_checkpoint(Checkpoint(LOG.name, size, root), LOG)


def exported(entries: list[bytes], size: int) -> dict[str, bytes]:
    """The files of an export."""
    nodes = {n[:2]: n[2] for n in _nodes(entries[:size])}
    return dict(
        export_files(size, signed(entries, size), lambda _: nodes, lambda a, b: entries[a:b])
    )


def _nodes(entries: list[bytes]) -> list[tuple[int, int, bytes]]:
    found = Frontier().extend(leaf_hash(entry) for entry in entries)[1]
    return [(node.level, node.index, node.hash) for node in found]


def check(
    files: dict[str, bytes], *kept: bytes, witnesses: tuple[VerifierKey, ...] = ()
) -> ExportReport:
    """Check an export against what somebody kept."""
    named = [Kept(f"kept {i}", note) for i, note in enumerate(kept)]
    return verify_export(files.get, LOG.name, [LOG.verifier()], named, witnesses)


FILES = exported(ENTRIES, 600)


@given(st.lists(st.integers(0, 600), max_size=5))
def test_every_earlier_head_fits(sizes: list[int]) -> None:
    """In whatever order they are given."""
    assert check(FILES, *(signed(ENTRIES, size) for size in sizes)).verified


@given(st.integers(0, 599))
def test_an_older_copy_is_found_by_a_later_head(size: int) -> None:
    """The first entry that is missing is named."""
    report = check(exported(ENTRIES, size), signed(ENTRIES, 600))
    assert (report.problem, report.first_bad, report.span) == (
        ExportProblem.CUT_SHORT,
        size,
        600 - size,
    )


@given(st.integers(0, 299))
def test_another_past_is_found_by_an_earlier_head(at: int) -> None:
    """Though every file of it fits a head that the log signed."""
    files = exported(other(at), 600)
    assert check(files).verified
    report = check(files, signed(ENTRIES, 300))
    assert (report.problem, report.first_bad, report.span) == (ExportProblem.KEPT_MISMATCH, 0, 300)


def test_a_head_that_fits_narrows_the_place() -> None:
    """What was vouched for by an earlier head is not blamed."""
    report = check(exported(other(250), 600), *(signed(ENTRIES, n) for n in (200, 300, 400)))
    assert (report.first_bad, report.span) == (200, 100)


def test_a_whole_forgery_is_placed_by_what_was_kept() -> None:
    """Only the root disagrees; the kept head vouches for the beginning."""
    files = exported(other(250), 600) | {"checkpoint": signed(ENTRIES, 600)}
    assert check(files).first_bad is None
    report = check(files, signed(ENTRIES, 200))
    assert (report.problem, report.first_bad, report.span) == (
        ExportProblem.ROOT_MISMATCH,
        200,
        400,
    )


def test_a_kept_head_of_another_log_is_refused() -> None:
    """It shows nothing, and is said so."""
    report = check(FILES, b"nothing of ours\n")
    assert (report.problem, report.path, report.code) == (
        ExportProblem.KEPT_REFUSED,
        "kept 0",
        "ledger-note-malformed",
    )


def test_a_tampered_entry_is_named_before_anything_else() -> None:
    """A kept head that does not fit does not hide the entry."""
    forged = FILES["tile/entries/000"].replace(b"entry 17", b"entrY 17")
    report = check(FILES | {"tile/entries/000": forged}, signed(other(3), 300), b"rubbish")
    assert (report.problem, report.first_bad) == (ExportProblem.HASH_MISMATCH, 17)


def test_a_witness_that_must_have_signed_is_found_in_either_file() -> None:
    """Under the newest head, or under the newest that it signed."""
    key = (WITNESS.verifier(),)
    assert check(FILES, witnesses=key).problem is ExportProblem.NOT_WITNESSED
    under = FILES | {"checkpoint": cosign_checkpoint(FILES["checkpoint"], WITNESS, 5)}
    assert check(under, witnesses=key).witnessed == 600
    beside = FILES | {COSIGNED_PATH: cosign_checkpoint(signed(ENTRIES, 400), WITNESS, 5)}
    assert check(beside, witnesses=key).witnessed == 400


def test_an_older_copy_is_found_by_what_a_witness_signed() -> None:
    """The cosigned head that lies in the export, or that the witness itself gives."""
    cosigned = cosign_checkpoint(signed(ENTRIES, 400), WITNESS, 5)
    old = exported(ENTRIES, 300)
    assert check(old | {COSIGNED_PATH: cosigned}).first_bad == 300
    assert check(old, cosigned, witnesses=(WITNESS.verifier(),)).first_bad == 300


def test_a_forged_cosignature_is_refused() -> None:
    """By a key we know, that does not hold."""
    forger = SignerKey(WITNESS.name, os.urandom(32), Algorithm.COSIGNATURE_V1)
    note = cosign_checkpoint(signed(ENTRIES, 400), forger, 5)
    beside = FILES | {COSIGNED_PATH: note}
    assert check(beside, witnesses=(WITNESS.verifier(),)).problem is ExportProblem.NOT_WITNESSED
