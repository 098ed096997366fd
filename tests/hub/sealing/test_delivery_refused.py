"""What was altered, cut, exchanged or made up is refused, and with the declared error only."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from types import MappingProxyType

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from hub.sealing.block import envelope_data, open_block, seal_block, section_data
from hub.sealing.delivery import open_delivery, open_envelope, read_header
from hub.sealing.encoding import MAX_SEALED_BYTES
from hub.sealing.header import DeliveryHeader
from schemas.errors import Fault, InputRefused
from schemas.sections import Category
from tests.hub.sealing.builders import (
    DELIVERY,
    EVENT,
    KEY,
    OTHER,
    RECIPIENT,
    blocks,
    keys,
    sample,
    sealed,
)

BODY, VIEW = sealed(), sample()
KEYS = keys(VIEW)
HERE = DeliveryHeader(DELIVERY, RECIPIENT)
SCHEMA = VIEW.kind.key
DECLARED = {Fault.NOT_SEALED, Fault.SEAL_BROKEN, Fault.TOO_LARGE}


def refusal(body: bytes, given_keys: dict[str, bytes] | None = None) -> Fault:
    """Open a delivery that must be refused, and say with what."""
    with pytest.raises(InputRefused) as refused:
        open_delivery(body, KEYS if given_keys is None else given_keys)
    assert "CANARY" not in str(refused.value)
    return refused.value.fault


@pytest.mark.parametrize("released", [("envelope",), ("envelope", "sen"), tuple(KEYS)])
def test_no_bit_of_a_delivery_can_be_turned(released: tuple[str, ...]) -> None:
    """Every bit of every byte, withheld sections included."""
    own = {name: KEYS[name] for name in released}
    for at in range(len(BODY)):
        altered = bytearray(BODY)
        for bit in range(8):
            altered[at] = BODY[at] ^ (1 << bit)
            assert refusal(bytes(altered), own) in DECLARED


@given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
def test_no_byte_of_a_delivery_can_be_another(at: int, change: int) -> None:
    """Any place, any other value."""
    altered = BODY[:at] + bytes([BODY[at] ^ change]) + BODY[at + 1 :]
    assert refusal(altered) in DECLARED


def test_no_delivery_opens_cut_anywhere() -> None:
    """Every proper beginning is refused, at the seams of blocks too."""
    for end in range(len(BODY)):
        assert refusal(BODY[:end], {"envelope": KEYS["envelope"]}) in DECLARED


@given(st.binary(min_size=1, max_size=700))
def test_nothing_may_follow_a_delivery(more: bytes) -> None:
    """Bytes behind the last block are refused."""
    assert refusal(BODY + more) is Fault.SEAL_BROKEN


@given(st.binary(max_size=600), st.dictionaries(st.text(max_size=9), st.binary(max_size=40)))
def test_hostile_bytes_are_refused_and_nothing_else(
    body: bytes, given_keys: dict[str, bytes]
) -> None:
    """Alone, behind the magic, behind a header and behind a delivery; with any keys."""
    for begun in (body, b"IHD1" + body, HERE.to_bytes() + body, BODY + b"\0" + body):
        assert refusal(begun, given_keys) in DECLARED
        assert refusal(begun, KEYS) in DECLARED
        with pytest.raises(InputRefused):
            open_envelope(begun, KEYS["envelope"])


@given(st.binary(max_size=80))
def test_a_hostile_header_is_refused_or_read(tail: bytes) -> None:
    """A header is read as it was written, or refused."""
    try:
        header = read_header(b"IHD1\x01" + tail)
    except InputRefused as refused:
        assert refused.fault is Fault.NOT_SEALED  # noqa: PT017  # both outcomes are right
    else:
        assert (b"IHD1\x01" + tail).startswith(header.to_bytes())


def test_what_is_too_large_is_not_read() -> None:
    """Above 16 MiB nothing is read."""
    assert refusal(BODY + bytes(MAX_SEALED_BYTES)) is Fault.TOO_LARGE


def test_more_blocks_than_categories_are_refused() -> None:
    """Ten blocks is the most there can be."""
    block = blocks(BODY)[1]
    assert refusal(HERE.to_bytes() + block * 1000) is Fault.SEAL_BROKEN


@pytest.mark.parametrize("version", [0, 2, 255])
def test_another_version_is_not_opened(version: int) -> None:
    """Neither by its header nor, with the header corrected, by its blocks."""
    body = BODY[:4] + bytes([version]) + BODY[5:]
    assert refusal(body) is Fault.NOT_SEALED


def test_blocks_cannot_be_exchanged_between_deliveries() -> None:
    """Not one, and not all of them under another header, though the delivery key is the same."""
    here, there = blocks(BODY), blocks(sealed(sample(OTHER)))
    for place in range(len(here)):
        mixed = [*here[:place], there[place], *here[place + 1 :]]
        assert refusal(b"".join(mixed)) in DECLARED
        assert refusal(b"".join(mixed), keys(sample(OTHER))) in DECLARED


def test_blocks_cannot_be_exchanged_between_sealings_of_one_delivery() -> None:
    """Same id, recipient, event, keys: an older content is still not put in a newer place."""
    here, there = blocks(BODY), blocks(sealed(sample(given_name="CANARY-OLDER")))
    for place in range(1, len(here)):
        assert refusal(b"".join([*here[:place], there[place], *here[place + 1 :]])) in DECLARED


def test_blocks_cannot_be_exchanged_between_recipients() -> None:
    """One agency's delivery does not open as another's, with either's keys."""
    here, there = blocks(BODY), blocks(sealed(recipient="trust-paedz"))
    for place in range(len(here)):
        mixed = b"".join([*here[:place], there[place], *here[place + 1 :]])
        assert refusal(mixed) in DECLARED
        assert refusal(mixed, keys(VIEW, "trust-paedz")) in DECLARED


