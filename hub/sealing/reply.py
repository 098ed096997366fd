"""Requests for the keys of deliveries, and replies: keys, or reasons for withholding them.

The reply is sealed to the public key that the requesting agency registered, so that keys are never
readable beside the deliveries they open.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    field_validator,
    model_validator,
)

from hub.sealing.block import ENVELOPE, KEY_BYTES
from hub.sealing.hpke import HpkeSeal, OpeningKey
from schemas.envelope import refusal_of

SEAL = HpkeSeal(b"IHR1", b"interagency-hub/release-reply/v1\x00")
MAX_BATCH = 500


def _from_base64(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        message = "not base64"
        raise ValueError(message) from None


def _to_base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


BlockKey = Annotated[
    bytes,
    BeforeValidator(_from_base64),
    PlainSerializer(_to_base64, when_used="json"),
    Field(min_length=KEY_BYTES, max_length=KEY_BYTES),
]
BlockName = Annotated[str, Field(pattern="^[a-z][a-z0-9-]{0,40}$")]
ReasonCode = Annotated[str, Field(pattern="^[a-z][a-z0-9-]{0,63}$")]


class _Message(BaseModel):
    """The base of requests and replies: frozen, no unknown fields, JSON in transit."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def to_json(self) -> bytes:
        """Return the message as JSON in UTF-8."""
        return self.model_dump_json(exclude_none=True).encode()


class ReleaseRequest(_Message):
    """An agency's request for the keys of deliveries; ``request`` is a new id each time."""

    v: Literal[1] = 1
    request: uuid.UUID
    deliveries: Annotated[tuple[uuid.UUID, ...], Field(min_length=1, max_length=MAX_BATCH)]

    @field_validator("deliveries")
    @classmethod
    def _once(cls, asked: tuple[uuid.UUID, ...]) -> tuple[uuid.UUID, ...]:
        """Refuse a delivery that is named twice, which would be recorded as released twice."""
        if len(set(asked)) != len(asked):
            raise ValueError("a delivery is named twice")
        return asked


class DeliveryAnswer(_Message):
    """The answer about one delivery.

    Either ``keys`` has the key of the envelope and of every released section, and ``withheld`` the
    reason for each other section; or nothing is released, and ``code`` is the reason.
    """

    delivery: uuid.UUID
    keys: Annotated[Mapping[BlockName, BlockKey], Field(repr=False)] = {}
    withheld: Mapping[BlockName, ReasonCode] = {}
    code: ReasonCode | None = None

    @model_validator(mode="after")
    def _one_answer(self) -> DeliveryAnswer:
        """Refuse an answer with both keys and a code, or with a section but no envelope."""
        if bool(self.keys) == (self.code is not None):
            raise ValueError("an answer has either keys or a code")
        if self.keys and ENVELOPE not in self.keys:
            raise ValueError("an answer with keys has the key of the envelope")
        if self.keys.keys() & self.withheld.keys():
            raise ValueError("a section is both released and withheld")
        return self


class ReleaseReply(_Message):
    """The hub's answers to one request, with the request's id."""

    v: Literal[1] = 1
    request: uuid.UUID
    answers: Annotated[tuple[DeliveryAnswer, ...], Field(min_length=1, max_length=MAX_BATCH)]

    @field_validator("answers")
    @classmethod
    def _once(cls, given: tuple[DeliveryAnswer, ...]) -> tuple[DeliveryAnswer, ...]:
        """Refuse two answers about one delivery, which would be ambiguous."""
        if len({answer.delivery for answer in given}) != len(given):
            raise ValueError("a delivery is answered twice")
        return given


def read_request(body: bytes) -> ReleaseRequest:
    """Read a release request from its JSON; raises InputRefused."""
    try:
        return ReleaseRequest.model_validate_json(body)
    except ValidationError as error:
        raise refusal_of(error) from None


def seal_reply(public: bytes, recipient: str, reply: ReleaseReply) -> bytes:
    """Seal a reply to the public key that the recipient registered.

    Raises ConfigurationError for an invalid public key, InputRefused (TOO_LARGE).
    """
    return SEAL.seal(public, recipient, reply.to_json())


def open_reply(private: OpeningKey, recipient: str, body: bytes) -> ReleaseReply:
    """Open a reply; raises InputRefused with NOT_SEALED, TOO_LARGE, SEAL_BROKEN or a JSON fault.

    The caller accepts a reply only if ``request`` is the id of an open request of its own.
    """
    plain = SEAL.open((private,), recipient, body)
    try:
        return ReleaseReply.model_validate_json(plain)
    except ValidationError as error:
        raise refusal_of(error) from None
