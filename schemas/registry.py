"""Every event type the hub knows: which sections it carries and which fields a sender must give.

A type is ``<sector>.<event>.v<version>``; the same word is the routing key. Within a version a
schema may only grow (tools/publish_schemas.py checks it); a change of meaning is a new version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from schemas.errors import Fault, InputRefused
from schemas.events import care, education, ehc, health
from schemas.people import Contact, Family, Identity
from schemas.sections import Category, Section
from schemas.sharing import DirectiveRecorded, DirectiveWithdrawn


class Involvement(StrEnum):
    """What an event of a type says of its sender's part in the child's care."""

    BEGINS = "begins"
    ENDS = "ends"
    KEEPS = "keeps"
    INVITES = "invites"


@dataclass(frozen=True, slots=True)
class EventType:
    """One registered type and version.

    ``required`` names, per category, the fields a sender must give; every event needs an identity
    that names a child. ``involvement`` tells whether sending it begins or ends the sender's part in
    the child's care, or invites those it is addressed to; only a type that begins one may introduce
    a child the hub does not know.
    """

    name: str
    version: int
    title: str
    sections: Mapping[Category, type[Section]]
    required: Mapping[Category, frozenset[str]]
    involvement: Involvement = field(default=Involvement.KEEPS)

    @property
    def key(self) -> str:
        """The type as it stands in an envelope and as a routing key."""
        return f"{self.name}.v{self.version}"

    @property
    def sector(self) -> str:
        """The first word of the name."""
        return self.name.partition(".")[0]


def _type(
    name: str,
    title: str,
    *models: type[Section],
    needs: str = "",
    involvement: Involvement = Involvement.KEEPS,
) -> EventType:
    own = models[0] if models else None
    every: tuple[type[Section], ...] = (Identity, Contact, Family, *models)
    sections = {m.category: m for m in every}
    required: dict[Category, frozenset[str]] = {Category.IDENTITY: frozenset()}
    if own is not None:
        required[own.category] = frozenset(needs.split())
    return EventType(
        name, 1, title, MappingProxyType(sections), MappingProxyType(required), involvement
    )


_BEGINS = Involvement.BEGINS
_ENDS = Involvement.ENDS

_ALL = (
    _type(
        "education.child-registered",
        "A child is on a school's roll",
        education.SchoolRegistration,
        needs="school",
        involvement=_BEGINS,
    ),
    _type(
        "education.school-placement-changed",
        "A child leaves the sending school, for another where that is known",
        education.SchoolPlacement,
        needs="changed_on",
        involvement=_ENDS,
    ),
    _type(
        "education.attendance-concern",
        "A child's attendance gives cause for concern",
        education.AttendanceConcern,
        needs="sessions_possible sessions_attended",
    ),
    _type(
        "education.exclusion",
        "A child is suspended or excluded",
        education.Exclusion,
        needs="kind start_date",
    ),
    _type(
        "education.sen-support-recorded",
        "A school has recorded special educational needs",
        education.SenSupport,
        needs="provision",
        involvement=_BEGINS,
    ),
    _type(
        "ehc.ehc-assessment-requested",
        "An EHC needs assessment is asked for",
        ehc.AssessmentRequest,
        needs="requested_on",
        involvement=_BEGINS,
    ),
    _type(
        "ehc.ehc-advice-requested",
        "An agency is asked for advice",
        ehc.AdviceRequest,
        needs="requested_on kind due_on",
        involvement=Involvement.INVITES,
    ),
    _type(
        "ehc.ehc-advice-provided",
        "An agency has given its advice",
        ehc.AdviceProvided,
        ehc.PlanHealth,
        ehc.PlanCare,
        needs="provided_on kind",
    ),
    _type(
        "ehc.ehc-decision-made",
        "The council has decided whether to assess, or to issue a plan",
        ehc.DecisionMade,
        needs="decision decided_on",
    ),
    _type(
        "ehc.ehc-plan-issued",
        "A final EHC plan is issued",
        ehc.PlanIssued,
        ehc.PlanHealth,
        ehc.PlanCare,
        needs="issued_on",
    ),
    _type(
        "ehc.ehc-plan-reviewed",
        "An EHC plan has been reviewed",
        ehc.PlanReviewed,
        needs="reviewed_on",
    ),
    _type("ehc.ehc-plan-ceased", "An EHC plan has ended", ehc.PlanCeased, needs="ceased_on"),
    _type(
        "health.referral-made",
        "A child has been referred to a service",
        health.Referral,
        needs="referral_id status",
        involvement=_BEGINS,
    ),
    _type(
        "health.appointment-changed",
        "An appointment was booked, attended, missed or cancelled",
        health.Appointment,
        needs="appointment_id status",
        involvement=_BEGINS,
    ),
    _type(
        "health.waiting-status-changed",
        "A child's place on a waiting list has changed",
        health.WaitingStatus,
        needs="status",
    ),
    _type(
        "health.report-available",
        "A clinical report can be asked for",
        health.ReportAvailable,
        needs="report_id",
    ),
    _type(
        "health.diagnosis-recorded",
        "A condition has been recorded",
        health.Diagnosis,
        needs="condition",
    ),
    _type(
        "health.discharge",
        "A stay or an episode of care has ended",
        health.Discharge,
        involvement=_ENDS,
    ),
    _type(
        "care.case-opened",
        "A case with children's social care has been opened",
        care.CaseOpened,
        needs="case_id referral_date",
        involvement=_BEGINS,
    ),
    _type(
        "care.plan-changed",
        "A social-care plan started, was reviewed or ended",
        care.CarePlan,
        care.ChildProtection,
        needs="plan_kind change",
    ),
    _type(
        "care.worker-allocated",
        "A worker has been allocated to the child",
        care.WorkerAllocated,
        needs="worker_role",
    ),
    _type(
        "care.case-closed",
        "A case with children's social care has ended",
        care.CaseClosed,
        needs="case_id closed_on",
        involvement=_ENDS,
    ),
    _type(
        "consent.directive-recorded",
        "Someone with authority has spoken about sharing",
        DirectiveRecorded,
        needs="directive_id kind authority decider_ref",
    ),
    _type(
        "consent.directive-withdrawn",
        "An earlier directive no longer holds",
        DirectiveWithdrawn,
        needs="directive_id",
    ),
)

EVENT_TYPES: Mapping[str, EventType] = MappingProxyType({t.key: t for t in _ALL})
_NAMES = frozenset(t.name for t in _ALL)


def event_type(key: str) -> EventType:
    """Find a type by its key; raises InputRefused with UNKNOWN_TYPE or UNKNOWN_VERSION."""
    if key in EVENT_TYPES:
        return EVENT_TYPES[key]
    known_name = key.rpartition(".v")[0] in _NAMES
    raise InputRefused(Fault.UNKNOWN_VERSION if known_name else Fault.UNKNOWN_TYPE, "type")
