"""What goes wrong in real life: unreadable files, and children whose identity is uncertain.

None of it is lost: each is in the adapter's ``rejected/`` folder, in quarantine, or held for a
person. ``docs/demo-borough.md`` lists the outcome of each.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from hub.demo.borough.extract import COUNCIL, csv_bytes, extract
from hub.demo.borough.hl7 import message
from hub.demo.borough.people import InventedChild
from hub.demo.borough.tables import Row, dated, table

_ENTITY = (
    b'<?xml version="1.0"?>\n<!DOCTYPE CTfile [<!ENTITY all SYSTEM "file:///etc/passwd">]>\n'
    b"<CTfile><CTFpupilData><Pupil><Surname>&all;</Surname></Pupil></CTFpupilData></CTfile>\n"
)
_BROKEN_MSH = b"MSH*^~\\&|NORTHMOOR-PAS|ZZN\rPID|1||9990079196^^^NHS^NH\r"


@dataclass(frozen=True, slots=True)
class Mishap:
    """One document that the hub refuses, quarantines or holds."""

    adapter: str
    name: str
    body: bytes


def mishaps(people: Mapping[str, InventedChild], today: dt.date) -> Iterator[Mishap]:
    """Make all of them: refused by an adapter, quarantined by the hub, held for a person."""
    yield Mishap("oakfield-ctf", "entity-attack.xml", _ENTITY)
    yield Mishap("northmoor-nhs-hl7", "broken-header.hl7", _BROKEN_MSH)
    yield Mishap("northmoor-nhs-fhir", "empty.json", b"")
    yield Mishap("northmoor-care-extract", "unknown-type.csv", _unknown_type(people, today))
    yield Mishap("northmoor-send-extract", "unknown-child.csv", _unknown_child(today))
    yield Mishap("northmoor-send-extract", "not-theirs.csv", _not_theirs(people, today))
    yield Mishap("northmoor-send-extract", "no-such-directive.csv", _no_directive(people, today))
    yield Mishap("northmoor-send-extract", "tomorrow.csv", _tomorrow(people, today))
    yield Mishap("northmoor-send-extract", "two-children.csv", _two_children(people, today))
    yield Mishap("northmoor-nhs-hl7", "other-spelling.hl7", _other_spelling(people, today))
    yield Mishap("northmoor-nhs-hl7", "sent-again.hl7", _sent_again(people, today))


def _row(today: dt.date, **cells: str) -> Row:
    moment = {"recorded_at": "today-1T12:00"} | cells
    return {name: dated(cell, today) for name, cell in moment.items()}


def _unknown_type(people: Mapping[str, InventedChild], today: dt.date) -> bytes:
    kind = "care.house-visited"
    return extract([_row(today, record_type=kind, child="molly")], people, ("la_child_id",))


def _unknown_child(today: dt.date) -> bytes:
    return csv_bytes(
        [
            _row(
                today,
                record_type="ehc.ehc-plan-reviewed",
                la_child_id="NM999999",
                family_name="Quillfeather",
                given_name="Barnaby",
                birth_date="today-4000",
                reviewed_on="today-20",
                review_outcome="maintain",
            )
        ]
    )


def _not_theirs(people: Mapping[str, InventedChild], today: dt.date) -> bytes:
    row = _row(
        today,
        record_type="care.case-closed",
        child="molly",
        case_id="CASE-8005",
        closed_on="today-1",
    )
    return extract([row], people, COUNCIL)


def _no_directive(people: Mapping[str, InventedChild], today: dt.date) -> bytes:
    kind, number = "consent.directive-withdrawn", "NC-D-999"
    row = _row(today, record_type=kind, child="priya", directive_id=number)
    return extract([row], people, COUNCIL)


def _tomorrow(people: Mapping[str, InventedChild], today: dt.date) -> bytes:
    row = _row(
        today,
        record_type="ehc.ehc-plan-ceased",
        child="samira",
        recorded_at="today+2T12:00",
        ceased_on="today+2",
    )
    return extract([row], people, COUNCIL)


def _two_children(people: Mapping[str, InventedChild], today: dt.date) -> bytes:
    """Write one child's NHS number beside another's UPN: a copying error."""
    mixed = replace(people["arjun"], key="mixed", upn=people["ethan"].upn)
    row = _row(
        today,
        record_type="ehc.ehc-assessment-requested",
        child="mixed",
        requested_on="today-3",
    )
    return extract([row], {"mixed": mixed}, ("nhs_number", "upn", "family_name", "birth_date"))


def _other_spelling(people: Mapping[str, InventedChild], today: dt.date) -> bytes:
    """Write a referral of a child without NHS number whose name resembles another's."""
    tomas = people["tomasz"]
    nearly = replace(
        tomas,
        given_name="Tomas",
        family_name="Wisniewsky",
        nhs_number="",
        hospital_number="CH99001",
    )
    row = _row(
        today,
        kind="REF^I12",
        number="MSG000901",
        sent="today-1T13:00",
        record="REF-1999",
        when="today-1",
        service="310093001 Occupational therapy service",
        reason="Handwriting",
    )
    return message(row, nearly)


def _sent_again(people: Mapping[str, InventedChild], today: dt.date) -> bytes:
    """Send the first appointment a second time, as systems do when an acknowledgement was lost."""
    rows = (r for r in table("hl7.csv", today) if r["number"] == "MSG000102")
    return next(message(row, people[row["child"]]) for row in rows)
