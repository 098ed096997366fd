"""One ledger entry: its moment, its kind and its body, without names or content.

The envelope is the same for every kind, so that anyone can read the ledger with one rule. The
bodies have their own models elsewhere (``hub.journey.entries``); here a body is any JSON object.
``encode`` returns the bytes that are hashed and exported; ``decode`` accepts those bytes and no
other spelling of them.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    field_validator,
)

from hub.ledger.errors import LedgerCode, LedgerError
from schemas.canonical import NotCanonical, canonical

MAX_ENTRY_BYTES = 65_535
"""The longest entry an export can carry: its length is a uint16 in C2SP tlog-tiles bundles."""

_SAFE_INTEGER = 2**53 - 1  # RFC 7493: beyond it a JSON number is not exactly an integer.


Kind = Annotated[str, StringConstraints(pattern=r"^[a-z]+(-[a-z]+)*$", max_length=40)]
"""What an entry records: a word such as ``release``. Each kind has a model elsewhere."""


class LedgerEntry(BaseModel):
    """One ledger entry: version of the envelope, kind, moment and body.

    ``at`` is an aware moment, held in UTC with microseconds; a naive one is refused. ``body`` is a
    JSON object that holds codes, identifiers and commitments, never personal data.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    v: Literal[1] = 1
    kind: Kind
    at: AwareDatetime
    body: dict[str, JsonValue] = Field(default_factory=dict)

    @field_validator("at")
    @classmethod
    def _in_utc(cls, at: datetime) -> datetime:
        return at.astimezone(UTC)


def encode(entry: LedgerEntry) -> bytes:
    """Write an entry as the bytes that are hashed: canonical JSON (RFC 8785), at most 65,535.

    The same entry always gives the same bytes. Raises ``LedgerError``: ``ledger-not-canonical``
    for a body that canonical JSON cannot carry, ``ledger-entry-too-long``.
    """
    envelope: dict[str, JsonValue] = {
        "v": entry.v,
        "kind": entry.kind,
        "at": _rfc3339(entry.at),
        "body": entry.body,
    }
    try:
        data = canonical(envelope)
    except NotCanonical as error:
        raise LedgerError(LedgerCode.NOT_CANONICAL, str(error)) from error
    if len(data) > MAX_ENTRY_BYTES:
        detail = f"an entry has at most {MAX_ENTRY_BYTES} bytes, this one {len(data)}"
        raise LedgerError(LedgerCode.ENTRY_TOO_LONG, detail)
    return data


def decode(data: bytes) -> LedgerEntry:
    """Read an entry back from its bytes.

    Raises ``LedgerError``: ``ledger-entry-too-long``, ``ledger-entry-malformed`` for what is not
    an entry, ``ledger-not-canonical`` for bytes that ``encode`` would not write.
    """
    if len(data) > MAX_ENTRY_BYTES:
        raise LedgerError(
            LedgerCode.ENTRY_TOO_LONG, f"an entry has at most {MAX_ENTRY_BYTES} bytes"
        )
    try:
        value: object = json.loads(data.decode("utf-8"), parse_int=_number)
        entry = LedgerEntry.model_validate(value)
    except (ValueError, OverflowError, RecursionError) as error:
        detail = f"the bytes are not a ledger entry ({type(error).__name__})"
        raise LedgerError(LedgerCode.ENTRY_MALFORMED, detail) from None
    if encode(entry) != data:
        raise LedgerError(LedgerCode.NOT_CANONICAL, "the entry is not written canonically")
    return entry


def _rfc3339(at: datetime) -> str:
    """Spell a UTC moment as ``YYYY-MM-DDTHH:MM:SS.ffffffZ`` (RFC 3339)."""
    return at.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _number(digits: str) -> int | float:
    """Read an integer as JavaScript would: beyond 2**53 it is a double (RFC 8785, appendix B)."""
    whole = int(digits)
    return whole if abs(whole) <= _SAFE_INTEGER else float(whole)
