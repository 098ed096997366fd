"""The Merkle tree: published vectors, the recursive definition, and hostile proofs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.ledger.errors import LedgerError
from hub.ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    NodeId,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)
from tests.merkle import root_of

MOST = 70

# The reference entries and roots that implementations of RFC 6962 have shared since 2013.
ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    bytes.fromhex(text)
    for text in (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
]
REFERENCE = {
    name: bytes.fromhex(text)
    for name, text in {
        "0": "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "1": "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "01": "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "23": "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "4": "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "6": "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        "45": "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "67": "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "0-3": "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4-7": "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    }.items()
}

LEAVES = [leaf_hash(f"entry {i}".encode()) for i in range(MOST)]


class Rows:
    """A store of nodes in memory that counts how often it is read."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        """Keep every complete subtree over ``leaves``."""
        self.nodes = {(n.level, n.index): n.hash for n in Frontier().extend(leaves)[1]}
        self.reads = 0

    def __call__(self, names: Sequence[NodeId]) -> Mapping[NodeId, bytes]:
        """Answer one query."""
        self.reads += 1
        return {name: self.nodes[name] for name in names if name in self.nodes}


def recursive_root(leaves: Sequence[bytes]) -> bytes:
    """Follow the definition of RFC 6962, 2.1, to the letter."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else EMPTY_ROOT
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(recursive_root(leaves[:split]), recursive_root(leaves[split:]))


def flipped(data: bytes, bit: int) -> bytes:
    """Give ``data`` with one bit changed."""
    changed = bytearray(data)
    changed[bit // 8 % len(data)] ^= 1 << bit % 8
    return bytes(changed)


ROWS = Rows(LEAVES)
SIZES = st.integers(1, MOST)


@pytest.mark.parametrize("size", range(9))
def test_the_reference_roots_come_out(size: int) -> None:
    """The well-known eight entries have their well-known roots at every size."""
    assert root_of(leaf_hash(entry) for entry in ENTRIES[:size]) == ROOTS[size]


@pytest.mark.parametrize(
    ("index", "size", "names"),
    [
        (0, 8, ["1", "23", "4-7"]),
        (5, 8, ["4", "67", "0-3"]),
        (2, 3, ["01"]),
        (1, 5, ["0", "23", "4"]),
    ],
)
def test_the_reference_audit_paths_come_out(index: int, size: int, names: list[str]) -> None:
    """Published inclusion proofs of the eight entries are reproduced."""
    rows = Rows([leaf_hash(entry) for entry in ENTRIES])
    assert inclusion_path(index, size, rows) == tuple(REFERENCE[name] for name in names)


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        (1, 1, []),
        (1, 8, ["1", "23", "4-7"]),
        (6, 8, ["45", "67", "0-3"]),
        (2, 5, ["23", "4"]),
        (6, 7, ["45", "6", "0-3"]),
    ],
)
def test_the_reference_consistency_paths_come_out(old: int, new: int, names: list[str]) -> None:
    """Published consistency proofs of the eight entries are reproduced."""
    rows = Rows([leaf_hash(entry) for entry in ENTRIES])
    path = consistency_path(old, new, rows)
    assert path == tuple(REFERENCE[name] for name in names)
    assert verify_consistency(old, ROOTS[old], new, ROOTS[new], path)


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=MOST), st.integers(0, MOST))
def test_appending_in_any_portions_gives_the_root_of_the_definition(
    leaves: list[bytes], cut: int
) -> None:
    """One by one, in batches or all at once: the root is that of RFC 6962."""
    singly = Frontier()
    for leaf in leaves:
        singly, _ = singly.append(leaf)
    first, nodes = Frontier().extend(leaves[:cut])
    batch, more = first.extend(leaves[cut:])
    assert singly == batch
    assert batch.root() == recursive_root(leaves)
    assert nodes + more == Frontier().extend(leaves)[1]


