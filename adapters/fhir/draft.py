"""A FHIR Bundle being written: its entries, their ids, and the small parts they are made of."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from pydantic import JsonValue

from adapters.fhir import codes as fc
from schemas.event import RecordStatus, View
from schemas.fhir import systems
from schemas.fhir.building import (
    Resource,
    coded_concept,
    coding,
    entry,
    extensions,
    identifier,
    pruned,
    resource_id,
)
from schemas.fhir.references import URN_UUID
from schemas.people import Coding, DocumentRef

_NAMESPACE = uuid.UUID("3b0f2a0c-9c57-5d5e-8a53-0b8c1d2f7e11")


@dataclass(slots=True)
class Draft:
    """A Bundle being written: its resources, each under a ``urn:uuid`` made from the delivery."""

    view: View
    entries: list[JsonValue] = field(default_factory=list)

    def add(self, place: str, body: Resource) -> Resource:
        """Add a resource and give the reference to it."""
        made = {**body, "id": resource_id(_NAMESPACE, self.view.delivery_id, place)}
        added = pruned(entry(made))
        self.entries.append(added)
        return {"reference": f"{URN_UUID}{made['id']}", "type": body["resourceType"]}

    @property
    def retracted(self) -> bool:
        """Whether the record is taken back."""
        return self.view.status is RecordStatus.RETRACTED

    def status(self, otherwise: str | None) -> str | None:
        """The resource's status: in error where it is taken back."""
        return "entered-in-error" if self.retracted else otherwise

    def start(self, kind: str, own: str | None) -> Resource:
        """Begin a resource: its type, profile, and the ids it goes by."""
        tag: Resource = coding(fc.RECORD_STATUS, self.view.status.value)
        corrected = self.view.status is RecordStatus.CORRECTED
        ids: list[JsonValue] = []
        if own:
            ids.append(identifier(f"{systems.AGENCY}:{self.view.source}", own))
        if self.view.record and self.view.record != own:
            ids.append(identifier(fc.RECORD, self.view.record))
        meta: Resource = {"profile": [fc.UKCORE + kind], "tag": [tag] if corrected else None}
        return {"resourceType": kind, "meta": meta, "identifier": ids}


def listed(coded: Coding | None) -> list[JsonValue]:
    """Write a code as a list of one CodeableConcept, or none."""
    made = coded_concept(coded)
    return [made] if made else []


def attachment_body(document: DocumentRef | None, issued: str | None = None) -> Resource:
    """Refer to a document without its bytes; where none may be named, mark it as unknown."""
    if document is None:
        absent = [] if issued else extensions(systems.ABSENT_REASON, "valueCode", "unknown")
        return {"extension": absent, "creation": issued}
    return {
        "extension": [
            *extensions(fc.DOCUMENT, "valueString", document.id),
            *extensions(fc.SHA256, "valueString", document.sha256),
        ],
        "contentType": document.media_type,
        "url": document.id if document.id.startswith(("https://", "http://")) else None,
        "title": document.title,
        "creation": issued,
    }
