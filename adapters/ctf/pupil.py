"""One pupil of a Common Transfer File as the hub's sections: who, where, family, school, needs.

Source: DfE Common Transfer File specification, element ``Pupil``. ``Responsibility`` and nothing
else tells of parental responsibility: a mother without it is possible and is not corrected.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from adapters.ctf.elements import (
    BIRTH,
    NAMES,
    PHONE_KINDS,
    RELATIONSHIPS,
    SEX,
    CtfNode,
    CtfReading,
)
from schemas.errors import Fault, InputRefused
from schemas.events.education import SchoolPlacement, SchoolRegistration
from schemas.identifiers import is_laestab, is_ukprn, is_urn, uln, upn
from schemas.people import (
    Address,
    Contact,
    ContactPoint,
    Family,
    Identity,
    Organisation,
    Relative,
    Telephone,
)

MOST_LINES = 8
MOST_PEOPLE = 50
MOST_PHONES = 20
_ADDRESS = ("Address", "AddressDetails")


def identity_of(pupil: CtfNode, read: CtfReading) -> Identity:
    """Read who the pupil is; raises InputRefused where a birth date is given and is impossible.

    A pupil is refused for that alone, because a name without its birth date matches the wrong
    child; numbers with a wrong check digit or letter are kept and marked.
    """
    born_text = pupil_text(pupil, *BIRTH)
    basic = pupil.child("BasicDetails")
    born = read.date(pupil, *BIRTH) or (read.date(basic, *BIRTH) if basic else None)
    if born_text and born is None:
        raise InputRefused(Fault.BAD_VALUE, f"{pupil.path}/DOB")
    sex_text = pupil_text(pupil, "Sex", "Gender")
    sex = SEX.get(sex_text.lower()) if sex_text else None
    if sex_text and sex is None:
        read.refuse(Fault.BAD_VALUE, f"{pupil.path}/Sex")
    values: dict[str, object] = {f: pupil_text(pupil, *names) for f, names in NAMES.items()}
    values |= {
        "upn": upn(pupil_text(pupil, "UPN") or ""),
        "former_upn": upn(pupil_text(pupil, "FormerUPN") or ""),
        "uln": uln(pupil_text(pupil, "UniqueLearnerNumber", "ULN") or ""),
        "birth_date": born,
        "sex": sex,
    }
    return read.build(Identity, pupil.path, values) or Identity()


def pupil_text(pupil: CtfNode, *names: str) -> str | None:
    """Return a pupil's text from the pupil or, in files that group it there, from BasicDetails."""
    basic = pupil.child("BasicDetails")
    return pupil.text(*names) or (basic.text(*names) if basic else None)


def contact_of(pupil: CtfNode, read: CtfReading) -> Contact | None:
    """Read where the pupil lives: the first address, the telephones, the e-mail address."""
    home = pupil.child(*_ADDRESS)
    values = {
        "address": address_of(home, read) if home else None,
        "telephones": telephones_of(pupil, read),
        "email": pupil.text("Email"),
    }
    return read.build(Contact, pupil.path, values)


def address_of(node: CtfNode, read: CtfReading) -> Address | None:
    """Read a BS 7666 address or address lines; a post town goes before the BS 7666 town."""
    bs7666 = node.child("BS7666Address")
    lines = node.child("AddressLines") or node
    values: dict[str, object] = {
        "county": node.text("County"),
        "postcode": node.text("PostCode"),
    }
    if bs7666:
        town, post_town = bs7666.text("Town"), bs7666.text("PostTown")
        names = ["SAON", "PAON", "Street", "Locality"] + (["Town"] if town and post_town else [])
        values["lines"] = tuple(t for n in names if (t := bs7666.text(n)))
        values["town"] = post_town or town
        values["county"] = values["county"] or bs7666.text("AdministrativeArea")
        values["uprn"] = bs7666.text("UniquePropertyReferenceNumber", "UPRN")
    else:
        numbered = [f"AddressLine{n}" for n in range(1, MOST_LINES + 1)]
        values["lines"] = tuple(t for n in numbered if (t := lines.text(n)))
        values["town"] = node.text("Town", "PostTown")
    return read.build(Address, node.path, values)


