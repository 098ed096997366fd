"""From a view to a FHIR R4 Bundle: Patient, relatives and the resource that tells what happened.

Health events are written as the UK Core resource of their kind. What FHIR has no resource for, and
a health event whose details are not shared, is a Communication in plain words; a request for advice
is a Task with its due date. Every Bundle passes the ``fhir.resources`` R4B models before it leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from pydantic import JsonValue

from adapters.contract import AgencySystem, Document
from adapters.fhir import codes as fc
from adapters.fhir.draft import Draft, attachment_body, listed
from adapters.fhir.persons import organisation_body, patient_body, person_bodies
from adapters.fhir.settings import FhirSettings
from adapters.fhir.words import in_words
from schemas.errors import CannotExpress
from schemas.event import RecordStatus, View
from schemas.events import health
from schemas.events.ehc import AdviceProvided, AdviceRequest, PlanCare, PlanHealth
from schemas.fhir import systems
from schemas.fhir.building import (
    Resource,
    coded_concept,
    coding,
    concept,
    extensions,
    identifier,
    reference,
)
from schemas.fhir.resources import model_of
from schemas.people import Family, Organisation
from schemas.registry import EVENT_TYPES

ADVICE_REQUEST = "ehc.ehc-advice-requested.v1"
WRITES = frozenset(k for k, t in EVENT_TYPES.items() if t.sector != "consent")
_REFERRALS = {status: code for code, status in fc.REFERRAL_STATUSES.items()}
_APPOINTMENTS = {
    health.AppointmentStatus.BOOKED: "booked",
    health.AppointmentStatus.ATTENDED: "fulfilled",
    health.AppointmentStatus.MISSED: "noshow",
    health.AppointmentStatus.CANCELLED: "cancelled",
}


def write_view(view: View, speaker: AgencySystem) -> Document:
    """Write a view as a Bundle; raises CannotExpress for consent, or where FHIR has no room."""
    if view.kind.key not in WRITES:
        raise CannotExpress(f"FHIR adapter does not write {view.kind.key}.")
    draft = Draft(view)
    patient = draft.add("patient", patient_body(view, speaker))
    for place, body in person_bodies(view.section(Family), patient):
        draft.add(place, body)
    builder = BUILDERS.get(view.kind.key)
    resource = builder(draft, patient) if builder else None
    focus = draft.add("event", resource or _communication(draft, patient))
    return _bundle(draft, focus, speaker)


def _bundle(draft: Draft, focus: Resource, speaker: AgencySystem) -> Document:
    view = draft.view
    settings = speaker.settings_as(FhirSettings)
    kind = settings.bundle_type
    if kind == "message":
        draft.add("header", _header(view, focus))
        draft.entries.insert(0, draft.entries.pop())
    whole: Resource = {
        "resourceType": "Bundle",
        "identifier": identifier(systems.DELIVERY, view.delivery_id),
        "type": kind,
        "timestamp": view.time.isoformat(),
        "entry": draft.entries,
    }
    try:
        checked = model_of("Bundle").model_validate(whole)
    except Exception:  # noqa: BLE001  the text of the library's errors quotes values
        raise CannotExpress("A value in the view has a form that FHIR does not allow.") from None
    if settings.syntax == "xml":
        return Document(checked.model_dump_xml(), view.time, ".xml")
    return Document(checked.model_dump_json().encode(), view.time, ".json")


def _header(view: View, focus: Resource) -> Resource:
    return {
        "resourceType": "MessageHeader",
        "eventCoding": coding(fc.EVENT_TYPE, view.kind.key, view.kind.title),
        "sender": {"display": view.source},
        "source": {"name": "interagency-hub", "endpoint": systems.OWN + "hub"},
        "focus": [focus],
    }


def _organisation(draft: Draft, place: str, organisation: Organisation | None) -> Resource | None:
    if organisation is None or organisation == Organisation():
        return None
    return draft.add(place, organisation_body(organisation))


def _behind(draft: Draft, referral_id: str | None) -> list[JsonValue]:
    if referral_id is None:
        return []
    system = f"{systems.AGENCY}:{draft.view.source}"
    return [reference("ServiceRequest", system, referral_id)]


def _referral(draft: Draft, patient: Resource) -> Resource | None:
    section = draft.view.section(health.Referral) or health.Referral()
    status = draft.status(_REFERRALS.get(section.status) if section.status else None)
    if status is None:
        return None
    coded_priority = section.priority in fc.PRIORITIES
    by = _organisation(draft, "requester", section.referred_by)
    to = _organisation(draft, "performer", section.referred_to)
    return {
        **draft.start("ServiceRequest", section.referral_id),
        "extension": []
        if coded_priority
        else extensions(fc.PRIORITY, "valueCode", section.priority),
        "status": status,
        "intent": "order",
        "priority": section.priority if coded_priority else None,
        "code": coded_concept(section.service),
        "subject": patient,
        "authoredOn": section.referred_on.isoformat() if section.referred_on else None,
        "requester": by,
        "performer": [to] if to else None,
        "reasonCode": [{"text": section.reason}],
    }


def _appointment(draft: Draft, patient: Resource) -> Resource | None:
    section = draft.view.section(health.Appointment) or health.Appointment()
    status = draft.status(_APPOINTMENTS.get(section.status) if section.status else None)
    if status is None:
        return None
    place: Resource = {"type": "Location", "display": section.location}
    participants: list[JsonValue] = [{"actor": patient, "status": "accepted"}]
    if section.location:
        participants.append({"actor": place, "status": "accepted"})
    return {
        **draft.start("Appointment", section.appointment_id),
        "status": status,
        "serviceType": listed(section.service),
        "reasonCode": [{"text": section.reason}],
        "start": section.start.isoformat() if section.start else None,
        "end": section.end.isoformat() if section.end else None,
        "basedOn": _behind(draft, section.referral_id),
        "participant": participants,
    }


def _waiting(draft: Draft, patient: Resource) -> Resource | None:
    section = draft.view.section(health.WaitingStatus) or health.WaitingStatus()
    status = draft.status("waitlist" if section.status == "waiting" else None)
    if status is None:
        return None
    since = section.waiting_since.isoformat() if section.waiting_since else None
    history: Resource = {"status": "waitlist", "period": {"start": since}}
    return {
        **draft.start("EpisodeOfCare", None),
        "extension": extensions(fc.WEEKS_WAITING, "valueInteger", section.weeks_waiting),
        "status": status,
        "statusHistory": [history] if since else None,
        "type": listed(section.service),
        "patient": patient,
        "referralRequest": _behind(draft, section.referral_id),
    }


def _report(draft: Draft, patient: Resource) -> Resource | None:
    section = draft.view.section(health.ReportAvailable)
    if section is None and not draft.retracted:
        return None
    section = section or health.ReportAvailable()
    corrected = draft.view.status is RecordStatus.CORRECTED
    issued = section.issued_on.isoformat() if section.issued_on else None
    attachment = attachment_body(section.document, issued)
    return {
        **draft.start("DocumentReference", section.report_id),
        "masterIdentifier": identifier(fc.DOCUMENT, section.document.id)
        if section.document
        else None,
        "status": draft.status("current"),
        "docStatus": "amended" if corrected else None,
        "type": coded_concept(section.kind),
        "subject": patient,
        "author": [{"display": section.author}],
        "content": [{"attachment": attachment}],
        "context": {"practiceSetting": coded_concept(section.service)},
    }


def _diagnosis(draft: Draft, patient: Resource) -> Resource | None:
    section = draft.view.section(health.Diagnosis) or health.Diagnosis()
    if section.condition is None and not draft.retracted:
        return None
    known = section.verification if section.verification in fc.VERIFICATIONS else None
    verification = "entered-in-error" if draft.retracted else known
    clinical = section.clinical_status if section.clinical_status in fc.CLINICAL_STATUSES else None
    return {
        **draft.start("Condition", section.condition_id),
        "clinicalStatus": concept(coding(fc.CONDITION_CLINICAL, clinical)) if clinical else None,
        "verificationStatus": concept(coding(fc.CONDITION_VERIFICATION, verification))
        if verification
        else None,
        "code": coded_concept(section.condition),
        "subject": patient,
        "recordedDate": section.recorded_on.isoformat() if section.recorded_on else None,
    }


def _discharge(draft: Draft, patient: Resource) -> Resource | None:
    section = draft.view.section(health.Discharge) or health.Discharge()
    return {
        **draft.start("Encounter", section.encounter_id),
        "status": draft.status("finished"),
        # Whether it was a stay or an episode is not known here, and class must be given.
        "class": coding(fc.NULL_FLAVOR, "UNK", "unknown"),
        "serviceType": coded_concept(section.service),
        "subject": patient,
        "period": {
            "start": section.admitted_on.isoformat() if section.admitted_on else None,
            "end": section.discharged_on.isoformat() if section.discharged_on else None,
        },
        "hospitalization": {"dischargeDisposition": {"text": section.outcome}},
    }


def _event_type(view: View) -> Resource:
    return concept(coding(fc.EVENT_TYPE, view.kind.key, view.kind.title))


def _sender(view: View) -> Resource:
    return {"identifier": identifier(systems.AGENCY, view.source), "display": view.source}


def _communication(draft: Draft, patient: Resource) -> Resource:
    view = draft.view
    return {
        **draft.start("Communication", None),
        "status": draft.status("completed"),
        "category": [_event_type(view)],
        "subject": patient,
        "sent": view.time.isoformat(),
        "sender": _sender(view),
        "payload": [{"contentString": text} for text in in_words(view)],
    }


def _advice(draft: Draft, patient: Resource) -> Resource:
    view = draft.view
    advice = view.section(AdviceProvided) or AdviceProvided()
    health_part = view.section(PlanHealth) or PlanHealth()
    care_part = view.section(PlanCare) or PlanCare()
    texts = {
        "summary": advice.summary,
        "health_needs": health_part.health_needs,
        "health_provision": health_part.health_provision,
        "care_needs": care_part.care_needs,
        "care_provision": care_part.care_provision,
    }
    payload: list[JsonValue] = [
        {"extension": extensions(fc.PAYLOAD_FIELD, "valueCode", name), "contentString": text}
        for name, text in texts.items()
        if text
    ]
    if advice.document:
        payload.append({"contentAttachment": attachment_body(advice.document)})
    return {
        **draft.start("Communication", None),
        "status": draft.status("completed"),
        "category": [_event_type(view)],
        "topic": concept(coding(fc.ADVICE_KIND, advice.kind.value)) if advice.kind else None,
        "subject": patient,
        "sent": advice.provided_on.isoformat() if advice.provided_on else None,
        "sender": _sender(view),
        "payload": payload,
    }


def _task(draft: Draft, patient: Resource) -> Resource | None:
    view = draft.view
    request = view.section(AdviceRequest)
    if request is None:
        return None
    kind: Resource = {"type": {"text": "Kind of advice"}, "valueCode": request.kind}
    return {
        **draft.start("Task", None),
        "status": draft.status("requested"),
        "intent": "order",
        "code": _event_type(view),
        "description": request.questions or view.kind.title,
        "for": patient,
        "authoredOn": request.requested_on.isoformat() if request.requested_on else None,
        "requester": _sender(view),
        "restriction": {"period": {"end": request.due_on.isoformat() if request.due_on else None}},
        "input": [kind] if request.kind else None,
    }


BUILDERS: Mapping[str, Callable[[Draft, Resource], Resource | None]] = MappingProxyType(
    {
        fc.REFERRAL: _referral,
        fc.APPOINTMENT: _appointment,
        fc.WAITING: _waiting,
        fc.REPORT: _report,
        fc.DIAGNOSIS: _diagnosis,
        fc.DISCHARGE: _discharge,
        fc.ADVICE: _advice,
        ADVICE_REQUEST: _task,
    }
)
