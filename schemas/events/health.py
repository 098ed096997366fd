"""Events of the NHS: referrals, appointments, waiting, reports, diagnoses, discharge.

Codes: SNOMED CT as strings; statuses normalised from HL7 v2 triggers and FHIR R4 status lists (see
the adapters). No diagnosis is ever turned into an educational need type, nor back.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from schemas.event_type import Involvement, declare
from schemas.fields import CHILD, LOCATES, MAY_LOCATE, NOWHERE, PROFESSIONAL, TEXT, described
from schemas.people import Coding, DocumentRef, Organisation
from schemas.sections import Category, Code, LongText, Section, ShortText

RecordNumber = Annotated[str, Field(min_length=1, max_length=120)]
_DUTY = "Health and Social Care Act 2012 s.251B (duty to share for direct care)"


class ReferralStatus(StrEnum):
    """Status of a referral."""

    ACTIVE = "active"
    ON_HOLD = "on-hold"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Referral(Section):
    """A child has been referred to a service."""

    category: ClassVar[Category] = Category.HEALTH

    referral_id: Annotated[
        RecordNumber | None, described(CHILD, MAY_LOCATE, "The source's own id", "REF-2026-118")
    ] = None
    status: Annotated[
        ReferralStatus | None, described(CHILD, NOWHERE, "Status of the referral")
    ] = None
    referred_on: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "Day of referral", "2026-03-02")
    ] = None
    service: Annotated[
        Coding | None,
        described(
            CHILD,
            LOCATES,
            "Service requested",
            {"code": "SALT", "display": "Speech and language therapy"},
        ),
    ] = None
    priority: Annotated[
        Code | None, described(CHILD, NOWHERE, "routine, urgent, two-week-wait...", "routine")
    ] = None
    reason: Annotated[
        LongText | None,
        described(TEXT, MAY_LOCATE, "Reason, in the referrer's words", "Unclear speech at 4."),
    ] = None
    referred_by: Annotated[
        Organisation | None,
        described(
            CHILD, LOCATES, "Organisation that refers", {"name": "Elm Surgery", "ods": "Y99999"}
        ),
    ] = None
    referred_to: Annotated[
        Organisation | None,
        described(
            CHILD,
            LOCATES,
            "Organisation referred to",
            {"name": "Northmoor Community NHS", "ods": "RX9"},
        ),
    ] = None


class AppointmentStatus(StrEnum):
    """Status of an appointment."""

    BOOKED = "booked"
    ATTENDED = "attended"
    MISSED = "missed"
    CANCELLED = "cancelled"


class Appointment(Section):
    """An appointment was booked, attended, missed or cancelled."""

    category: ClassVar[Category] = Category.HEALTH

    appointment_id: Annotated[
        RecordNumber | None, described(CHILD, MAY_LOCATE, "The source's own id", "APT-90021")
    ] = None
    status: Annotated[
        AppointmentStatus | None, described(CHILD, NOWHERE, "Status of the appointment")
    ] = None
    start: Annotated[
        AwareDatetime | None,
        described(CHILD, NOWHERE, "Start, with UTC offset", "2026-04-14T09:30:00+01:00"),
    ] = None
    end: Annotated[
        AwareDatetime | None,
        described(CHILD, NOWHERE, "End, with UTC offset", "2026-04-14T10:15:00+01:00"),
    ] = None
    service: Annotated[
        Coding | None,
        described(CHILD, LOCATES, "Service", {"code": "AUD", "display": "Audiology"}),
    ] = None
    reason: Annotated[ShortText | None, described(TEXT, MAY_LOCATE, "Reason", "Hearing test")] = (
        None
    )
    location: Annotated[
        ShortText | None, described(CHILD, LOCATES, "Where it is held", "Clinic 3, Northmoor")
    ] = None
    referral_id: Annotated[
        RecordNumber | None,
        described(CHILD, MAY_LOCATE, "The referral behind it", "REF-2026-118"),
    ] = None


class WaitingStatus(Section):
    """A child's place on a waiting list."""

    category: ClassVar[Category] = Category.HEALTH

    status: Annotated[
        Code | None, described(CHILD, NOWHERE, "waiting, seen or removed", "waiting")
    ] = None
    service: Annotated[
        Coding | None,
        described(CHILD, LOCATES, "Service", {"code": "CPAED", "display": "Paediatrics"}),
    ] = None
    waiting_since: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "First day of waiting", "2026-03-02")
    ] = None
    weeks_waiting: Annotated[
        int | None, described(CHILD, NOWHERE, "Whole weeks waited", 11, ge=0, le=2000)
    ] = None
    referral_id: Annotated[
        RecordNumber | None,
        described(CHILD, MAY_LOCATE, "The referral behind it", "REF-2026-118"),
    ] = None


