"""What the hub hands out, read by others: pymerkle for the tree and its proofs, a reader for notes.

Nothing of the hub's own arithmetic is used to check: pymerkle is another implementation of RFC
9162, and the signatures are checked with the ``cryptography`` library from the text of C2SP's
signed-note and tlog-cosignature alone. docs/ledger.md says which other tools were tried.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pymerkle
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hub.evidence.cosigning import request, take
from hub.evidence.export import consistency, export, newest_head, prove
from hub.evidence.witness import sign
from hub.ledger.keys import Algorithm, SignerKey
from tests.events import Child, absent, registered
from tests.hub import hubs

if TYPE_CHECKING:
    from pathlib import Path

    from hub.intake.hub import Hub

WITNESS = SignerKey("trust.example/witness", bytes(range(3, 35)), Algorithm.COSIGNATURE_V1)


@dataclass(frozen=True, slots=True)
class Told:
    """A checkpoint as a stranger reads it."""

    origin: str
    size: int
    root: bytes


def read_note(note: str, key: str) -> Told:
    """Read a signed note and check the line of one key, as C2SP says; raises InvalidSignature."""
    name, key_hash, packed = key.split("+", 2)
    public = base64.b64decode(packed)
    assert hashlib.sha256(name.encode() + b"\n" + public).digest()[:4].hex() == key_hash
    text, _, lines = note.rpartition("\n\n")
    text += "\n"
    for line in lines.splitlines():
        dash, signer, signature = line.split(" ")
        raw = base64.b64decode(signature)
        if (dash, signer, raw[:4].hex()) == ("—", name, key_hash):
            message, value = text, raw[4:]
            if public[0] == 4:
                at = int.from_bytes(value[:8], "big")
                message, value = f"cosignature/v1\ntime {at}\n{text}", value[8:]
            Ed25519PublicKey.from_public_bytes(public[1:]).verify(value, message.encode())
            origin, size, root = text.splitlines()[:3]
            return Told(origin, int(size), base64.b64decode(root))
    raise InvalidSignature


def read_entries(folder: Path, size: int) -> list[bytes]:
    """Read the entry bundles of an export, as tlog-tiles says."""
    found: list[bytes] = []
    for number in range(-(-size // 256)):
        width = min(256, size - 256 * number)
        name = f"{number:03d}" if width == 256 else f"{number:03d}.p/{width}"
        data = (folder / "tile" / "entries" / name).read_bytes()
        while data:
            length = int.from_bytes(data[:2], "big")
            found.append(data[2 : 2 + length])
            data = data[2 + length :]
    return found


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Hub:
    """A hub with a ledger of more than a full tile, under several checkpoints."""
    made = hubs.make_hub(tmp_path_factory.mktemp("hub"))
    for number in range(1, 40):
        hubs.take(made, registered(Child(number)), absent(Child(number)))
    return replace(made, witnesses=(WITNESS.verifier(),))


@pytest.fixture(scope="module")
def folder(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its export."""
    made = tmp_path_factory.mktemp("export")
    export(hub, made)
    return made


@pytest.fixture(scope="module")
def head(folder: Path) -> Told:
    """The signed head of the export, read by a stranger with the key alone."""
    key = (folder / "verifier.pub").read_text().strip()
    return read_note((folder / "checkpoint").read_text(), key)


@pytest.fixture(scope="module")
def tree(folder: Path, head: Told) -> pymerkle.InmemoryTree:
    """The tree that pymerkle builds of the export's entries."""
    made = pymerkle.InmemoryTree(algorithm="sha256")
    for entry in read_entries(folder, head.size):
        made.append_entry(entry)
    return made


def test_the_export_gives_the_root_that_was_signed(
    tree: pymerkle.InmemoryTree, head: Told, hub: Hub
) -> None:
    """Entries, tree and signature, all read by others."""
    assert head.size > 256
    assert (tree.get_size(), tree.get_root()) == (head.size, head.root)
    assert head.origin == hub.signer.name


