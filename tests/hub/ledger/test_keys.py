"""Keys in their one-line form: the published example, manglings, and secrecy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.ledger.errors import LedgerError
from hub.ledger.keys import Algorithm, SignerKey, VerifierKey, is_key_name

# The example key of the Go note package (golang.org/x/mod/sumdb/note).
PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SIGNER = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
SEEDS = st.binary(min_size=32, max_size=32)


def test_the_published_verifier_key_is_read_and_written() -> None:
    """Name, hash and key are where the format says."""
    key = VerifierKey.parse(PUBLIC)
    assert key.name == "PeterNeumann"
    assert key.key_hash.hex() == "c74f20a3"
    assert key.algorithm is Algorithm.ED25519
    assert str(key) == PUBLIC


def test_the_published_secret_key_belongs_to_the_published_verifier_key() -> None:
    """The public half is derived, and the secret is spelled as Go tools spell it."""
    key = SignerKey.parse(SIGNER)
    assert str(key.verifier()) == PUBLIC
    assert key.reveal() == SIGNER


def test_a_secret_is_not_shown_by_accident() -> None:
    """Neither repr nor str of a signer key has the seed in it."""
    key = SignerKey.parse(SIGNER)
    assert repr(key.seed) not in repr(key)
    assert SIGNER not in f"{key!r} {key!s}"


@pytest.mark.parametrize("text", [PUBLIC, SIGNER], ids=["public", "secret"])
def test_no_part_of_a_key_passes_for_a_key(text: str) -> None:
    """A key that was cut at either end is refused."""
    parse = SignerKey.parse if text is SIGNER else VerifierKey.parse
    for start in range(len(text)):
        for end in {start + 1, start + 5, len(text) - 1, len(text)}:
            if (start, end) != (0, len(text)):
                with pytest.raises(LedgerError, match="ledger-key-malformed"):
                    parse(text[start:end])


@pytest.mark.parametrize("text", [PUBLIC, SIGNER], ids=["public", "secret"])
def test_no_mistyped_key_passes_for_a_key(text: str) -> None:
    """The hash in a key finds every changed character."""
    parse = SignerKey.parse if text is SIGNER else VerifierKey.parse
    for at, letter in enumerate(text):
        with pytest.raises(LedgerError, match="ledger-key-malformed"):
            parse(text[:at] + chr(ord(letter) + 1) + text[at + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
    ids=["long", "unknown-type", "capitals"],
)
def test_a_well_formed_key_of_no_known_kind_is_refused(text: str) -> None:
    """A wrong length, an unknown type and another spelling of the hash are not keys."""
    with pytest.raises(LedgerError):
        VerifierKey.parse(text)


@given(SEEDS, st.sampled_from(Algorithm))
def test_every_key_reads_back_as_it_was_written(seed: bytes, algorithm: Algorithm) -> None:
    """Both forms are exact."""
    key = SignerKey("hub.example/ledger", seed, algorithm)
    assert SignerKey.parse(key.reveal()) == key
    assert VerifierKey.parse(str(key.verifier())) == key.verifier()


def test_one_key_in_two_roles_has_two_hashes() -> None:
    """The signature type is part of the hash, so a log's signature is never a witness's."""
    seed = bytes(32)
    log = SignerKey("a.example", seed).verifier()
    witness = SignerKey("a.example", seed, Algorithm.COSIGNATURE_V1).verifier()
    assert log.key_hash != witness.key_hash


@pytest.mark.parametrize("name", ["", "two words", "a+b", "a\u00a0b", "a\tb", "a\nb", "\ud800"])
def test_a_name_that_a_note_cannot_hold_is_refused(name: str) -> None:
    """Spaces of any kind, plus signs and broken Unicode do not make a name."""
    assert not is_key_name(name)
    with pytest.raises(LedgerError):
        VerifierKey(name, bytes(32))
    with pytest.raises(LedgerError):
        SignerKey(name, bytes(32))
