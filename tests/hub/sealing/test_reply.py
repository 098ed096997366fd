"""Release requests and replies as values, and the reply sealed to the agency that asked."""

from __future__ import annotations

import base64
import json
import os
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from hub.sealing.hpke import OpeningKey
from hub.sealing.inbound import seal_inbound
from hub.sealing.reply import (
    SEAL,
    DeliveryAnswer,
    ReleaseReply,
    ReleaseRequest,
    open_reply,
    read_request,
    seal_reply,
)
from schemas.errors import ConfigurationError, Fault, InputRefused

KEY = OpeningKey(bytes(range(32)))
NAME = "trust-paeds"
SECRET = bytes(range(7, 39))
ASKED, ONE, TWO = (uuid.UUID(int=number) for number in (1, 2, 3))
REPLY = ReleaseReply(
    request=ASKED,
    answers=(
        DeliveryAnswer(
            delivery=ONE,
            keys={"envelope": SECRET, "sen": SECRET},
            withheld={"identity": "no-consent"},
        ),
        DeliveryAnswer(delivery=TWO, code="no-consent"),
    ),
)

_KEYS = st.binary(min_size=32, max_size=32)
_NAMES = st.sampled_from(["identity", "contact", "sen", "health"])
_GIVEN = st.builds(
    lambda own, keys: {"keys": {**keys, "envelope": own}}, _KEYS, st.dictionaries(_NAMES, _KEYS)
)
_ANSWERS = st.builds(
    lambda delivery, answer: DeliveryAnswer(delivery=delivery, **answer),
    st.uuids(),
    _GIVEN | st.just({"code": "delivery-unknown"}),
)
_REPLIES = st.builds(
    ReleaseReply,
    request=st.uuids(),
    answers=st.lists(_ANSWERS, min_size=1, max_size=20, unique_by=lambda a: a.delivery).map(tuple),
)


def answered(**new: object) -> dict[str, Any]:
    """The JSON of a right answer, with something else in it."""
    right: dict[str, Any] = json.loads(REPLY.answers[0].to_json())
    return {**right, **new}


def sealed(plain: bytes) -> bytes:
    """Seal any content as a reply."""
    return SEAL.seal(KEY.public, NAME, plain)


@given(_REPLIES)
def test_a_reply_comes_out_as_it_was_sealed(reply: ReleaseReply) -> None:
    """For the holder of the key, with the right name."""
    assert open_reply(KEY, NAME, seal_reply(KEY.public, NAME, reply)) == reply


def test_a_full_reply_fits() -> None:
    """Five hundred deliveries with every section released."""
    names = ("envelope", "identity", "contact", "family", "education", "sen", "health", "care")
    keys = dict.fromkeys(names, SECRET)
    answers = tuple(DeliveryAnswer(delivery=uuid.UUID(int=n), keys=keys) for n in range(500))
    reply = ReleaseReply(request=ASKED, answers=answers)
    assert open_reply(KEY, NAME, seal_reply(KEY.public, NAME, reply)) == reply


def test_keys_are_base64_in_the_json_and_never_shown() -> None:
    """Neither in a repr nor in the sealed bytes."""
    written = REPLY.to_json()
    assert base64.b64encode(SECRET) in written
    assert repr(SECRET) not in repr(REPLY)
    body = seal_reply(KEY.public, NAME, REPLY)
    assert body[:12] == b"IHR1" + KEY.id
    for clear in (base64.b64encode(SECRET), SECRET, b"no-consent", b"envelope"):
        assert clear not in body


@pytest.mark.parametrize(
    ("key", "name"), [(OpeningKey(bytes(32)), NAME), (KEY, "trust-paed"), (KEY, "oak-school")]
)
def test_a_reply_opens_for_its_recipient_only(key: OpeningKey, name: str) -> None:
    """Another key, another name."""
    with pytest.raises(InputRefused) as refused:
        open_reply(key, name, seal_reply(KEY.public, NAME, REPLY))
    assert refused.value.fault is Fault.SEAL_BROKEN


def test_an_inbound_message_is_no_reply() -> None:
    """Even one sealed to the same key for the same name, and even under the other's magic."""
    body = seal_inbound(KEY.public, NAME, REPLY.to_json())
    for begun, fault in ((body, Fault.NOT_SEALED), (b"IHR1" + body[4:], Fault.SEAL_BROKEN)):
        with pytest.raises(InputRefused) as refused:
            open_reply(KEY, NAME, begun)
        assert refused.value.fault is fault