@given(st.integers(0, MOST))
def test_every_completed_subtree_is_given_once_and_is_the_root_over_its_leaves(size: int) -> None:
    """The rows a store keeps are exactly the complete subtrees."""
    nodes = Frontier().extend(LEAVES[:size])[1]
    complete = {(lv, i) for lv in range(8) for i in range(size >> lv)}
    assert {(n.level, n.index) for n in nodes} == complete
    assert len(nodes) == len(complete)
    for node in nodes:
        start, width = node.index << node.level, 1 << node.level
        assert node.hash == recursive_root(LEAVES[start : start + width])


@pytest.mark.parametrize("size", range(MOST + 1))
def test_a_frontier_is_taken_up_again_from_the_store(size: int) -> None:
    """What a process left off at, the next one goes on from."""
    assert Frontier.load(size, ROWS) == Frontier().extend(LEAVES[:size])[0]


@pytest.mark.parametrize("size", range(1, MOST + 1))
def test_every_inclusion_proof_of_every_leaf_verifies(size: int) -> None:
    """All leaves of all trees up to seventy can be proved, each with one read."""
    root = root_of(LEAVES[:size])
    for index in range(size):
        before = ROWS.reads
        path = inclusion_path(index, size, ROWS)
        assert ROWS.reads - before == (1 if path else 0)
        assert verify_inclusion(LEAVES[index], index, size, path, root)


@pytest.mark.parametrize("size", range(1, MOST + 1))
def test_every_consistency_proof_verifies(size: int) -> None:
    """All earlier trees are shown to be the beginning of this one."""
    root = root_of(LEAVES[:size])
    for old in range(size + 1):
        path = consistency_path(old, size, ROWS)
        assert verify_consistency(old, root_of(LEAVES[:old]), size, root, path)


@given(st.data(), SIZES)
def test_no_inclusion_proof_survives_a_changed_bit(data: st.DataObject, size: int) -> None:
    """One bit in the leaf, the root or any step is enough."""
    index = data.draw(st.integers(0, size - 1))
    parts = [LEAVES[index], root_of(LEAVES[:size]), *inclusion_path(index, size, ROWS)]
    which = data.draw(st.integers(0, len(parts) - 1))
    parts[which] = flipped(parts[which], data.draw(st.integers(0, 255)))
    leaf, root, *path = parts
    assert not verify_inclusion(leaf, index, size, path, root)


@given(st.data(), SIZES)
def test_no_inclusion_proof_holds_for_another_place(data: st.DataObject, size: int) -> None:
    """A proof is of one index; at any other it fails."""
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(-3, 2 * MOST).filter(lambda i: i != index))
    path = inclusion_path(index, size, ROWS)
    assert not verify_inclusion(LEAVES[index], other, size, path, root_of(LEAVES[:size]))


@given(st.data(), SIZES)
def test_no_consistency_proof_survives_a_changed_bit(data: st.DataObject, size: int) -> None:
    """One bit in either root or any step is enough."""
    old = data.draw(st.integers(0, size))
    parts = [root_of(LEAVES[:old]), root_of(LEAVES[:size]), *consistency_path(old, size, ROWS)]
    allowed = [i for i in range(len(parts)) if old or i != 1]  # nothing binds the empty tree
    which = data.draw(st.sampled_from(allowed))
    parts[which] = flipped(parts[which], data.draw(st.integers(0, 255)))
    old_root, root, *path = parts
    assert not verify_consistency(old, old_root, size, root, path)


@given(st.data(), SIZES)
def test_a_proof_with_a_step_too_many_or_too_few_fails(data: st.DataObject, size: int) -> None:
    """Nothing can be added to a proof or taken from it."""
    index, root = data.draw(st.integers(0, size - 1)), root_of(LEAVES[:size])
    path = list(inclusion_path(index, size, ROWS))
    grown = list(path)
    grown.insert(data.draw(st.integers(0, len(path))), data.draw(st.sampled_from([root, *LEAVES])))
    assert not verify_inclusion(LEAVES[index], index, size, grown, root)
    old = data.draw(st.integers(1, size))
    old_root, steps = root_of(LEAVES[:old]), list(consistency_path(old, size, ROWS))
    assert not verify_consistency(old, old_root, size, root, [*steps, root])
    if path:
        assert not verify_inclusion(LEAVES[index], index, size, path[:-1], root)
    if steps:
        assert not verify_consistency(old, old_root, size, root, steps[:-1])


