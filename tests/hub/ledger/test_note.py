"""Signed notes: the published example, cosignatures, and what is not a note."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.ledger.errors import LedgerError
from hub.ledger.keys import Algorithm, SignerKey, VerifierKey
from hub.ledger.note import Signature, SignedNote, Verified, cosign, open_note, parse_note, sign

# The keys, text and signatures of the Go note package's own tests.
PETER = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
PETER_SECRET = SignerKey.parse(
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
)
ENOCH = VerifierKey.parse("EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop")
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
PETER_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6"
    "KE6RyyBwJnAM=\n"
)
ENOCH_LINE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33W"
    "Wd1RvMc+QQ=\n"
)
WITNESS = SignerKey("witness.example/w", b"w" * 32, Algorithm.COSIGNATURE_V1)


def note(*lines: str, text: str = TEXT) -> bytes:
    """Put a note together by hand."""
    return (text + "\n" + "".join(lines)).encode()


def code_of(data: bytes, *known: VerifierKey) -> str:
    """Say with which code a note is refused."""
    with pytest.raises(LedgerError) as caught:
        open_note(data, known)
    return caught.value.code


def test_signing_the_published_text_gives_the_published_note() -> None:
    """Ed25519 is deterministic, so every byte must agree with the Go implementation's."""
    assert SignedNote(TEXT, (sign(TEXT, PETER_SECRET),)).encode() == note(PETER_LINE)


def test_the_published_note_opens_with_the_published_key() -> None:
    """The text comes out with the key that vouches for it."""
    opened = open_note(note(PETER_LINE), [PETER])
    assert opened.text == TEXT
    assert opened.verified == (Verified(PETER, None),)
    assert opened.unknown == ()


def test_signatures_of_unknown_keys_are_passed_over() -> None:
    """A second signer does not spoil the note, and is not vouched for."""
    opened = open_note(note(PETER_LINE, ENOCH_LINE), [PETER])
    assert [v.key for v in opened.verified] == [PETER]
    assert [s.name for s in opened.unknown] == ["EnochRoot"]


def test_several_known_keys_are_reported_in_the_order_of_the_note() -> None:
    """Each of them is checked."""
    opened = open_note(note(PETER_LINE, ENOCH_LINE), [ENOCH, PETER])
    assert [v.key for v in opened.verified] == [PETER, ENOCH]


def test_a_key_that_signs_twice_is_reported_once() -> None:
    """Repeating a signature lends it no weight."""
    opened = open_note(note(PETER_LINE, PETER_LINE), [PETER])
    assert opened.verified == (Verified(PETER, None),)


def test_a_note_that_no_known_key_signed_is_refused() -> None:
    """Without a known signature there is nothing to trust."""
    assert code_of(note(ENOCH_LINE), PETER) == "ledger-note-unverified"
    assert code_of(note(PETER_LINE)) == "ledger-note-unverified"


def test_a_bad_signature_by_a_known_key_spoils_the_note() -> None:
    """Even beside a good one by another known key."""
    other = note(PETER_LINE, ENOCH_LINE, text="Another text.\n")
    assert code_of(other, PETER) == "ledger-signature-invalid"
    good = SignedNote(
        TEXT, (sign(TEXT, PETER_SECRET), Signature("EnochRoot", ENOCH.key_hash, b"x" * 64))
    )
    assert code_of(good.encode(), PETER, ENOCH) == "ledger-signature-invalid"


def test_a_signature_that_only_shares_a_name_is_unknown() -> None:
    """Name and hash together name a key; the name alone does not."""
    namesake = SignerKey("PeterNeumann", b"n" * 32)
    both = SignedNote(TEXT, (sign(TEXT, namesake), sign(TEXT, PETER_SECRET))).encode()
    opened = open_note(both, [PETER])
    assert [s.name for s in opened.unknown] == ["PeterNeumann"]


def test_two_known_keys_that_a_line_cannot_tell_apart_are_refused() -> None:
    """A hash has 32 bits; a collision is found, not resolved by chance."""

    class Collided(VerifierKey):
        """A key with another's hash."""

        @property
        def key_hash(self) -> bytes:
            """Claim to be Peter's."""
            return PETER.key_hash

    twin = Collided("PeterNeumann", bytes(32))
    assert code_of(note(PETER_LINE), PETER, twin) == "ledger-key-ambiguous"
    assert open_note(note(PETER_LINE), [PETER, PETER]).verified


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        TEXT.encode(),
        note(),
        note(PETER_LINE[:-1]),
        note(PETER_LINE, text="\x01" + TEXT),
        note(PETER_LINE, text=TEXT.replace("\n", "\r\n")),
        b"\xff" + note(PETER_LINE),
        note(PETER_LINE.replace("PeterNeumann", "Bad Name")),
        note(PETER_LINE.replace("PeterNeumann", "Bad+Name")),
        note(PETER_LINE.replace("PeterNeumann ", "")),
        note(PETER_LINE, "Unexpected line.\n"),
        note(PETER_LINE, "\n"),
        note(PETER_LINE.replace("— ", "- ")),
        note(PETER_LINE.replace("=\n", "\n")),
        note(PETER_LINE.replace("nAM=", "nAN=")),
        note(PETER_LINE.replace("x08", "x0!")),
        note("— PeterNeumann x08goQ==\n".replace("x08goQ==", "x08gow==")),
        note(*[PETER_LINE] * 101),
        note(PETER_LINE, text="x" * 1_000_000 + "\n"),
    ],
)
def test_what_is_not_exactly_a_note_is_refused(data: bytes) -> None:
    """One format, one spelling, bounded in length."""
    assert code_of(data, PETER) == "ledger-note-malformed"


