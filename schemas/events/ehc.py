"""Events of the education, health and care (EHC) plan, from request to end.

Law: Children and Families Act 2014 ss.36-45; SEND Regulations 2014 (SI 2014/1530): regulation 5
(decision within six weeks), 8 (advice within six weeks of the request for it), 10 (decision not to
issue within 16 weeks), 12 (the plan's sections A to K), 13 (final plan within 20 weeks). The
periods themselves are dated data: schemas/clocks.py.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, ClassVar

from schemas.event_type import Involvement, declare
from schemas.events.education import SenNeed
from schemas.fields import CHILD, LOCATES, MAY_LOCATE, NEVER, NOWHERE, OTHERS, TEXT, described
from schemas.people import DocumentRef, Organisation
from schemas.sections import Category, Code, LongText, Section, ShortText

_ACT = "Children and Families Act 2014"
_REGULATIONS = "SEND Regulations 2014"


class AdviceKind(StrEnum):
    """Whose advice is asked for (regulation 6(1))."""

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
    """An EHC needs assessment is requested; day 0 of the 20 weeks."""

    category: ClassVar[Category] = Category.SEN

    requested_on: Annotated[
        dt.date | None,
        described(CHILD, NOWHERE, "Day the council received the request", "2026-03-02"),
    ] = None
    # Who asked may be a parent or a neighbour.
    requested_by: Annotated[
        Code | None,
        described(OTHERS, NOWHERE, "SEN2 RequestSource, or the role of who asked", "parent"),
    ] = None
    decision_due: Annotated[
        dt.date | None,
        described(
            CHILD, NOWHERE, "Last day for the decision: six weeks, regulation 5", "2026-04-13"
        ),
    ] = None
    needs: Annotated[
        tuple[SenNeed, ...], described(CHILD, NOWHERE, "Known needs", max_length=20)
    ] = ()


class AdviceRequest(Section):
    """The council asks an agency for advice; it is due within six weeks (regulation 8)."""

    category: ClassVar[Category] = Category.SEN

    requested_on: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "Day of the request", "2026-03-09")
    ] = None
    kind: Annotated[
        AdviceKind | None, described(CHILD, NOWHERE, "Whose advice is asked for", "health")
    ] = None
    due_on: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "Six weeks from the request", "2026-04-20")
    ] = None
    questions: Annotated[
        LongText | None,
        described(TEXT, MAY_LOCATE, "The council's questions", "Current therapy and its aims?"),
    ] = None


class AdviceProvided(Section):
    """An agency has given its advice."""

    category: ClassVar[Category] = Category.SEN

    provided_on: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "Day the advice was given", "2026-04-17")
    ] = None
    kind: Annotated[AdviceKind | None, described(CHILD, NOWHERE, "Whose advice", "health")] = None
    document: Annotated[
        DocumentRef | None, described(CHILD, MAY_LOCATE, "Reference to the advice")
    ] = None
    summary: Annotated[
        LongText | None,
        described(TEXT, MAY_LOCATE, "Summary of the educational part", "Needs small groups."),
    ] = None


class DecisionMade(Section):
    """The council has decided whether to assess, or whether to issue a plan."""

    category: ClassVar[Category] = Category.SEN

    decision: Annotated[EhcDecision | None, described(CHILD, NOWHERE, "The decision")] = None
    decided_on: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "Day of the decision", "2026-04-10")
    ] = None
    plan_due: Annotated[
        dt.date | None,
        described(
            CHILD, NOWHERE, "Last day for the final plan: 20 weeks, regulation 13", "2026-07-20"
        ),
    ] = None


class PlanIssued(Section):
    """A final EHC plan: its educational sections. Health and care sections are separate."""

    category: ClassVar[Category] = Category.SEN

    plan_kind: Annotated[
        Code | None,
        described(CHILD, NOWHERE, "ehcp; other kinds as legislation adds them", "ehcp"),
    ] = None
    issued_on: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "Day of issue", "2026-07-14")
    ] = None
    review_due: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "First annual review, s.44", "2027-07-14")
    ] = None
    needs: Annotated[
        tuple[SenNeed, ...], described(CHILD, NOWHERE, "Coded needs", max_length=20)
    ] = ()
    views: Annotated[
        LongText | None,
        described(TEXT, MAY_LOCATE, "Section A: views and aspirations", "Robin likes to draw."),
    ] = None
    needs_text: Annotated[
        LongText | None,
        described(TEXT, MAY_LOCATE, "Section B: special educational needs", "Expressive language."),
    ] = None
    outcomes: Annotated[
        LongText | None,
        described(TEXT, MAY_LOCATE, "Section E: outcomes", "Tells a story of five sentences."),
    ] = None
    provision: Annotated[
        LongText | None,
        described(TEXT, MAY_LOCATE, "Section F: provision", "Speech therapy, weekly, 30 minutes."),
    ] = None
    placement: Annotated[
        Organisation | None, described(CHILD, LOCATES, "Section I: school or setting")
    ] = None
    personal_budget: Annotated[
        LongText | None, described(TEXT, MAY_LOCATE, "Section J: personal budget", "None.")
    ] = None


class PlanHealth(Section):
    """The health sections of a plan."""

    category: ClassVar[Category] = Category.HEALTH

    health_needs: Annotated[
        LongText | None,
        described(TEXT, MAY_LOCATE, "Section C: health needs", "Hearing loss, left."),
    ] = None
    health_provision: Annotated[
        LongText | None,
        described(TEXT, MAY_LOCATE, "Section G: health provision", "Audiology, every term."),
    ] = None


class PlanCare(Section):
    """The social-care sections of a plan."""

    category: ClassVar[Category] = Category.CARE

    care_needs: Annotated[
        LongText | None,
        described(TEXT, MAY_LOCATE, "Section D: social-care needs", "Help with dressing."),
    ] = None
    care_provision: Annotated[
        LongText | None,
        described(TEXT, MAY_LOCATE, "Sections H1 and H2: social-care provision", "Short breaks."),
    ] = None
    placement_postcode: Annotated[
        str | None,
        described(CHILD, NEVER, "Postcode of a care placement", "ZZ99 3WZ", max_length=12),
    ] = None


class PlanReviewed(Section):
    """A plan's annual or interim review has been held (s.44; regulations 18 to 20)."""

    category: ClassVar[Category] = Category.SEN

    reviewed_on: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "Day of the meeting", "2027-06-30")
    ] = None
    outcome: Annotated[
        Code | None, described(CHILD, NOWHERE, "maintain, amend or cease", "maintain")
    ] = None
    next_review_due: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "Within 12 months", "2028-06-30")
    ] = None