def test_every_checkpoint_of_before_is_a_root_of_the_same_tree(
    tree: pymerkle.InmemoryTree, hub: Hub
) -> None:
    """The ledger only grew."""
    with hub.reading() as work:
        notes = dict(work.ledger.checkpoints())
    assert len(notes) > 30
    for size, note in notes.items():
        told = read_note(note, str(hub.signer.verifier()))
        assert (told.size, told.root) == (size, tree.get_root(size))


def test_our_inclusion_proofs_hold_for_pymerkle(
    tree: pymerkle.InmemoryTree, head: Told, hub: Hub
) -> None:
    """Each way that we give, checked by it against the leaf it makes itself."""
    for position in range(0, head.size, 7):
        ours = prove(hub, position)
        leaf = tree.hash_buff(ours.entry.encode())
        path = [leaf, *map(base64.b64decode, ours.path)]
        theirs = tree.prove_inclusion(position + 1, head.size)
        proof = pymerkle.InclusionProof(
            algorithm="sha256",
            security=True,
            size=head.size,
            index=position + 1,
            rule=theirs.rule,
            path=path,
        )
        pymerkle.verify_inclusion(leaf, head.root, proof, index=position + 1, size=head.size)


def test_a_changed_step_of_ours_fails_for_pymerkle(
    tree: pymerkle.InmemoryTree, head: Told, hub: Hub
) -> None:
    """It looks at every hash."""
    ours = prove(hub, 5)
    leaf = tree.hash_buff(ours.entry.encode())
    path = [leaf, *map(base64.b64decode, ours.path)]
    path[3] = bytes(32)
    rule = tree.prove_inclusion(6, head.size).rule
    proof = pymerkle.InclusionProof(
        algorithm="sha256", security=True, size=head.size, index=6, rule=rule, path=path
    )
    with pytest.raises(pymerkle.InvalidProof):
        pymerkle.verify_inclusion(leaf, head.root, proof)


def test_our_consistency_proofs_hold_for_pymerkle(
    tree: pymerkle.InmemoryTree, head: Told, hub: Hub
) -> None:
    """From every odd size to the signed one.

    Its proofs have the hashes of RFC 9162 there, but begin with the leaf after the old tree. From
    even sizes it walks another way; those roots are compared above, and in tests/hub/ledger.
    """
    for old in range(1, head.size, 2):
        ours = consistency(hub, old, head.size)
        before = base64.b64decode(ours.old_root)
        first, *rest = [base64.b64decode(one) for one in ours.path]
        path = [first, before, *rest] if old == 1 else [rest[0], first, *rest[1:]]
        theirs = tree.prove_consistency(old, head.size)
        proof = pymerkle.ConsistencyProof(
            algorithm="sha256",
            security=True,
            size=head.size,
            prior_size=old,
            rule=theirs.rule,
            subset=theirs.subset,
            path=path,
        )
        pymerkle.verify_consistency(before, head.root, proof, prior_size=old, later_size=head.size)
        assert read_note(ours.new_checkpoint, str(hub.signer.verifier())) == head


def test_a_cosigned_checkpoint_is_read_by_others(hub: Hub, head: Told, tmp_path: Path) -> None:
    """The log's line and the witness's line, each with its own key."""
    asked = request(hub).request.encode()
    signed = sign(asked, WITNESS, [hub.signer.verifier()], tmp_path, 1_700_000_000)
    assert take(hub, signed.note.encode()).new == 1
    note = newest_head(hub).note
    for key in (hub.signer.verifier(), WITNESS.verifier()):
        assert read_note(note, str(key)) == head


def test_a_note_that_was_changed_is_refused_by_others(folder: Path) -> None:
    """One digit of the size."""
    key = (folder / "verifier.pub").read_text().strip()
    first, size, *rest = (folder / "checkpoint").read_text().split("\n")
    with pytest.raises(InvalidSignature):
        read_note("\n".join([first, str(int(size) + 1), *rest]), key)
