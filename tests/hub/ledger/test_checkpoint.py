"""Checkpoints: published ones, our own, and what is not one."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.ledger.checkpoint import (
    Checkpoint,
    Cosignature,
    cosign_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
    verify_checkpoint,
)
from hub.ledger.errors import LedgerError
from hub.ledger.keys import Algorithm, SignerKey, VerifierKey
from hub.ledger.merkle import EMPTY_ROOT

ORIGIN = "hub.example/ledger"
LOG = SignerKey(ORIGIN, b"l" * 32)
NEXT = SignerKey(ORIGIN, b"n" * 32)
WITNESS = SignerKey("witness.example/w", b"w" * 32, Algorithm.COSIGNATURE_V1)
HEAD = Checkpoint(ORIGIN, 7, hashlib.sha256(b"root").digest())

# A checkpoint that Sigstore's public log published, with the cosignature of a public witness.
REKOR = """log2025-1.rekor.sigstore.dev
139911860
EliTHtnx44DhEBH+5qIXBtQsSpc54Avam7mIYEvxnTA=

— log2025-1.rekor.sigstore.dev zxGZFcOra4Y7QpuiQen+CmnUvDZbxSXfBOXJzL+HKIeR9aC58QTfao58ABqkhVyB\
hQDseS+TZdDNpcnZhoRxkh7IbQ0=
— witness.stagemole.eu Z/euoAAAAABqxF18wrJCADsJ1G5Lc2JaRjZqqBwjpNqH24yQse4iJ4rKS6b5MtvHP+IbKYXwaWu\
WokdGA+BubLFi+TrwK7xpKr6XBw==
"""
REKOR_ORIGIN = "log2025-1.rekor.sigstore.dev"
REKOR_KEY = VerifierKey(
    REKOR_ORIGIN, base64.b64decode("t8rlp1knGwjfbcXAYPYAkn0XiLz1x8O4t0YkEhie244=")
)
STAGEMOLE = VerifierKey.parse(
    "witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv"
)


def code_of(data: bytes, *keys: VerifierKey, origin: str = ORIGIN) -> str:
    """Say with which code a signed checkpoint is refused."""
    with pytest.raises(LedgerError) as caught:
        verify_checkpoint(data, origin, keys)
    return caught.value.code


def test_a_real_checkpoint_of_a_public_log_verifies_with_its_witness() -> None:
    """Key hash, signature and cosignature agree with what others run in public."""
    assert REKOR_KEY.key_hash.hex() == "cf119915"
    signed = verify_checkpoint(REKOR.encode(), REKOR_ORIGIN, [REKOR_KEY, STAGEMOLE])
    assert signed.checkpoint.size == 139911860
    assert signed.checkpoint.extensions == ()
    assert signed.cosignatures == (Cosignature("witness.stagemole.eu", 0x6AC45D7C),)


def test_the_example_of_the_specification_is_read() -> None:
    """Origin, size and root of tlog-checkpoint's own example."""
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    head = parse_checkpoint(text)
    assert (head.origin, head.size) == ("example.com/behind-the-sofa", 20852163)
    assert head.text() == text


def test_our_own_checkpoint_verifies_and_says_nothing_of_witnesses() -> None:
    """The log's signature alone is enough."""
    signed = verify_checkpoint(sign_checkpoint(HEAD, LOG), ORIGIN, [LOG.verifier()])
    assert signed.checkpoint == HEAD
    assert signed.cosignatures == ()


def test_a_cosigned_checkpoint_names_the_witness_and_the_time() -> None:
    """A witness adds its line and changes nothing else."""
    data = cosign_checkpoint(sign_checkpoint(HEAD, LOG), WITNESS, 1_700_000_000)
    assert data.startswith(sign_checkpoint(HEAD, LOG))
    signed = verify_checkpoint(data, ORIGIN, [LOG.verifier(), WITNESS.verifier()])
    assert signed.cosignatures == (Cosignature("witness.example/w", 1_700_000_000),)


def test_a_change_of_key_is_bridged_by_two_signatures() -> None:
    """Whoever knows the old key or the new one can check."""
    data = sign_checkpoint(HEAD, LOG, NEXT)
    for key in (LOG, NEXT):
        assert verify_checkpoint(data, ORIGIN, [key.verifier()]).checkpoint == HEAD


