"""The catalogue of event types, docs/reference/events.md, written from the registry and the models.

For each type: its law, its sections and fields with meaning and example, the fields a sender must
give, whether it introduces a child, and examples of an event, its correction and its retraction.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import get_args, get_origin

from pydantic import BaseModel, JsonValue

from schemas.event import EventData, RecordStatus
from schemas.event_type import EventType, Involvement
from schemas.examples import example_event, field_example
from schemas.fields import About, Whereabouts, note_of
from schemas.people import Contact, Family, Identity
from schemas.registry import EVENT_TYPES
from schemas.sections import Category, Section
from schemas.sharing import Override

SECTORS = {
    "education": "Schools",
    "ehc": "Education, health and care plans",
    "health": "NHS",
    "care": "Children's social care",
    "consent": "Directives about sharing",
}
_SHARED: tuple[type[Section], ...] = (Identity, Contact, Family)
_PLAIN = {dt.date: "date", dt.datetime: "date and time with offset", bool: "true or false"}
_ABOUT = (
    "An event is a CloudEvent in structured JSON; its `type` is the name below, its `data` is made "
    "of sections, each of one category of personal data. A sender gives the fields marked "
    "**required**; a recipient gets the fields that its agreement allows. The JSON Schemas are in "
    "[schemas/published](../../schemas/published), the bus is described by "
    "[asyncapi.json](../../schemas/published/asyncapi.json). People and places in the examples do "
    "not exist."
)
_CHANGES = (
    "An event about the same `record` with status `corrected` replaces what was sent before: it "
    "holds the required fields and all fields that are still true. An event with status "
    "`retracted` takes the record back: it needs the `record` and an identity, and nothing else. "
    "Both go to every agency that received the earlier event. (The examples of corrections below "
    "are cut to the required fields.)"
)
_MARKS = (
    "*About* is who a field may be about, which matters when a person asks for a copy. "
    "*Whereabouts* is whether it can tell where the child is, and whether it is withheld for that."
)


def page() -> str:
    """Write the whole page."""
    parts = ["# Event types", "<!-- Written by 'python -m tools.reference'. Do not edit. -->"]
    parts += [_ABOUT, *_contents(), "## Every event", _table_of(EventData, frozenset())]
    parts += ["### Corrections and retractions", _CHANGES]
    parts += ["### Marks of a field", _MARKS, *_legend()]
    parts.append("## Sections of every type")
    for model in _SHARED:
        parts += [f"### {_heading(model)}", _first_line(model), _table_of(model, frozenset())]
    parts.append("Every event needs a usable identifier, or a family name with a date of birth.")
    for sector, title in SECTORS.items():
        parts.append(f"## {title}")
        for kind in EVENT_TYPES.values():
            if kind.sector == sector:
                parts += _type(kind)
    parts += ["## Values inside fields", *_values()]
    return "\n\n".join(parts) + "\n"


def examples(kind: EventType) -> dict[RecordStatus, str]:
    """Write the example envelopes of a type: recorded, corrected and retracted."""
    return {
        status: json.dumps(
            json.loads(example_event(kind, status).to_json()), indent=2, ensure_ascii=False
        )
        for status in RecordStatus
    }


def _contents() -> Iterator[str]:
    rows = [
        (
            f"[`{kind.key}`](#{kind.key.replace('.', '')})",
            kind.title,
            "yes" if kind.introduces_child else "no",
            "" if kind.involvement is Involvement.KEEPS else kind.involvement.value,
        )
        for kind in EVENT_TYPES.values()
    ]
    yield _table(("type", "meaning", "introduces a child", "sender's part in the care"), rows)


def _legend() -> Iterator[str]:
    yield _table(("about", "meaning"), [(a.value, a.sentence) for a in About])
    yield _table(("whereabouts", "meaning"), [(w.value, w.sentence) for w in Whereabouts])


def _type(kind: EventType) -> Iterator[str]:
    yield f"### `{kind.key}`"
    yield f"{kind.title}."
    may = "may be" if kind.introduces_child else "is refused where it is"
    yield "\n".join(
        [
            f"- Law: {kind.law}.",
            f"- {kind.involvement.sentence}",
            f"- It {may} about a child the hub does not know yet.",
            f"- Schema: [{kind.key}.json](../../schemas/published/{kind.key}.json).",
        ]
    )
    for category, model in kind.sections.items():
        if model not in _SHARED:
            yield f"**{_heading(model)}.** {_first_line(model)}"
            yield _table_of(model, kind.required.get(category, frozenset()))
    made = examples(kind)
    yield "An event:"
    yield f"```json\n{made[RecordStatus.RECORDED]}\n```"
    yield "Its correction:"
    yield f"```json\n{made[RecordStatus.CORRECTED]}\n```"
    yield "Its retraction:"
    yield f"```json\n{made[RecordStatus.RETRACTED]}\n```"


def _heading(model: type[Section]) -> str:
    return f"Section `{model.category.value}`"


def _first_line(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split("\n\n")[0].split())


def _values() -> Iterator[str]:
    """Describe every value that a field of a section is made of, and the override."""
    sections = [m for kind in EVENT_TYPES.values() for m in kind.sections.values()]
    values: set[type[BaseModel]] = {
        Override,
        *(value for model in sections for value in _parts(model)),
    }
    for model in sorted(values, key=lambda one: one.__name__):
        yield f"### {model.__name__}"
        yield _first_line(model)
        yield _table_of(
            model, frozenset(n for n, f in model.model_fields.items() if f.is_required())
        )


def _parts(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for field in model.model_fields.values():
        for inner in _models_in(field.annotation):
            yield inner
            yield from _parts(inner)


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def _table_of(model: type[BaseModel], required: frozenset[str]) -> str:
    rows = [_row(model, name, required) for name in model.model_fields]
    return _table(("field", "holds", "meaning", "example", "about", "whereabouts"), rows)


def _row(model: type[BaseModel], name: str, required: frozenset[str]) -> tuple[str, ...]:
    field, note = model.model_fields[name], note_of(model, name)
    must = " **required**" if name in required else ""
    marks = (note.about.value, note.whereabouts.value) if note else ("", "")
    return (
        f"`{name}`{must}",
        _holds(field.annotation),
        field.description or "",
        _example(field_example(model, name)) if note else "",
        *marks,
    )


def _example(value: JsonValue) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"`{text}`"


def _holds(annotation: object) -> str:
    """Describe a type in words; a value of several parts is a link to its own table."""
    if annotation is Category:
        return "category"
    if isinstance(annotation, type):
        return _holds_class(annotation)
    parts = [part for part in get_args(annotation) if part not in (type(None), ...)]
    origin = get_origin(annotation)
    if origin is tuple:
        return f"list of {_holds(parts[0])}"
    if origin is dict:
        return "sections by category"
    return _holds(parts[0]) if parts else "text"


def _holds_class(kind: type) -> str:
    if issubclass(kind, Enum):
        return "one of " + ", ".join(f"`{member.value}`" for member in kind)
    if issubclass(kind, BaseModel):
        return f"[{kind.__name__}](#{kind.__name__.lower()})"
    if kind is int:
        return "whole number"
    return _PLAIN.get(kind, "text")


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(
        "| " + " | ".join(c.replace("|", "\\|") for c in line) + " |" for line in lines
    )