HOSTILE_INT = st.integers(-(2**70), 2**70) | st.integers(-2, 9)
HOSTILE_HASH = st.sampled_from([EMPTY_ROOT, b"", b"\0" * 31, b"\0" * 33, *ROOTS]) | st.binary()


@given(HOSTILE_INT, HOSTILE_INT, HOSTILE_HASH, HOSTILE_HASH, st.lists(HOSTILE_HASH, max_size=70))
def test_verifiers_answer_whatever_they_are_given(
    a: int, b: int, left: bytes, right: bytes, path: list[bytes]
) -> None:
    """Wrong lengths, negative and enormous sizes are answered, not raised."""
    assert verify_inclusion(left, a, b, path, right) in {True, False}
    assert verify_consistency(a, left, b, right, path) in {True, False}


def test_enormous_sizes_and_endless_paths_are_refused_at_once() -> None:
    """A verifier looks at no more than any real proof has."""
    path = [EMPTY_ROOT] * 65
    assert not verify_inclusion(EMPTY_ROOT, 0, 2**62, path, EMPTY_ROOT)
    assert not verify_inclusion(EMPTY_ROOT, 0, 1 << 10_000, [], EMPTY_ROOT)
    assert not verify_consistency(1, EMPTY_ROOT, 1 << 10_000, EMPTY_ROOT, [EMPTY_ROOT])


def test_the_empty_tree_is_the_beginning_of_every_tree_but_only_with_its_own_root() -> None:
    """Size 0 goes with the hash of nothing and with an empty proof."""
    assert verify_consistency(0, EMPTY_ROOT, 8, ROOTS[8], [])
    assert verify_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])
    assert not verify_consistency(0, ROOTS[1], 8, ROOTS[8], [])
    assert not verify_consistency(0, ROOTS[1], 0, ROOTS[1], [])
    assert not verify_consistency(0, EMPTY_ROOT, 8, ROOTS[8], [ROOTS[1]])


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0), (0, -1)])
def test_no_path_is_made_to_a_leaf_that_is_not_there(index: int, size: int) -> None:
    """Out of range is a coded error."""
    with pytest.raises(LedgerError) as caught:
        inclusion_path(index, size, ROWS)
    assert caught.value.code == "ledger-bad-range"


@pytest.mark.parametrize(("old", "new"), [(-1, 3), (4, 3)])
def test_no_path_is_made_back_in_time(old: int, new: int) -> None:
    """A tree does not shrink."""
    with pytest.raises(LedgerError) as caught:
        consistency_path(old, new, ROWS)
    assert caught.value.code == "ledger-bad-range"


def test_a_store_that_lacks_a_node_is_found_out() -> None:
    """A gap in the rows is a coded error, never a wrong proof."""
    with pytest.raises(LedgerError) as caught:
        inclusion_path(0, 8, lambda _: {})
    assert caught.value.code == "ledger-node-missing"


def test_a_store_that_holds_a_cut_hash_is_found_out() -> None:
    """A hash of a wrong length is a coded error."""
    with pytest.raises(LedgerError) as caught:
        Frontier.load(5, lambda names: dict.fromkeys(names, b"short"))
    assert caught.value.code == "ledger-bad-hash"


@pytest.mark.parametrize(
    ("size", "hashes", "code"),
    [(-1, (), "ledger-bad-range"), (3, (EMPTY_ROOT,), "ledger-bad-hash")],
)
def test_a_frontier_that_does_not_fit_its_size_is_refused(
    size: int, hashes: tuple[bytes, ...], code: str
) -> None:
    """There is one hash for each 1 in the binary form of the size."""
    with pytest.raises(LedgerError) as caught:
        Frontier(size, hashes)
    assert caught.value.code == code


def test_a_leaf_hash_of_a_wrong_length_is_refused() -> None:
    """An entry handed over in place of its hash is noticed."""
    with pytest.raises(LedgerError) as caught:
        Frontier().append(b"an entry, not a hash")
    assert caught.value.code == "ledger-bad-hash"