def test_a_witness_cannot_stand_in_for_the_log() -> None:
    """A cosignature is no signature of the log, whatever the witness is called."""
    data = cosign_checkpoint(sign_checkpoint(HEAD, LOG), WITNESS, 5)
    assert code_of(data, WITNESS.verifier()) == "ledger-note-unverified"
    posing = SignerKey(ORIGIN, b"w" * 32, Algorithm.COSIGNATURE_V1)
    data = cosign_checkpoint(sign_checkpoint(HEAD, LOG), posing, 5)
    assert code_of(data, posing.verifier()) == "ledger-note-unverified"


def test_the_checkpoint_of_another_log_is_refused() -> None:
    """Its signature may hold, but it speaks of another ledger."""
    other = Checkpoint("other.example/ledger", 7, HEAD.root)
    key = SignerKey(other.origin, b"l" * 32)
    data = sign_checkpoint(other, key)
    assert code_of(data, key.verifier(), LOG.verifier()) == "ledger-origin-mismatch"
    with pytest.raises(LedgerError, match="ledger-origin-mismatch"):
        sign_checkpoint(other, LOG)


def test_an_altered_checkpoint_is_refused() -> None:
    """Another size under the same signature does not hold."""
    data = sign_checkpoint(HEAD, LOG).replace(b"\n7\n", b"\n8\n")
    assert code_of(data, LOG.verifier()) == "ledger-signature-invalid"


def test_a_checkpoint_is_not_signed_without_a_key() -> None:
    """A note has at least one signature."""
    with pytest.raises(LedgerError, match="ledger-note-malformed"):
        sign_checkpoint(HEAD)


ROOT = base64.b64encode(HEAD.root).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "o\n7\n",
        f"o\n7\n{ROOT}",
        f"\n7\n{ROOT}\n",
        f"o\n07\n{ROOT}\n",
        f"o\n-7\n{ROOT}\n",
        f"o\n+7\n{ROOT}\n",
        f"o\n7.0\n{ROOT}\n",
        f"o\n\u0667\n{ROOT}\n",
        f"o\n\u00b2\n{ROOT}\n",
        f"o\n{2**63}\n{ROOT}\n",
        "o\n" + "9" * 5000 + f"\n{ROOT}\n",
        f"o\n0\n{ROOT}\n",
        f"o\n7\n{ROOT[:-1]}\n",
        "o\n7\nAAAA\n",
        "o\n7\n\u00e9\n",
        f"o\n7\n{ROOT[:-2]}" + chr(ord(ROOT[-2]) + 1) + "=\n",
        f"o\n7\n{ROOT}\n\n",
        f"o\n7\n{ROOT}\next\n\nmore\n",
    ],
)
def test_what_is_not_exactly_a_checkpoint_is_refused(text: str) -> None:
    """One spelling of each line, none empty, and a root of 32 bytes."""
    with pytest.raises(LedgerError) as caught:
        parse_checkpoint(text)
    assert caught.value.code == "ledger-checkpoint-malformed"


def test_the_head_of_an_empty_ledger_has_the_empty_root() -> None:
    """A ledger can be checked from before its first entry."""
    head = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    assert (
        verify_checkpoint(sign_checkpoint(head, LOG), ORIGIN, [LOG.verifier()]).checkpoint == head
    )


@given(
    st.integers(1, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
    st.lists(st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), min_size=1)),
)
def test_every_checkpoint_reads_back_as_it_was_written(
    size: int, root: bytes, extensions: list[str]
) -> None:
    """Extension lines of other logs are kept."""
    head = Checkpoint(ORIGIN, size, root, tuple(extensions))
    assert parse_checkpoint(head.text()) == head
    assert (
        verify_checkpoint(sign_checkpoint(head, LOG), ORIGIN, [LOG.verifier()]).checkpoint == head
    )


@given(st.text())
def test_any_text_at_all_is_read_or_refused_with_a_code(text: str) -> None:
    """Nothing but our own error comes out."""
    with pytest.raises(LedgerError):
        parse_checkpoint(text)
