"""A FHIR Bundle being written: its entries, their ids, and the small parts they are made of."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from pydantic import JsonValue

from adapters.fhir import codes as fc
from adapters.fhir.persons import Body, concept, extended
from schemas.event import RecordStatus, View
from schemas.people import Coding, DocumentRef

_NAMESPACE = uuid.UUID("3b0f2a0c-9c57-5d5e-8a53-0b8c1d2f7e11")


@dataclass(slots=True)
class Draft:
    """A Bundle being written: its resources, each under a ``urn:uuid`` made from the delivery."""

    view: View
    entries: list[JsonValue] = field(default_factory=list)

    def add(self, place: str, body: Body) -> Body:
        """Add a resource and give the reference to it."""
        name = uuid.uuid5(_NAMESPACE, f"{self.view.delivery_id}\n{place}")
        url = f"urn:uuid:{name}"
        whole = pruned({**body, "id": str(name)})
        self.entries.append({"fullUrl": url, "resource": whole})
        return {"reference": url, "type": body["resourceType"]}

    @property
    def retracted(self) -> bool:
        """Whether the record is taken back."""
        return self.view.status is RecordStatus.RETRACTED

    def status(self, otherwise: str | None) -> str | None:
        """The resource's status: in error where it is taken back."""
        return "entered-in-error" if self.retracted else otherwise

    def start(self, kind: str, own: str | None) -> Body:
        """Begin a resource: its type, profile, and the ids it goes by."""
        tag: Body = {"system": fc.RECORD_STATUS, "code": self.view.status.value}
        corrected = self.view.status is RecordStatus.CORRECTED
        ids: list[JsonValue] = []
        if own:
            ids.append({"system": f"{fc.AGENCY}:{self.view.source}", "value": own})
        if self.view.record and self.view.record != own:
            ids.append({"system": fc.RECORD, "value": self.view.record})
        meta: Body = {"profile": [fc.UKCORE + kind], "tag": [tag] if corrected else None}
        return {"resourceType": kind, "meta": meta, "identifier": ids}


def pruned(value: JsonValue) -> JsonValue:
    """Leave out what is empty: FHIR has no empty elements."""
    if isinstance(value, dict):
        kept = {k: pruned(v) for k, v in value.items()}
        return {k: v for k, v in kept.items() if v not in (None, "", [], {})}
    if isinstance(value, list):
        return [v for item in value if (v := pruned(item)) not in (None, "", [], {})]
    return value


def coded_body(coding: Coding | None) -> Body | None:
    """Write a code as a CodeableConcept; a bare text stays one."""
    if coding is None:
        return None
    if coding.system is None and coding.display and coding.display.startswith(coding.code):
        return {"text": coding.display}
    return concept(coding.system, coding.code, coding.display)


def listed(coding: Coding | None) -> list[JsonValue]:
    """Write a code as a list of one CodeableConcept, or none."""
    made = coded_body(coding)
    return [made] if made else []


def attachment_body(document: DocumentRef | None, issued: str | None = None) -> Body:
    """Point at a document, never its bytes; where none may be named, say that it is unknown."""
    if document is None:
        absent = [] if issued else extended(fc.ABSENT, "valueCode", "unknown")
        return {"extension": absent, "creation": issued}
    return {
        "extension": [
            *extended(fc.DOCUMENT, "valueString", document.id),
            *extended(fc.SHA256, "valueString", document.sha256),
        ],
        "contentType": document.media_type,
        "url": document.id if document.id.startswith(("https://", "http://")) else None,
        "title": document.title,
        "creation": issued,
    }
