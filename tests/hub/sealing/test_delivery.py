"""What is sealed comes out again, exactly, and only what there is a key for."""

from __future__ import annotations

import os
import uuid
from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.sealing.block import block_key
from hub.sealing.delivery import open_delivery, open_envelope, read_header, seal_delivery
from hub.sealing.header import DeliveryHeader
from schemas.envelope import parse_envelope
from schemas.errors import Fault, InputRefused
from schemas.event import View, read_view, view_envelope
from schemas.people import Contact
from schemas.sections import Category
from tests.hub.sealing.builders import DELIVERY, EVENT, KEY, RECIPIENT, keys, sample, sealed, views


@given(views())
def test_any_view_comes_out_as_it_would_from_its_delivered_event(view: View) -> None:
    """Sealing and opening is the same as writing the delivered CloudEvent and reading it."""
    opened = open_delivery(sealed(view), keys(view))
    assert opened == read_view(parse_envelope(view_envelope(view).to_json()))
    assert opened == view
    assert opened.time.utcoffset() == view.time.utcoffset()
    assert list(opened.sections) == list(view.sections)


@given(views(), st.data())
def test_a_section_without_its_key_is_withheld_and_named(view: View, data: st.DataObject) -> None:
    """With some keys there are some sections; the others are withheld, their purposes untold."""
    released = data.draw(
        st.sets(st.sampled_from(sorted(name.value for name in view.sections) or [""]))
    )
    given_keys = {n: k for n, k in keys(view).items() if n == "envelope" or n in released}
    opened = open_delivery(sealed(view), given_keys)
    assert set(opened.sections) == {n for n in view.sections if n in released}
    assert set(opened.withheld) == set(view.sections) - set(opened.sections)
    assert not set(opened.withheld) & set(opened.purposes)


def test_the_envelope_alone_tells_event_and_order() -> None:
    """With the envelope's key one learns what the delivery is about, and no section's content."""
    view = sample()
    envelope = open_envelope(sealed(view), keys(view)["envelope"])
    assert envelope.event == EVENT
    assert envelope.type == view.kind.key
    assert envelope.sections == (Category.IDENTITY, Category.SEN)
    assert "CANARY-NAME" not in repr(envelope)


def test_the_header_is_read_without_a_key() -> None:
    """Delivery, recipient and version, and nothing else."""
    header = read_header(sealed())
    assert header == DeliveryHeader(DELIVERY, RECIPIENT, 1)
    assert sealed().startswith(header.to_bytes())


def test_nothing_of_the_view_can_be_seen() -> None:
    """The bytes hold no text of the view, not even the type of event."""
    body = sealed()
    words = (b"CANARY", b"canary", b"education", b"safeguarding", b"identity", b"recorded")
    assert not any(word in body for word in (*words, EVENT.encode(), b"envelope", b"2026"))


@given(views())
def test_two_sealings_of_one_view_share_nothing_but_the_header(view: View) -> None:
    """Nonces are random, so equal contents are not seen to be equal."""
    one, two = sealed(view), sealed(view)
    assert len(one) == len(two)
    assert one != two


@given(st.integers(0, 300))
def test_sizes_are_in_steps(length: int) -> None:
    """A block is 28 more than a multiple of 256, whatever it holds."""
    view = replace(sample(), sections=MappingProxyType({}), record="r" * length)
    body = sealed(view)
    size = int.from_bytes(body[34:38], "big")
    assert (size - 28) % 256 == 0
    assert len(body) == 38 + size


def test_every_block_has_a_key_of_its_own() -> None:
    """By block, delivery, recipient and delivery key."""
    changed = [
        block_key(KEY, DELIVERY, RECIPIENT, "sen"),
        block_key(KEY, DELIVERY, RECIPIENT, "envelope"),
        block_key(KEY, str(uuid.UUID(int=1)), RECIPIENT, "sen"),
        block_key(KEY, DELIVERY, "trust-paed", "ssen"),
        block_key(bytes(32), DELIVERY, RECIPIENT, "sen"),
    ]
    assert len(set(changed)) == len(changed)


@pytest.mark.parametrize(
    "view",
    [
        replace(sample(), withheld=(Category.SEN,)),
        replace(sample(), delivery_id="not a uuid"),
        replace(sample(), delivery_id=DELIVERY.upper()),
        replace(sample(), sections=MappingProxyType({Category.SEN: Contact()})),
        replace(sample(), child=""),
        replace(sample(), existence=(Category.SEN,) * 10),
    ],
)
def test_what_no_hub_means_to_send_is_not_sealed(view: View) -> None:
    """A narrowed view, a delivery that is no UUID, a foreign section, no child."""
    with pytest.raises(ValueError, match=r".") as refused:
        sealed(view)
    assert "CANARY" not in str(refused.value)


@pytest.mark.parametrize(("recipient", "key"), [("Trust", KEY), ("a", KEY), (RECIPIENT, KEY[1:])])
def test_a_bad_recipient_or_key_is_not_sealed_with(recipient: str, key: bytes) -> None:
    """Names are agencies' names, keys have 32 bytes."""
    with pytest.raises(ValueError, match="a delivery"):
        seal_delivery(sample(), EVENT, recipient, key, os.urandom)


def test_a_source_of_randomness_that_runs_dry_is_not_sealed_with() -> None:
    """A short nonce would be a weak one."""
    with pytest.raises(ValueError, match="randomness"):
        seal_delivery(sample(), EVENT, RECIPIENT, KEY, lambda size: bytes(size - 1))


def test_a_view_too_large_to_be_read_is_not_sealed() -> None:
    """The reader's limit is the sealer's."""
    purposes = MappingProxyType({Category.SEN: ("x" * 17_000_000,)})
    with pytest.raises(InputRefused) as refused:
        sealed(replace(sample(), purposes=purposes))
    assert refused.value.fault is Fault.TOO_LARGE
