"""FHIR resources as JSON, the small parts they are made of, and remarks on what they cannot say."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from pydantic import JsonValue

from consent.fhir.codes import ABSENT_REASON

Resource = dict[str, JsonValue]
Node = Mapping[str, JsonValue]
_OURS = uuid.UUID("4e0b9d0c-6f0a-5d3c-9a55-2f9d6c1f7b20")


@dataclass(frozen=True, slots=True)
class Remark:
    """What could not be said, or was not taken over: where, and a sentence that says so."""

    place: str
    sentence: str


@dataclass(frozen=True, slots=True)
class FhirIdentifier:
    """An identifier of a child, a person or an organisation: its system and value."""

    system: str
    value: str


class _Model(Protocol):
    @classmethod
    def model_validate(cls, obj: object) -> object:
        """Check a resource given as JSON."""


def fits(resource: Node) -> bool:
    """Whether a resource is one of FHIR R4B, as its ``fhir.resources`` model sees it.

    The library is imported here and not before: it takes a quarter of a second.
    """
    kind = resource.get("resourceType")
    if not isinstance(kind, str) or not kind.isalpha():
        return False
    try:
        module = import_module(f"fhir.resources.R4B.{kind.lower()}")
        model: _Model = getattr(module, kind)
        model.model_validate(dict(resource))
    except Exception:  # noqa: BLE001  the library raises bare KeyErrors and more that quote the input
        return False
    return True


def made_id(*parts: str) -> str:
    """Make the id of a resource from what it is about: the same always gives the same."""
    return str(uuid.uuid5(_OURS, "\n".join(parts)))


def coding(system: str, code: str, display: str = "") -> Resource:
    """Write a Coding."""
    made: Resource = {"system": system, "code": code}
    return made | ({"display": display} if display else {})


def concept(*codings: JsonValue) -> Resource:
    """Write a CodeableConcept of codings that mean the same."""
    return {"coding": list(codings)}


def named(kind: str, system: str, value: str, display: str = "") -> Resource:
    """Write a Reference by identifier, for what has no address."""
    made: Resource = {"type": kind, "identifier": {"system": system, "value": value}}
    return made | ({"display": display} if display else {})


def nobody(kind: str, display: str) -> Resource:
    """Write a Reference that says there is nothing to refer to."""
    absent: Resource = {"url": ABSENT_REASON, "valueCode": "not-applicable"}
    return {"extension": [absent], "type": kind, "display": display}


def moment(at: dt.datetime) -> str:
    """Spell a moment in UTC with six decimals of the second, as FHIR instant and dateTime."""
    plain = at.astimezone(dt.UTC).replace(tzinfo=None)
    return plain.isoformat(timespec="microseconds") + "Z"


def bundle(resources: list[Resource], at: dt.datetime) -> Resource:
    """Put resources into a Bundle, each under the UUID that is its id."""
    entries: list[JsonValue] = [
        {"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources
    ]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": moment(at),
        **({"entry": entries} if entries else {}),
    }


def written(resource: Node) -> bytes:
    """Write a resource as one line of JSON."""
    return json.dumps(resource, ensure_ascii=False, separators=(",", ":")).encode()