def telephones_of(node: CtfNode, read: CtfReading) -> tuple[Telephone, ...]:
    """Read ``Phones/Phone``."""
    phones = node.child("Phones")
    found = []
    for phone in phones.named("Phone", "PhoneNumber") if phones else ():
        kind = phone.text("TelephoneType", "PhoneType")
        values = {
            "number": phone.text("PhoneNo", "Number", "TelephoneNo") or phone.own_text(),
            "kind": PHONE_KINDS.get(kind.upper(), kind) if kind else None,
        }
        if values["number"] and (telephone := read.build(Telephone, phone.path, values)):
            found.append(telephone)
    if len(found) > MOST_PHONES:
        read.refuse(Fault.BAD_VALUE, f"{node.path}/Phones")
    return tuple(found[:MOST_PHONES])


def family_of(pupil: CtfNode, read: CtfReading) -> Family | None:
    """Read ``Contacts/Contact``: each person's name, relationship, responsibility and reach."""
    contacts = pupil.child("Contacts")
    people: list[Relative] = []
    points: list[ContactPoint] = []
    for person in contacts.named("Contact", "ContactDetails") if contacts else ():
        relative, point = _relative(person, f"c{len(people) + 1}", read)
        if relative and len(people) == MOST_PEOPLE:
            read.refuse(Fault.BAD_VALUE, person.path)
            break
        if relative:
            people.append(relative)
        if relative and point:
            points.append(point)
    return Family(people=tuple(people), contact_points=tuple(points)) if people else None


def _relative(
    person: CtfNode, ref: str, read: CtfReading
) -> tuple[Relative | None, ContactPoint | None]:
    code = person.text("Relationship", "RelationshipCode")
    known = {
        "title": person.text("Title"),
        "family_name": person.text("Surname"),
        "given_name": person.text("Forename"),
        "relationship": RELATIONSHIPS.get(code.upper(), code) if code else None,
        "parental_responsibility": read.truth(person, "Responsibility", "ParentalResponsibility"),
    }
    home = person.child(*_ADDRESS)
    reach = {
        "address": address_of(home, read) if home else None,
        "same_address_as_child": read.truth(home or person, "AddressAsPupil"),
        "telephones": telephones_of(person, read),
        "email": person.text("Email"),
    }
    has_reach = any(v not in (None, ()) for v in reach.values())
    if not has_reach and all(v is None for v in known.values()):
        return None, None
    relative = read.build(Relative, person.path, {"ref": ref, **known})
    point = read.build(ContactPoint, person.path, {"ref": ref, **reach}) if has_reach else None
    return relative, point


def school_of(node: CtfNode | None, read: CtfReading) -> Organisation | None:
    """Read a school; None for a placeholder (an unknown school, or an authority: ``LLLL``)."""
    if node is None or is_placeholder(node):
        return None
    number = _number(node)
    urn, ukprn = node.text("URN"), node.text("UKPRN")
    checks = {
        "Estab": number is None or is_laestab(number),
        "URN": urn is None or is_urn(urn),
        "UKPRN": ukprn is None or is_ukprn(ukprn),
    }
    for name in (n for n, good in checks.items() if not good):
        read.refuse(Fault.BAD_VALUE, f"{node.path}/{name}")
    values = {
        "laestab": number if checks["Estab"] else None,
        "urn": urn if checks["URN"] else None,
        "ukprn": ukprn if checks["UKPRN"] else None,
        "name": node.text("SchoolName"),
    }
    return read.build(Organisation, node.path, values)


def _number(node: CtfNode) -> str | None:
    lea, estab = node.text("LEA", "LA"), node.text("Estab")
    if estab is None or (lea and is_laestab(estab) and estab.startswith(lea)):
        return estab
    return f"{lea or ''}{estab}"


