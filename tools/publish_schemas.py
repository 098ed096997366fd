"""The published contract: one JSON Schema for every event type, and one for what is delivered.

The documents in schemas/published/ are made from the same models the hub reads with, so that a
supplier can check events without Python. Within a version a schema may only grow: this file
refuses to write a document that would turn away what the committed one accepts.

    python -m tools.publish_schemas            write the documents; refuses what is not additive
    python -m tools.publish_schemas --check    list what differs; exit 1 if any

A document's ``$id`` is a URN. It names the document and does not locate it: ``interagency-hub`` is
not a namespace registered with IANA, and nothing is served under it. ``handling`` is a keyword of
our own, an annotation: ``locates`` and ``never`` as in schemas/sections.py. A document is a little
more patient than the hub: it does not know that the hub trims the spaces around a text.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from schemas.envelope import HUB_SOURCE, SOURCE_PREFIX, Envelope
from schemas.event import EventData, RecordStatus, ViewData
from schemas.event_type import EventType
from schemas.identifiers import Assurance
from schemas.registry import EVENT_TYPES
from schemas.sections import Category, Section
from tools.schema_growth import REF, Schema, breaking_changes

FOLDER = Path(__file__).parents[1] / "schemas" / "published"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
ID_PREFIX = "urn:interagency-hub:schema:"
DELIVERED_VIEW = "delivered-view.v1"

__all__ = ["Schema", "breaking_changes", "documents", "event_schema", "main", "view_schema"]

_NUMBERS = ("nhs_number", "upn", "la_child_id", "local_id", "uln")
_GIVEN: Schema = {"not": {"type": "null"}}


def documents() -> dict[str, Schema]:
    """Make every document, by the name it is published under."""
    made = {key: event_schema(kind) for key, kind in EVENT_TYPES.items()}
    return {**made, DELIVERED_VIEW: view_schema()}


def event_schema(kind: EventType) -> Schema:
    """Make the document of one event type: what an agency may send, and must."""
    definitions = _definitions(Envelope, EventData, *kind.sections.values())
    sections: dict[str, Schema] = {c.value: _refer(m) for c, m in kind.sections.items()}
    sections[Category.IDENTITY.value] |= _names_a_child()
    data = definitions[EventData.__name__]
    data["description"] = "What happened, in sections of one category of personal data each"
    data["properties"]["sections"] = _closed(sections, required=[Category.IDENTITY.value])
    data["if"] = _takes_back()
    data["else"] = {"properties": {"sections": _needs(kind)}}
    attributes: Schema = {
        "source": {"type": "string", "pattern": f"^{SOURCE_PREFIX}[a-z][a-z0-9-]{{1,40}}$"},
        "type": {"const": kind.key},
    }
    return _document(kind.key, kind.title, attributes, EventData, definitions)


def view_schema() -> Schema:
    """Make the document of what a recipient gets, whatever the type of event."""
    models: dict[Category, dict[str, type[Section]]] = {}
    for kind in EVENT_TYPES.values():
        for category, model in kind.sections.items():
            models.setdefault(category, {})[model.__name__] = model
    every = [model for named in models.values() for model in named.values()]
    definitions = _definitions(Envelope, ViewData, *every)
    sections: dict[str, Schema] = {
        category.value: {"anyOf": [_refer(named[name]) for name in sorted(named)]}
        for category, named in models.items()
    }
    definitions[ViewData.__name__]["properties"]["sections"] = _closed(sections)
    attributes: Schema = {
        "source": {"const": HUB_SOURCE},
        "type": {"enum": sorted(EVENT_TYPES)},
        "subject": {
            "type": "string",
            "minLength": 1,
            "maxLength": 128,
            "description": "The recipient's own pseudonym for the child",
        },
    }
    title = "What one recipient gets of an event"
    return _document(DELIVERED_VIEW, title, attributes, ViewData, definitions)


def _definitions(*models: type[BaseModel]) -> dict[str, Schema]:
    _, made = models_json_schema([(m, "validation") for m in models], ref_template=REF + "{model}")
    definitions: dict[str, Schema] = made["$defs"]
    return definitions


def _refer(model: type[BaseModel]) -> Schema:
    return {"$ref": REF + model.__name__}


def _closed(properties: dict[str, Schema], required: Sequence[str] = ()) -> Schema:
    closed: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**closed, "required": list(required)} if required else closed


def _needs(kind: EventType) -> Schema:
    """Require the sections and fields that a sender must give."""
    wanted: dict[str, Schema] = {
        category.value: {
            "required": sorted(fields),
            "properties": dict.fromkeys(sorted(fields), _GIVEN),
        }
        for category, fields in kind.required.items()
        if fields
    }
    return {"required": sorted(c.value for c in kind.required), "properties": wanted}


def _takes_back() -> Schema:
    """Recognise a retraction: it needs no more than the child and the record it takes back."""
    return {
        "properties": {
            "status": {"const": RecordStatus.RETRACTED.value},
            "record": {"type": "string", "minLength": 1},
        },
        "required": ["status", "record"],
    }


def _names_a_child() -> Schema:
    """Ask for a usable identifier, or a family name with a day of birth."""
    usable = [a.value for a in Assurance if a is not Assurance.SUSPECT]
    number: Schema = {"type": "object", "properties": {"assurance": {"enum": usable}}}
    text: Schema = {"type": "string"}
    born: list[Schema] = [
        {
            "properties": {"family_name": text, day: text},
            "required": ["family_name", day],
        }
        for day in ("birth_date", "expected_birth_date")
    ]
    numbers: list[Schema] = [{"properties": {n: number}, "required": [n]} for n in _NUMBERS]
    return {"anyOf": [*numbers, *born]}


def _document(
    name: str,
    title: str,
    attributes: Schema,
    data: type[BaseModel],
    definitions: dict[str, Schema],
) -> Schema:
    """Build the schema of the envelope with its data; other attributes are extensions."""
    envelope = definitions[Envelope.__name__]["properties"]
    extension = envelope.pop("extensions")["additionalProperties"]
    del envelope["data_base64"]
    envelope |= {"time": {"type": "string", "format": "date-time"}, "data": _refer(data)}
    envelope |= attributes
    required = ["specversion", "id", "source", "type", "time", "data"]
    body: Schema = {
        "type": "object",
        "properties": envelope,
        "required": required + [n for n in ("subject",) if n in attributes],
        "propertyNames": {"pattern": "^[a-z0-9]{1,20}$"},
        "additionalProperties": {"anyOf": [*extension["anyOf"], {"type": "null"}]},
    }
    head: Schema = {"$schema": DIALECT, "$id": ID_PREFIX + name, "title": title}
    return {**head, **body, "$defs": _used(body, definitions)}


def _used(body: Schema, definitions: dict[str, Schema]) -> dict[str, Schema]:
    """Return the definitions that a document refers to, in order of name."""
    names: set[str] = set()
    waiting = list(_references(body))
    while waiting:
        name = waiting.pop()
        if name not in names:
            names.add(name)
            waiting += _references(definitions[name])
    return {name: definitions[name] for name in sorted(names)}


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(reference := value.get("$ref"), str):
            yield reference.removeprefix(REF)
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def render(document: Schema) -> str:
    """Write a document as it is committed."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def committed(folder: Path = FOLDER) -> dict[str, str]:
    """Read the documents of a folder, by name."""
    found = (p for p in sorted(folder.glob("*.json")) if p.stem != "asyncapi")
    return {p.stem: p.read_text(encoding="utf-8") for p in found}


