"""One happening as a Children in Need census message of one child, in the schema's order."""

from __future__ import annotations

import datetime as dt
import re

from lxml import etree

from adapters.cin.codes import CODES, FIRST_SEX_YEAR, GENDERS, referral_date_of
from adapters.cin.settings import CinSettings
from adapters.contract import AgencySystem, Document
from schemas.errors import CannotExpress
from schemas.event import RecordStatus, View
from schemas.events.care import (
    CarePlan,
    CarePlanChange,
    CarePlanKind,
    CaseClosed,
    CaseOpened,
    ChildProtection,
)
from schemas.identifiers import Identifier, is_upn
from schemas.people import Sex
from schemas.times import LONDON

Element = etree._Element  # noqa: SLF001  lxml gives the class no public name


def write_census(view: View, speaker: AgencySystem) -> Document:
    """Write a message; raises CannotExpress where the census has no place for the happening.

    Settings read: ``la``, ``census_year``.
    """
    if view.status is RecordStatus.RETRACTED:
        raise CannotExpress("a census cannot take a record back")
    year = _year_of(view, speaker)
    opened = view.section(CaseOpened)
    disabilities = [("Disability", code) for code in opened.disabilities] if opened else []
    traits = [("Ethnicity", view.identity.ethnicity), ("Disabilities", disabilities)]
    child = [
        ("ChildIdentifiers", _identifiers_of(view, year)),
        ("ChildCharacteristics", [each for each in traits if each[1]]),
        ("CINdetails", _details_of(view)),
    ]
    root = etree.Element("Message")
    header = _header_of(view, speaker, year)
    try:
        _grow(root, [("Header", header), ("Children", [("Child", [*child])])])
    except ValueError:
        raise CannotExpress("the text has characters that XML cannot hold") from None
    body = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return Document(body=body, received_at=view.time, suffix=".xml")


def _details_of(view: View) -> list[tuple[str, object]]:
    """List the elements of ``CINdetails`` in the schema's order; raises CannotExpress."""
    opened, closed = view.section(CaseOpened), view.section(CaseClosed)
    plan = view.section(CarePlan)
    if opened and opened.referral_date:
        return [
            ("CINreferralDate", opened.referral_date),
            ("ReferralSource", opened.referral_source),
            ("PrimaryNeedCode", opened.primary_need),
            ("ReferralNFA", "false"),
        ]
    case = plan or closed
    referred = referral_date_of(case.case_id) if case else None
    if referred is None:
        raise CannotExpress("a census places everything under a referral date")
    if plan:
        return [("CINreferralDate", referred), *_plan_of(view, plan)]
    if closed is None or closed.closed_on is None:
        raise CannotExpress("a closure without its date")
    return [
        ("CINreferralDate", referred),
        ("CINclosureDate", closed.closed_on),
        ("ReasonForClosure", closed.reason),
        ("ReferralNFA", "false"),
    ]


def _plan_of(view: View, plan: CarePlan) -> list[tuple[str, object]]:
    if plan.start_date is None or plan.change is None:
        raise CannotExpress("a census plan has a first day, and something happened to it")
    nfa = ("ReferralNFA", "false")
    if plan.plan_kind is CarePlanKind.CHILD_IN_NEED and plan.change is not CarePlanChange.REVIEWED:
        dates = [("CINPlanStartDate", plan.start_date), ("CINPlanEndDate", plan.end_date)]
        return [("CINPlanDates", dates), nfa]
    if plan.plan_kind is not CarePlanKind.CHILD_PROTECTION:
        raise CannotExpress("the census has no place for this kind of plan or change")
    why = view.section(ChildProtection) or ChildProtection()
    written = [
        ("CPPstartDate", plan.start_date),
        ("CPPendDate", plan.end_date),
        ("InitialCategoryOfAbuse", why.initial_category),
        ("LatestCategoryOfAbuse", why.latest_category),
        ("NumberOfPreviousCPP", why.previous_plans),
        ("Reviews", [("CPPreviewDate", plan.reviewed_on)] if plan.reviewed_on else None),
    ]
    return [("DateOfInitialCPC", why.conference_date), nfa, ("ChildProtectionPlans", written)]


def _identifiers_of(view: View, year: int) -> list[tuple[str, object]]:
    who, own = view.identity, view.identity.la_child_id
    letters = {Sex.MALE: "M", Sex.FEMALE: "F", Sex.UNKNOWN: "U"}
    digits = {sex: digit for digit, sex in GENDERS.items()}
    old = year < FIRST_SEX_YEAR
    sex = (digits if old else letters).get(who.sex) if who.sex else None
    return [
        ("LAchildID", (_number(own) if own and own.usable else None) or view.child),
        ("UPN", _number(who.upn)),
        ("FormerUPN", _number(who.former_upn)),
        ("PersonBirthDate", who.birth_date),
        ("ExpectedPersonBirthDate", who.expected_birth_date),
        ("GenderCurrent" if old else "Sex", sex),
        ("PersonDeathDate", who.death_date),
    ]


def _number(identifier: Identifier | None) -> str | None:
    """Write a number as it was received; none that is doubted though its form shows no doubt."""
    if identifier is None or (not identifier.usable and is_upn(identifier.value)):
        return None
    return identifier.original or identifier.value


def _header_of(view: View, speaker: AgencySystem, year: int) -> list[tuple[str, object]]:
    child = view.identity.la_child_id
    named = ((child.issuer if child else None) or "", speaker.settings_as(CinSettings).la or "")
    authority = next((a for a in named if re.fullmatch(CODES["LEA"], a)), None)
    collection = [("Collection", "CIN"), ("Year", year), ("ReferenceDate", f"{year}-03-31")]
    source = [
        ("SourceLevel", "L"),
        ("LEA", authority),
        ("SoftwareCode", "interagency-hub"),
        ("SerialNo", "001"),
        ("DateTime", view.time.astimezone(LONDON).isoformat()),
    ]
    return [("CollectionDetails", collection), ("Source", source if authority else None)]


def _year_of(view: View, speaker: AgencySystem) -> int:
    """Return the census year: the setting's, or the one whose 31 March comes next."""
    setting = speaker.settings_as(CinSettings).census_year
    if setting is not None:
        return setting
    today = view.time.astimezone(LONDON).date()
    return today.year + (today > dt.date(today.year, 3, 31))


def _grow(parent: etree._Element, content: list[tuple[str, object]]) -> None:
    for name, value in content:
        if value is None or value == []:
            continue
        element = etree.SubElement(parent, name)
        if isinstance(value, list):
            _grow(element, value)
        else:
            element.text = value.isoformat() if isinstance(value, dt.date) else str(value)
