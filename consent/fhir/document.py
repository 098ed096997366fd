"""Open an imported document: one Consent, or a Bundle with Consents and other resources."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydantic import JsonValue

from consent.fhir.remark import Remark
from schemas.fhir.reading import Node, children, string
from schemas.fhir.references import resolve
from schemas.fhir.resources import parse_json
from schemas.fhir.tracking import TrackedElement

LARGEST = 16 * 1_048_576
_KIND = re.compile(r"[A-Z][A-Za-z]{1,40}")


class NotReadable(Exception):
    """The document cannot be read at all; the remark says why."""

    def __init__(self, sentence: str) -> None:
        self.remark = Remark("document", sentence)
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class ResourceEntry:
    """One resource of the document, its place, and its full URL."""

    place: str
    node: Node
    url: str | None = None

    @property
    def id(self) -> str | None:
        """The logical id of the resource."""
        return string(self.node, "id")

    @property
    def kind(self) -> str:
        """The resource type, empty where it is none."""
        kind = self.node.get("resourceType")
        return kind if isinstance(kind, str) and _KIND.fullmatch(kind) else ""


@dataclass(frozen=True, slots=True)
class FhirDocument:
    """The resources of a document, and remarks on the rest of the Bundle."""

    entries: tuple[ResourceEntry, ...]
    remarks: tuple[Remark, ...] = ()

    def find(self, reference: str, holder: Node) -> Node | None:
        """Resolve a reference, if its target is in the document and unambiguous."""
        if reference.startswith("#"):
            inside = (n for n in children(holder, "contained") if n.get("id") == reference[1:])
            found = list(inside)
            return found[0] if len(found) == 1 else None
        target = resolve(reference, self.entries) if reference else None
        return target.node if target else None


def open_document(data: bytes) -> FhirDocument:
    """Open a document; raises NotReadable, and nothing else, for what is not JSON of FHIR."""
    if len(data) > LARGEST:
        raise NotReadable("The document is larger than 16 MiB.")
    try:
        value = parse_json(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise NotReadable(
            "The document is not JSON in UTF-8, or repeats a name in one object."
        ) from None
    if not isinstance(value, dict):
        raise NotReadable("The document is not a FHIR resource.")
    whole = ResourceEntry("Consent", value)
    if whole.kind == "Bundle":
        return _bundle(value)
    if whole.kind != "Consent":
        raise NotReadable("The document is neither a Consent nor a Bundle.")
    return FhirDocument((whole,))


def _bundle(value: dict[str, JsonValue]) -> FhirDocument:
    bundle = TrackedElement(value, "Bundle")
    if bundle.has("implicitRules"):
        raise NotReadable("The Bundle names rules of its own (implicitRules); they are unknown.")
    bundle.skip("resourceType", "id", "type", "timestamp", "total", "meta", "language")
    entries, remarks = [], []
    for one in bundle.children("entry"):
        url = one.string("fullUrl")
        one.skip("id", "search", "response", "resource")
        request = one.child("request")
        resource = _resource(value, one.place)
        if request is not None and request.string("method") == "DELETE":
            remarks.append(Remark(one.place, "Its source deleted it."))
        elif resource is None:
            remarks.append(Remark(one.place, "It has no resource."))
        else:
            entries.append(ResourceEntry(f"{one.place}.resource", resource, url))
        if request is not None:
            request.skip("method", "url")
    remarks += [Remark(place, "It is not imported.") for place in bundle.unread()]
    return FhirDocument(tuple(entries), tuple(remarks))


def _resource(bundle: dict[str, JsonValue], place: str) -> dict[str, JsonValue] | None:
    number = int(place.rpartition("[")[2].rstrip("]"))
    entries = bundle.get("entry")
    entry = entries[number] if isinstance(entries, list) else None
    resource = entry.get("resource") if isinstance(entry, dict) else None
    return resource if isinstance(resource, dict) else None
