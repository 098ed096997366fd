"""What children's social care says: a case, a plan, a worker, an end.

Codes: Children in Need census (referral source, primary need, category of abuse, closure reason).
A child protection plan's category of abuse is safeguarding data, a section of its own.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from schemas.people import Telephone
from schemas.sections import NEVER, Category, Code, Section, ShortText

CaseNumber = Annotated[str, Field(min_length=1, max_length=64)]


class CaseOpened(Section):
    """A referral to children's social care has become a case."""

    category: ClassVar[Category] = Category.CARE

    case_id: Annotated[CaseNumber | None, Field(description="The source's own id")] = None
    referral_date: Annotated[dt.date | None, Field(description="CINreferralDate")] = None
    referral_source: Annotated[Code | None, Field(description="CIN ReferralSource code")] = None
    primary_need: Annotated[Code | None, Field(description="CIN PrimaryNeedCode, N0 to N9")] = None
    disabilities: Annotated[
        tuple[Code, ...], Field(max_length=20, description="CIN Disability codes")
    ] = ()


class CarePlanKind(StrEnum):
    """Which kind of plan a child has with social care."""

    CHILD_IN_NEED = "child-in-need"
    CHILD_PROTECTION = "child-protection"
    LOOKED_AFTER = "looked-after"
    SHORT_BREAKS = "short-breaks"


class CarePlanChange(StrEnum):
    """What happened to the plan."""

    STARTED = "started"
    REVIEWED = "reviewed"
    ENDED = "ended"


class CarePlan(Section):
    """A social-care plan started, was reviewed or ended."""

    category: ClassVar[Category] = Category.CARE

    case_id: Annotated[CaseNumber | None, Field(description="The source's own id")] = None
    plan_kind: Annotated[CarePlanKind | None, Field(description="Kind of plan")] = None
    change: Annotated[CarePlanChange | None, Field(description="What happened")] = None
    start_date: Annotated[dt.date | None, Field(description="First day of the plan")] = None
    end_date: Annotated[dt.date | None, Field(description="Last day of the plan")] = None
    reviewed_on: Annotated[dt.date | None, Field(description="Day of the review")] = None
    legal_status: Annotated[Code | None, Field(description="SSDA903 LS code, such as C2")] = None
    placement_type: Annotated[Code | None, Field(description="SSDA903 PLACE code")] = None
    placement_postcode: Annotated[
        str | None,
        Field(max_length=12, description="Of the placement; secret", json_schema_extra=NEVER),
    ] = None


class ChildProtection(Section):
    """Why a child is on a child protection plan."""

    category: ClassVar[Category] = Category.SAFEGUARDING

    initial_category: Annotated[Code | None, Field(description="NEG, PHY, SAB, EMO, MUL")] = None
    latest_category: Annotated[Code | None, Field(description="NEG, PHY, SAB, EMO, MUL")] = None
    previous_plans: Annotated[int | None, Field(ge=0, le=50, description="Earlier plans")] = None
    conference_date: Annotated[dt.date | None, Field(description="Initial conference")] = None


class WorkerAllocated(Section):
    """A worker has been given responsibility for the child."""

    category: ClassVar[Category] = Category.CARE

    case_id: Annotated[CaseNumber | None, Field(description="The source's own id")] = None
    worker_name: Annotated[ShortText | None, Field(description="Name of the worker")] = None
    worker_role: Annotated[ShortText | None, Field(description="Such as social worker")] = None
    team: Annotated[ShortText | None, Field(description="Team or office")] = None
    telephone: Annotated[Telephone | None, Field(description="Duty or direct line")] = None
    allocated_on: Annotated[dt.date | None, Field(description="From which day")] = None


class CaseClosed(Section):
    """A case with children's social care has ended."""

    category: ClassVar[Category] = Category.CARE

    case_id: Annotated[CaseNumber | None, Field(description="The source's own id")] = None
    closed_on: Annotated[dt.date | None, Field(description="CINclosureDate")] = None
    reason: Annotated[Code | None, Field(description="CIN ReasonForClosure, RC1 to RC9")] = None
