"""Published vectors of RFC 6962/9162 proofs and of C2SP's formats, from sources named with each."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from hub.ledger.checkpoint import Checkpoint, parse_checkpoint, verify_checkpoint
from hub.ledger.errors import LedgerError
from hub.ledger.keys import VerifierKey
from hub.ledger.merkle import leaf_hash, verify_consistency, verify_inclusion
from hub.ledger.note import open_note, parse_note
from hub.ledger.tiles import Tile
from hub.ledger.witness import AddCheckpoint, WitnessVerdict, judge

_FILE = Path(__file__).parent / "vectors" / "merkle_proofs.json"
PROOFS: dict[str, list[dict[str, Any]]] = json.loads(_FILE.read_text(encoding="utf-8"))


# Its roots are twelve bytes of text, which that implementation compares unseen. They are no hashes,
# and we take none that is not one of SHA-256: stricter than published, in this one case.
NO_HASHES = "consistency/additional/sizes-are-equal-one-and-proof-is-empty"


def named(kind: str) -> list[Any]:
    """The published cases of one kind, each under its own name."""
    return [pytest.param(case, id=case["name"]) for case in PROOFS[kind]]


def raw(text: str | None) -> bytes:
    """What a case has in base64; nothing where it has none."""
    return base64.b64decode(text or "")


def hashes(case: dict[str, Any]) -> list[bytes]:
    """The proof of a case."""
    return [raw(one) for one in case["proof"] or ()]


@pytest.mark.parametrize("case", named("inclusion"))
def test_published_inclusion_proofs_hold_and_fail_as_published(case: dict[str, Any]) -> None:
    """transparency-dev/merkle, testdata/inclusion."""
    index, size, root = case["leafIdx"], case["treeSize"], raw(case["root"])
    holds = verify_inclusion(raw(case["leafHash"]), index, size, hashes(case), root)
    assert holds is not case["wantErr"]


@pytest.mark.parametrize("case", named("consistency"))
def test_published_consistency_proofs_hold_and_fail_as_published(case: dict[str, Any]) -> None:
    """transparency-dev/merkle, testdata/consistency."""
    old, new = (case["size1"], raw(case["root1"])), (case["size2"], raw(case["root2"]))
    wanted = not case["wantErr"] and case["name"] != NO_HASHES
    assert verify_consistency(*old, *new, hashes(case)) is wanted


def test_the_example_of_signed_note_opens_with_its_key() -> None:
    """C2SP signed-note, "Example" (CC BY 4.0)."""
    key = VerifierKey.parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    note = (
        "This is an example message.\n\n"
        "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXm"
        "RKuwHjG1Yu72IneyaQM=\n"
    )
    assert open_note(note.encode(), [key]).text == "This is an example message.\n"


def test_the_example_of_tlog_cosignature_says_when_the_witness_signed() -> None:
    """C2SP tlog-cosignature, its first example, of 20 March 2023; the key is not published."""
    note = parse_note(
        (
            "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
            "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5"
            "/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
            "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlr"
            "DJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
        ).encode()
    )
    cosignature = note.signatures[1].value
    assert int.from_bytes(cosignature[:8], "big") == 1679315147
    assert len(cosignature) == 72
    assert parse_checkpoint(note.text).size == 20852163


@pytest.mark.parametrize(
    ("level", "index", "path"),
    [
        (0, 1, "tile/0/001"),
        (5, 123456078, "tile/5/x123/x456/078"),
        (0, 3057500, "tile/0/x003/x057/500"),
        (1, 1234067, "tile/1/x001/x234/067"),
    ],
)
def test_the_published_tile_paths_come_out(level: int, index: int, path: str) -> None:
    """golang.org/x/mod, sumdb/tlog/tlog_test.go (BSD-3), without its height; C2SP tlog-tiles."""
    assert Tile(level, index).path == path


@pytest.mark.parametrize("path", ["tile/5/123/456/078", "tile/-1/123/456/078"])
def test_the_published_bad_tile_paths_are_refused(path: str) -> None:
    """golang.org/x/mod, sumdb/tlog/tlog_test.go."""
    with pytest.raises(LedgerError):
        Tile.parse(path)


TREE = "go.sum database tree\n123456789012\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=\n"


def test_the_published_tree_head_is_read_and_written() -> None:
    """golang.org/x/mod, sumdb/tlog/note_test.go: its root is a leaf hash."""
    head = Checkpoint("go.sum database tree", 123456789012, leaf_hash(b"hello world"))
    assert head.text() == TREE
    assert parse_checkpoint(TREE) == head


@pytest.mark.parametrize(
    "text",
    [
        TREE.replace("123456789012", "0xabcdef"),
        TREE.replace("wBb0=", "wBTOOBIG="),
    ],
)
def test_the_published_bad_tree_heads_are_refused(text: str) -> None:
    """golang.org/x/mod, sumdb/tlog/note_test.go."""
    with pytest.raises(LedgerError):
        parse_checkpoint(text)


REQUEST = """old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGz\
Gku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEj\
w6QUXTS5Rovnzv++qbSzm9Q=
"""


def test_the_example_request_of_tlog_witness_is_read_and_written() -> None:
    """C2SP tlog-witness, add-checkpoint, "Example request body"."""
    request = AddCheckpoint.parse(REQUEST.encode())
    assert (request.old_size, len(request.proof)) == (20852014, 4)
    assert parse_checkpoint(parse_note(request.checkpoint).text).size == 20852163
    assert request.encode().decode() == REQUEST


# What a public witness (litewitness of FiloSottile/torchwood, cmd/litewitness/testdata, ISC)
# answers to a log of two heads, which its tests publish with the log's key.
LOG = VerifierKey(
    "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562",
    bytes.fromhex("ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f"),
)
FIRST = f"""{LOG.name}
1
KgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

