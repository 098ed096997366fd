"""The sealed delivery: one recipient's view of one event, each section under a key of its own.

In a queue, on a disk or in a back-up it reveals a delivery id, a recipient and approximate sizes;
the rest needs the keys that the hub sends at release. Each section has its own key, because at
release the hub may send some and withhold others. ``docs/sealed-delivery.md`` specifies the format
to the byte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Annotated

import rfc8785
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    TypeAdapter,
    ValidationError,
    field_validator,
)

from hub.sealing.block import (
    ENVELOPE,
    NONCE_BYTES,
    STEP,
    TAG_BYTES,
    Random,
    block_key,
    envelope_data,
    open_block,
    seal_block,
    section_data,
)
from hub.sealing.encoding import LENGTH_BYTES, MAX_SEALED_BYTES
from hub.sealing.header import DeliveryHeader, read_header
from schemas.envelope import HUB_SOURCE, Envelope, refusal_of
from schemas.errors import Fault, InputRefused
from schemas.event import RecordStatus, View, dump_section, read_view
from schemas.sections import Category
from schemas.sharing import AgencyName

__all__ = [
    "ENVELOPE",
    "DeliveryHeader",
    "SealedEnvelope",
    "block_key",
    "open_delivery",
    "open_envelope",
    "read_header",
    "seal_delivery",
]

MAX_SECTIONS = len(Category)
_Word = Annotated[str, Field(min_length=1, max_length=128)]
_Categories = Annotated[tuple[Category, ...], Field(max_length=MAX_SECTIONS)]
_FIELDS: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])


class SealedEnvelope(BaseModel):
    """The first block: the event, and which sections follow in which order."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    event: _Word
    type: _Word
    source: AgencyName
    child: _Word
    time: AwareDatetime
    record: str | None = None
    status: RecordStatus
    existence: _Categories
    purposes: dict[Category, tuple[str, ...]]
    sections: _Categories

    @field_validator("sections")
    @classmethod
    def _once(cls, given: tuple[Category, ...]) -> tuple[Category, ...]:
        """Refuse a category that is named twice, because both blocks would have the same key."""
        if len(set(given)) != len(given):
            raise ValueError("a category is named twice")
        return given


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of a delivery: header, envelope block, section blocks and their digest."""

    header: DeliveryHeader
    envelope: bytes
    sections: tuple[bytes, ...]
    digest: bytes


def seal_delivery(view: View, event_ref: str, recipient: str, key: bytes, random: Random) -> bytes:
    """Seal a view for its recipient under one random delivery key of 32 bytes.

    1. Seal each section under its own key, bound to the event, its schema and this delivery.
    2. Seal the envelope, bound to this delivery and to the sealed sections.
    3. Put the unencrypted header before them.

    Use a key once: make a new one to seal again. Raises ValueError for a view that cannot be sent
    (already narrowed, a section that is not of the type, a delivery id that is not a UUID), and
    InputRefused (TOO_LARGE) for a view larger than readers accept.
    """
    header, envelope = DeliveryHeader(view.delivery_id, recipient), _envelope_of(view, event_ref)
    # (1) The sections.
    sections = b""
    for name, section in view.sections.items():
        own = block_key(key, view.delivery_id, recipient, name.value)
        data = section_data(header, name.value, view.kind.key, event_ref)
        sections += _encrypted(own, data, dump_section(section), random)
    # (2) The envelope.
    own = block_key(key, view.delivery_id, recipient, ENVELOPE)
    data = envelope_data(header, hashlib.sha256(sections).digest())
    fields = envelope.model_dump(mode="json", exclude_none=True)
    # (3) The whole.
    body = header.to_bytes() + _encrypted(own, data, fields, random) + sections
    if len(body) > MAX_SEALED_BYTES:
        raise InputRefused(Fault.TOO_LARGE)
    return body


def _encrypted(key: bytes, data: bytes, fields: dict[str, JsonValue], random: Random) -> bytes:
    block = seal_block(key, data, rfc8785.dumps(fields), random)
    return len(block).to_bytes(LENGTH_BYTES, "big") + block


def open_envelope(body: bytes, key: bytes) -> SealedEnvelope:
    """Decrypt the envelope block, and check that the sections are those sealed with it.

    Raises InputRefused with NOT_SEALED, TOO_LARGE or SEAL_BROKEN, or with SCHEMA_INVALID or
    MISSING_FIELD for an envelope that does not match the schema.
    """
    return _read_envelope(_split(body), key)


def open_delivery(body: bytes, keys: Mapping[str, bytes]) -> View:
    """Open a delivery with the keys of a release: ``envelope`` and the categories released.

    1. Open the envelope, which authenticates everything after it.
    2. Open each section with a key; name the others in ``withheld``.
    3. Read the result like any delivered event.

    The view has the purposes of released sections only. A key that matches no block is refused.
    Raises InputRefused as ``open_envelope`` and ``read_view`` do.
    """
    parts = _split(body)
    # (1) The envelope.
    envelope = _read_envelope(parts, keys.get(ENVELOPE, b""))
    if not keys.keys() <= {ENVELOPE, *(name.value for name in envelope.sections)}:
        raise InputRefused(Fault.SEAL_BROKEN, "keys")
    # (2) The sections released.
    opened: dict[Category, JsonValue] = {}
    for name, sealed in zip(envelope.sections, parts.sections, strict=True):
        if (key := keys.get(name.value)) is not None:
            data = section_data(parts.header, name.value, envelope.type, envelope.event)
            opened[name] = _fields(open_block(key, data, sealed, name.value), name.value)
    # (3) The view.
    withheld = tuple(name for name in envelope.sections if name not in opened)
    view = read_view(_delivered(parts.header, envelope, opened))
    released = {name: why for name, why in view.purposes.items() if name not in withheld}
    return replace(view, withheld=withheld, purposes=MappingProxyType(released))


def _envelope_of(view: View, event_ref: str) -> SealedEnvelope:
    if view.withheld:
        raise ValueError("a view that was narrowed at release cannot be sealed again")
    if any(type(part) is not view.kind.sections.get(name) for name, part in view.sections.items()):
        raise ValueError("a section is not of the event's type")
    return SealedEnvelope(
        event=event_ref,
        type=view.kind.key,
        source=view.source,
        child=view.child,
        time=view.time,
        record=view.record,
        status=view.status,
        existence=view.existence,
        purposes=dict(view.purposes),
        sections=tuple(view.sections),
    )


def _read_envelope(parts: _Parts, key: bytes) -> SealedEnvelope:
    content = open_block(key, envelope_data(parts.header, parts.digest), parts.envelope, ENVELOPE)
    try:
        envelope = SealedEnvelope.model_validate_json(content)
    except ValidationError as error:
        raise refusal_of(error, f"{ENVELOPE}.") from None
    if len(envelope.sections) != len(parts.sections):
        raise InputRefused(Fault.SEAL_BROKEN, "sections")
    return envelope


def _fields(content: bytes, where: str) -> dict[str, JsonValue]:
    try:
        return _FIELDS.validate_json(content)
    except ValidationError as error:
        raise refusal_of(error, f"{where}.") from None


def _delivered(
    header: DeliveryHeader, envelope: SealedEnvelope, opened: Mapping[Category, JsonValue]
) -> Envelope:
    names = {"source", "record", "status", "existence", "purposes"}
    data = envelope.model_dump(mode="json", include=names)
    return Envelope.model_construct(
        specversion="1.0",
        id=header.delivery,
        source=HUB_SOURCE,
        type=envelope.type,
        subject=envelope.child,
        time=envelope.time,
        data={**data, "sections": {name.value: fields for name, fields in opened.items()}},
    )


def _split(body: bytes) -> _Parts:
    header = read_header(body)
    start = at = len(header.to_bytes())
    blocks: list[bytes] = []
    while at < len(body):
        size = int.from_bytes(body[at : at + LENGTH_BYTES], "big")
        at += LENGTH_BYTES + size
        padded = size - NONCE_BYTES - TAG_BYTES
        if at > len(body) or padded < STEP or padded % STEP or len(blocks) > MAX_SECTIONS:
            raise InputRefused(Fault.SEAL_BROKEN, f"block {len(blocks)}")
        blocks.append(body[at - size : at])
    if not blocks:
        raise InputRefused(Fault.SEAL_BROKEN, "block 0")
    digest = hashlib.sha256(body[start + LENGTH_BYTES + len(blocks[0]) :]).digest()
    return _Parts(header, blocks[0], tuple(blocks[1:]), digest)
