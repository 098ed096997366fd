"""FHIR documents as JSON: parsed strictly, and validated by the ``fhir.resources`` R4B models.

JSON is read as I-JSON (RFC 7493): no duplicate names, no NaN, no number out of range. A model is
imported when it is first needed: the library takes a quarter of a second.
"""

from __future__ import annotations

import json
import math
from importlib import import_module
from typing import Protocol, Self

from pydantic import JsonValue

from schemas.fhir.reading import Node

_DIGITS = 64


class ResourceModel(Protocol):
    """The part of a ``fhir.resources`` model class that the hub uses."""

    @classmethod
    def model_validate(cls, obj: object) -> Self:
        """Validate a resource given as JSON."""

    @classmethod
    def model_validate_xml(cls, xml_data: bytes) -> Self:
        """Validate a resource given as XML."""

    def model_dump(self, *, mode: str) -> dict[str, JsonValue]:
        """Return the resource as JSON."""

    def model_dump_json(self) -> str:
        """Write the resource as JSON text."""

    def model_dump_xml(self) -> bytes:
        """Write the resource as XML text."""


def model_of(kind: str) -> type[ResourceModel]:
    """Import the R4B model of a resource type."""
    module = import_module(f"fhir.resources.R4B.{kind.lower()}")
    model: type[ResourceModel] = getattr(module, kind)
    return model


def is_valid(resource: Node) -> bool:
    """Whether a resource is valid FHIR R4B, as its ``fhir.resources`` model reads it."""
    kind = resource.get("resourceType")
    if not isinstance(kind, str) or not kind.isalpha():
        return False
    try:
        model_of(kind).model_validate(dict(resource))
    except Exception:  # noqa: BLE001  the library raises bare KeyErrors and more that quote the input
        return False
    return True


def parse_json(text: str) -> JsonValue:
    """Parse I-JSON; raises ValueError (json.JSONDecodeError for syntax) or RecursionError."""
    found: JsonValue = json.loads(
        text,
        object_pairs_hook=_unique,
        parse_constant=_refuse_constant,
        parse_float=_finite,
        parse_int=_integer,
    )
    return found


def as_bytes(resource: Node) -> bytes:
    """Write a resource as one line of JSON."""
    return json.dumps(resource, ensure_ascii=False, separators=(",", ":")).encode()


def _unique(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    # Of two values for a name json.loads keeps the last and drops the other without a report.
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name occurs twice in one object")
    return made


def _refuse_constant(_: str) -> JsonValue:
    raise ValueError("not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number out of range")
    return number


def _integer(text: str) -> int:
    if len(text) > _DIGITS:
        raise ValueError("a number out of range")
    return int(text)
