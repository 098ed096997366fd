"""What an NHS system receives: a view as one HL7 v2 message, UTF-8, segments ended by CR.

- ``health.appointment-changed.v1``: SIU^S12 (booked), S14 (attended, or a corrected booking), S15
  (cancelled), S26 (missed), S17 (retracted). SCH-2 is the appointment's number; a referral's
  number is in SCH-26 with the namespace ``REFERRAL``.
- ``health.referral-made.v1``: REF^I12, I13 (corrected, on hold, completed), I14 (cancelled or
  retracted; RF1-1 tells which). The reason is written as notes (NTE).
- ``health.report-available.v1``: MDM^T02, T08 (corrected), T11 (retracted), without content. TXA-2
  holds the name of the kind and its code system as further components, as from v2.7.
- ``health.discharge.v1``: ADT^A03, or A13 where it is retracted.
- ``health.diagnosis-recorded.v1``: ADT^A31 with DG1; DG1-20 and DG1-21 as in v2.5.
- A correction of which the receiver may see nothing: MDM^T02, a notification that there is one.
- Every other type except those of consent: MDM^T02, a notification in plain language, one OBX-5 a
  line; TXA-2 is the type's name and TXA-12 the message's own number.

MSH-7 is the view's time as London local time with its offset; MSH-10 the delivery id, shortened to
20 characters. PD1 (GP practice, protection indicator) and NK1 follow PID in every message, also
where the standard does not list them, for receivers must ignore segments they do not expect. HL7 v2
has no place for parental responsibility, an unborn child's date, a UPRN, a document's checksum or a
diagnosis's clinical status: these are left out.

Source: HL7 v2.4 chapters 2, 3, 9, 10 and 11.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from adapters.contract import AgencySystem, Document
from adapters.hl7v2.codes import (
    APPOINTMENT_OUT,
    DELETED,
    HUB_AUTHORITY,
    PRIORITY_CODES,
    REFERRAL_OUT,
    STRUCTURES,
    VERIFICATION_CODES,
)
from adapters.hl7v2.letter import is_notice, letter_lines, own_sections
from adapters.hl7v2.reading import APPOINTMENT, DIAGNOSIS, DISCHARGE, REFERRAL, REPORT
from adapters.hl7v2.segments import (
    coded,
    composite,
    control_id,
    day,
    escaped,
    moment,
    msh,
    people,
    segment,
)
from adapters.hl7v2.settings import Hl7v2Settings
from schemas.errors import CannotExpress
from schemas.event import RecordStatus, View
from schemas.events.health import (
    Appointment,
    AppointmentStatus,
    Diagnosis,
    Discharge,
    Referral,
    ReferralStatus,
    ReportAvailable,
)
from schemas.people import Organisation
from schemas.registry import EVENT_TYPES

WRITES = frozenset(key for key, kind in EVENT_TYPES.items() if kind.sector != "consent")
_LATER = frozenset({"2.5", "2.5.1"})
_NO_VISIT: Mapping[int, str | None] = {2: "N"}


@dataclass(frozen=True, slots=True)
class _Content:
    """What a message tells: its event, and the segments before PID and after PV1."""

    kind: str
    trigger: str
    before: list[str] = field(default_factory=list)
    visit: Mapping[int, str | None] = field(default_factory=dict)
    after: list[str] = field(default_factory=list)


def write_message(view: View, speaker: AgencySystem) -> Document:
    """Write a view as one message; raises CannotExpress."""
    if view.kind.key not in WRITES:
        raise CannotExpress("HL7 v2 cannot express directives about sharing.")
    settings = speaker.settings_as(Hl7v2Settings)
    version = settings.version
    bare = is_notice(view) and not _retracted(view)
    content = _letter(view) if bare else _WRITERS.get(view.kind.key, _letter)(view)
    structure = STRUCTURES[content.trigger] if version not in {"2.3", "2.3.1"} else None
    event = composite(content.kind, content.trigger, structure)
    segments = [msh(view, settings, speaker.agency, event)]
    if content.kind in {"ADT", "MDM"}:
        segments.append(segment("EVN", {1: content.trigger, 2: moment(view.time)}))
    before = [s for s in content.before if version in _LATER or not s.startswith("TQ1")]
    segments += [*before, *people(view, content.visit), *content.after]
    body = "".join(line + "\r" for line in segments)
    return Document(body.encode("utf-8", "replace"), view.time, ".hl7")


def _retracted(view: View) -> bool:
    return view.status is RecordStatus.RETRACTED


def _number(view: View, own: str | None) -> str:
    """Return the number of the thing spoken about, without which a receiver could not file it."""
    found = own or view.record
    if not found:
        raise CannotExpress("The view holds no number of the record, which HL7 v2 needs here.")
    return found


def _appointment(view: View) -> _Content:
    own = view.section(Appointment) or Appointment()
    number = _number(view, own.appointment_id)
    if _retracted(view):
        trigger, state = "S17", "Deleted"
    elif own.status is None:
        raise CannotExpress("The view does not tell what became of the appointment.")
    else:
        trigger, state = APPOINTMENT_OUT[own.status]
        if view.status is RecordStatus.CORRECTED and own.status is AppointmentStatus.BOOKED:
            trigger = "S14"
    sch = {
        1: escaped(number),
        2: escaped(number),
        6: composite(None, state),
        7: composite(None, own.reason),
        11: composite(None, None, None, moment(own.start), moment(own.end)),
        16: composite(None, view.source),
        20: composite(None, HUB_AUTHORITY),
        25: state,
        26: composite(own.referral_id, "REFERRAL") if own.referral_id else None,
    }
    before = [segment("SCH", sch)]
    if own.start or own.end:
        before.append(segment("TQ1", {1: "1", 7: moment(own.start), 8: moment(own.end)}))
    after = ["RGS|1"]
    if own.service:
        after.append(segment("AIS", {1: "1", 3: coded(own.service), 4: moment(own.start)}))
    if own.location:
        after.append(
            segment("AIL", {1: "1", 3: composite(*[None] * 8, own.location), 4: "^not stated"})
        )
    return _Content("SIU", trigger, before, {}, after)


def _referral(view: View) -> _Content:
    own = view.section(Referral) or Referral()
    number = _number(view, own.referral_id)
    if _retracted(view):
        trigger, state = "I14", composite(DELETED, "Entered in error", "L")
    elif own.status is None:
        raise CannotExpress("The view has no status of the referral.")
    else:
        trigger, state = REFERRAL_OUT[own.status]
        if view.status is RecordStatus.CORRECTED and own.status is not ReferralStatus.CANCELLED:
            trigger = "I13"
    rf1 = {
        1: state,
        2: escaped(PRIORITY_CODES.get(own.priority or "", own.priority)),
        3: coded(own.service),
        6: escaped(number),
        7: day(own.referred_on),
    }
    before = [segment("RF1", rf1), _provider("RP^Referring Provider^HL70286", own.referred_by)]
    if own.referred_to:
        before.append(_provider("RT^Referred to Provider^HL70286", own.referred_to))
    lines = own.reason.split("\n") if own.reason else []
    notes = [segment("NTE", {1: str(n), 3: escaped(t)}) for n, t in enumerate(lines, start=1)]
    return _Content("REF", trigger, before, {}, notes)


def _provider(role: str, organisation: Organisation | None) -> str:
    place = organisation or Organisation()
    where = composite(None, None, None, place.ods, None, None, None, None, place.name)
    return segment("PRD", {1: role, 4: where})


def _report(view: View) -> _Content:
    own = view.section(ReportAvailable) or ReportAvailable()
    number = _number(view, own.report_id)
    corrected = view.status is RecordStatus.CORRECTED
    trigger = "T11" if _retracted(view) else "T08" if corrected else "T02"
    pointer = own.document
    txa = {
        1: "1",
        2: coded(own.kind),
        3: "TX",
        6: day(own.issued_on),
        9: composite(None, own.author),
        12: escaped(number),
        16: escaped(pointer.id) if pointer and pointer.id != number else None,
        17: "DO",
        19: "CA" if _retracted(view) else "AV",
        25: escaped(pointer.title) if pointer else None,
    }
    visit = {**_NO_VISIT, 10: coded(own.service)}
    return _Content("MDM", trigger, [], visit, [segment("TXA", txa), *_pointer(trigger)])


def _pointer(trigger: str) -> list[str]:
    """Write that the report is elsewhere, as the content that T02 and T08 must have."""
    text = "A report exists and may be asked for; its content is not in this message."
    return [] if trigger == "T11" else [_line(1, text)]


def _line(number: int, text: str) -> str:
    fields = {1: str(number), 2: "TX", 3: "NOTE^Notification^L", 5: escaped(text), 11: "F"}
    return segment("OBX", fields)


def _discharge(view: View) -> _Content:
    own = view.section(Discharge)
    if own is None and not (_retracted(view) and view.record):
        raise CannotExpress("The view tells nothing of the discharge.")
    own = own or Discharge()
    short = own.outcome if own.outcome and own.outcome.isalnum() else None
    visit = {
        2: "U",
        10: coded(own.service),
        19: escaped(own.encounter_id or view.record),
        36: escaped(short) if short else composite(None, own.outcome),
        44: day(own.admitted_on),
        45: day(own.discharged_on),
    }
    return _Content("ADT", "A13" if _retracted(view) else "A03", [], visit, [])


def _diagnosis(view: View) -> _Content:
    own = view.section(Diagnosis) or Diagnosis()
    if own.condition is None and not _retracted(view):
        raise CannotExpress("The view does not tell which condition was recorded.")
    action = {RecordStatus.RETRACTED: "D", RecordStatus.CORRECTED: "U"}.get(view.status)
    number = _number(view, own.condition_id) if _retracted(view) else own.condition_id
    dg1 = {
        1: "1",
        3: coded(own.condition),
        4: escaped(own.condition.display) if own.condition else None,
        5: day(own.recorded_on),
        6: VERIFICATION_CODES.get(own.verification or ""),
        20: escaped(number),
        21: action,
    }
    return _Content("ADT", "A31", [], _NO_VISIT, [segment("DG1", dg1)])


def _letter(view: View) -> _Content:
    tells = own_sections(view) or view.existence or is_notice(view) or _retracted(view)
    if not tells:
        raise CannotExpress("The view has nothing but the child's particulars.")
    txa = {
        1: "1",
        2: escaped(view.kind.name),
        3: "TX",
        4: moment(view.time),
        6: moment(view.time),
        9: composite(None, view.source),
        12: control_id(view),
        17: "DO",
        19: "AV",
    }
    lines = [_line(n, text) for n, text in enumerate(letter_lines(view), start=1)]
    return _Content("MDM", "T02", [], _NO_VISIT, [segment("TXA", txa), *lines])


_WRITERS: Mapping[str, Callable[[View], _Content]] = {
    APPOINTMENT: _appointment,
    REFERRAL: _referral,
    REPORT: _report,
    DISCHARGE: _discharge,
    DIAGNOSIS: _diagnosis,
}
