"""What the decision is asked: shapes without values, ages, guarded children."""

from __future__ import annotations

import datetime as dt

import pytest

from consent.question import age_on, is_guarded, is_young_person, shape_of
from schemas.event import Event, make_event
from schemas.events.health import Diagnosis
from schemas.identifiers import nhs_number
from schemas.people import Address, Coding, Contact, Identity, WhereaboutsFlag
from schemas.sections import Category

NAMED = Identity(nhs_number=nhs_number("9990548609"), family_name="Ash")


def event(contact: Contact) -> Event:
    """Make a diagnosis with a contact section."""
    condition = Diagnosis(condition=Coding(code="35919005"))
    when = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    sections = [NAMED, contact, condition]
    return make_event("health.diagnosis-recorded.v1", "trust-paeds", when, sections, seed="q")


HOME = Contact(address=Address(postcode="ZZ99 3WZ"), email="a@b.invalid")


def test_a_shape_names_fields_in_order_and_holds_no_value() -> None:
    """The question can be kept for it tells nothing about the child."""
    shapes = shape_of(event(HOME))
    assert [(s.category, s.fields) for s in shapes] == [
        (Category.CONTACT, ("address", "email")),
        (Category.HEALTH, ("condition",)),
        (Category.IDENTITY, ("family_name", "nhs_number")),
    ]
    assert "Ash" not in repr(shapes)


def test_what_the_sender_marked_stands_in_the_contact_shape_only() -> None:
    """Do-not-disclose names fields of the contact section."""
    marked = HOME.model_copy(update={"do_not_disclose": ("email", "address")})
    hidden = {s.category: s.do_not_disclose for s in shape_of(event(marked))}
    assert hidden == {
        Category.CONTACT: ("address", "email"),
        Category.HEALTH: (),
        Category.IDENTITY: (),
    }


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (None, False),
        (WhereaboutsFlag.UNRESTRICTED, False),
        (WhereaboutsFlag.RESTRICTED, True),
        (WhereaboutsFlag.VERY_RESTRICTED, True),
    ],
)
def test_an_event_can_say_that_its_child_is_guarded(
    level: WhereaboutsFlag | None, expected: bool
) -> None:
    """Restricted and very restricted guard."""
    assert is_guarded(event(HOME.model_copy(update={"confidentiality": level}))) is expected


def test_an_event_without_a_contact_section_says_nothing_of_guarding() -> None:
    """No section, no flag."""
    assert not is_guarded(event(Contact()))


@pytest.mark.parametrize(
    ("born", "day", "expected"),
    [
        ("2010-03-02", "2026-03-01", 15),
        ("2010-03-02", "2026-03-02", 16),
        ("2008-02-29", "2023-02-28", 14),
        ("2008-02-29", "2023-03-01", 15),
        ("2008-02-29", "2024-02-29", 16),
    ],
)
def test_age_in_whole_years(born: str, day: str, expected: int) -> None:
    """Someone born on 29 February ages on 1 March of other years."""
    assert age_on(dt.date.fromisoformat(born), dt.date.fromisoformat(day)) == expected


def test_a_young_person_is_16_or_over() -> None:
    """On the sixteenth birthday itself, and not the day before."""
    born = dt.date(2010, 3, 2)
    assert is_young_person(born, dt.date(2026, 3, 2))
    assert not is_young_person(born, dt.date(2026, 3, 1))


def test_an_unknown_birth_date_makes_no_young_person() -> None:
    """Not known is no, so that a parent's word still counts."""
    assert not is_young_person(None, dt.date(2026, 3, 2))
