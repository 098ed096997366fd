"""Invented examples of sections and events that every schema accepts.

An example comes from the declarations of the fields (schemas/fields.py): the declared value, or one
made from the field's type. The catalogue of event types and tests use them. No such person exists.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from enum import Enum
from typing import get_args, get_origin

from pydantic import BaseModel, JsonValue

from schemas.event import Event, RecordStatus, make_event
from schemas.event_type import EventType, Involvement
from schemas.people import Contact, Family, Identity
from schemas.sections import Section

AGENCIES = {
    "education": "oakfield-primary",
    "ehc": "northmoor-council",
    "health": "northmoor-community-nhs",
    "care": "northmoor-social-care",
    "consent": "oakfield-primary",
}
"""An agency that could send the events of each sector."""

RECORD = "record-2026-118"
_TIME = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
# Fields that only some events have: of an unborn child, of one who died, of a restriction.
_LEFT_OUT = frozenset(
    {
        "allowed_purposes",
        "death_date",
        "do_not_disclose",
        "expected_birth_date",
        "placement_postcode",
        "restriction",
    }
)


def example_section(model: type[Section], *, only: Iterable[str] | None = None) -> Section:
    """Make a section with an example in every field, or in the named fields."""
    names = set(model.model_fields) - _LEFT_OUT if only is None else set(only)
    return model.model_validate({name: field_example(model, name) for name in names})


def example_event(kind: EventType, status: RecordStatus = RecordStatus.RECORDED) -> Event:
    """Make an event of a type as first recorded, as corrected later, or as retracted.

    All three are about the same record. A retraction holds the child's identity and nothing else.
    """
    sections: list[Section] = [_who()]
    if status is not RecordStatus.RETRACTED:
        own = (m for m in kind.sections.values() if m not in (Identity, Contact, Family))
        sections += [_own_section(kind, model, status) for model in own]
    later = list(RecordStatus).index(status)
    return make_event(
        kind.key,
        AGENCIES[kind.sector],
        _TIME + dt.timedelta(days=later),
        sections,
        seed=f"example/{later}",
        record=RECORD,
        status=status,
        addressed_to=(AGENCIES["health"],) if kind.involvement is Involvement.INVITES else (),
    )


def field_example(model: type[BaseModel], name: str) -> JsonValue:
    """Return the example of a model's field, as JSON."""
    field = model.model_fields[name]
    if field.examples:
        example: JsonValue = field.examples[0]
        return example
    return _of_type(field.annotation)


def _own_section(kind: EventType, model: type[Section], status: RecordStatus) -> Section:
    """Make a whole section, and for a correction one of required fields, to keep it short."""
    required = kind.required.get(model.category, frozenset())
    return example_section(
        model, only=required if status is RecordStatus.CORRECTED and required else None
    )


def _who() -> Section:
    return example_section(
        Identity, only=("nhs_number", "family_name", "given_name", "birth_date", "sex")
    )


def _of_type(annotation: object) -> JsonValue:
    """Make an example of a type: its first member, or one of what it is made of."""
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return str(next(iter(annotation)).value)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {
            name: made
            for name in annotation.model_fields
            if (made := field_example(annotation, name)) is not None
        }
    parts = [part for part in get_args(annotation) if part not in (type(None), ...)]
    if not parts:
        return None
    inner = _of_type(parts[0])
    return [inner] if get_origin(annotation) is tuple else inner
