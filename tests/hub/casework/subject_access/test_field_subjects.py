"""Every field that may be about someone other than the child is classified as such."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from pydantic import BaseModel

from hub.casework.subject_access.field_subjects import FIELDS, About, about, about_value
from schemas.events.care import CaseOpened, WorkerAllocated
from schemas.events.health import ReportAvailable
from schemas.people import Address, Contact, DocumentRef, Family, Relative
from schemas.registry import EVENT_TYPES
from schemas.sharing import Override


def _models() -> set[type[BaseModel]]:
    """Every model that an event can hold, sections and what is inside them."""
    found: set[type[BaseModel]] = set()
    waiting: list[type[BaseModel]] = [
        Override,
        *(model for kind in EVENT_TYPES.values() for model in kind.sections.values()),
    ]
    while waiting:
        model = waiting.pop()
        if model not in found:
            found.add(model)
            waiting += [m for f in model.model_fields.values() for m in _inside(f.annotation)]
    return found


def _inside(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _inside(part)


def test_every_field_of_every_model_is_classified() -> None:
    """A new field fails here until the table says who it is about."""
    assert {
        m.__name__: sorted(set(m.model_fields) - set(FIELDS.get(m, {}))) for m in _models()
    } == {m.__name__: [] for m in _models()}


def test_nothing_is_classified_that_is_not_there() -> None:
    """The table has no removed field or model."""
    assert {m.__name__: set(named) - set(m.model_fields) for m, named in FIELDS.items()} == {
        m.__name__: set() for m in FIELDS
    }
    assert set(FIELDS) == _models()


def test_an_unknown_field_counts_as_free_text() -> None:
    """A field without a classification is flagged."""
    assert about(Contact, "new_field") is About.FREE_TEXT


def test_relatives_are_other_people() -> None:
    """The family section is about others."""
    kin = (Relative(ref="m", family_name="Bell"),)
    assert about_value(Family, "people", kin) is About.ANOTHER_PERSON


def test_a_worker_is_a_professional_and_a_referrer_another_person() -> None:
    """Names of staff and of referrers have different marks."""
    assert about(WorkerAllocated, "worker_name") is About.PROFESSIONAL
    assert about(CaseOpened, "referral_source") is About.ANOTHER_PERSON


def test_free_text_inside_a_value_marks_the_whole_field() -> None:
    """A document's title may name others; a document without one does not."""
    titled = DocumentRef(id="1", title="Letter to Mrs Bell")
    assert about_value(ReportAvailable, "document", titled) is About.FREE_TEXT
    assert about_value(ReportAvailable, "document", DocumentRef(id="1")) is About.CHILD


def test_a_home_address_is_the_childs_and_a_home_telephone_may_be_a_parents() -> None:
    """The two fields of one section differ."""
    assert about_value(Contact, "address", Address(town="Northmoor")) is About.CHILD
    assert about(Contact, "telephones") is About.ANOTHER_PERSON


def test_every_mark_has_its_law() -> None:
    """The officer sees the law to decide on."""
    assert all(mark.law for mark in About)
