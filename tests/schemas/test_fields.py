"""Every field of every event is declared: meaning, example, whom it is about, what it locates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import pytest
from pydantic import BaseModel

from schemas.event_type import EventType
from schemas.fields import About, Whereabouts, note_of, whereabouts_of
from schemas.people import Contact
from schemas.registry import EVENT_TYPES
from schemas.sharing import Override


def inside(annotation: object) -> Iterator[type[BaseModel]]:
    """The models that a field's type is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from inside(part)


def models() -> list[type[BaseModel]]:
    """Every model that an event can hold, sections and what is inside them."""
    found: set[type[BaseModel]] = set()
    waiting = [Override, *(m for kind in EVENT_TYPES.values() for m in kind.sections.values())]
    while waiting:
        model = waiting.pop()
        if model not in found:
            found.add(model)
            waiting += [m for f in model.model_fields.values() for m in inside(f.annotation)]
    return sorted(found, key=lambda m: m.__name__)


FIELDS = [(m, name) for m in models() for name in m.model_fields]


def label(one: object) -> str:
    """A name for a test case."""
    return one.__name__ if isinstance(one, type) else str(one)


@pytest.mark.parametrize(("model", "name"), FIELDS, ids=label)
def test_every_field_is_declared(model: type[BaseModel], name: str) -> None:
    """A new field fails here until it says whom it is about and whether it locates."""
    assert note_of(model, name) is not None
    assert model.model_fields[name].description


def test_what_is_withheld_for_whereabouts() -> None:
    """A change here changes what recipients get of a child whose address is restricted."""
    found = {
        f"{model.__name__}.{name}": whereabouts_of(model, name)
        for kind in EVENT_TYPES.values()
        for model in kind.sections.values()
        for name in model.model_fields
    }
    withheld = {n: w for n, w in found.items() if w in (Whereabouts.LOCATES, Whereabouts.NEVER)}
    assert withheld == {
        "Appointment.location": Whereabouts.LOCATES,
        "Appointment.service": Whereabouts.LOCATES,
        "CarePlan.placement_postcode": Whereabouts.NEVER,
        "Contact.address": Whereabouts.LOCATES,
        "Contact.email": Whereabouts.LOCATES,
        "Contact.gp_practice": Whereabouts.LOCATES,
        "Contact.telephones": Whereabouts.LOCATES,
        "Discharge.service": Whereabouts.LOCATES,
        "Exclusion.school": Whereabouts.LOCATES,
        "Family.contact_points": Whereabouts.LOCATES,
        "PlanCare.placement_postcode": Whereabouts.NEVER,
        "PlanCeased.transferred_to": Whereabouts.LOCATES,
        "PlanIssued.placement": Whereabouts.LOCATES,
        "Referral.referred_by": Whereabouts.LOCATES,
        "Referral.referred_to": Whereabouts.LOCATES,
        "Referral.service": Whereabouts.LOCATES,
        "ReportAvailable.service": Whereabouts.LOCATES,
        "SchoolPlacement.from_school": Whereabouts.LOCATES,
        "SchoolPlacement.to_school": Whereabouts.LOCATES,
        "SchoolRegistration.previous_school": Whereabouts.LOCATES,
        "SchoolRegistration.school": Whereabouts.LOCATES,
        "WaitingStatus.service": Whereabouts.LOCATES,
        "WorkerAllocated.team": Whereabouts.LOCATES,
        "WorkerAllocated.telephone": Whereabouts.LOCATES,
    }


def test_a_field_without_a_declaration_is_never_shared() -> None:
    assert note_of(Contact, "new_field") is None
    assert whereabouts_of(Contact, "new_field") is Whereabouts.NEVER


def test_free_text_may_name_others_and_may_locate() -> None:
    """Nobody reads a text for what it says before it is shared."""
    texts = [note for m, name in FIELDS if (note := note_of(m, name)) and note.about is _TEXT]
    assert texts
    assert {note.whereabouts for note in texts} == {Whereabouts.MAY}


_TEXT = About.FREE_TEXT


@pytest.mark.parametrize("kind", EVENT_TYPES.values(), ids=lambda k: k.key)
def test_every_type_names_its_law_and_its_own_section(kind: EventType) -> None:
    assert kind.law
    assert kind.own.__name__ not in {"Identity", "Contact", "Family"}
