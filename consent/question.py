"""What the decision is asked: the shape of an event, the child's standing, the recipient's part.

A shape says which fields are there, never what they hold, so that questions can be kept in the
ledger and any decision asked again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from consent.directive import Directive
from consent.facts import StandingFact
from schemas.agencies import OrganisationType
from schemas.event import Event
from schemas.people import Contact, WhereaboutsFlag
from schemas.sections import Category
from schemas.sharing import Authority
from schemas.times import LONDON

YOUNG_PERSON_AGE = 16
ADULT_AGE = 18
_SEPTEMBER = 9
_FRIDAY = 4


class SectionShape(BaseModel):
    """Which fields one section of an event holds, and which its sender marked do-not-disclose."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    category: Category
    fields: tuple[str, ...]
    do_not_disclose: tuple[str, ...] = ()


class ChildStanding(BaseModel):
    """What the decision must know of the child, on the day it is made.

    ``young_person``: 16 or over. ``over_school_age``: past the end of compulsory school age, from
    which the rights about an EHC plan are the young person's. ``adult``: 18 or over, when parental
    responsibility ends. ``competent``: assessed as competent, where no dates are known. ``early``:
    the ids of the child's own directives given before 16. ``guarded``: whereabouts are restricted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    young_person: bool = False
    over_school_age: bool = False
    adult: bool = False
    competent: bool = False
    guarded: bool = False
    early: tuple[str, ...] = ()
    facts: tuple[StandingFact, ...] = ()


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
    recipient_kind: Annotated[
        OrganisationType | None, Field(description="Kind of organisation of the recipient")
    ] = None
    own_favour: Annotated[
        bool, Field(description="Consents that the recipient itself recorded count")
    ] = True
    councils: Annotated[
        tuple[str, ...], Field(description="Local authorities among those who recorded a directive")
    ] = ()


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
    """Return the fields marked do-not-disclose; an unknown name hides them all, to be safe."""
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
    """Whether someone is 16 or over; not known is no, so that a parent's directive still counts."""
    return birth_date is not None and age_on(birth_date, day) >= YOUNG_PERSON_AGE


def school_leaving_date(birth_date: dt.date) -> dt.date:
    """Return the last day of compulsory school age: the last Friday in June of a school year.

    It is the school year, from 1 September to 31 August, in which the child becomes 16 (Education
    Act 1996 s.8; Education (School Leaving Date) Order 1997).
    """
    year = birth_date.year + YOUNG_PERSON_AGE
    if birth_date.month >= _SEPTEMBER:
        year += 1
    last = dt.date(year, 6, 30)
    return last - dt.timedelta(days=(last.weekday() - _FRIDAY) % 7)


def is_over_school_age(birth_date: dt.date | None, day: dt.date) -> bool:
    """Whether compulsory school age ended before a day; not known is no."""
    return birth_date is not None and day > school_leaving_date(birth_date)


def child_standing(
    birth_date: dt.date | None,
    directives: Iterable[Directive],
    now: dt.datetime,
    *,
    facts: Iterable[StandingFact] = (),
    guarded: bool = False,
) -> ChildStanding:
    """Return what the decision must know of a child now; days begin as they do in England."""
    day = now.astimezone(LONDON).date()
    own = (d for d in directives if d.authority is Authority.YOUNG_PERSON)
    early = (
        d.id
        for d in own
        if birth_date is not None
        and not is_young_person(birth_date, d.recorded_at.astimezone(LONDON).date())
    )
    return ChildStanding(
        young_person=is_young_person(birth_date, day),
        over_school_age=is_over_school_age(birth_date, day),
        adult=birth_date is not None and age_on(birth_date, day) >= ADULT_AGE,
        guarded=guarded,
        early=tuple(sorted(early)),
        facts=tuple(sorted(facts, key=lambda fact: fact.id)),
    )
