"""The envelope every event travels in: CloudEvents 1.0, structured JSON mode.

Attributes are logged, routed and traced by every component on the way, so they hold no personal
data. The hub writes its own envelope for each recipient and forwards none of the
extension attributes it received.

Source: CloudEvents specification 1.0.2, sections "Context Attributes" and "JSON Event Format".
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AnyUrl,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import to_json

from schemas.errors import Fault, InputRefused

SOURCE_PREFIX = "urn:interagency-hub:agency:"
HUB_SOURCE = "urn:interagency-hub:hub"

_EXTENSION_NAME = re.compile(r"[a-z0-9]{1,20}")
_INT32 = 2**31
_FIRST_YEAR, _LAST_YEAR = 1900, 9998

Extension = (
    bool | Annotated[int, Field(ge=-_INT32, lt=_INT32)] | Annotated[str, Field(max_length=1024)]
)


def _within_reason(moment: dt.datetime) -> dt.datetime:
    """Refuse moments that no clock shows and that cannot be moved to another time zone."""
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        message = f"the year is not between {_FIRST_YEAR} and {_LAST_YEAR}"
        raise ValueError(message)
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_within_reason)]


class Envelope(BaseModel):
    """One CloudEvents 1.0 event: context attributes, extensions, and its data."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    specversion: Literal["1.0"]
    id: Annotated[str, Field(min_length=1, max_length=128, description="Unique within the source")]
    source: Annotated[str, Field(min_length=1, max_length=256, description="URI of the sender")]
    type: Annotated[str, Field(min_length=1, max_length=128, description="Event type and version")]
    time: Moment | None = None
    subject: Annotated[str | None, Field(min_length=1, max_length=128)] = None
    datacontenttype: Annotated[str | None, Field(min_length=1, max_length=128)] = None
    dataschema: AnyUrl | None = None
    data: JsonValue = None
    data_base64: str | None = None
    extensions: dict[str, Extension] = {}

    @model_validator(mode="before")
    @classmethod
    def _gather_extensions(cls, raw: object, info: ValidationInfo) -> object:
        """Collect attributes that CloudEvents calls extensions, refusing names it does not allow.

        On the wire extensions are beside the other attributes: a member of the name
        ``extensions`` is one more of them there, and no way around the check of names.
        """
        if not isinstance(raw, dict) or ("extensions" in raw and info.mode == "python"):
            return raw
        attributes = cls.model_fields.keys() - {"extensions"}
        known = {k: v for k, v in raw.items() if k in attributes}
        extensions = {k: v for k, v in raw.items() if k not in attributes and v is not None}
        if bad := [name for name in extensions if not _EXTENSION_NAME.fullmatch(str(name))]:
            message = f"{len(bad)} attribute name(s) are not lower-case letters and digits"
            raise ValueError(message)
        return {**known, "extensions": extensions}

    @model_validator(mode="after")
    def _one_kind_of_data(self) -> Envelope:
        if self.data is not None and self.data_base64 is not None:
            message = "data and data_base64 exclude each other"
            raise ValueError(message)
        return self

    def to_json(self) -> bytes:
        """Write the structured JSON form, extensions beside the other attributes."""
        flat = self.model_dump(mode="json", exclude_none=True, exclude={"extensions"})
        return to_json({**self.extensions, **flat})


def agency_source(agency: str) -> str:
    """Return the CloudEvents ``source`` of an agency."""
    return SOURCE_PREFIX + agency


def agency_of(source: str) -> str | None:
    """Return the agency a CloudEvents ``source`` names, or None where it names none."""
    return source.removeprefix(SOURCE_PREFIX) if source.startswith(SOURCE_PREFIX) else None


def parse_envelope(body: bytes) -> Envelope:
    """Read a structured-mode CloudEvent from bytes.

    Raises InputRefused with EMPTY_INPUT, WRONG_ENCODING, NOT_JSON or SCHEMA_INVALID; the error
    names the attributes that are wrong, never their values.
    """
    if not body.strip():
        raise InputRefused(Fault.EMPTY_INPUT)
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        raise InputRefused(Fault.WRONG_ENCODING, f"byte {_first_bad_byte(body)}") from None
    try:
        return Envelope.model_validate_json(body)
    except ValidationError as error:
        raise refusal_of(error) from None


def _first_bad_byte(body: bytes) -> int:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return len(body)


def refusal_of(error: ValidationError, prefix: str = "") -> InputRefused:
    """Turn pydantic's error into a refusal that names places only.

    Keys the schema does not know could hold anything a sender typed, so they are not named.
    """
    details = error.errors(include_url=False, include_context=False, include_input=False)
    if any(d["type"] == "json_invalid" for d in details):
        return InputRefused(Fault.NOT_JSON)
    places = sorted({_place(d["loc"], d["type"]) for d in details})
    where = ", ".join(p for p in places[:5] if p)
    missing = all(d["type"] == "missing" for d in details)
    fault = Fault.MISSING_FIELD if missing else Fault.SCHEMA_INVALID
    return InputRefused(fault, f"{prefix}{where}" if where else prefix.rstrip("."))


def _place(location: tuple[str | int, ...], kind: str) -> str:
    known = location[:-1] if kind == "extra_forbidden" else location
    if "[key]" in location:
        known = location[: location.index("[key]") - 1]
    if "extensions" in location:
        known = location[: location.index("extensions") + 1]
    parts = [str(part) for part in known if _is_schema_word(part)]
    if kind == "extra_forbidden":
        parts.append("(a field the schema does not have)")
    return ".".join(parts)


def _is_schema_word(part: str | int) -> bool:
    return isinstance(part, int) or re.fullmatch(r"[a-z_0-9-]{1,40}", part) is not None