class ReportAvailable(Section):
    """A clinical report exists and may be asked for; the report itself is not sent."""

    category: ClassVar[Category] = Category.HEALTH

    report_id: Annotated[
        RecordNumber | None, described(CHILD, MAY_LOCATE, "The source's own id", "REP-5514")
    ] = None
    kind: Annotated[
        Coding | None,
        described(CHILD, MAY_LOCATE, "Type of report", {"code": "OT", "display": "OT report"}),
    ] = None
    issued_on: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "Day of issue", "2026-05-06")
    ] = None
    author: Annotated[
        ShortText | None,
        described(PROFESSIONAL, MAY_LOCATE, "Role or name of the author", "Occupational therapist"),
    ] = None
    document: Annotated[
        DocumentRef | None, described(CHILD, MAY_LOCATE, "Reference to the report")
    ] = None
    service: Annotated[
        Coding | None,
        described(CHILD, LOCATES, "Service", {"code": "OT", "display": "Occupational therapy"}),
    ] = None


class Diagnosis(Section):
    """A condition was recorded."""

    category: ClassVar[Category] = Category.HEALTH

    condition: Annotated[
        Coding | None, described(CHILD, NOWHERE, "The condition, in SNOMED CT where known")
    ] = None
    condition_id: Annotated[
        RecordNumber | None, described(CHILD, MAY_LOCATE, "The source's own id", "CON-771")
    ] = None
    recorded_on: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "Day of recording", "2026-05-06")
    ] = None
    verification: Annotated[
        Code | None, described(CHILD, NOWHERE, "confirmed, provisional...", "confirmed")
    ] = None
    clinical_status: Annotated[
        Code | None, described(CHILD, NOWHERE, "active, resolved...", "active")
    ] = None


class Discharge(Section):
    """A stay or an episode of care with a service has ended."""

    category: ClassVar[Category] = Category.HEALTH

    encounter_id: Annotated[
        RecordNumber | None, described(CHILD, MAY_LOCATE, "The source's own id", "ENC-2031")
    ] = None
    service: Annotated[
        Coding | None,
        described(CHILD, LOCATES, "Service", {"code": "CPAED", "display": "Paediatrics"}),
    ] = None
    admitted_on: Annotated[dt.date | None, described(CHILD, NOWHERE, "First day", "2026-02-02")] = (
        None
    )
    discharged_on: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "Last day", "2026-06-26")
    ] = None
    outcome: Annotated[
        ShortText | None, described(TEXT, MAY_LOCATE, "Outcome", "Therapy goals met")
    ] = None


TYPES = (
    declare(
        "health.referral-made",
        "A child has been referred to a service",
        Referral,
        law=f"{_DUTY}; Children and Families Act 2014 s.23",
        required="referral_id status",
        involvement=Involvement.BEGINS,
    ),
    declare(
        "health.appointment-changed",
        "An appointment was booked, attended, missed or cancelled",
        Appointment,
        law=_DUTY,
        required="appointment_id status",
        involvement=Involvement.BEGINS,
    ),
    declare(
        "health.waiting-status-changed",
        "A child's place on a waiting list has changed",
        WaitingStatus,
        law=_DUTY,
        required="status",
    ),
    declare(
        "health.report-available",
        "A clinical report can be asked for",
        ReportAvailable,
        law=_DUTY,
        required="report_id",
    ),
    declare(
        "health.diagnosis-recorded",
        "A condition has been recorded",
        Diagnosis,
        law=f"{_DUTY}; Children and Families Act 2014 s.23",
        required="condition",
    ),
    declare(
        "health.discharge",
        "A stay or an episode of care has ended",
        Discharge,
        law=_DUTY,
        involvement=Involvement.ENDS,
    ),
)
