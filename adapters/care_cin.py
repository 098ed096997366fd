"""The Children in Need (CIN) census: DfE's yearly XML return of children's social care.

Read, for each ``Child`` and each of its ``CINdetails``:

    CINreferralDate       care.case-opened, unless the referral ended in no further action
    CINPlanDates          care.plan-changed, child-in-need: started, ended
    ChildProtectionPlans  care.plan-changed, child-protection: started, each review, ended
    CINclosureDate        care.case-closed

The census names no child: identity is the authority's child id, the UPNs, dates, sex, ethnicity. It
numbers no case either: ``case_id`` is made of the child's id, hashed, so that it discloses none,
and the referral date, so that a message can be written from it again. ``record``, which every
recipient sees, is a digest of the case, or of the case with the plan's kind and first day. The
initial conference is taken from ``CINdetails`` where that has exactly one child protection plan.
Assessments, section 47 enquiries, pre-proceedings and ``UPNunknown`` are not events and are not
read (adapters/cin/ignored.py). A value that its field does not allow is refused by its place and
the rest is read.

Written: a message with one child and one ``CINdetails``. Elements the view does not fill are left
out, so a thin view makes a message that the schema would refuse and that says no more than it may.

Source: DfE, Children in need census, business and technical specifications 2017 to 2026
(``GenderCurrent`` up to 2023, ``Sex`` with M, F, U since).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from adapters.cin.codes import GENDERS, case_name
from adapters.cin.elements import CinElement, day, listed, moment, one_of, yes
from adapters.cin.ignored import IGNORED
from adapters.cin.settings import CinSettings
from adapters.cin.writing import write_census
from adapters.contract import Adapter, AgencySystem, Document, Refusal, Translation
from adapters.extract.records import record_id
from adapters.xml import parse_xml
from schemas.errors import CannotExpress, Fault, InputRefused
from schemas.event import Event, View, document_seed, make_event, names_a_child
from schemas.events.care import (
    CarePlan,
    CarePlanChange,
    CarePlanKind,
    CaseClosed,
    CaseOpened,
    ChildProtection,
)
from schemas.identifiers import la_child_id, upn
from schemas.people import Identity, Sex
from schemas.sections import Section

OPENED, CHANGED, CLOSED = "care.case-opened.v1", "care.plan-changed.v1", "care.case-closed.v1"

_SEXES = {"M": Sex.MALE, "F": Sex.FEMALE, "U": Sex.UNKNOWN, **GENDERS}
_CONSEQUENCES = (
    *("CINclosureDate", "DateOfInitialCPC", "Assessments", "CINPlanDates", "Section47"),
    "ChildProtectionPlans",
)


@dataclass(slots=True)
class _Census:
    """One census while it is read: what its header says, and what has come of it so far."""

    agency: str
    authority: str
    time: dt.datetime
    seed: str
    refused: list[Refusal]
    events: list[Event] = field(default_factory=list)

    def child(self, child: CinElement) -> None:
        """Read one child with all its episodes."""
        ids = child.one("ChildIdentifiers")
        traits = child.one("ChildCharacteristics")
        if ids is None:
            raise InputRefused(Fault.NO_CHILD, f"{child.place}/ChildIdentifiers")
        identity = self._identity(ids, traits)
        if not names_a_child(identity):
            raise InputRefused(Fault.NO_CHILD, ids.place)
        if identity.la_child_id is None:
            raise InputRefused(Fault.MISSING_FIELD, f"{ids.place}/LAchildID")
        stated = traits.one("Disabilities") if traits else None
        codes = [
            each.read(lambda text: listed("Disability", text))
            for each in (stated.every("Disability") if stated else ())
        ]
        disabilities = tuple(code for code in codes if code)
        if not child.has("CINdetails"):
            raise InputRefused(Fault.MISSING_FIELD, f"{child.place}/CINdetails")
        for details in child.every("CINdetails"):
            _Episode(self, identity, disabilities, details).read()

    def _identity(self, ids: CinElement, traits: CinElement | None) -> Identity:
        expected = ids.value("ExpectedPersonBirthDate", day)
        sex = ids.value("Sex", lambda t: one_of(_SEXES, t))
        if sex is None:
            sex = ids.value("GenderCurrent", lambda t: one_of(_SEXES, t))
        return Identity(
            la_child_id=ids.value("LAchildID", lambda t: la_child_id(t, self.authority)),
            upn=ids.value("UPN", upn),
            former_upn=ids.value("FormerUPN", upn),
            birth_date=ids.value("PersonBirthDate", day),
            expected_birth_date=expected,
            death_date=ids.value("PersonDeathDate", day),
            sex=sex,
            ethnicity=traits.code("Ethnicity") if traits else None,
        )


@dataclass(frozen=True, slots=True)
class _Episode:
    """One ``CINdetails`` of one child: a referral and what followed it."""

    census: _Census
    identity: Identity
    disabilities: tuple[str, ...]
    details: CinElement

    def read(self) -> None:
        """Make the events of the episode, in the order in which they happened."""
        referred = self.details.value("CINreferralDate", day)
        child = self.identity.la_child_id
        case = None
        if child and referred:
            case = case_name(self.census.authority, child.value, referred)
        if not self.details.has("CINreferralDate"):
            self.refuse(Fault.MISSING_FIELD, f"{self.details.place}/CINreferralDate")
        if case:
            self.opened(case, referred)
        for plan in self.details.every("CINPlanDates"):
            self.plan(plan, case, CarePlanKind.CHILD_IN_NEED, "CINPlanStartDate", "CINPlanEndDate")
        for plan in self.details.every("ChildProtectionPlans"):
            self.plan(plan, case, CarePlanKind.CHILD_PROTECTION, "CPPstartDate", "CPPendDate")
        closed = self.details.value("CINclosureDate", day)
        if case and closed:
            reason = self.details.code("ReasonForClosure")
            section = {"case_id": case, "closed_on": closed, "reason": reason}
            place = f"{self.details.place}/CINclosureDate"
            self.emit(CLOSED, place, record_id(case), {CaseClosed: section})

    def opened(self, case: str, referred: dt.date | None) -> None:
        """Make the event of an opened case, unless the referral ended in no further action."""
        if self.details.value("ReferralNFA", yes) and not any(
            self.details.has(name) for name in _CONSEQUENCES
        ):
            self.refuse(Fault.UNSUPPORTED, f"{self.details.place}/ReferralNFA")
            return
        section = {
            "case_id": case,
            "referral_date": referred,
            "referral_source": self.details.code("ReferralSource"),
            "primary_need": self.details.code("PrimaryNeedCode"),
            "disabilities": self.disabilities,
        }
        place = f"{self.details.place}/CINreferralDate"
        self.emit(OPENED, place, record_id(case), {CaseOpened: section})

    def plan(
        self, plan: CinElement, case: str | None, kind: CarePlanKind, first: str, last: str
    ) -> None:
        """Make the events of one plan."""
        if not plan.has(first):
            self.refuse(Fault.MISSING_FIELD, f"{plan.place}/{first}")
        start, end = plan.value(first, day), plan.value(last, day)
        record = record_id(case, kind.value, start.isoformat()) if case and start else None
        shared = {"case_id": case, "plan_kind": kind, "start_date": start}
        why: dict[type[Section], Mapping[str, Any]] = {}
        if kind is CarePlanKind.CHILD_PROTECTION:
            why = {ChildProtection: self.protection(plan)}
        changes: list[tuple[str, dict[str, Any]]] = []
        if start:
            changes.append((first, {"change": CarePlanChange.STARTED}))
        reviews = plan.one("Reviews")
        for review in reviews.every("CPPreviewDate") if reviews else ():
            if on := review.read(day):
                place = review.place.removeprefix(f"{plan.place}/")
                changes.append((place, {"change": CarePlanChange.REVIEWED, "reviewed_on": on}))
        if end:
            changes.append((last, {"change": CarePlanChange.ENDED, "end_date": end}))
        for place, change in changes:
            self.emit(
                CHANGED, f"{plan.place}/{place}", record, {CarePlan: {**shared, **change}, **why}
            )

    def protection(self, plan: CinElement) -> dict[str, Any]:
        """Read why a child is on a protection plan."""
        only = len([*self.details.every("ChildProtectionPlans")]) == 1
        return {
            "initial_category": plan.code("InitialCategoryOfAbuse"),
            "latest_category": plan.code("LatestCategoryOfAbuse"),
            "previous_plans": plan.code("NumberOfPreviousCPP"),
            "conference_date": self.details.value("DateOfInitialCPC", day) if only else None,
        }

    def emit(
        self,
        key: str,
        place: str,
        record: str | None,
        sections: Mapping[type[Section], Mapping[str, Any]],
    ) -> None:
        """Make one event; a field that the type requires and the census lacks is refused."""
        try:
            made = [model.model_validate(values) for model, values in sections.items()]
            event = make_event(
                key,
                self.census.agency,
                self.census.time,
                (self.identity, *made),
                seed=self.census.seed + place,
                record=record,
            )
        except ValidationError:
            self.refuse(Fault.BAD_VALUE, place)
        except InputRefused as error:
            self.refuse(error.fault, place)
        else:
            self.census.events.append(event)

    def refuse(self, fault: Fault, place: str) -> None:
        """Add a refusal."""
        self.census.refused.append(Refusal(fault, place))


def _read_census(document: Document, speaker: AgencySystem) -> Translation:
    refused: list[Refusal] = []
    root = parse_xml(document.body)
    message = CinElement(root, "Message", refused)
    if message.name.casefold() != "message":
        raise InputRefused(Fault.UNSUPPORTED)
    header = message.one("Header")
    details = header.one("CollectionDetails") if header else None
    if details and details.has("Collection") and not details.code("Collection"):
        raise InputRefused(Fault.UNSUPPORTED, f"{details.place}/Collection")
    source = next(header.every("Source"), None) if header else None
    authority = source.code("LEA") if source else None
    time = source.value("DateTime", moment) if source else None
    census = _Census(
        agency=speaker.agency,
        authority=authority or speaker.settings_as(CinSettings).la or speaker.agency,
        time=time or document.received_at,
        seed=document_seed(document.body, ""),
        refused=refused,
    )
    children = message.one("Children")
    for child in children.every("Child") if children else ():
        try:
            census.child(child)
        except InputRefused as error:
            refused.append(Refusal.of(error))
        except ValidationError:
            refused.append(Refusal(Fault.BAD_VALUE, child.place))
    return Translation(tuple(census.events), tuple(refused))


class CinFormat:
    """The Children in Need census, read whole and written one happening at a time."""

    reads = frozenset({OPENED, CHANGED, CLOSED})
    writes = reads

    def read(self, document: Document, speaker: AgencySystem) -> Translation:
        """Read a census; raises InputRefused where it is no census at all."""
        return _read_census(document, speaker)

    def write(self, view: View, speaker: AgencySystem) -> Document:
        """Write a census message of one child; raises CannotExpress where the census has no place.

        It has none for plans of other kinds, for a review of a child-in-need plan, for a case that
        some other system numbered, and for taking a record back.
        """
        if view.kind.key not in self.writes:
            raise CannotExpress("the census has no words for this event")
        return write_census(view, speaker)


ADAPTER = Adapter(
    name="care-cin",
    title="Children in Need census XML",
    format=CinFormat(),
    channels=("folder",),
    settings=CinSettings,
    suffix=".xml",
    samples="adapters/samples/care_cin",
    ignored=IGNORED,
)
