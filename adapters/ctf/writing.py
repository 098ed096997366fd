"""A view as a Common Transfer File that a school's system can import.

Standard: DfE Common Transfer File 25.0; the order of elements is the specification's. Where the
event does not name a school as its source, ``SourceSchool`` is the placeholder XXX/XXXX with the
sending agency's name, so that the file is not taken as a statement that the child is on a roll.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lxml import etree

from adapters.contract import AgencySystem
from adapters.ctf.elements import PHONE_KINDS, RELATIONSHIPS, SEX_WRITTEN
from adapters.ctf.sentences import (
    contact_sentences,
    identity_sentences,
    labelled_fields,
    sentences_of,
)
from adapters.ctf.settings import CtfSettings
from schemas.event import RecordStatus, View
from schemas.events.education import (
    AttendanceConcern,
    SchoolPlacement,
    SchoolRegistration,
    SenNeed,
    SenProvision,
    SenSupport,
)
from schemas.events.ehc import PlanIssued
from schemas.people import Address, Contact, ContactPoint, Family, Organisation, Relative, Telephone
from schemas.times import LONDON

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_FIRST_MONTH = 9  # the academic year begins in September and is named for the year it begins in
_MOST_LINES = 5
_PHONE_CODES = {kind: code for code, kind in PHONE_KINDS.items()}
_RELATIONSHIP_CODES = {word: code for code, word in RELATIONSHIPS.items()} | {
    "foster-carer": "CAR",
    "guardian": "CAR",
    "grandparent": "REL",
    "grandmother": "REL",
    "grandfather": "REL",
    "sibling": "REL",
}
_BS7666_PLACES: Sequence[tuple[str, ...]] = (  # by the number of lines there are
    (),
    ("PAON",),
    ("PAON", "Street"),
    ("PAON", "Street", "Locality"),
    ("SAON", "PAON", "Street", "Locality"),
    ("SAON", "PAON", "Street", "Locality", "Town"),
)
_UNKNOWN: Mapping[str, object] = {"LEA": "XXX", "Estab": "XXXX"}
Element = etree._Element  # noqa: SLF001  lxml gives the class no public name


def write_ctf(view: View, speaker: AgencySystem) -> bytes:
    """Write one pupil's file: header, pupil, and in ``SuppInfo`` what CTF has no element for."""
    root = etree.Element("CTfile")
    said = view.status is not RecordStatus.RETRACTED
    _header(root, view, speaker, said=said)
    pupil = etree.SubElement(etree.SubElement(root, "CTFpupilData"), "Pupil")
    registration = view.section(SchoolRegistration) if said else None
    _identity(pupil, view, registration, speaker)
    if said:
        _sen(pupil, view)
    if contact := view.section(Contact):
        _address(pupil, contact.address)
        _phones(pupil, contact.telephones)
        _put(pupil, "Email", contact.email)
    _contacts(pupil, view.section(Family))
    if said:
        _attendance(pupil, view.section(AttendanceConcern))
        _history(pupil, registration, view.section(SchoolPlacement))
    _put(pupil, "SuppInfo", " ".join(_supplement(view, said=said)))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _put(parent: Element, name: str, value: object) -> None:
    """Add an element with text, unless there is nothing to say."""
    text = _ILLEGAL.sub(" ", str(value)) if value is not None else ""
    if text:
        etree.SubElement(parent, name).text = text


def _group(parent: Element, name: str, **values: object) -> Element | None:
    """Add an element holding the values there are; none at all leaves the element out."""
    kept = {k: v for k, v in values.items() if v is not None}
    if not kept:
        return None
    group = etree.SubElement(parent, name)
    for child, value in kept.items():
        _put(group, child, value)
    return group


def _header(root: Element, view: View, speaker: AgencySystem, *, said: bool) -> None:
    local = view.time.astimezone(LONDON)
    header = etree.SubElement(root, "Header")
    _put(header, "DocumentName", "Common Transfer File")
    _put(header, "CTFversion", speaker.settings_as(CtfSettings).ctf_version)
    _put(header, "DateTime", local.strftime("%Y-%m-%dT%H:%M:%S"))
    _put(header, "DocumentQualifier", "partial")
    _put(header, "DataDescriptor", view.kind.title)
    _put(header, "SupplierID", "IAHUB")
    registration, placement = view.section(SchoolRegistration), view.section(SchoolPlacement)
    source = registration.school if registration else placement.from_school if placement else None
    codes = _codes(source if said else None) or {**_UNKNOWN, "SchoolName": view.source}
    year = local.year if local.month >= _FIRST_MONTH else local.year - 1
    _group(header, "SourceSchool", **codes, AcademicYear=year)
    _group(header, "DestSchool", **_destination(placement if said else None, speaker))