def is_placeholder(node: CtfNode) -> bool:
    """Whether letters replace the school's number: an authority, or no particular school."""
    lea, estab = node.text("LEA", "LA") or "", node.text("Estab") or ""
    return lea.isalpha() or estab.isalpha()


def same_school(one: Organisation, other: Organisation) -> bool:
    """Whether two references mean one school: by URN, else by number, else by name alone."""
    for field in ("urn", "laestab"):
        mine, theirs = getattr(one, field), getattr(other, field)
        if mine and theirs:
            return bool(mine == theirs)
    coded = any((one.urn, one.laestab)) and any((other.urn, other.laestab))
    names = (one.name, other.name)
    return not coded and all(names) and len({(n or "").casefold() for n in names}) == 1


@dataclass(frozen=True, slots=True)
class Stay:
    """One entry of a pupil's school history."""

    school: Organisation
    entry: dt.date | None
    leaving: dt.date | None
    reason: str | None
    path: str


def stays_of(pupil: CtfNode, read: CtfReading) -> list[Stay]:
    """Read ``SchoolHistory/School``, passing over entries that name no school."""
    history = pupil.child("SchoolHistory")
    stays = []
    for node in history.named("School") if history else ():
        school = school_of(node, read)
        entry, leaving = read.date(node, "EntryDate"), read.date(node, "LeavingDate")
        if school:
            reason = node.text("LeavingReason")
            stays.append(Stay(school, entry, leaving, reason, node.path))
    return stays


def own_stay(school: Organisation, stays: list[Stay]) -> Stay | None:
    """Return the latest stay at a school."""
    own = [s for s in stays if same_school(s.school, school)]
    return max(own, key=lambda s: s.entry or dt.date.min, default=None)


def registration_of(
    pupil: CtfNode, school: Organisation, stays: list[Stay], read: CtfReading
) -> SchoolRegistration | None:
    """Read the pupil's registration at the school."""
    own = own_stay(school, stays)
    values = {
        "school": school,
        "entry_date": own.entry if own else None,
        "year_group": pupil_text(pupil, "NCyearActual", "YearGroup"),
        "enrolment_status": pupil_text(pupil, "EnrolStatus"),
        "previous_school": _previous(school, own, stays),
    }
    return read.build(SchoolRegistration, pupil.path, values)


def _previous(school: Organisation, own: Stay | None, stays: list[Stay]) -> Organisation | None:
    begin = own.entry if own else None
    end = own.leaving if own else None
    earlier = [
        s
        for s in stays
        if not same_school(s.school, school)
        and not (begin and s.entry and s.entry > begin)
        and not (begin and s.leaving and s.leaving > begin)
        and not (end and s.entry and s.entry >= end)
    ]
    if len(earlier) == 1:
        return earlier[0].school
    left = [s for s in earlier if s.leaving]
    latest = max(left, key=lambda s: s.leaving or dt.date.min, default=None)
    return latest.school if latest else None


def placement_of(
    school: Organisation, stays: list[Stay], destination: Organisation | None, read: CtfReading
) -> tuple[SchoolPlacement, str] | None:
    """Read that the pupil leaves the school, where its own history entry has a leaving date.

    The school joined is the history's next one, else the file's destination.
    """
    own = own_stay(school, stays)
    if own is None or own.leaving is None:
        return None
    later = [
        s for s in stays if s.entry and s.entry >= own.leaving and not same_school(s.school, school)
    ]
    following = min(later, key=lambda s: s.entry or dt.date.max).school if later else destination
    if following and same_school(following, school):
        following = None
    values = {
        "from_school": school,
        "to_school": following,
        "changed_on": own.leaving,
        "reason": own.reason,
    }
    placement = read.build(SchoolPlacement, own.path, values)
    return (placement, own.path) if placement else None