@given(st.binary())
def test_any_bytes_at_all_are_read_or_refused_with_a_code(data: bytes) -> None:
    """Nothing but our own error comes out."""
    with pytest.raises(LedgerError):
        open_note(data, [PETER])


@pytest.mark.parametrize("text", ["", "no newline", "tab\there\n", "\ud800\n"])
def test_text_that_a_note_cannot_hold_is_not_signed(text: str) -> None:
    """What is signed can be read back."""
    with pytest.raises(LedgerError, match="ledger-note-malformed"):
        sign(text, PETER_SECRET)
    with pytest.raises(LedgerError, match="ledger-note-malformed"):
        cosign(text, WITNESS, 0)


def test_a_note_without_a_signature_is_not_written() -> None:
    """Unsigned text is not a note."""
    with pytest.raises(LedgerError, match="ledger-note-malformed"):
        SignedNote(TEXT, ()).encode()


def test_text_may_have_empty_lines() -> None:
    """The last empty line parts text from signatures."""
    text = "a\n\n\nb\n\n"
    data = SignedNote(text, (sign(text, PETER_SECRET),)).encode()
    assert open_note(data, [PETER]).text == text


@given(st.text(), st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=5))
def test_every_note_opens_for_everyone_who_signed_it(text: str, seeds: list[bytes]) -> None:
    """Any text a note can hold, any number of signers."""
    text = "".join(c for c in text if c >= " ") + "\n"
    keys = [SignerKey(f"k{i}.example", seed) for i, seed in enumerate(seeds)]
    data = SignedNote(text, tuple(sign(text, key) for key in keys)).encode()
    assert parse_note(data).encode() == data
    opened = open_note(data, [key.verifier() for key in keys])
    assert [v.key for v in opened.verified] == [key.verifier() for key in keys]


@given(st.integers(0, 2**63 - 1))
def test_a_cosignature_holds_and_says_when_it_was_made(at: int) -> None:
    """The time of a witness is in its signature."""
    data = SignedNote(TEXT, (cosign(TEXT, WITNESS, at),)).encode()
    assert open_note(data, [WITNESS.verifier()]).verified == (Verified(WITNESS.verifier(), at),)


@given(st.integers(0, 4 * 8 + 8 * 8 + 64 * 8 - 1).filter(lambda bit: bit >= 32))
def test_no_bit_of_a_cosignature_can_be_changed(bit: int) -> None:
    """Neither the time nor the signature."""
    line = cosign(TEXT, WITNESS, 1_700_000_000)
    value = bytearray(line.value)
    value[bit // 8 - 4] ^= 1 << bit % 8
    data = SignedNote(TEXT, (Signature(line.name, line.key_hash, bytes(value)),)).encode()
    assert code_of(data, WITNESS.verifier()) == "ledger-signature-invalid"


@pytest.mark.parametrize("length", [1, 7, 8, 63, 71, 73])
def test_a_cosignature_of_a_wrong_length_is_refused(length: int) -> None:
    """Eight bytes of time and sixty-four of signature, no more and no less."""
    value = (cosign(TEXT, WITNESS, 5).value + b"\0")[:length]
    data = SignedNote(TEXT, (Signature(WITNESS.name, WITNESS.verifier().key_hash, value),)).encode()
    assert code_of(data, WITNESS.verifier()) == "ledger-signature-invalid"


def test_a_plain_signature_is_not_a_cosignature_nor_the_reverse() -> None:
    """The type of the key decides what was signed."""
    with pytest.raises(LedgerError, match="ledger-key-malformed"):
        sign(TEXT, WITNESS)
    with pytest.raises(LedgerError, match="ledger-key-malformed"):
        cosign(TEXT, PETER_SECRET, 0)


@pytest.mark.parametrize("at", [-1, 2**63])
def test_a_cosignature_has_a_time_in_range(at: int) -> None:
    """POSIX seconds, up to 2**63 - 1."""
    with pytest.raises(LedgerError, match="ledger-bad-range"):
        cosign(TEXT, WITNESS, at)


def test_a_time_beyond_the_range_is_refused_even_when_signed() -> None:
    """The format forbids it, whoever signs it."""
    at = 2**63
    value = at.to_bytes(8, "big") + WITNESS.sign(f"cosignature/v1\ntime {at}\n{TEXT}".encode())
    line = f"— {WITNESS.name} " + base64.b64encode(WITNESS.verifier().key_hash + value).decode()
    assert code_of(note(line + "\n"), WITNESS.verifier()) == "ledger-signature-invalid"
