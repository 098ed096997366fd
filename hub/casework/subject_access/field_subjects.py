"""Which fields of an event may be about someone other than the child. Pure.

A person who asks for a copy of a child's data has no right by that to the data of others (Data
Protection Act 2018, Schedule 2, paragraphs 16 and 17). Whom a field may be about is declared with
the field (schemas/fields.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from schemas.fields import About, note_of
from schemas.sections import SectionPart

__all__ = ["About", "about", "about_value"]


def about(model: type[BaseModel], name: str) -> About:
    """Return whom a model's field may be about; without a declaration it may be about anyone."""
    note = note_of(model, name)
    return note.about if note else About.FREE_TEXT


def about_value(model: type[BaseModel], name: str, value: object) -> About:
    """Return whom a field with this value may be about: as declared, or as what it holds is."""
    own = about(model, name)
    if own is not About.CHILD:
        return own
    return next((mark for mark in _inside(value) if mark is not About.CHILD), About.CHILD)


def _inside(value: object) -> Iterator[About]:
    if isinstance(value, tuple):
        for one in value:
            yield from _inside(one)
    elif isinstance(value, SectionPart):
        for name in type(value).model_fields:
            held = getattr(value, name)
            if held is not None and held != ():
                yield about_value(type(value), name, held)
