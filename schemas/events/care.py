"""Events of children's social care: a case, a plan, an allocated worker, a closed case.

Codes: Children in Need census (referral source, primary need, category of abuse, closure reason).
A child protection plan's category of abuse is safeguarding data, in a section of its own.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from schemas.event_type import Involvement, declare
from schemas.fields import (
    CHILD,
    LOCATES,
    MAY_LOCATE,
    NEVER,
    NOWHERE,
    OTHERS,
    PROFESSIONAL,
    described,
)
from schemas.people import Telephone
from schemas.sections import Category, Code, Section, ShortText

CaseNumber = Annotated[str, Field(min_length=1, max_length=64)]
_GUIDANCE = "Working Together to Safeguard Children 2023"


class CaseOpened(Section):
    """A referral to children's social care has become a case."""

    category: ClassVar[Category] = Category.CARE

    case_id: Annotated[
        CaseNumber | None, described(CHILD, MAY_LOCATE, "The source's own id", "CSC-3307")
    ] = None
    referral_date: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "CINreferralDate", "2026-02-16")
    ] = None
    # Who referred may be a parent or a neighbour; a primary need may be a parent's illness.
    referral_source: Annotated[
        Code | None, described(OTHERS, NOWHERE, "CIN ReferralSource code", "2A")
    ] = None
    primary_need: Annotated[
        Code | None, described(OTHERS, NOWHERE, "CIN PrimaryNeedCode, N0 to N9", "N2")
    ] = None
    disabilities: Annotated[
        tuple[Code, ...],
        described(CHILD, NOWHERE, "CIN Disability codes", ["COMM"], max_length=20),
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

    case_id: Annotated[
        CaseNumber | None, described(CHILD, MAY_LOCATE, "The source's own id", "CSC-3307")
    ] = None
    plan_kind: Annotated[
        CarePlanKind | None, described(CHILD, NOWHERE, "Kind of plan", "child-protection")
    ] = None
    change: Annotated[
        CarePlanChange | None, described(CHILD, NOWHERE, "What happened to the plan")
    ] = None
    start_date: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "First day of the plan", "2026-03-02")
    ] = None
    end_date: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "Last day of the plan", "2026-09-30")
    ] = None
    reviewed_on: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "Day of the review", "2026-06-01")
    ] = None
    legal_status: Annotated[
        Code | None, described(CHILD, NOWHERE, "SSDA903 LS code, such as C2", "C2")
    ] = None
    placement_type: Annotated[
        Code | None, described(CHILD, NOWHERE, "SSDA903 PLACE code", "U1")
    ] = None
    placement_postcode: Annotated[
        str | None,
        described(CHILD, NEVER, "Postcode of the placement", "ZZ99 3WZ", max_length=12),
    ] = None


class ChildProtection(Section):
    """Why a child is on a child protection plan."""

    category: ClassVar[Category] = Category.SAFEGUARDING

    initial_category: Annotated[
        Code | None,
        described(CHILD, NOWHERE, "Category of abuse: NEG, PHY, SAB, EMO or MUL", "NEG"),
    ] = None
    latest_category: Annotated[
        Code | None, described(CHILD, NOWHERE, "Latest category of abuse, as above", "NEG")
    ] = None
    previous_plans: Annotated[
        int | None, described(CHILD, NOWHERE, "Number of earlier plans", 1, ge=0, le=50)
    ] = None
    conference_date: Annotated[
        dt.date | None,
        described(CHILD, NOWHERE, "Day of the initial conference", "2026-02-27"),
    ] = None


class WorkerAllocated(Section):
    """A worker has been given responsibility for the child."""

    category: ClassVar[Category] = Category.CARE

    case_id: Annotated[
        CaseNumber | None, described(CHILD, MAY_LOCATE, "The source's own id", "CSC-3307")
    ] = None
    worker_name: Annotated[
        ShortText | None, described(PROFESSIONAL, MAY_LOCATE, "Name of the worker", "Sam Field")
    ] = None
    worker_role: Annotated[
        ShortText | None, described(CHILD, NOWHERE, "Role of the worker", "social worker")
    ] = None
    team: Annotated[
        ShortText | None,
        described(CHILD, LOCATES, "Team or office", "Disabled children's team"),
    ] = None
    telephone: Annotated[
        Telephone | None,
        described(
            PROFESSIONAL,
            LOCATES,
            "Duty or direct line",
            {"number": "01632 960002", "kind": "work"},
        ),
    ] = None
    allocated_on: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "First day of the allocation", "2026-02-18")
    ] = None


class CaseClosed(Section):
    """A case with children's social care has ended."""

    category: ClassVar[Category] = Category.CARE

    case_id: Annotated[
        CaseNumber | None, described(CHILD, MAY_LOCATE, "The source's own id", "CSC-3307")
    ] = None
    closed_on: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "CINclosureDate", "2026-10-01")
    ] = None
    reason: Annotated[
        Code | None, described(CHILD, NOWHERE, "CIN ReasonForClosure, RC1 to RC9", "RC9")
    ] = None


TYPES = (
    declare(
        "care.case-opened",
        "A case with children's social care has been opened",
        CaseOpened,
        law=f"Children Act 1989 ss.17, 47; {_GUIDANCE}",
        required="case_id referral_date",
        involvement=Involvement.BEGINS,
    ),
    declare(
        "care.plan-changed",
        "A social-care plan started, was reviewed or ended",
        CarePlan,
        ChildProtection,
        law="Children Act 1989 ss.17, 22, 31A, 47; Care Planning, Placement and Case Review "
        "(England) Regulations 2010",
        required="plan_kind change",
    ),
    declare(
        "care.worker-allocated",
        "A worker has been allocated to the child",
        WorkerAllocated,
        law=_GUIDANCE,
        required="worker_role",
    ),
    declare(
        "care.case-closed",
        "A case with children's social care has ended",
        CaseClosed,
        law=f"Children Act 1989 s.17; {_GUIDANCE}",
        required="case_id closed_on",
        involvement=Involvement.ENDS,
    ),
)