def drift(before: dict[str, str], now: dict[str, Schema]) -> list[str]:
    """List the committed documents that are missing, left over, or different when made again."""
    missing = [f"{name}: not written yet" for name in now if name not in before]
    left = [f"{name}: no such event type" for name in before if name not in now]
    other = [f"{n}: differs" for n, d in now.items() if n in before and before[n] != render(d)]
    return [*missing, *left, *other]


def refusals(before: dict[str, str], now: dict[str, Schema]) -> list[str]:
    """List the changes that would break users of the committed documents."""
    gone = [f"{name}: the type is gone" for name in before if name not in now]
    broken = [
        f"{name}: {change}"
        for name, text in before.items()
        if name in now
        for change in breaking_changes(json.loads(text), now[name])
    ]
    return [*gone, *broken]


def main(arguments: Sequence[str], folder: Path = FOLDER) -> int:
    """Check or write the documents; 0 when all is well, 1 on drift or a refused change."""
    before, now = committed(folder), documents()
    if "--check" in arguments:
        problems = drift(before, now)
    else:
        problems = refusals(before, now)
        if not problems:
            folder.mkdir(exist_ok=True)
            for name, document in now.items():
                (folder / f"{name}.json").write_text(render(document), encoding="utf-8")
    sys.stdout.writelines(f"{problem}\n" for problem in problems)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
