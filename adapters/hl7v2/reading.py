"""What an HL7 v2 message tells: one reader for each message type, from segments to sections.

A reader gives the happenings of one patient in a message. It raises InputRefused where the message
says nothing the hub carries; a part that cannot be used is noted in the message instead.

Sources: HL7 v2.5.1 chapters 3 (ADT, DG1), 7 (OBR), 9 (TXA), 10 (SCH, AIS, AIL), 11 (RF1, PRD).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from adapters.hl7v2.codes import (
    APPOINTMENT_TRIGGERS,
    APPOINTMENT_WORDS,
    BOOKED_TRIGGERS,
    DELETED,
    NOT_AN_APPOINTMENT,
    PRIORITIES,
    REFERRAL_WORDS,
    VERIFICATIONS,
)
from adapters.hl7v2.message import LONG, Hl7Message, Segment
from schemas.errors import Fault, InputRefused
from schemas.event import RecordStatus
from schemas.events.health import (
    Appointment,
    AppointmentStatus,
    Diagnosis,
    Discharge,
    Referral,
    ReferralStatus,
)
from schemas.identifiers import is_ods_code
from schemas.people import Organisation
from schemas.sections import Section

APPOINTMENT = "health.appointment-changed.v1"
REFERRAL = "health.referral-made.v1"
REPORT = "health.report-available.v1"
DIAGNOSIS = "health.diagnosis-recorded.v1"
DISCHARGE = "health.discharge.v1"
ID_LENGTH = 120
REFERRAL_IDS = frozenset({"REFERRAL", "UBRN"})


_OUTPATIENT = frozenset({"O", "R"})
_NOTED = frozenset({"RF1", "PRD", "PID", "NK1", "PV1", "PV2"})
_RECORDED, _CORRECTED, _RETRACTED = (
    RecordStatus.RECORDED,
    RecordStatus.CORRECTED,
    RecordStatus.RETRACTED,
)


@dataclass(frozen=True, slots=True)
class MessageEvent:
    """One event of a message; ``place`` is its place, which refusals name."""

    key: str
    section: Section
    place: str
    record: str | None = None
    status: RecordStatus = _RECORDED


def read_adt(message: Hl7Message, trigger: str) -> Iterator[MessageEvent]:
    """Read a visit or a discharge, and the diagnoses any ADT message may carry."""
    yield from read_diagnoses(message)
    visit = _VISITS.get(trigger)
    if visit is _discharge or (visit and (_is_outpatient(message) or not message.has("DG1"))):
        yield visit(message, trigger)
    elif not message.has("DG1"):
        raise InputRefused(Fault.UNSUPPORTED, "MSH-9")


def read_diagnoses(message: Hl7Message) -> Iterator[MessageEvent]:
    """Read every DG1: one recorded, corrected (DG1-21 U) or deleted (DG1-21 D) diagnosis each."""
    for dg1 in message.every("DG1"):
        action = dg1.text(21).upper()
        record = dg1.short(20, limit=ID_LENGTH)
        if action == "D" and record is None:
            dg1.note(20, Fault.MISSING_FIELD)
            continue
        condition = dg1.coding(3)
        if condition is not None and condition.display is None:
            condition = condition.model_copy(update={"display": dg1.short(4)})
        section = Diagnosis(
            condition=condition,
            condition_id=record,
            recorded_on=dg1.date(5),
            verification=VERIFICATIONS.get(dg1.text(6).upper()),
        )
        status = {"D": _RETRACTED, "U": _CORRECTED}.get(action, _RECORDED)
        yield MessageEvent(DIAGNOSIS, section, dg1.at(3), record, status)


def _is_outpatient(message: Hl7Message) -> bool:
    return message.first("PV1").text(2).upper() in _OUTPATIENT


def _outpatient(message: Hl7Message, trigger: str) -> MessageEvent:
    """Read an outpatient visit: registered (A04), expected (A05, A14), cancelled (others)."""
    pv1, pv2 = message.first("PV1"), message.first("PV2")
    if not _is_outpatient(message):
        raise InputRefused(Fault.UNSUPPORTED if pv1.text(2) else Fault.MISSING_FIELD, "PV1-2")
    visit = pv1.short(19, limit=ID_LENGTH)
    if visit is None:
        raise InputRefused(Fault.MISSING_FIELD, "PV1-19")
    if trigger == "A11":
        return MessageEvent(
            APPOINTMENT, Appointment(appointment_id=visit), "PV1-19", visit, _RETRACTED
        )
    came, ended = trigger == "A04", trigger in {"A27", "A38"}
    expected = None if came else pv2.moment(8)
    section = Appointment(
        appointment_id=visit,
        status=AppointmentStatus.ATTENDED
        if came
        else AppointmentStatus.CANCELLED
        if ended
        else AppointmentStatus.BOOKED,
        start=expected or pv1.moment(44),
        end=pv1.moment(45),
        service=pv1.coding(10),
        reason=pv2.words(3),
        location=_location(pv1, 3),
    )
    return MessageEvent(APPOINTMENT, section, "PV1-19", visit)


def _discharge(message: Hl7Message, trigger: str) -> MessageEvent:
    """Read a discharge (A03), or take one back (A13)."""
    pv1 = message.first("PV1")
    visit = pv1.short(19, limit=ID_LENGTH)
    if trigger == "A13":
        if visit is None:
            raise InputRefused(Fault.MISSING_FIELD, "PV1-19")
        return MessageEvent(DISCHARGE, Discharge(encounter_id=visit), "PV1-19", visit, _RETRACTED)
    section = Discharge(
        encounter_id=visit,
        service=pv1.coding(10),
        admitted_on=pv1.date(44),
        discharged_on=pv1.date(45) or message.first("EVN").date(6),
        outcome=pv1.words(36),
    )
    return MessageEvent(DISCHARGE, section, "PV1-19", visit)


_VISITS: Mapping[str, Callable[[Hl7Message, str], MessageEvent]] = {
    **dict.fromkeys(("A04", "A05", "A11", "A14", "A27", "A38"), _outpatient),
    **dict.fromkeys(("A03", "A13"), _discharge),
}


def read_siu(message: Hl7Message, trigger: str) -> Iterator[MessageEvent]:
    """Read an appointment; what SCH-25 says of it outranks a booking trigger."""
    sch, pv1, ais = message.first("SCH"), message.first("PV1"), message.first("AIS")
    if trigger not in {*APPOINTMENT_TRIGGERS, "S17"}:
        raise InputRefused(Fault.UNSUPPORTED, "MSH-9")
    position = 2 if sch.text(2) else 1
    record = sch.short(position, limit=ID_LENGTH)
    if record is None:
        raise InputRefused(Fault.MISSING_FIELD, "SCH-2")
    state = (sch.text(25) or sch.text(25, 2)).upper()
    booking = trigger in BOOKED_TRIGGERS
    if booking and state in NOT_AN_APPOINTMENT:
        raise InputRefused(Fault.UNSUPPORTED, "SCH-25")
    deleted = trigger == "S17" or (booking and state == DELETED)
    status = None if deleted else APPOINTMENT_TRIGGERS[trigger]
    if booking and not deleted:
        status = APPOINTMENT_WORDS.get(state, status)
    start, end = _when(message, 0), _when(message, 1)
    section = Appointment(
        appointment_id=record,
        status=status,
        start=start,
        end=end,
        service=ais.coding(3) or pv1.coding(10),
        reason=sch.words(7),
        location=_location(message.first("AIL"), 3) or _location(pv1, 3),
        referral_id=sch.short(26, limit=ID_LENGTH) if sch.text(26, 2) in REFERRAL_IDS else None,
    )
    changed = trigger == "S14" and status is AppointmentStatus.BOOKED
    kind = _RETRACTED if deleted else _CORRECTED if changed else _RECORDED
    yield MessageEvent(APPOINTMENT, section, sch.at(position), record, kind)


def _when(message: Hl7Message, end: int) -> dt.datetime | None:
    """Read the start or end of an appointment from TQ1, SCH-11 or, for the start, AIS-4."""
    tq1, sch, ais = (message.first(name) for name in ("TQ1", "SCH", "AIS"))
    places = [(tq1, 7 + end, 1), (sch, 11, 4 + end)] + ([] if end else [(ais, 4, 1)])
    for segment, position, component in places:
        if segment.text(position, component):
            return segment.moment(position, component)
    return None


def _location(segment: Segment, position: int) -> str | None:
    """Read a place (PL): its description, or its parts from the room to the building."""
    value = segment.value(position)
    parts = [value.text(n) for n in (1, 2, 3, 4, 7, 8)]
    return segment.limited(value.text(9) or ", ".join(p for p in parts if p), position)


def read_ref(message: Hl7Message, trigger: str) -> Iterator[MessageEvent]:
    """Read a referral; a status request (I15) or an answer (RRI) must give its status."""
    rf1 = message.first("RF1")
    if trigger not in {"I12", "I13", "I14", "I15"}:
        raise InputRefused(Fault.UNSUPPORTED, "MSH-9")
    position = 6 if rf1.text(6) else 11
    record = rf1.short(position, limit=ID_LENGTH)
    if record is None:
        raise InputRefused(Fault.MISSING_FIELD, "RF1-6")
    deleted = DELETED in {rf1.text(1, n).upper() for n in (1, 2)}
    answers = trigger == "I15" or message.first("MSH").text(9).upper() == "RRI"
    section = Referral(
        referral_id=record,
        status=None if deleted else _referral_status(rf1, trigger, answers=answers),
        referred_on=rf1.date(7),
        service=rf1.coding(3) or message.first("PV1").coding(10),
        priority=PRIORITIES.get(rf1.text(2).upper(), rf1.short(2, limit=64)),
        reason=_reason(message, rf1),
        referred_by=_provider(message, "RP"),
        referred_to=_provider(message, "RT"),
    )
    kind = _RETRACTED if deleted else _CORRECTED if trigger == "I13" else _RECORDED
    yield MessageEvent(REFERRAL, section, rf1.at(position), record, kind)


def _referral_status(rf1: Segment, trigger: str, *, answers: bool) -> ReferralStatus:
    if trigger == "I14" and not answers:
        return ReferralStatus.CANCELLED
    written = [rf1.text(1, n).upper() for n in (1, 2)]
    status = next((REFERRAL_WORDS[w] for w in written if w in REFERRAL_WORDS), None)
    if status is None and answers:
        raise InputRefused(Fault.BAD_VALUE if any(written) else Fault.MISSING_FIELD, "RF1-1")
    return status or ReferralStatus.ACTIVE


def _reason(message: Hl7Message, rf1: Segment) -> str | None:
    """Read the notes that belong to the referral itself, or else its coded reason."""
    lines: list[str] = []
    owner = ""
    for segment in message.segments:
        if segment.name != "NTE":
            owner = segment.name
        elif owner in _NOTED:
            lines += [v.lines() for v in segment.values(3)] or [""]
    text = "\n".join(lines).strip()
    return rf1.limited(text, 10, LONG) or rf1.words(10, LONG)


def _provider(message: Hl7Message, role: str) -> Organisation | None:
    """Read the organisation of a provider: PRD-10 (from v2.7), or the place in PRD-4."""
    prd = next((p for p in message.every("PRD") if p.text(1).upper() == role), None)
    if prd is None:
        return None
    codes = [prd.text(10, 3), prd.text(10, 10), prd.text(4, 4)]
    name = prd.text(10) or prd.text(4, 9) or _words_of_facility(prd)
    ods = next((code for code in codes if is_ods_code(code) and code != name), None)
    found = Organisation(name=prd.limited(name, 4), ods=ods)
    return found if found != Organisation() else None


def _words_of_facility(prd: Segment) -> str:
    facility = prd.text(4, 4)
    return "" if is_ods_code(facility) else facility
