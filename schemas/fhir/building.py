"""Build FHIR resources: codes, identifiers, references, extensions, and a Bundle of resources."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from schemas.fhir.moments import instant
from schemas.fhir.references import URN_UUID
from schemas.fhir.systems import ABSENT_REASON, AGENCY
from schemas.people import Coding

Resource = dict[str, JsonValue]


def resource_id(namespace: uuid.UUID, *parts: str) -> str:
    """Derive a resource's id from what it is about: the same parts always give the same id."""
    return str(uuid.uuid5(namespace, "\n".join(parts)))


def coding(system: str | None, code: str, display: str | None = None) -> Resource:
    """Build a Coding."""
    made: Resource = {"system": system} if system else {}
    return {**made, "code": code, **({"display": display} if display else {})}


def concept(*codings: JsonValue) -> Resource:
    """Build a CodeableConcept of codings that mean the same."""
    return {"coding": list(codings)}


def coded_concept(coded: Coding | None) -> Resource | None:
    """Build a CodeableConcept of one code, or of text where the code only repeats its display."""
    if coded is None:
        return None
    if coded.system is None and coded.display and coded.display.startswith(coded.code):
        return {"text": coded.display}
    return concept(coding(coded.system, coded.code, coded.display))


def identifier(system: str, value: str) -> Resource:
    """Build an Identifier."""
    return {"system": system, "value": value}


def reference(kind: str, system: str, value: str, display: str = "") -> Resource:
    """Build a Reference by identifier, to what has no address."""
    made: Resource = {"type": kind, "identifier": identifier(system, value)}
    return made | ({"display": display} if display else {})


def absent_reference(kind: str, display: str) -> Resource:
    """Build a Reference that states there is nothing to refer to."""
    return {
        "extension": extensions(ABSENT_REASON, "valueCode", "not-applicable"),
        "type": kind,
        "display": display,
    }


def extensions(url: str, kind: str, value: JsonValue) -> list[JsonValue]:
    """Build a list of one extension, or an empty list where there is no value."""
    return [] if value is None else [{"url": url, kind: value}]


def pruned(value: JsonValue) -> JsonValue:
    """Remove empty elements, which FHIR does not allow."""
    if isinstance(value, dict):
        kept = {k: pruned(v) for k, v in value.items()}
        return {k: v for k, v in kept.items() if v not in (None, "", [], {})}
    if isinstance(value, list):
        return [v for item in value if (v := pruned(item)) not in (None, "", [], {})]
    return value


def entry(resource: Resource) -> Resource:
    """Build a Bundle entry whose full URL is the resource's id, a UUID."""
    return {"fullUrl": f"{URN_UUID}{resource['id']}", "resource": resource}


def collection(resources: Iterable[Resource], at: dt.datetime) -> Resource:
    """Build a Bundle of type collection."""
    entries: list[JsonValue] = [entry(one) for one in resources]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": instant(at),
        **({"entry": entries} if entries else {}),
    }


@dataclass(frozen=True, slots=True)
class AgencyTitles:
    """The titles of agencies by name, for references to them; an unknown agency has no title."""

    by_name: Mapping[str, str] = field(default_factory=dict)

    def reference(self, name: str) -> Resource:
        """Build a Reference to an agency."""
        return reference("Organization", AGENCY, name, self.by_name.get(name, ""))