def _destination(placement: SchoolPlacement | None, speaker: AgencySystem) -> dict[str, object]:
    """Return the school the file is for; a leaver's unknown next school stays unknown."""
    settings = speaker.settings_as(CtfSettings)
    own = _codes(
        Organisation.model_construct(
            urn=settings.school_urn,
            laestab=settings.school_laestab,
            name=settings.school_name,
        )
    )
    joined = _codes(placement.to_school) if placement else {}
    if placement is None or joined:
        return own or joined or dict(_UNKNOWN)
    return dict(_UNKNOWN)


def _codes(school: Organisation | None) -> dict[str, object]:
    if school is None:
        return {}
    number = school.laestab or ""
    codes = {
        "LEA": number[:3] or None,
        "Estab": number[3:] or None,
        "URN": school.urn,
        "UKPRN": school.ukprn,
        "SchoolName": school.name,
    }
    return {k: v for k, v in codes.items() if v}


def _identity(
    pupil: Element, view: View, registration: SchoolRegistration | None, speaker: AgencySystem
) -> None:
    who = view.identity
    _put(pupil, "UPN", who.upn.value if who.upn else None)
    _put(pupil, "UniqueLearnerNumber", who.uln.value if who.uln else None)
    _put(pupil, "Surname", who.family_name)
    _put(pupil, "Forename", who.given_name)
    _put(pupil, "DOB", who.birth_date)
    sex_element = speaker.settings_as(CtfSettings).sex_element
    _put(pupil, sex_element, SEX_WRITTEN.get(who.sex) if who.sex else None)
    # An NHS ethnicity letter would be taken for a DfE code, and those all have four letters.
    ethnicity = who.ethnicity if re.fullmatch(r"[A-Z]{4}", who.ethnicity or "") else None
    _group(
        pupil,
        "BasicDetails",
        FormerUPN=who.former_upn.value if who.former_upn else None,
        PreferredSurname=who.preferred_family_name,
        PreferredForename=who.preferred_given_name,
        MiddleNames=who.middle_names,
        NCyearActual=registration.year_group if registration else None,
        Ethnicity=ethnicity,
        EnrolStatus=registration.enrolment_status if registration else None,
    )


def _sen(pupil: Element, view: View) -> None:
    support, plan = view.section(SenSupport), view.section(PlanIssued)
    if support:
        provision, start, needs = support.provision, support.start_date, support.needs
    elif plan and plan.plan_kind in (None, "ehcp"):
        provision, start, needs = SenProvision.EHC_PLAN, plan.issued_on, plan.needs
    else:
        return
    local = [n for n in support.local_needs if _is_code(n)] if support else []
    if not (provision or needs or local):
        return
    history = etree.SubElement(pupil, "SENhistory")
    if provision:
        _group(history, "SEN", StartDate=start, SENprovision=provision.value)
    if needs or local:
        group = etree.SubElement(history, "SENneeds")
        for need in needs:
            _need(group, need)
        for code in local:
            _group(group, "SENneed", SENtype=code)


def _need(group: Element, need: SenNeed) -> None:
    _group(
        group,
        "SENneed",
        NeedStartDate=need.start_date,
        NeedEndDate=need.end_date,
        SENtypeRank=need.rank,
        SENtype=need.type.value,
    )


def _is_code(text: str) -> bool:
    return re.fullmatch(r"[!-~]{1,4}", text) is not None


def _address(parent: Element, address: Address | None) -> None:
    """Write address lines; with a town or a UPRN only the BS 7666 form has a place for all."""
    if address is None:
        return
    node = etree.SubElement(parent, "Address")
    lines = list(address.lines)
    most = _MOST_LINES - 1 if address.uprn and not address.town else _MOST_LINES
    if len(lines) > most:
        lines[most - 1 :] = [", ".join(lines[most - 1 :])]
    if address.town or address.uprn:
        parts: dict[str, object] = dict(zip(_BS7666_PLACES[len(lines)], lines, strict=True))
        parts["PostTown" if "Town" in parts else "Town"] = address.town
        order = ("SAON", "PAON", "Street", "Locality", "Town", "PostTown")
        held = {k: parts.get(k) for k in order}
        _group(node, "BS7666Address", **held, UniquePropertyReferenceNumber=address.uprn)
    else:
        _group(node, "AddressLines", **{f"AddressLine{n}": t for n, t in enumerate(lines, 1)})
    _put(node, "County", address.county)
    _put(node, "PostCode", address.postcode)


