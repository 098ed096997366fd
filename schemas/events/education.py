"""Events of schools: a child on roll, a change of school, absence, exclusion, SEN support.

Codes: SEN provision and need types, DfE Common Basic Data Set as used in CTF and the school census.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from schemas.event_type import Involvement, declare
from schemas.fields import CHILD, LOCATES, MAY_LOCATE, NOWHERE, TEXT, described
from schemas.people import Organisation
from schemas.sections import Category, Code, LongText, Section, SectionPart, ShortText

Sessions = Annotated[int, Field(ge=0, le=2000)]
_ROLL = "School Attendance (Pupil Registration) (England) Regulations 2024"


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

    type: Annotated[SenNeedType, described(CHILD, NOWHERE, "Type of need", "SLCN")]
    rank: Annotated[
        int | None, described(CHILD, NOWHERE, "Rank; 1 is the primary need", 1, ge=1, le=99)
    ] = None
    start_date: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "Day the need was recorded", "2026-01-12")
    ] = None
    end_date: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "Day the need ended", "2026-07-20")
    ] = None


class SchoolRegistration(Section):
    """A child has joined a school's roll."""

    category: ClassVar[Category] = Category.EDUCATION

    school: Annotated[
        Organisation | None, described(CHILD, LOCATES, "School that registered the child")
    ] = None
    entry_date: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "First day on roll", "2026-09-02")
    ] = None
    year_group: Annotated[
        Code | None, described(CHILD, NOWHERE, "National curriculum year", "4")
    ] = None
    enrolment_status: Annotated[
        Code | None, described(CHILD, NOWHERE, "CTF EnrolStatus code", "C")
    ] = None
    previous_school: Annotated[
        Organisation | None, described(CHILD, LOCATES, "Previous school", {"urn": "100001"})
    ] = None


class SchoolPlacement(Section):
    """A child leaves a school."""

    category: ClassVar[Category] = Category.EDUCATION

    from_school: Annotated[
        Organisation | None, described(CHILD, LOCATES, "School the child leaves")
    ] = None
    to_school: Annotated[
        Organisation | None,
        described(
            CHILD,
            LOCATES,
            "School the child joins",
            {"name": "Hillside Academy", "urn": "100001"},
        ),
    ] = None
    changed_on: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "Day of the change", "2026-07-20")
    ] = None
    reason: Annotated[
        Code | None, described(CHILD, NOWHERE, "CTF LeavingReason code, or the school's own", "02")
    ] = None


class AttendanceConcern(Section):
    """Attendance over a period that gives cause for concern. Sessions are half days."""

    category: ClassVar[Category] = Category.EDUCATION

    period_start: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "First day counted", "2026-01-05")
    ] = None
    period_end: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "Last day counted", "2026-02-13")
    ] = None
    academic_year: Annotated[
        Code | None,
        described(CHILD, NOWHERE, "Academic year as the source names it, such as 2025", "2025"),
    ] = None
    sessions_possible: Annotated[
        Sessions | None, described(CHILD, NOWHERE, "Sessions possible", 60)
    ] = None
    sessions_attended: Annotated[
        Sessions | None, described(CHILD, NOWHERE, "Sessions attended", 41)
    ] = None
    sessions_authorised: Annotated[
        Sessions | None, described(CHILD, NOWHERE, "Sessions of authorised absence", 12)
    ] = None
    sessions_unauthorised: Annotated[
        Sessions | None, described(CHILD, NOWHERE, "Sessions of unauthorised absence", 7)
    ] = None
    note: Annotated[
        LongText | None,
        described(TEXT, MAY_LOCATE, "The school's concern", "Absent on most Mondays."),
    ] = None


class ExclusionKind(StrEnum):
    """Suspension (fixed term) or permanent exclusion."""

    SUSPENSION = "suspension"
    PERMANENT = "permanent"


class Exclusion(Section):
    """A child is suspended or permanently excluded (Education Act 2002 s.51A)."""

    category: ClassVar[Category] = Category.EDUCATION

    kind: Annotated[
        ExclusionKind | None, described(CHILD, NOWHERE, "Suspension or permanent exclusion")
    ] = None
    start_date: Annotated[dt.date | None, described(CHILD, NOWHERE, "First day", "2026-03-02")] = (
        None
    )
    end_date: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "Last day of a suspension", "2026-03-04")
    ] = None
    sessions: Annotated[Sessions | None, described(CHILD, NOWHERE, "Half days missed", 6)] = None
    reason: Annotated[Code | None, described(CHILD, NOWHERE, "DfE exclusion reason code", "PP")] = (
        None
    )
    school: Annotated[
        Organisation | None, described(CHILD, LOCATES, "School that excluded the child")
    ] = None


class SenSupport(Section):
    """Special educational needs that a school has recorded, and how it meets them."""

    category: ClassVar[Category] = Category.SEN

    provision: Annotated[
        SenProvision | None, described(CHILD, NOWHERE, "CTF SENprovision: level of provision", "K")
    ] = None
    start_date: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "First day of the provision", "2026-01-12")
    ] = None
    needs: Annotated[
        tuple[SenNeed, ...],
        described(CHILD, NOWHERE, "Needs, the primary one first", max_length=20),
    ] = ()
    local_needs: Annotated[
        tuple[ShortText, ...],
        described(
            TEXT,
            MAY_LOCATE,
            "Local need codes that match no national code",
            ["Selective mutism"],
            max_length=20,
        ),
    ] = ()


TYPES = (
    declare(
        "education.child-registered",
        "A child is on a school's roll",
        SchoolRegistration,
        law=f"{_ROLL}, reg. 8",
        required="school",
        involvement=Involvement.BEGINS,
    ),
    declare(
        "education.school-placement-changed",
        "A child leaves the sending school, for another where that is known",
        SchoolPlacement,
        law=f"{_ROLL}, regs 9 and 13",
        required="changed_on",
        involvement=Involvement.ENDS,
    ),
    declare(
        "education.attendance-concern",
        "A child's attendance gives cause for concern",
        AttendanceConcern,
        law="Education Act 1996 ss.7, 444; Working together to improve school attendance (DfE)",
        required="sessions_possible sessions_attended",
    ),
    declare(
        "education.exclusion",
        "A child is suspended or excluded",
        Exclusion,
        law="Education Act 2002 s.51A; School Discipline (Pupil Exclusions and Reviews) (England) "
        "Regulations 2012",
        required="kind start_date",
    ),
    declare(
        "education.sen-support-recorded",
        "A school has recorded special educational needs",
        SenSupport,
        law="Children and Families Act 2014 ss.66, 68; SEND Code of Practice 2015, chapter 6",
        required="provision",
        involvement=Involvement.BEGINS,
    ),
)
