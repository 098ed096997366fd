"""What the NHS says: referrals, appointments, waiting, reports, diagnoses, discharge.

Codes: SNOMED CT carried as strings; statuses normalised from HL7 v2 triggers and FHIR R4 status
lists (see the adapters). No diagnosis is ever turned into an educational need type, nor back.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from schemas.people import Coding, DocumentRef, Organisation
from schemas.sections import LOCATES, Category, Code, LongText, Section, ShortText

RecordNumber = Annotated[str, Field(min_length=1, max_length=120)]


class ReferralStatus(StrEnum):
    """Where a referral stands."""

    ACTIVE = "active"
    ON_HOLD = "on-hold"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Referral(Section):
    """A child has been referred to a service."""

    category: ClassVar[Category] = Category.HEALTH

    referral_id: Annotated[RecordNumber | None, Field(description="The source's own id")] = None
    status: Annotated[ReferralStatus | None, Field(description="Where it stands")] = None
    referred_on: Annotated[dt.date | None, Field(description="Day of referral")] = None
    service: Annotated[Coding | None, Field(description="Service asked for")] = None
    priority: Annotated[Code | None, Field(description="routine, urgent, two-week-wait...")] = None
    reason: Annotated[LongText | None, Field(description="Why, in the referrer's words")] = None
    referred_by: Annotated[Organisation | None, Field(description="From whom")] = None
    referred_to: Annotated[Organisation | None, Field(description="To whom")] = None


class AppointmentStatus(StrEnum):
    """What has become of an appointment."""

    BOOKED = "booked"
    ATTENDED = "attended"
    MISSED = "missed"
    CANCELLED = "cancelled"


class Appointment(Section):
    """An appointment was booked, attended, missed or cancelled."""

    category: ClassVar[Category] = Category.HEALTH

    appointment_id: Annotated[RecordNumber | None, Field(description="The source's own id")] = None
    status: Annotated[AppointmentStatus | None, Field(description="What became of it")] = None
    start: Annotated[AwareDatetime | None, Field(description="Start, with UTC offset")] = None
    end: Annotated[AwareDatetime | None, Field(description="End, with UTC offset")] = None
    service: Annotated[Coding | None, Field(description="Which service")] = None
    reason: Annotated[ShortText | None, Field(description="What it is for")] = None
    location: Annotated[
        ShortText | None, Field(description="Where it is held", json_schema_extra=LOCATES)
    ] = None
    referral_id: Annotated[RecordNumber | None, Field(description="The referral behind it")] = None


class WaitingStatus(Section):
    """Where a child stands on a waiting list."""

    category: ClassVar[Category] = Category.HEALTH

    status: Annotated[Code | None, Field(description="waiting, seen, removed")] = None
    service: Annotated[Coding | None, Field(description="Which service")] = None
    waiting_since: Annotated[dt.date | None, Field(description="First day of waiting")] = None
    weeks_waiting: Annotated[int | None, Field(ge=0, le=2000, description="Whole weeks")] = None
    referral_id: Annotated[RecordNumber | None, Field(description="The referral behind it")] = None


class ReportAvailable(Section):
    """A clinical report exists and may be asked for; the report itself does not travel."""

    category: ClassVar[Category] = Category.HEALTH

    report_id: Annotated[RecordNumber | None, Field(description="The source's own id")] = None
    kind: Annotated[Coding | None, Field(description="What sort of report")] = None
    issued_on: Annotated[dt.date | None, Field(description="Day of issue")] = None
    author: Annotated[ShortText | None, Field(description="Role or name of the author")] = None
    document: Annotated[DocumentRef | None, Field(description="Pointer to the report")] = None
    service: Annotated[Coding | None, Field(description="Which service")] = None


class Diagnosis(Section):
    """A condition was recorded."""

    category: ClassVar[Category] = Category.HEALTH

    condition: Annotated[Coding | None, Field(description="SNOMED CT where known")] = None
    condition_id: Annotated[RecordNumber | None, Field(description="The source's own id")] = None
    recorded_on: Annotated[dt.date | None, Field(description="Day of recording")] = None
    verification: Annotated[Code | None, Field(description="confirmed, provisional...")] = None
    clinical_status: Annotated[Code | None, Field(description="active, resolved...")] = None


class Discharge(Section):
    """A stay or an episode of care with a service has ended."""

    category: ClassVar[Category] = Category.HEALTH

    encounter_id: Annotated[RecordNumber | None, Field(description="The source's own id")] = None
    service: Annotated[Coding | None, Field(description="Which service")] = None
    admitted_on: Annotated[dt.date | None, Field(description="First day")] = None
    discharged_on: Annotated[dt.date | None, Field(description="Last day")] = None
    outcome: Annotated[ShortText | None, Field(description="How it ended")] = None
