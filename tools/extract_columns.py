"""The tables of columns in docs/formats/care-extract.md, from the models they are derived from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from enum import Enum
from inspect import isclass

from pydantic import AwareDatetime

from adapters.extract.cells import key_field
from adapters.extract.flat import Column, columns
from schemas.event_type import EventType
from schemas.identifiers import Identifier
from schemas.registry import EVENT_TYPES
from schemas.sections import Category, SectionPart

_PARTICULARS = (Category.IDENTITY, Category.CONTACT, Category.FAMILY)
_KINDS = {dt.date: "day", AwareDatetime: "moment", int: "whole number", Identifier: "number"}
_KINDS |= {bool: "true or false"}
_PLURALS = {"text": "texts", "day": "days", "whole number": "whole numbers"}
_ABOUT_NUMBERS = {
    "assurance": "How far `{}` may be trusted; a wrong number stays suspect",
    "issuer": "Who issued `{}`",
}


def child_columns() -> str:
    """Return the table of the columns about the child, which every record type has."""
    any_type = next(iter(EVENT_TYPES.values()))
    return _table(any_type, [c for c in columns(any_type.key) if c.category in _PARTICULARS])


def type_columns() -> str:
    """Return a heading, title and table for every record type."""
    return "\n\n".join(part for kind in EVENT_TYPES.values() for part in _section(kind))


def _section(kind: EventType) -> Iterator[str]:
    yield f"### `{kind.key}`"
    yield f"{kind.title}."
    yield _table(kind, [c for c in columns(kind.key) if c.category not in _PARTICULARS])


def _table(kind: EventType, found: Sequence[Column]) -> str:
    rows = [f"| `{c.name}` | {_holds(c)} | {_meaning(c)}{_needed(kind, c)} |" for c in found]
    return "\n".join(["| Column | Holds | Meaning |", "|---|---|---|", *rows])


def _holds(column: Column) -> str:
    if column.part is not None:
        fields = ", ".join(f"`{name}`" for name in column.part.model_fields)
        return f"list of objects ({fields}), or of `{key_field(column.part)}`"
    if isclass(column.holds) and issubclass(column.holds, Enum):
        words = ", ".join(f"`{one.value}`" for one in column.holds)
        return f"list of {words}" if column.many else words
    one = _KINDS.get(column.holds, "text")
    return f"list of {_PLURALS[one]}" if column.many else one


def _meaning(column: Column) -> str:
    if not column.title and column.path[-1] in _ABOUT_NUMBERS:
        return _ABOUT_NUMBERS[column.path[-1]].format(column.path[-2])
    return column.title


def _needed(kind: EventType, column: Column) -> str:
    field = column.path[0]
    if field not in kind.required.get(column.category, ()):
        return ""
    if len(column.path) == 1:
        return " **(needed)**"
    model = kind.sections[column.category]
    parts = list(_parts(model.model_fields[field].annotation))
    needed = [n for part in parts for n, info in part.model_fields.items() if info.is_required()]
    if not needed:
        return " **(one of these needed)**"
    return " **(needed)**" if column.path[1] in needed else ""


def _parts(annotation: object) -> Iterator[type[SectionPart]]:
    """Yield the models of parts that an annotation names."""
    if isclass(annotation) and issubclass(annotation, SectionPart):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _parts(inner)
