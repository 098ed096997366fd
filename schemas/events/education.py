"""What schools say: a child on roll, a move, absence, exclusion, support for special needs.

Codes: SEN provision and need types, DfE Common Basic Data Set as used in CTF and the school census.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from schemas.people import Organisation
from schemas.sections import Category, Code, LongText, Section, SectionPart, ShortText

Sessions = Annotated[int, Field(ge=0, le=2000)]


class SenProvision(StrEnum):
    """How a child's special educational needs are met (CTF ``SENprovision``)."""

    NONE = "N"
    SEN_SUPPORT = "K"
    EHC_PLAN = "E"
    STATEMENT = "S"
    SCHOOL_ACTION = "A"
    SCHOOL_ACTION_PLUS = "P"


class SenNeedType(StrEnum):
    """The kind of special educational need (CTF ``SENtype``)."""

    SPLD = "SPLD"
    MLD = "MLD"
    SLD = "SLD"
    PMLD = "PMLD"
    SEMH = "SEMH"
    SLCN = "SLCN"
    HI = "HI"
    VI = "VI"
    MSI = "MSI"
    PD = "PD"
    ASD = "ASD"
    DS = "DS"
    OTH = "OTH"
    NSA = "NSA"


class SenNeed(SectionPart):
    """One need; rank 1 is the primary one."""

    type: SenNeedType
    rank: Annotated[int | None, Field(ge=1, le=99)] = None
    start_date: dt.date | None = None
    end_date: dt.date | None = None


class SchoolRegistration(Section):
    """A child has come on a school's roll."""

    category: ClassVar[Category] = Category.EDUCATION

    school: Annotated[Organisation | None, Field(description="The school")] = None
    entry_date: Annotated[dt.date | None, Field(description="First day on roll")] = None
    year_group: Annotated[Code | None, Field(description="National curriculum year")] = None
    enrolment_status: Annotated[Code | None, Field(description="CTF EnrolStatus code")] = None
    previous_school: Annotated[Organisation | None, Field(description="Where from")] = None


class SchoolPlacement(Section):
    """A child changes school."""

    category: ClassVar[Category] = Category.EDUCATION

    from_school: Annotated[Organisation | None, Field(description="The school left")] = None
    to_school: Annotated[Organisation | None, Field(description="The school joined")] = None
    changed_on: Annotated[dt.date | None, Field(description="The day of the change")] = None
    reason: Annotated[Code | None, Field(description="CTF LeavingReason code, or free code")] = None


class AttendanceConcern(Section):
    """Attendance over a period that gives cause for concern. Sessions are half days."""

    category: ClassVar[Category] = Category.EDUCATION

    period_start: Annotated[dt.date | None, Field(description="First day counted")] = None
    period_end: Annotated[dt.date | None, Field(description="Last day counted")] = None
    academic_year: Annotated[
        Code | None, Field(description="Academic year as the source names it, such as 2025")
    ] = None
    sessions_possible: Annotated[Sessions | None, Field(description="Sessions possible")] = None
    sessions_attended: Annotated[Sessions | None, Field(description="Sessions attended")] = None
    sessions_authorised: Annotated[
        Sessions | None, Field(description="Sessions missed with leave or for illness")
    ] = None
    sessions_unauthorised: Annotated[
        Sessions | None, Field(description="Sessions missed without leave")
    ] = None
    note: Annotated[LongText | None, Field(description="What the school is concerned about")] = None


class ExclusionKind(StrEnum):
    """Suspension (fixed term) or permanent exclusion."""

    SUSPENSION = "suspension"
    PERMANENT = "permanent"


class Exclusion(Section):
    """A child is suspended or permanently excluded (Education Act 2002 s.51A)."""

    category: ClassVar[Category] = Category.EDUCATION

    kind: Annotated[ExclusionKind | None, Field(description="Kind of exclusion")] = None
    start_date: Annotated[dt.date | None, Field(description="First day")] = None
    end_date: Annotated[dt.date | None, Field(description="Last day of a suspension")] = None
    sessions: Annotated[Sessions | None, Field(description="Half days lost")] = None
    reason: Annotated[Code | None, Field(description="DfE exclusion reason code")] = None
    school: Annotated[Organisation | None, Field(description="The school")] = None


class SenSupport(Section):
    """What special educational needs a school has recorded and how it meets them."""

    category: ClassVar[Category] = Category.SEN

    provision: Annotated[SenProvision | None, Field(description="Level of provision")] = None
    start_date: Annotated[dt.date | None, Field(description="Since when")] = None
    needs: Annotated[
        tuple[SenNeed, ...], Field(max_length=20, description="Needs, primary first")
    ] = ()
    local_needs: Annotated[
        tuple[ShortText, ...],
        Field(max_length=20, description="Local need codes that map to none of the national ones"),
    ] = ()
