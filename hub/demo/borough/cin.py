"""The export of social care's system: a Children in Need census, without names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from lxml import etree

from hub.demo.borough.people import AUTHORITY, InventedChild
from hub.demo.borough.tables import Row
from hub.demo.borough.xml import leaves, node, written


def census(
    rows: Iterable[Row], people: Mapping[str, InventedChild], today: dt.date, at: dt.datetime
) -> bytes:
    """Write a census of the children in the rows, each with one referral and its plans."""
    children = node("Children", *(_child(row, people[row["child"]]) for row in rows))
    return written(node("Message", _header(today, at), children))


def _header(today: dt.date, at: dt.datetime) -> etree._Element:
    collection = [
        ("Collection", "CIN"),
        ("Year", str(today.year)),
        ("ReferenceDate", today.isoformat()),
    ]
    source = [
        ("SourceLevel", "L"),
        ("LEA", AUTHORITY),
        ("SoftwareCode", "Northmoor CMS"),
        ("Release", "1.0"),
        ("SerialNo", "001"),
        ("DateTime", at.strftime("%Y-%m-%dT%H:%M:%S")),
    ]
    return node(
        "Header",
        node("CollectionDetails", *leaves(collection)),
        node("Source", *leaves(source)),
    )


def _child(row: Row, child: InventedChild) -> etree._Element:
    who = [
        ("LAchildID", child.la_child_id),
        ("UPN", child.upn),
        ("UPNunknown", "" if child.upn else "UN2"),
        ("PersonBirthDate", child.birth_date.isoformat()),
        ("Sex", child.sex),
    ]
    disabilities = [("Disability", code) for code in row.get("disabilities", "NONE").split(";")]
    return node(
        "Child",
        node("ChildIdentifiers", *leaves(who)),
        node(
            "ChildCharacteristics",
            node("Ethnicity", child.ethnicity),
            node("Disabilities", *leaves(disabilities)),
        ),
        _details(row),
    )


def _details(row: Row) -> etree._Element:
    referral = [
        ("CINreferralDate", row["referred"]),
        ("ReferralSource", row["source"]),
        ("PrimaryNeedCode", row["need"]),
        ("CINclosureDate", row.get("closed")),
        ("ReasonForClosure", row.get("closure_reason")),
        ("DateOfInitialCPC", row.get("conference")),
    ]
    plan = [("CINPlanStartDate", row.get("cin_plan"))]
    return node(
        "CINdetails",
        *leaves(referral),
        node("CINPlanDates", *leaves(plan)) if "cin_plan" in row else None,
        node("ReferralNFA", "false"),
        _protection(row) if "cp_plan" in row else None,
    )


def _protection(row: Row) -> etree._Element:
    plan = [
        ("CPPstartDate", row["cp_plan"]),
        ("InitialCategoryOfAbuse", row["category"]),
        ("LatestCategoryOfAbuse", row["category"]),
        ("NumberOfPreviousCPP", row.get("previous", "0")),
    ]
    return node("ChildProtectionPlans", *leaves(plan))