def _phones(parent: Element, telephones: tuple[Telephone, ...]) -> None:
    if not telephones:
        return
    group = etree.SubElement(parent, "Phones")
    for telephone in telephones:
        kind = telephone.kind or ""
        code = _PHONE_CODES.get(kind, kind if _is_code(kind) else None)
        _group(group, "Phone", TelephoneType=code, PhoneNo=telephone.number)


def _contacts(pupil: Element, family: Family | None) -> None:
    if family is None or not family.people:
        return
    points = {p.ref: p for p in family.contact_points}
    group = etree.SubElement(pupil, "Contacts")
    for order, person in enumerate(family.people, start=1):
        _contact(group, order, person, points.get(person.ref))


def _contact(group: Element, order: int, person: Relative, point: ContactPoint | None) -> None:
    word = person.relationship or ""
    code = _RELATIONSHIP_CODES.get(word) or (word if _is_code(word) and word.isupper() else "OTH")
    responsible = person.parental_responsibility
    node = _group(
        group,
        "Contact",
        Order=order,
        Title=person.title,
        Surname=person.family_name,
        Forename=person.given_name,
        Relationship=code if word else None,
        Responsibility=None if responsible is None else str(responsible).lower(),
    )
    if node is None or point is None:
        return
    _address(node, point.address)
    if point.same_address_as_child is not None:
        home = node.find("Address")
        home = etree.SubElement(node, "Address") if home is None else home
        _put(home, "AddressAsPupil", str(point.same_address_as_child).lower())
    _phones(node, point.telephones)
    _put(node, "Email", point.email)


def _attendance(pupil: Element, concern: AttendanceConcern | None) -> None:
    if concern is None or concern.sessions_possible is None:
        return
    year = _group(
        etree.SubElement(pupil, "Attendance"),
        "YearData",
        Year=concern.academic_year,
        SessionsPossible=concern.sessions_possible,
        SessionsAuthorised=concern.sessions_authorised,
        SessionsAttended=concern.sessions_attended,
        SessionsUnauthorised=concern.sessions_unauthorised,
    )
    if year is not None and concern.period_start:
        _group(year, "AttendSessions", AttendanceStartDate=concern.period_start)


def _history(
    pupil: Element, registration: SchoolRegistration | None, placement: SchoolPlacement | None
) -> None:
    history = etree.Element("SchoolHistory")
    if registration:
        _stay(history, registration.previous_school)
        entry = registration.entry_date
        _stay(history, registration.school if entry else None, EntryDate=entry)
    if placement:
        dates = {"LeavingDate": placement.changed_on, "LeavingReason": placement.reason}
        _stay(history, placement.from_school, **dates)
        _stay(history, placement.to_school, EntryDate=placement.changed_on)
    if len(history):
        pupil.append(history)


def _stay(history: Element, school: Organisation | None, **dates: object) -> None:
    if school is not None and (codes := _codes(school)):
        _group(history, "School", **codes, **dates)


def _supplement(view: View, *, said: bool) -> list[str]:
    """Write as sentences what CTF has no element for."""
    shared = identity_sentences(view) + contact_sentences(view)
    if not said or view.status is not RecordStatus.RECORDED or view.existence:
        return shared + sentences_of(view)
    support, concern = view.section(SenSupport), view.section(AttendanceConcern)
    moved = view.section(SchoolPlacement)
    if support and support.provision:
        local = tuple(n for n in support.local_needs if not _is_code(n))
        remains = SenSupport(local_needs=local)
        return shared + labelled_fields(remains, ["local_needs"])
    if concern and concern.sessions_possible is not None:
        return shared + labelled_fields(concern, ["period_end", "note"])
    if (reg := view.section(SchoolRegistration)) and reg.school:
        return shared
    if moved and moved.from_school and moved.changed_on:
        return shared
    return shared + sentences_of(view)
