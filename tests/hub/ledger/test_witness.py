"""The witness's arithmetic: requests, what is signed and what is not, and what convicts."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.ledger.checkpoint import Checkpoint, sign_checkpoint
from hub.ledger.errors import LedgerError
from hub.ledger.keys import SignerKey
from hub.ledger.merkle import Frontier, NodeId, consistency_path, leaf_hash
from hub.ledger.witness import AddCheckpoint, Fork, WitnessVerdict, judge
from tests.merkle import root_of

LOG = SignerKey("hub.example/ledger", b"l" * 32)
MOST = 40
HONEST = [leaf_hash(f"entry {i}".encode()) for i in range(MOST)]


def forked(at: int) -> list[bytes]:
    """The same ledger with another past from one entry on."""
    return HONEST[:at] + [leaf_hash(f"other {i}".encode()) for i in range(at, MOST)]


def head(leaves: Sequence[bytes], size: int) -> Checkpoint:
    """The head of the first entries."""
    return Checkpoint(LOG.name, size, root_of(leaves[:size]))


def signed(leaves: Sequence[bytes], size: int) -> bytes:
    """The head, as the log signs it."""
    return sign_checkpoint(head(leaves, size), LOG)


def way(leaves: Sequence[bytes], old: int, new: int) -> tuple[bytes, ...]:
    """The consistency proof between two sizes."""
    nodes = {(n.level, n.index): n.hash for n in Frontier().extend(leaves)[1]}

    def read(names: Sequence[NodeId]) -> dict[NodeId, bytes]:
        return {name: nodes[name] for name in names}

    return consistency_path(old, new, read)


@given(st.integers(0, MOST), st.integers(0, MOST))
def test_a_ledger_that_only_grew_is_signed(one: int, other: int) -> None:
    """From any size to any later one, and again at the same."""
    old, new = sorted((one, other))
    kept = head(HONEST, old) if old else None
    assert judge(kept, head(HONEST, new), old, way(HONEST, old, new)) is WitnessVerdict.GOES_ON


@given(st.integers(2, MOST - 1), st.data())
def test_another_past_is_never_signed(size: int, data: st.DataObject) -> None:
    """Wherever the two pasts part, and whatever proof is given."""
    at, new = data.draw(st.integers(0, size - 1)), data.draw(st.integers(size, MOST))
    false, proof = forked(at), data.draw(st.sampled_from([forked(at), HONEST]))
    verdict = judge(head(HONEST, size), head(false, new), size, way(proof, size, new))
    assert verdict in {WitnessVerdict.FORK, WitnessVerdict.UNPROVED}


@given(st.integers(2, MOST - 1), st.data())
def test_the_proof_of_another_past_convicts(size: int, data: st.DataObject) -> None:
    """Where the proof names the earlier root; with a power of two it takes it for granted."""
    at, new = data.draw(st.integers(0, size - 1)), data.draw(st.integers(size + 1, MOST))
    proof = way(forked(at), size, new)
    power = not size & (size - 1)
    verdict = judge(head(HONEST, size), head(forked(at), new), size, proof)
    assert verdict is (WitnessVerdict.UNPROVED if power else WitnessVerdict.FORK)
    fork = Fork(signed(HONEST, size), signed(forked(at), new), proof)
    assert fork.convicts(LOG.verifier()) is not power


def test_two_heads_of_one_size_convict_by_themselves() -> None:
    """No proof is needed."""
    fork = Fork(signed(HONEST, 16), signed(forked(3), 16))
    assert fork.convicts(LOG.verifier())
    assert judge(head(HONEST, 16), head(forked(3), 16), 16, ()) is WitnessVerdict.FORK


@given(st.integers(1, MOST), st.integers(1, MOST), st.booleans())
def test_an_honest_log_is_never_convicted(one: int, other: int, with_proof: bool) -> None:
    """Not by any two of its own heads."""
    old, new = sorted((one, other))
    proof = way(HONEST, old, new) if with_proof else ()
    assert not Fork(signed(HONEST, old), signed(HONEST, new), proof).convicts(LOG.verifier())


def test_what_the_log_did_not_sign_does_not_convict_it() -> None:
    """A witness cannot make a fork up."""
    other = SignerKey(LOG.name, b"x" * 32)
    invented = sign_checkpoint(head(forked(3), 16), other)
    assert not Fork(signed(HONEST, 16), invented).convicts(LOG.verifier())
    assert not Fork(b"no note", signed(HONEST, 16)).convicts(LOG.verifier())


def test_a_smaller_ledger_is_not_signed() -> None:
    """It may be an older copy; that alone is no second past."""
    kept = head(HONEST, 20)
    assert judge(kept, head(HONEST, 12), 12, ()) is WitnessVerdict.SMALLER
    assert judge(kept, head(HONEST, 12), 20, ()) is WitnessVerdict.SMALLER


def test_a_proof_from_another_size_is_not_looked_at() -> None:
    """The witness says which size it signed, and is asked again."""
    kept, new = head(HONEST, 20), head(HONEST, 30)
    assert judge(kept, new, 12, way(HONEST, 12, 30)) is WitnessVerdict.OTHER_SIZE
    assert judge(kept, new, 0, ()) is WitnessVerdict.OTHER_SIZE
    assert judge(None, new, 20, way(HONEST, 20, 30)) is WitnessVerdict.OTHER_SIZE


def test_a_proof_from_nothing_is_empty() -> None:
    """Hashes that prove nothing are refused."""
    assert judge(None, head(HONEST, 5), 0, (b"x" * 32,)) is WitnessVerdict.UNPROVED


@given(st.integers(0, 2**63 - 1), st.lists(st.binary(min_size=32, max_size=32), max_size=63))
def test_every_request_reads_back_as_it_was_written(old: int, proof: list[bytes]) -> None:
    """One spelling, both ways."""
    request = AddCheckpoint(old, tuple(proof), signed(HONEST, 7))
    assert AddCheckpoint.parse(request.encode()) == request


NOTE = signed(HONEST, 7).decode()
HASH = "A" * 43 + "="


@pytest.mark.parametrize(
    "text",
    [
        "",
        NOTE,
        f"old 3\n{HASH}\n{NOTE}",
        f"old 03\n{HASH}\n\n{NOTE}",
        f"old -3\n{HASH}\n\n{NOTE}",
        f"old +3\n{HASH}\n\n{NOTE}",
        f"old 3 \n{HASH}\n\n{NOTE}",
        f"old {2**63}\n\n{NOTE}",
        "old " + "9" * 5000 + f"\n\n{NOTE}",
        f"Old 3\n\n{NOTE}",
        f"3\n\n{NOTE}",
        f"old \u0663\n\n{NOTE}",
        f"old 3\nAAAA\n\n{NOTE}",
        f"old 3\n{HASH[:-2]}B=\n\n{NOTE}",
        f"old 3\r\n{HASH}\r\n\r\n{NOTE}",
        "old 3\n" + f"{HASH}\n" * 64 + f"\n{NOTE}",
        "old 3\n\n",
        "old 3\n\nno note\n",
        "old 3\n\nno checkpoint\n\n— a AAAAAAAA\n",
    ],
)
def test_what_is_not_exactly_a_request_is_refused(text: str) -> None:
    """With a code, and nothing is signed."""
    with pytest.raises(LedgerError):
        AddCheckpoint.parse(text.encode())


@given(st.binary())
def test_any_bytes_at_all_are_refused_with_a_code(data: bytes) -> None:
    """Nothing but our own error comes out."""
    with pytest.raises(LedgerError):
        AddCheckpoint.parse(data)