@pytest.mark.parametrize("order", [(0, 2, 1, 3), (0, 1, 3, 2), (0, 1, 2), (0, 1, 3), (0, 1, 2, 2)])
def test_blocks_cannot_change_places_or_go_missing(order: tuple[int, ...]) -> None:
    """Order and number are the envelope's."""
    parts = blocks(BODY)
    assert refusal(b"".join(parts[place] for place in order)) is Fault.SEAL_BROKEN


@pytest.mark.parametrize(
    "data",
    [
        section_data(DeliveryHeader(OTHER, RECIPIENT), "sen", SCHEMA, EVENT),
        section_data(DeliveryHeader(DELIVERY, "trust-paedz"), "sen", SCHEMA, EVENT),
        section_data(DeliveryHeader(DELIVERY, RECIPIENT, 2), "sen", SCHEMA, EVENT),
        section_data(HERE, "health", SCHEMA, EVENT),
        section_data(HERE, "sen", SCHEMA.replace("v1", "v2"), EVENT),
        section_data(HERE, "sen", "education.exclusion.v1", EVENT),
        section_data(HERE, "sen", SCHEMA, "event-ref-2"),
        section_data(HERE, "sen", SCHEMA + "e", EVENT[1:]),
        envelope_data(HERE, bytes(32)),
    ],
)
def test_a_section_is_bound_to_each_part_of_what_it_belongs_to(data: bytes) -> None:
    """Under one and the same key it opens as itself only."""
    own = section_data(HERE, "sen", SCHEMA, EVENT)
    block = seal_block(KEYS["sen"], own, b"{}", os.urandom)
    assert open_block(KEYS["sen"], own, block, "sen") == b"{}"
    with pytest.raises(InputRefused) as refused:
        open_block(KEYS["sen"], data, block, "sen")
    assert refused.value.fault is Fault.SEAL_BROKEN


@pytest.mark.parametrize("name", KEYS)
def test_a_key_opens_its_own_block_and_no_other(name: str) -> None:
    """Each key in each other's place."""
    for place in KEYS.keys() - {name}:
        assert refusal(BODY, {**KEYS, place: KEYS[name]}) is Fault.SEAL_BROKEN


@pytest.mark.parametrize(
    "given_keys",
    [
        {},
        {"sen": KEYS["sen"]},
        {**KEYS, "envelope": b""},
        {**KEYS, "envelope": KEYS["envelope"][:16]},
        {**KEYS, "sen": KEYS["sen"] + b"\0"},
        {**KEYS, "health": KEYS["sen"]},
        {**KEYS, "": b""},
    ],
)
def test_missing_short_and_foreign_keys_are_refused(given_keys: dict[str, bytes]) -> None:
    """Without the envelope nothing opens, and a key for no block means a mistake."""
    assert refusal(BODY, given_keys) is Fault.SEAL_BROKEN


def test_a_section_that_should_be_empty_of_blocks_is_refused_with_blocks() -> None:
    """A sealer's own mistake, well authenticated, is still refused: fewer sections than blocks."""
    view = replace(VIEW, sections=MappingProxyType({}))
    lone, section = blocks(sealed(view)), blocks(BODY)[3]
    assert refusal(b"".join([*lone, section]), keys(view)) is Fault.SEAL_BROKEN


def _resealed(content: bytes) -> bytes:
    data = envelope_data(HERE, hashlib.sha256(b"").digest())
    block = seal_block(KEYS["envelope"], data, content, os.urandom)
    return HERE.to_bytes() + len(block).to_bytes(4, "big") + block


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", Fault.NOT_JSON),
        (b"{", Fault.NOT_JSON),
        (b"\xff", Fault.NOT_JSON),
        (b"[" * 100_000, Fault.NOT_JSON),
        (b"{}", Fault.MISSING_FIELD),
        (b"[]", Fault.SCHEMA_INVALID),
        (b'{"more":1}', Fault.SCHEMA_INVALID),
    ],
)
def test_an_authentic_envelope_of_another_shape_is_refused_as_an_event_is(
    content: bytes, fault: Fault
) -> None:
    """The hub's own mistakes come out as refusals too."""
    assert refusal(_resealed(content), {"envelope": KEYS["envelope"]}) is fault


def test_an_authentic_envelope_must_agree_with_the_blocks_and_the_registry() -> None:
    """Sections named twice, missing blocks, an unknown type."""
    whole = blocks(BODY)
    envelope = open_envelope(BODY, KEYS["envelope"])
    alone = {"envelope": KEYS["envelope"]}
    assert len(whole) == 4

    def changed(**new: object) -> bytes:
        return envelope.model_copy(update=new).model_dump_json(exclude_none=True).encode()

    twice = (Category.SEN, Category.SEN)
    assert refusal(_resealed(changed()), alone) is Fault.SEAL_BROKEN
    assert refusal(_resealed(changed(sections=twice)), alone) is Fault.SCHEMA_INVALID
    assert refusal(_resealed(changed(sections=(), type="a.b.v1")), alone) is Fault.UNKNOWN_TYPE
    assert open_delivery(_resealed(changed(sections=())), alone).sections == {}


@pytest.mark.parametrize(
    "padded", [b"", bytes(255), b"\0\0\0\x01a" + b"x" * 251, b"\xff" * 256, bytes(512)]
)
def test_only_the_one_padding_is_taken(padded: bytes) -> None:
    """Other zeros, other steps, lengths beyond the end."""
    block = bytes(12) + AESGCM(KEY).encrypt(bytes(12), padded, b"")
    with pytest.raises(InputRefused) as refused:
        open_block(KEY, b"", block, "sen")
    assert refused.value.fault is Fault.SEAL_BROKEN