— {LOG.name} UgIom7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeSPM3wfUQMFSzVnnNuWRTYraj\
XpNUbIQY=
"""
SECOND = f"""{LOG.name}
3
RcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0=

— {LOG.name} UgIom2VbtIcdFbwFAy1n7s6IkAxIY6J/GQOTuZF2ORV39d75cbAj2aQYwyJre36kezNobZs4SUUdrcawfAB8W\
Vrx6go=
"""
WAY = [
    "KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "KgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
]


def head(note: str) -> Checkpoint:
    """A published head, whose signature must hold."""
    return verify_checkpoint(note.encode(), LOG.name, [LOG]).checkpoint


@pytest.mark.parametrize(
    ("old_size", "way", "verdict"),
    [
        (1, WAY, WitnessVerdict.GOES_ON),
        (1, [], WitnessVerdict.UNPROVED),
        (1, [WAY[0], WAY[1].replace("AAA=", "ABA=")], WitnessVerdict.UNPROVED),
        (0, [], WitnessVerdict.OTHER_SIZE),
        (2, WAY, WitnessVerdict.OTHER_SIZE),
    ],
)
def test_our_witness_judges_as_a_public_one(
    old_size: int, way: list[str], verdict: WitnessVerdict
) -> None:
    """200, 422, 422, 409, 409."""
    assert judge(head(FIRST), head(SECOND), old_size, [raw(one) for one in way]) is verdict


def test_our_witness_signs_the_first_head_it_sees_as_a_public_one_does() -> None:
    """200."""
    request = AddCheckpoint.parse(b"old 0\n\n" + FIRST.encode())
    assert judge(None, head(FIRST), request.old_size, request.proof) is WitnessVerdict.GOES_ON


def test_a_published_head_with_a_changed_signature_is_refused() -> None:
    """403."""
    with pytest.raises(LedgerError, match="ledger-signature-invalid"):
        head(SECOND.replace("x6go=", "x6gw="))
