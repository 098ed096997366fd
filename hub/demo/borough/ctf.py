"""The exports of schools' information systems: Common Transfer Files, version 25.0.

Real files begin with a byte order mark and name the authority as the destination (``LLLL``).
"""

from __future__ import annotations

import codecs
import datetime as dt
from collections.abc import Iterable, Mapping

from lxml import etree

from hub.demo.borough.people import AUTHORITY, TOWN, InventedChild, Parent, School
from hub.demo.borough.tables import Row
from hub.demo.borough.xml import leaves, node, written

_RELATIONS: Mapping[str, str] = {
    "mother": "PAM",
    "father": "PAF",
    "foster-carer": "CAR",
    "grandmother": "REL",
}


def common_transfer_file(
    school: School, pupils: Iterable[tuple[InventedChild, Row]], today: dt.date, at: dt.datetime
) -> bytes:
    """Write one file; each pupil comes with a row of what the school knows beyond the particulars.

    The row may hold ``sen_since``, ``possible``, ``attended``, ``authorised``, ``entry``,
    ``leaving`` and ``to_school``.
    """
    data = node("CTFpupilData", *(_pupil(school, child, row, today) for child, row in pupils))
    root = node("CTfile", _header(school, today, at), data)
    return codecs.BOM_UTF8 + written(root)


def _header(school: School, today: dt.date, at: dt.datetime) -> etree._Element:
    year = str(_school_year(today))
    source = node("SourceSchool", *_school(school), node("AcademicYear", year))
    destination = node("DestSchool", *leaves([("LEA", AUTHORITY), ("Estab", "LLLL")]))
    return node(
        "Header",
        *leaves(
            [
                ("DocumentName", "Common Transfer File"),
                ("CTFversion", "25.0"),
                ("DateTime", at.strftime("%Y-%m-%dT%H:%M:%S")),
                ("DocumentQualifier", "partial"),
                ("SupplierID", "Northmoor MIS"),
            ]
        ),
        source,
        destination,
    )


def _school_year(today: dt.date) -> int:
    return today.year if today.month >= 9 else today.year - 1  # noqa: PLR2004  September


def _school(school: School) -> list[etree._Element]:
    return leaves(
        [
            ("LEA", AUTHORITY),
            ("Estab", school.estab),
            ("URN", school.urn),
            ("SchoolName", school.name),
        ]
    )


def _pupil(school: School, child: InventedChild, row: Row, today: dt.date) -> etree._Element:
    particulars = [
        ("UPN", child.upn),
        ("Surname", child.family_name),
        ("Forename", child.given_name),
        ("DOB", child.birth_date.isoformat()),
        ("Sex", child.sex),
    ]
    basic = [
        ("NCyearActual", child.school_year(today)),
        ("Ethnicity", child.ethnicity),
        ("EnrolStatus", "C"),
    ]
    return node(
        "Pupil",
        *leaves(particulars),
        node("BasicDetails", *leaves(basic)),
        _sen(child, row),
        _address(child),
        _phones("H", child.telephone),
        node("Contacts", *(_contact(n, p, child) for n, p in enumerate(child.parents, start=1))),
        _attendance(school, row, today),
        _history(school, row),
    )


def _sen(child: InventedChild, row: Row) -> etree._Element | None:
    if "sen_since" not in row:
        return None
    start = [("StartDate", row["sen_since"]), ("SENprovision", child.sen_provision)]
    needs = [
        node("SENneed", *leaves([("SENtypeRank", str(rank)), ("SENtype", need)]))
        for rank, need in enumerate(child.needs, start=1)
    ]
    return node("SENhistory", node("SEN", *leaves(start)), node("SENneeds", *needs))


def _address(child: InventedChild) -> etree._Element:
    number, _, street = child.address.partition(" ")
    lines = leaves([("PAON", number), ("Street", street), ("Town", TOWN)])
    return node("Address", node("BS7666Address", *lines), node("PostCode", child.postcode))


def _phones(kind: str, number: str) -> etree._Element:
    return node("Phones", node("Phone", *leaves([("TelephoneType", kind), ("PhoneNo", number)])))


def _contact(order: int, parent: Parent, child: InventedChild) -> etree._Element:
    known = [
        ("Order", str(order)),
        ("Surname", parent.family_name),
        ("Forename", parent.given_name),
        ("Relationship", _RELATIONS.get(parent.relation, "OTH")),
        ("Responsibility", str(parent.relation != "foster-carer").lower()),
    ]
    home = node("Address", node("AddressAsPupil", "true"))
    return node("Contact", *leaves(known), home, _phones("M", child.telephone))


def _attendance(school: School, row: Row, today: dt.date) -> etree._Element | None:
    if "possible" not in row:
        return None
    possible, attended, authorised = (int(row[n]) for n in ("possible", "attended", "authorised"))
    counts = [
        ("SessionsPossible", str(possible)),
        ("SessionsAuthorised", str(authorised)),
        ("SessionsAttended", str(attended)),
        ("SessionsUnauthorised", str(possible - attended - authorised)),
    ]
    year = node("Year", str(_school_year(today)))
    named = [e for e in _school(school) if e.tag != "URN"]
    return node("Attendance", node("YearData", year, *named, *leaves(counts)))


def _history(school: School, row: Row) -> etree._Element:
    stay = [
        ("EntryDate", row.get("entry")),
        ("LeavingDate", row.get("leaving")),
    ]
    return node("SchoolHistory", node("School", *_school(school), *leaves(stay)))
