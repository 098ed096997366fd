"""The salted commitment: what it binds, and what it takes to open it."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.ledger.commitment import commit, opens
from hub.ledger.errors import LedgerError

SALTS = st.binary(min_size=32, max_size=32)


def test_a_commitment_is_the_hash_that_the_documentation_describes() -> None:
    """Anyone can recompute it: the prefix, a zero byte, the salt, the payload, SHA-256."""
    salt, payload = bytes(range(32)), b'{"a":1}'
    expected = hashlib.sha256(b"interagency-hub/commitment/v1\x00" + salt + payload).digest()
    assert commit(salt, payload) == expected


@given(SALTS, st.binary())
def test_a_commitment_opens_with_its_salt_and_payload(salt: bytes, payload: bytes) -> None:
    """Whoever has the salt and the payload can show what was sent."""
    assert opens(commit(salt, payload), salt, payload)


@given(SALTS, st.binary(), SALTS, st.binary())
def test_a_commitment_opens_with_nothing_else(
    salt: bytes, payload: bytes, other_salt: bytes, other: bytes
) -> None:
    """Another salt or another payload does not open it."""
    opened = opens(commit(salt, payload), other_salt, other)
    assert opened == ((salt, payload) == (other_salt, other))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_salt_of_another_length_is_refused(length: int) -> None:
    """A fixed length keeps a byte from being moved between salt and payload."""
    with pytest.raises(LedgerError) as caught:
        commit(b"s" * length, b"")
    assert caught.value.code == "ledger-salt-length"
    assert not opens(b"c" * 32, b"s" * length, b"")


def test_a_commitment_of_a_wrong_length_does_not_open() -> None:
    """A cut commitment is answered with no, not with an error."""
    salt = b"s" * 32
    assert not opens(commit(salt, b"x")[:31], salt, b"x")