@given(st.integers(0, 1083), st.integers(1, 255))
def test_no_byte_of_a_reply_can_be_another(at: int, change: int) -> None:
    """Any place, any other value."""
    body = seal_reply(KEY.public, NAME, REPLY)
    assert len(body) == 1084
    with pytest.raises(InputRefused):
        open_reply(KEY, NAME, body[:at] + bytes([body[at] ^ change]) + body[at + 1 :])


def test_an_unusable_registered_key_is_a_configuration_error() -> None:
    """A reply is not sealed to a point of small order."""
    with pytest.raises(ConfigurationError):
        seal_reply(bytes(32), NAME, REPLY)


@pytest.mark.parametrize(
    "answer",
    [
        answered(code="no-consent"),
        answered(keys={}),
        answered(keys={"sen": base64.b64encode(SECRET).decode()}),
        answered(withheld={"sen": "no-consent"}),
        answered(keys={"envelope": base64.b64encode(SECRET[1:]).decode()}),
        answered(keys={"envelope": base64.b64encode(SECRET).decode() + "\n"}),
        answered(keys={"envelope": "CANARY-é"}),
        answered(keys={"envelope": 32}),
        answered(withheld={"identity": "No consent, says CANARY"}),
        answered(withheld={"CANARY Name": "no-consent"}),
        answered(delivery="CANARY"),
        answered(more=1),
        [],
    ],
)
def test_an_answer_of_another_shape_is_refused(answer: object) -> None:
    """Keys and code, a section both ways, keys without envelope, bad base64, other members."""
    plain = json.dumps({"v": 1, "request": str(ASKED), "answers": [answer]}).encode()
    with pytest.raises(InputRefused) as refused:
        open_reply(KEY, NAME, sealed(plain))
    assert refused.value.fault is Fault.SCHEMA_INVALID
    assert "CANARY" not in str(refused.value)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_hostile_contents_are_refused_and_nothing_else(plain: bytes) -> None:
    """In a reply and in a request; the depth of the nesting does not matter either."""
    for content in (plain, b"[" * 50_000, b'{"v":' * 5_000):
        with pytest.raises(InputRefused):
            open_reply(KEY, NAME, sealed(content))
        with pytest.raises(InputRefused):
            read_request(content)


def test_a_reply_answers_each_delivery_once() -> None:
    """Two answers about one delivery, or none about any, are no reply."""
    with pytest.raises(ValidationError):
        ReleaseReply(request=ASKED, answers=(REPLY.answers[0], REPLY.answers[0]))
    with pytest.raises(ValidationError):
        ReleaseReply(request=ASKED, answers=())


def test_an_error_never_shows_a_key() -> None:
    """Not even where a reply is built wrongly."""
    with pytest.raises(ValidationError) as refused:
        DeliveryAnswer(delivery=ONE, keys={"envelope": b"CANARY-KEY"})
    assert "CANARY" not in str(refused.value)


@given(st.lists(st.uuids(), min_size=1, max_size=500, unique=True))
def test_a_request_comes_out_as_it_was_written(asked: list[uuid.UUID]) -> None:
    """From one delivery to five hundred."""
    request = ReleaseRequest(request=uuid.UUID(bytes=os.urandom(16)), deliveries=tuple(asked))
    assert read_request(request.to_json()) == request


@pytest.mark.parametrize(
    "deliveries", [[], [str(ONE), str(ONE)], [str(uuid.UUID(int=n)) for n in range(501)], ["x"]]
)
def test_a_request_for_none_too_many_or_twice_the_same_is_refused(deliveries: list[str]) -> None:
    """1 to 500 deliveries, each once."""
    plain = json.dumps({"v": 1, "request": str(ASKED), "deliveries": deliveries})
    with pytest.raises(InputRefused) as refused:
        read_request(plain.encode())
    assert refused.value.fault is Fault.SCHEMA_INVALID


def test_another_version_of_a_request_is_refused() -> None:
    """What is not understood is not answered."""
    plain = json.dumps({"v": 2, "request": str(ASKED), "deliveries": [str(ONE)]})
    with pytest.raises(InputRefused):
        read_request(plain.encode())