class PlanCeased(Section):
    """A plan has ended (s.45)."""

    category: ClassVar[Category] = Category.SEN

    ceased_on: Annotated[
        dt.date | None, described(CHILD, NOWHERE, "Last day of the plan", "2028-07-31")
    ] = None
    reason: Annotated[Code | None, described(CHILD, NOWHERE, "SEN2 CeaseReason, 1 to 9", "5")] = (
        None
    )
    transferred_to: Annotated[
        ShortText | None,
        described(CHILD, LOCATES, "Authority the plan was transferred to", "Southmoor Council"),
    ] = None


TYPES = (
    declare(
        "ehc.ehc-assessment-requested",
        "An EHC needs assessment is requested",
        AssessmentRequest,
        law=f"{_ACT} s.36(1); {_REGULATIONS}, regs 3 to 5",
        required="requested_on",
        involvement=Involvement.BEGINS,
    ),
    declare(
        "ehc.ehc-advice-requested",
        "An agency is asked for advice",
        AdviceRequest,
        law=f"{_REGULATIONS}, regs 6 and 8",
        required="requested_on kind due_on",
        involvement=Involvement.INVITES,
    ),
    declare(
        "ehc.ehc-advice-provided",
        "An agency has given its advice",
        AdviceProvided,
        PlanHealth,
        PlanCare,
        law=f"{_REGULATIONS}, regs 6 and 8",
        required="provided_on kind",
    ),
    declare(
        "ehc.ehc-decision-made",
        "The council has decided whether to assess, or to issue a plan",
        DecisionMade,
        law=f"{_ACT} ss.36, 37; {_REGULATIONS}, regs 5 and 10",
        required="decision decided_on",
    ),
    declare(
        "ehc.ehc-plan-issued",
        "A final EHC plan is issued",
        PlanIssued,
        PlanHealth,
        PlanCare,
        law=f"{_ACT} s.37; {_REGULATIONS}, regs 12 to 14",
        required="issued_on",
    ),
    declare(
        "ehc.ehc-plan-reviewed",
        "An EHC plan has been reviewed",
        PlanReviewed,
        law=f"{_ACT} s.44; {_REGULATIONS}, regs 18 to 20",
        required="reviewed_on",
    ),
    declare(
        "ehc.ehc-plan-ceased",
        "An EHC plan has ended",
        PlanCeased,
        law=f"{_ACT} s.45; {_REGULATIONS}, regs 29 to 31",
        required="ceased_on",
    ),
)
