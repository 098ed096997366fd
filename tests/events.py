"""Invented children and what happens to them, as events that agencies would send.

NHS numbers lie in the range that is never issued, UPNs in a local authority that does not exist.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypedDict, Unpack

from hub.foundation import clock
from schemas.event import Event, RecordStatus, make_event
from schemas.identifiers import Identifier, upn_check_letter
from schemas.identifiers import upn as read_upn
from schemas.people import Address, Contact, Identity
from schemas.registry import EVENT_TYPES
from schemas.sections import Section
from schemas.sharing import Override

REGISTERED = "education.child-registered.v1"
ATTENDANCE = "education.attendance-concern.v1"
SEN_SUPPORT = "education.sen-support-recorded.v1"
REFERRAL = "health.referral-made.v1"
APPOINTMENT = "health.appointment-changed.v1"
DIAGNOSIS = "health.diagnosis-recorded.v1"
DISCHARGE = "health.discharge.v1"
CASE_OPENED = "care.case-opened.v1"
CARE_PLAN = "care.plan-changed.v1"
ADVICE_REQUESTED = "ehc.ehc-advice-requested.v1"
DIRECTIVE_RECORDED = "consent.directive-recorded.v1"
WITHDRAWN = "consent.directive-withdrawn.v1"


def nhs_digits(number: int) -> str:
    """The nth NHS number of the range that is never issued, with its right check digit."""
    candidate = 999_000_000
    for _ in range(number + 1):
        candidate += 1
        while (check := _modulus_11(str(candidate))) == 10:
            candidate += 1
    return f"{candidate}{check}"


def _modulus_11(nine: str) -> int:
    return (11 - sum((10 - place) * int(d) for place, d in enumerate(nine)) % 11) % 11


def upn_text(number: int) -> str:
    """The nth UPN of a local authority that does not exist."""
    rest = f"8994001{number:05d}"
    return upn_check_letter(rest) + rest


def _name(number: int, syllables: Sequence[str]) -> str:
    """A name of its own for each number."""
    picked = []
    for _ in range(4):
        number, rest = divmod(number, len(syllables))
        picked.append(syllables[rest])
    return "".join(picked).capitalize()


@dataclass(frozen=True)
class Child:
    """An invented child; every number is one's own name, day of birth, NHS number and UPN."""

    number: int

    @cached_property
    def nhs(self) -> str:
        """The NHS number."""
        return nhs_digits(self.number)

    @property
    def upn(self) -> str:
        """The unique pupil number."""
        return upn_text(self.number)

    @property
    def family_name(self) -> str:
        """The family name."""
        return _name(self.number, ("bra", "kel", "mon", "tus", "vi", "zog", "pel", "dan"))

    @property
    def given_name(self) -> str:
        """The given name."""
        return _name(self.number, ("a", "ro", "li", "su", "ten", "mi"))

    @property
    def birth_date(self) -> dt.date:
        """The birth date; each child's own, and of a nine-year-old or so."""
        return dt.date(2015, 1, 1) + dt.timedelta(days=self.number)

    def identity(self, **changes: object) -> Identity:
        """Who the child is, in full; a changed field wins."""
        full: dict[str, object] = {
            "nhs_number": Identifier(value=self.nhs),
            "upn": read_upn(self.upn),
            "family_name": self.family_name,
            "given_name": self.given_name,
            "birth_date": self.birth_date,
        }
        return Identity.model_validate(full | changes)


class More(TypedDict, total=False):
    """Further attributes of an event; see ``schemas.event.make_event``."""

    time: dt.datetime
    seed: str
    record: str | None
    status: RecordStatus
    addressed_to: tuple[str, ...]
    override: Override | None
    correlation: str | None


_ids = iter(range(1_000_000_000))


def event_of(key: str, source: str, *sections: Section, **more: Unpack[More]) -> Event:
    """An event that happens now, with an id of its own unless a seed is given."""
    more = {"time": clock.now(), "seed": f"happening {next(_ids)}", **more}
    return make_event(key, source, sections=sections, **more)


def section(key: str, **fields: object) -> Section:
    """The section that is an event type's own, with these fields."""
    own = list(EVENT_TYPES[key].sections.values())[3]
    return own.model_validate(fields)


def registered(child: Child, source: str = "school", **more: Unpack[More]) -> Event:
    """A school registers a child."""
    school = section(REGISTERED, school={"name": "Oak School", "urn": "999201"}, year_group="4")
    home = Contact(address=Address(lines=("1 Low Lane",), town="Northmoor", postcode="ZZ99 3AA"))
    return event_of(REGISTERED, source, child.identity(), home, school, **more)


def referred(child: Child, **more: Unpack[More]) -> Event:
    """The clinic receives a referral, and from then on takes part."""
    return event_of(
        REFERRAL,
        "clinic",
        child.identity(),
        section(REFERRAL, referral_id=f"R{child.number}", status="active"),
        **more,
    )


def case_opened(child: Child, **more: Unpack[More]) -> Event:
    """Social care opens a case, and from then on takes part."""
    opened = section(CASE_OPENED, case_id=f"C{child.number}", referral_date="2026-01-05")
    return event_of(CASE_OPENED, "care", child.identity(), opened, **more)


def absent(child: Child, attended: int = 60, **more: Unpack[More]) -> Event:
    """A school is concerned about attendance; ``attended`` tells one concern from another."""
    concern = section(
        ATTENDANCE, sessions_possible=380, sessions_attended=attended, note="Often tired."
    )
    return event_of(ATTENDANCE, "school", child.identity(), concern, **more)


def appointed(child: Child, number: str = "A1", **more: Unpack[More]) -> Event:
    """The clinic books an appointment, which the school may know by consent."""
    booked = section(
        APPOINTMENT,
        appointment_id=number,
        status="booked",
        start="2026-03-02T09:30:00Z",
        reason="Hearing",
        location="River Clinic",
    )
    return event_of(APPOINTMENT, "clinic", child.identity(), booked, **more)


def recorded(
    child: Child, number: str, kind: str = "consent", by: str = "school", **fields: object
) -> Event:
    """A directive of a person with parental responsibility, recorded by an agency."""
    directive = section(
        DIRECTIVE_RECORDED,
        directive_id=number,
        kind=kind,
        authority=fields.pop("authority", "parental-responsibility"),
        decider_ref=fields.pop("decider_ref", "mother"),
        **fields,
    )
    return event_of(DIRECTIVE_RECORDED, by, child.identity(), directive)


def withdrawn(child: Child, number: str, by: str = "school") -> Event:
    """A recorded directive, withdrawn."""
    return event_of(WITHDRAWN, by, child.identity(), section(WITHDRAWN, directive_id=number))


def changed(event: Event, **attributes: object) -> bytes:
    """An event's bytes with envelope attributes changed; None takes one away."""
    raw = json.loads(event.to_json())
    for name, value in attributes.items():
        raw.pop(name, None)
        if value is not None:
            raw[name] = value
    return json.dumps(raw).encode()


def with_override(event: Event) -> Event:
    """The same event under a safeguarding override, with an id of its own."""
    override = Override(
        authoriser="A Manager",
        authoriser_ref="staff-7",
        reason="A risk of harm",
        limb="consent-would-prejudice",
    )
    return replace(event, id=f"{event.id}-o", override=override)
