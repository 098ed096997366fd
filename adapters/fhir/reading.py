"""Read each kind of FHIR resource as sections of an event: one function per resource type.

What no event type can express is refused as UNSUPPORTED at its element; no meaning is guessed.
``entered-in-error`` retracts the record. A report is only referred to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from adapters.fhir import codes as fc
from adapters.fhir.reports import (
    communication,
    composition,
    diagnostic_report,
    document_reference,
)
from adapters.fhir.source import ResourceFinding, Source, date, kind_named
from schemas.errors import Fault, InputRefused
from schemas.event import RecordStatus
from schemas.events.health import (
    Appointment,
    AppointmentStatus,
    Diagnosis,
    Discharge,
    Referral,
    WaitingStatus,
)
from schemas.fhir.moments import moment
from schemas.fhir.reading import (
    CODE,
    LONG,
    SHORT,
    Node,
    child,
    children,
    codes,
    concept_text,
    extension,
    first_coding,
    string,
    truncated,
)
from schemas.people import Coding

READS = frozenset(
    {fc.REFERRAL, fc.APPOINTMENT, fc.WAITING, fc.REPORT, fc.DIAGNOSIS, fc.DISCHARGE, fc.ADVICE}
)
_ERROR = "entered-in-error"


def _referral(source: Source) -> ResourceFinding:
    node = source.node
    status = fc.REFERRAL_STATUSES.get(source.status)
    if status is None and not source.in_error:
        raise source.unsupported()
    if string(node, "intent") in fc.NOT_A_REFERRAL:
        raise source.unsupported("intent")
    performers = children(node, "performer")
    reasons = [r for c in children(node, "reasonCode") if (r := concept_text(c, LONG))]
    reasons += [r for c in children(node, "reasonReference") if (r := string(c, "display"))]
    reasons = reasons or [r for n in children(node, "note") if (r := string(n, "text"))]
    own_priority = string(extension(node, fc.PRIORITY), "valueCode", CODE)
    section = Referral(
        referral_id=source.section_id,
        status=status,
        referred_on=date(node, "authoredOn"),
        service=first_coding(node, "code", "performerType") or _service_of(source, performers),
        priority=own_priority or string(node, "priority"),
        reason=truncated("\n".join(reasons), LONG),
        referred_by=source.organisation(children(node, "requester")),
        referred_to=source.organisation(performers),
    )
    return source.finding(fc.REFERRAL, section)


def _service_of(source: Source, references: Iterable[Node]) -> Coding | None:
    for reference in references:
        found = source.look(reference, source.entry)
        if found and found[0].kind == "HealthcareService":
            name = string(found[1], "name", SHORT)
            named = Coding(code=name[:CODE], display=name) if name else None
            return first_coding(found[1], "type", "specialty") or named
    return None


def _appointment(source: Source) -> ResourceFinding:
    node = source.node
    service = first_coding(node, "serviceType", "specialty", "serviceCategory")
    based_on = children(node, "basedOn")
    referral = source.id_of(based_on[0]) if based_on else None
    if source.status == "waitlist":
        waiting = WaitingStatus(status="waiting", service=service, referral_id=referral)
        return source.finding(fc.WAITING, waiting)
    status = fc.APPOINTMENT_STATUSES.get(source.status)
    if status is None and not source.in_error:
        raise source.unsupported()
    actors = [child(p, "actor") for p in children(node, "participant")]
    reasons = (concept_text(c) for c in children(node, "reasonCode"))
    displays = (string(c, "display", SHORT) for c in children(node, "reasonReference"))
    section = Appointment(
        appointment_id=source.section_id,
        status=status,
        start=moment(string(node, "start"), "start"),
        end=moment(string(node, "end"), "end"),
        service=service,
        reason=next(filter(None, (*reasons, *displays)), None)
        or string(node, "description", SHORT),
        location=next((n for a in actors if (n := _location(source, a))), None),
        referral_id=referral,
    )
    return source.finding(fc.APPOINTMENT, section)


def _location(source: Source, actor: Node) -> str | None:
    found = source.look(actor, source.entry)
    kind = found[0].kind if found else kind_named(actor)
    return source.name_of(actor) if kind == "Location" else None


def _encounter(source: Source) -> ResourceFinding:
    node = source.node
    if source.status != "finished" and not source.in_error:
        raise source.unsupported()
    disposition = child(child(node, "hospitalization"), "dischargeDisposition")
    if string(child(node, "class"), "code") in fc.VISITS and not disposition:
        return _visit(source)
    period = child(node, "period")
    section = Discharge(
        encounter_id=source.section_id,
        service=first_coding(node, "serviceType"),
        admitted_on=date(period, "start"),
        discharged_on=date(period, "end"),
        outcome=concept_text(disposition),
    )
    return source.finding(fc.DISCHARGE, section)


def _visit(source: Source) -> ResourceFinding:
    """Read a finished visit as its appointment attended: one visit's end is no discharge."""
    booked = children(source.node, "appointment")
    if not booked or source.in_error:
        raise source.unsupported("class")
    appointment_id = source.id_of(booked[0])
    section = Appointment(
        appointment_id=appointment_id,
        status=AppointmentStatus.ATTENDED,
        start=moment(string(child(source.node, "period"), "start"), "period.start"),
        service=first_coding(source.node, "serviceType"),
    )
    return replace(source.finding(fc.APPOINTMENT, section), record=appointment_id)


