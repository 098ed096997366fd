"""What an agency seals to the hub opens for that account, with the hub's key, and not otherwise."""

from __future__ import annotations

import os

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from hypothesis import given
from hypothesis import strategies as st

from hub.sealing.encoding import MAX_SEALED_BYTES, text
from hub.sealing.hpke import key_id
from hub.sealing.inbound import SEAL, InboundKey, open_inbound, seal_inbound
from schemas.errors import ConfigurationError, Fault, InputRefused

OLD, NEW = InboundKey(bytes(range(32))), InboundKey(bytes(range(1, 33)))
ACCOUNT = "oak-school"
BODY = seal_inbound(NEW.public, ACCOUNT, b"CANARY-EVENT")
DECLARED = {Fault.NOT_SEALED, Fault.SEAL_BROKEN, Fault.TOO_LARGE}


def refusal(
    body: bytes, account: str = ACCOUNT, keys: tuple[InboundKey, ...] = (OLD, NEW)
) -> Fault:
    """Open a message that must be refused, and say with what."""
    with pytest.raises(InputRefused) as refused:
        open_inbound(keys, account, body)
    assert refused.value.fault in DECLARED
    return refused.value.fault


@given(st.binary(max_size=5000), st.sampled_from([OLD, NEW]))
def test_what_is_sealed_to_any_of_the_hubs_keys_opens(plain: bytes, key: InboundKey) -> None:
    """While a key is replaced, messages to the old and to the new one both open."""
    body = seal_inbound(key.public, ACCOUNT, plain)
    assert open_inbound((OLD, NEW), ACCOUNT, body) == plain
    assert (len(body) - 4 - 8 - 32 - 16) % 1024 == 0
    assert body[:12] == b"IHI1" + key_id(key.public)


def test_nothing_of_the_event_can_be_seen() -> None:
    """Neither content nor sender, and two sealings of one event differ."""
    assert b"CANARY" not in BODY
    assert ACCOUNT.encode() not in BODY
    assert seal_inbound(NEW.public, ACCOUNT, b"CANARY-EVENT") != BODY


@pytest.mark.parametrize("account", ["oak-schoo", "oak-schooll", "", "trust-paeds", "\ud800"])
def test_one_account_cannot_pass_on_what_another_sealed(account: str) -> None:
    """The message is bound to the account that publishes it."""
    assert refusal(BODY, account) is Fault.SEAL_BROKEN


@pytest.mark.parametrize("keys", [(), (OLD,)])
def test_without_its_key_it_does_not_open(keys: tuple[InboundKey, ...]) -> None:
    """A key that has been thrown away opens nothing more."""
    assert refusal(BODY, keys=keys) is Fault.SEAL_BROKEN


def test_the_key_named_must_be_the_key_sealed_to() -> None:
    """The name of another key of the hub does not open it."""
    assert refusal(BODY[:4] + OLD.id + BODY[12:]) is Fault.SEAL_BROKEN


def test_no_byte_can_be_another() -> None:
    """Every place, the top bit of enc included, which X25519 itself does not look at."""
    for at in range(len(BODY)):
        for bit in (1, 128):
            refusal(BODY[:at] + bytes([BODY[at] ^ bit]) + BODY[at + 1 :])


def test_no_message_opens_cut_or_prolonged() -> None:
    """Every proper beginning, and whole steps more."""
    for end in range(len(BODY)):
        refusal(BODY[:end])
    for more in (1, 1024):
        assert refusal(BODY + bytes(more)) is Fault.SEAL_BROKEN


@given(st.binary(max_size=1200))
def test_hostile_bytes_are_refused_and_nothing_else(body: bytes) -> None:
    """Alone, behind the magic, and behind a whole beginning."""
    for begun in (body, b"IHI1" + body, BODY[:12] + body, BODY[:44] + body):
        refusal(begun)


@pytest.mark.parametrize("enc", [bytes(32), b"\1" + bytes(31), b"\xff" * 32])
def test_a_point_of_small_order_is_refused(enc: bytes) -> None:
    """RFC 9180, 7.1.4: a shared secret of zeros is an error."""
    assert refusal(BODY[:12] + enc + BODY[44:]) is Fault.SEAL_BROKEN


def test_a_message_of_another_kind_or_of_none_is_refused() -> None:
    """By its magic, and under its magic by its domain."""
    assert refusal(b"IHR1" + BODY[4:]) is Fault.NOT_SEALED
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    info = SEAL.info(NEW.public, ACCOUNT).replace(b"inbound", b"release-reply")
    public = X25519PublicKey.from_public_bytes(NEW.public)
    sealed = suite.encrypt(bytes(1024), public, info=info)
    assert refusal(b"IHI1" + NEW.id + sealed) is Fault.SEAL_BROKEN


def test_only_the_one_padding_is_taken() -> None:
    """A sealer that pads otherwise is refused."""
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    public = X25519PublicKey.from_public_bytes(NEW.public)
    info = SEAL.info(NEW.public, ACCOUNT)
    for plain in (bytes(2048), bytes(1023) + b"\1", b"\xff" * 1024):
        body = b"IHI1" + NEW.id + suite.encrypt(plain, public, info=info)
        assert refusal(body) is Fault.SEAL_BROKEN


def test_what_is_too_large_is_neither_sealed_nor_opened() -> None:
    """16 MiB with everything."""
    assert refusal(BODY + bytes(MAX_SEALED_BYTES)) is Fault.TOO_LARGE
    largest = bytes(MAX_SEALED_BYTES - 2048)
    assert len(seal_inbound(NEW.public, ACCOUNT, largest)) <= MAX_SEALED_BYTES
    with pytest.raises(InputRefused) as refused:
        seal_inbound(NEW.public, ACCOUNT, largest + b"\0")
    assert refused.value.fault is Fault.TOO_LARGE


@pytest.mark.parametrize("public", [b"", bytes(31), bytes(33), bytes(32), b"\1" + bytes(31)])
def test_an_unusable_public_key_is_a_configuration_error(public: bytes) -> None:
    """Of another length, or a point of small order."""
    with pytest.raises(ConfigurationError):
        seal_inbound(public, ACCOUNT, b"")


def test_a_private_key_is_32_bytes_and_never_shown() -> None:
    """Neither by repr nor by the error."""
    key = InboundKey.make(os.urandom)
    assert key != InboundKey.make(os.urandom)
    assert key == InboundKey(key.private)
    assert key.private.hex() not in repr(key)
    assert repr(key.private) not in repr(key)
    with pytest.raises(ConfigurationError):
        InboundKey(bytes(31))


def test_a_text_too_long_for_its_length_is_not_written() -> None:
    """Two bytes of length end at 65,535."""
    assert text("é") == b"\0\2\xc3\xa9"
    assert len(text("x" * 65_535)) == 65_537
    with pytest.raises(ValueError, match="65535"):
        text("x" * 65_536)
