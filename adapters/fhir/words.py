"""An event as text, for a person in the NHS who reads a Communication."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from enum import Enum

from pydantic import BaseModel

from schemas.event import RecordStatus, View
from schemas.fields import Whereabouts, whereabouts_of
from schemas.people import Contact, Family, Identity
from schemas.sections import Section

_ABOUT_PEOPLE = (Identity, Contact, Family)


_CHANGES = {
    RecordStatus.CORRECTED: "Its source corrected this record. The correction is not shared; "
    "do not rely on the earlier version.",
    RecordStatus.RETRACTED: "Its source retracted this record. Please disregard it.",
}


def in_words(view: View) -> Iterator[str]:
    """Write what happened, then what each section holds, one text for each."""
    yield f"{view.kind.title}."
    if view.status in _CHANGES and not view.sections and not view.existence:
        yield _CHANGES[view.status]
    for section in view.sections.values():
        if not isinstance(section, _ABOUT_PEOPLE) and (lines := list(_lines(section))):
            yield "\n".join(lines)
    for category in view.existence:
        yield f"A record about {category.value} exists; what it holds is not shared."


def _lines(section: Section) -> Iterator[str]:
    present = section.present()
    for name in type(section).model_fields:
        if name in present and whereabouts_of(type(section), name) is not Whereabouts.NEVER:
            yield f"{_label(name)}: {_as_text(getattr(section, name))}"


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _as_text(value: object) -> str:
    if isinstance(value, dt.datetime):
        return f"{value:%d %B %Y %H:%M %z}"
    if isinstance(value, dt.date):
        return f"{value.day} {value:%B %Y}"
    if isinstance(value, Enum):
        return str(value.value).replace("-", " ")
    if isinstance(value, tuple):
        return "; ".join(_as_text(item) for item in value)
    if isinstance(value, BaseModel):
        fields = ((n, getattr(value, n)) for n in type(value).model_fields)
        return ", ".join(
            f"{_label(n).lower()} {_as_text(v)}" for n, v in fields if v not in (None, ())
        )
    return str(value)