def _episode(source: Source) -> ResourceFinding:
    node = source.node
    service = first_coding(node, "type")
    if source.status == "waitlist":
        history = [h for h in children(node, "statusHistory") if h.get("status") == "waitlist"]
        weeks = extension(node, fc.WEEKS_WAITING).get("valueInteger")
        behind = children(node, "referralRequest")
        waiting = WaitingStatus(
            status="waiting",
            service=service,
            waiting_since=date(child(history[-1], "period"), "start") if history else None,
            weeks_waiting=weeks if isinstance(weeks, int) and 0 <= weeks <= 2000 else None,  # noqa: PLR2004
            referral_id=source.id_of(behind[0]) if behind else None,
        )
        return source.finding(fc.WAITING, waiting)
    if source.status != "finished" and not source.in_error:
        raise source.unsupported()
    period = child(node, "period")
    section = Discharge(
        encounter_id=source.section_id,
        service=service,
        admitted_on=date(period, "start"),
        discharged_on=date(period, "end"),
    )
    return source.finding(fc.DISCHARGE, section)


def _condition(source: Source) -> ResourceFinding:
    node = source.node
    verification = _status_code(node, "verificationStatus", fc.VERIFICATIONS)
    clinical = _status_code(node, "clinicalStatus", fc.CLINICAL_STATUSES)
    section = Diagnosis(
        condition=first_coding(node, "code"),
        condition_id=source.section_id,
        recorded_on=date(node, "recordedDate"),
        verification=verification if verification != _ERROR else None,
        clinical_status=clinical,
    )
    found = source.finding(fc.DIAGNOSIS, section)
    # What was ruled out must not remain anywhere as a diagnosis.
    taken_back = verification in (_ERROR, "refuted")
    return replace(found, status=RecordStatus.RETRACTED) if taken_back else found


def _status_code(node: Node, name: str, allowed: frozenset[str]) -> str | None:
    found = [code for _, code in codes(node, name)]
    if any(code not in allowed for code in found):
        raise InputRefused(Fault.BAD_VALUE, name)
    return found[0] if found else None


READINGS: Mapping[str, Callable[[Source], ResourceFinding]] = MappingProxyType(
    {
        "Appointment": _appointment,
        "Communication": communication,
        "Composition": composition,
        "Condition": _condition,
        "DiagnosticReport": diagnostic_report,
        "DocumentReference": document_reference,
        "Encounter": _encounter,
        "EpisodeOfCare": _episode,
        "ServiceRequest": _referral,
    }
)
