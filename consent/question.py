"""What the decision is asked: the shape of an event, the child's standing, the recipient's part.

A shape says which fields are there, never what they hold, so that questions can be kept in the
ledger and any decision asked again.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from schemas.event import Event
from schemas.people import Contact, WhereaboutsFlag
from schemas.sections import Category

YOUNG_PERSON_AGE = 16


class SectionShape(BaseModel):
    """Which fields one section of an event holds, and which its sender marked do-not-disclose."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    category: Category
    fields: tuple[str, ...]
    do_not_disclose: tuple[str, ...] = ()


class ChildStanding(BaseModel):
    """What the decision must know of the child, on the day it is made.

    ``young_person``: 16 or over (Family Law Reform Act 1969 s.8; Children and Families Act 2014
    Part 3). ``competent``: assessed as competent to decide this (Gillick). ``guarded``: flagged so
    that whereabouts may not be disclosed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    young_person: bool = False
    competent: bool = False
    guarded: bool = False


class Question(BaseModel):
    """One recipient and one event: may it know of it, and what of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_type: str
    source: str
    recipient: str
    sections: tuple[SectionShape, ...]
    involved: Annotated[bool, Field(description="The recipient takes part in the child's care")]
    addressed: Annotated[bool, Field(description="The sender asked the hub to tell it")] = False
    override: Annotated[bool, Field(description="A safeguarding override, entitled")] = False
    child: ChildStanding = ChildStanding()


def shape_of(event: Event) -> tuple[SectionShape, ...]:
    """Reduce an event's sections to which fields they hold, in a fixed order."""
    contact = event.section(Contact)
    hidden = _hidden(contact) if contact else ()
    return tuple(
        SectionShape(
            category=category,
            fields=tuple(sorted(section.present())),
            do_not_disclose=hidden if category is Category.CONTACT else (),
        )
        for category, section in sorted(event.sections.items())
    )


def _hidden(contact: Contact) -> tuple[str, ...]:
    """Name the fields marked do-not-disclose; a name nobody knows hides them all, to be safe."""
    marked = set(contact.do_not_disclose)
    known = set(Contact.model_fields)
    return tuple(sorted(min(marked, known)))


def is_guarded(event: Event) -> bool:
    """Whether the event itself says the child's whereabouts are restricted."""
    contact = event.section(Contact)
    if contact is None or contact.confidentiality is None:
        return False
    return contact.confidentiality is not WhereaboutsFlag.UNRESTRICTED


def age_on(birth_date: dt.date, day: dt.date) -> int:
    """Compute whole years of age; someone born on 29 February ages on 1 March of other years."""
    before = (day.month, day.day) < (birth_date.month, birth_date.day)
    return day.year - birth_date.year - int(before)


def is_young_person(birth_date: dt.date | None, day: dt.date) -> bool:
    """Whether someone is 16 or over; not known is no, so that a parent's word still counts."""
    return birth_date is not None and age_on(birth_date, day) >= YOUNG_PERSON_AGE
