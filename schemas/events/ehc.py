"""The education, health and care (EHC) plan, from request to end.

Law: Children and Families Act 2014 ss.36-45; SEND Regulations 2014 (SI 2014/1530): regulation 5
(decision within six weeks), 8 (advice within six weeks of the request for it), 10 (decision not to
issue within 16 weeks), 12 (the plan's sections A to K), 13 (final plan within 20 weeks). The clocks
themselves are dated data: schemas/clocks.py.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from schemas.events.education import SenNeed
from schemas.people import DocumentRef, Organisation
from schemas.sections import NEVER, Category, Code, LongText, Section, ShortText


class AdviceKind(StrEnum):
    """Whose advice is sought (regulation 6(1))."""

    PARENT = "parent"
    EDUCATION = "education"
    EDUCATIONAL_PSYCHOLOGIST = "educational-psychologist"
    HEALTH = "health"
    SOCIAL_CARE = "social-care"
    OTHER = "other"


class EhcDecision(StrEnum):
    """What the authority decided."""

    ASSESS = "assess"
    NOT_ASSESS = "not-assess"
    ISSUE = "issue"
    NOT_ISSUE = "not-issue"


class AssessmentRequest(Section):
    """An EHC needs assessment is asked for; day 0 of the 20 weeks."""

    category: ClassVar[Category] = Category.SEN

    requested_on: Annotated[dt.date | None, Field(description="Day the council received it")] = None
    requested_by: Annotated[Code | None, Field(description="SEN2 RequestSource, or role")] = None
    decision_due: Annotated[dt.date | None, Field(description="Six weeks, regulation 5")] = None
    needs: Annotated[tuple[SenNeed, ...], Field(max_length=20, description="Known needs")] = ()


class AdviceRequest(Section):
    """The council asks an agency for advice; it is due within six weeks (regulation 8)."""

    category: ClassVar[Category] = Category.SEN

    requested_on: Annotated[dt.date | None, Field(description="Day of asking")] = None
    kind: Annotated[AdviceKind | None, Field(description="Whose advice")] = None
    due_on: Annotated[dt.date | None, Field(description="Six weeks from asking")] = None
    questions: Annotated[LongText | None, Field(description="What the council asks")] = None


class AdviceProvided(Section):
    """An agency has given its advice."""

    category: ClassVar[Category] = Category.SEN

    provided_on: Annotated[dt.date | None, Field(description="Day the advice was given")] = None
    kind: Annotated[AdviceKind | None, Field(description="Whose advice")] = None
    document: Annotated[DocumentRef | None, Field(description="Pointer to the advice")] = None
    summary: Annotated[LongText | None, Field(description="The educational part, in short")] = None


class DecisionMade(Section):
    """The council has decided whether to assess, or whether to issue a plan."""

    category: ClassVar[Category] = Category.SEN

    decision: Annotated[EhcDecision | None, Field(description="The decision")] = None
    decided_on: Annotated[dt.date | None, Field(description="Day of the decision")] = None
    plan_due: Annotated[dt.date | None, Field(description="20 weeks, regulation 13")] = None


class PlanIssued(Section):
    """A final EHC plan: its educational sections. Health and care sections travel apart."""

    category: ClassVar[Category] = Category.SEN

    plan_kind: Annotated[Code | None, Field(description="ehcp; other kinds as law adds them")] = (
        None
    )
    issued_on: Annotated[dt.date | None, Field(description="Day of issue")] = None
    review_due: Annotated[dt.date | None, Field(description="First annual review, s.44")] = None
    needs: Annotated[tuple[SenNeed, ...], Field(max_length=20, description="Coded needs")] = ()
    views: Annotated[LongText | None, Field(description="Section A: views and aspirations")] = None
    needs_text: Annotated[LongText | None, Field(description="Section B: needs")] = None
    outcomes: Annotated[LongText | None, Field(description="Section E: outcomes")] = None
    provision: Annotated[LongText | None, Field(description="Section F: provision")] = None
    placement: Annotated[Organisation | None, Field(description="Section I: setting")] = None
    personal_budget: Annotated[LongText | None, Field(description="Section J")] = None


class PlanHealth(Section):
    """The health sections of a plan."""

    category: ClassVar[Category] = Category.HEALTH

    health_needs: Annotated[LongText | None, Field(description="Section C: health needs")] = None
    health_provision: Annotated[LongText | None, Field(description="Section G")] = None


class PlanCare(Section):
    """The social-care sections of a plan."""

    category: ClassVar[Category] = Category.CARE

    care_needs: Annotated[LongText | None, Field(description="Section D: care needs")] = None
    care_provision: Annotated[LongText | None, Field(description="Sections H1 and H2")] = None
    placement_postcode: Annotated[
        str | None,
        Field(max_length=12, description="Of a care placement; secret", json_schema_extra=NEVER),
    ] = None


class PlanReviewed(Section):
    """A plan's annual or interim review has been held (s.44; regulations 18 to 20)."""

    category: ClassVar[Category] = Category.SEN

    reviewed_on: Annotated[dt.date | None, Field(description="Day of the meeting")] = None
    outcome: Annotated[Code | None, Field(description="maintain, amend or cease")] = None
    next_review_due: Annotated[dt.date | None, Field(description="Within 12 months")] = None


class PlanCeased(Section):
    """A plan has ended (s.45)."""

    category: ClassVar[Category] = Category.SEN

    ceased_on: Annotated[dt.date | None, Field(description="Last day")] = None
    reason: Annotated[Code | None, Field(description="SEN2 CeaseReason, 1 to 9")] = None
    transferred_to: Annotated[ShortText | None, Field(description="New authority")] = None
