"""The FHIR R4 adapter: what UK Core, BaRS, PDS and e-RS documents become, and what it writes."""

from __future__ import annotations

import copy
import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest
from fhir.resources.R4B.bundle import Bundle
from pydantic import JsonValue

from adapters.contract import Adapter, Document, Refusal, Speaker, Translation, translate
from adapters.fhir_bundle import checked
from adapters.fhir_codes import (
    ADVICE,
    APPOINTMENT,
    CONTEXT,
    DIAGNOSIS,
    DISCHARGE,
    REFERRAL,
    REPORT,
    TRANSLATED,
    WAITING,
)
from adapters.fhir_document import open_document
from adapters.health_fhir import ADAPTER
from schemas.errors import CannotExpress, ConfigurationError, Fault
from schemas.event import Event, RecordStatus, full_view, make_event
from schemas.events.care import CarePlan, CarePlanChange, CarePlanKind
from schemas.events.ehc import AdviceKind, AdviceProvided, AdviceRequest, PlanHealth
from schemas.events.health import (
    Appointment,
    AppointmentStatus,
    Diagnosis,
    Discharge,
    Referral,
    ReferralStatus,
    ReportAvailable,
    WaitingStatus,
)
from schemas.identifiers import Assurance, nhs_number
from schemas.people import Confidentiality, Contact, Family, Identity
from schemas.registry import EVENT_TYPES
from schemas.sections import Category
from tests.adapters.contract import FormatContract

Body = dict[str, Any]
SAMPLES = Path(__file__).parent / "samples" / "fhir"
SPEAKER = Speaker("trust-a", {"local-id-system": "https://fhir.trust-a.nhs.uk/Id/mrn"})
WHEN = dt.datetime(2026, 9, 7, 8, 30, tzinfo=dt.UTC)
NHS = "https://fhir.nhs.uk/Id/nhs-number"
SNOMED = "http://snomed.info/sct"
UKCORE = "https://fhir.hl7.org.uk/StructureDefinition/"
SUBJECT = {"reference": "urn:uuid:0a000000-0000-4000-8000-000000000001"}


def patient(number: str = "9990000018", **more: Any) -> Body:  # noqa: ANN401
    """Make a UK Core Patient as a trust's system sends it."""
    verified = {
        "url": f"{UKCORE}Extension-UKCore-NHSNumberVerificationStatus",
        "valueCodeableConcept": {"coding": [{"code": "01"}]},
    }
    return {
        "resourceType": "Patient",
        "text": {"status": "generated", "div": "<div><script>alert('CANARY')</script></div>"},
        "meta": {"security": [{"code": "U"}]},
        "identifier": [
            {"system": NHS, "value": number, "extension": [verified]},
            {
                "system": "https://fhir.trust-a.nhs.uk/Id/mrn",
                "value": "MRN0042",
                "assigner": {"identifier": {"value": "RA1"}},
            },
        ],
        "name": [
            {
                "use": "official",
                "family": "Okafor",
                "given": ["Adaeze", "Ruth"],
                "prefix": ["Miss"],
            },
            {"use": "usual", "family": "Okafor", "given": ["Ada"]},
        ],
        "gender": "female",
        "birthDate": "2016-05-04",
        "telecom": [
            {"system": "phone", "value": "01632 960001", "use": "home"},
            {"system": "email", "value": "home@example.org"},
        ],
        "address": [
            {
                "use": "home",
                "line": ["1 Sample Street"],
                "city": "Exampleton",
                "postalCode": "ZZ99 3VZ",
            }
        ],
        "generalPractitioner": [
            {
                "identifier": {
                    "system": "https://fhir.nhs.uk/Id/ods-organization-code",
                    "value": "Y99999",
                }
            }
        ],
        **more,
    }


def relative(**more: Any) -> Body:  # noqa: ANN401
    """Make a RelatedPerson: the child's mother."""
    role = {"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": "MTH"}
    return {
        "resourceType": "RelatedPerson",
        "patient": SUBJECT,
        "relationship": [{"coding": [role]}],
        "name": [{"family": "Okafor", "given": ["Ngozi"], "prefix": ["Mrs"]}],
        "telecom": [{"system": "phone", "value": "07700 900001", "use": "mobile"}],
        **more,
    }


def uid(number: int) -> str:
    """Give the fullUrl of an entry."""
    return f"urn:uuid:0a000000-0000-4000-8000-{number:012d}"


def bundle(*resources: Body, kind: str = "collection", **more: Any) -> bytes:  # noqa: ANN401
    """Wrap resources in a Bundle, each under a urn:uuid that counts from one."""
    entries = [{"fullUrl": uid(n), "resource": r} for n, r in enumerate(resources, start=1)]
    whole = {"resourceType": "Bundle", "type": kind, "entry": entries}
    return json.dumps({**whole, "timestamp": "2026-09-01T10:00:00+01:00", **more}).encode()


def coded(code: str, display: str, system: str = SNOMED) -> Body:
    """Make a CodeableConcept."""
    return {"coding": [{"system": system, "code": code, "display": display}]}


REFERRED: Body = {
    "resourceType": "ServiceRequest",
    "identifier": [{"system": "https://fhir.nhs.uk/Id/UBRN", "value": "000000070001"}],
    "status": "active",
    "intent": "order",
    "priority": "urgent",
    "code": coded("310104001", "Child speech and language therapy"),
    "subject": SUBJECT,
    "authoredOn": "2026-08-30T23:30:00Z",
    "requester": {"reference": uid(3)},
    "reasonCode": [{"text": "Not yet joining two words"}],
}
GP: Body = {
    "resourceType": "Organization",
    "identifier": [{"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "Y99999"}],
    "name": "Sample Surgery",
}
BOOKED: Body = {
    "resourceType": "Appointment",
    "identifier": [{"value": "A-77"}],
    "status": "booked",
    "serviceType": [coded("310099002", "Child physiotherapy")],
    "start": "2026-10-12T09:30:00+01:00",
    "end": "2026-10-12T10:00:00+01:00",
    "basedOn": [{"identifier": {"value": "000000070001"}}],
    "participant": [
        {"actor": SUBJECT, "status": "accepted"},
        {"actor": {"type": "Location", "display": "Sample Clinic, room 2"}, "status": "accepted"},
    ],
}
STAY: Body = {
    "resourceType": "Encounter",
    "identifier": [{"value": "E-5"}],
    "status": "finished",
    "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
    "serviceType": coded("310067008", "Community paediatric"),
    "subject": SUBJECT,
    "period": {"start": "2026-08-01T10:00:00+01:00", "end": "2026-08-04T12:00:00+01:00"},
    "hospitalization": {"dischargeDisposition": {"text": "Home with therapy plan"}},
}
EPISODE: Body = {
    "resourceType": "EpisodeOfCare",
    "identifier": [{"value": "W-9"}],
    "status": "waitlist",
    "statusHistory": [{"status": "waitlist", "period": {"start": "2026-03-02"}}],
    "type": [coded("310101009", "Speech and language therapy")],
    "patient": SUBJECT,
    "referralRequest": [{"identifier": {"value": "000000070001"}}],
}
CONDITION: Body = {
    "resourceType": "Condition",
    "identifier": [{"value": "C-1"}],
    "clinicalStatus": coded(
        "active", "Active", "http://terminology.hl7.org/CodeSystem/condition-clinical"
    ),
    "verificationStatus": coded(
        "confirmed", "Confirmed", "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    ),
    "code": coded("35919005", "Pervasive developmental disorder"),
    "subject": SUBJECT,
    "recordedDate": "2026-08-20",
}
LETTER: Body = {
    "resourceType": "DocumentReference",
    "identifier": [{"value": "D-3"}],
    "status": "current",
    "docStatus": "final",
    "type": coded("823681000000100", "Outpatient letter"),
    "subject": SUBJECT,
    "date": "2026-08-21T09:00:00Z",
    "author": [{"display": "Dr Sample"}],
    "content": [
        {
            "attachment": {
                "contentType": "application/pdf",
                "url": "https://docs.trust-a.example/D-3",
                "title": "Clinic letter",
                "creation": "2026-08-21",
            }
        }
    ],
    "context": {"practiceSetting": coded("310067008", "Community paediatric")},
}
RESULT: Body = {
    "resourceType": "DiagnosticReport",
    "identifier": [{"value": "R-8"}],
    "status": "final",
    "code": coded("310007006", "Paediatric diagnostic audiology"),
    "subject": SUBJECT,
    "issued": "2026-08-22T11:00:00Z",
    "performer": [{"display": "Audiology, Sample Hospital"}],
    "result": [{"reference": uid(3)}],
}
OBSERVATION: Body = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"text": "hearing level"},
    "subject": SUBJECT,
}
SUMMARY: Body = {
    "resourceType": "Composition",
    "identifier": {"value": "S-2"},
    "status": "final",
    "type": coded("373942005", "Discharge summary"),
    "subject": SUBJECT,
    "date": "2026-08-04T12:00:00+01:00",
    "author": [{"display": "Sample Ward"}],
    "title": "Discharge summary",
    "section": [{"title": "Plan", "text": {"status": "generated", "div": "<div>CANARY</div>"}}],
}
ANSWER: Body = {
    "resourceType": "Communication",
    "identifier": [{"value": "ADV-1"}],
    "status": "completed",
    "category": [coded(ADVICE, "Advice", "urn:interagency-hub:event-type")],
    "subject": SUBJECT,
    "sent": "2026-09-01",
    "payload": [
        {
            "contentAttachment": {
                "contentType": "application/pdf",
                "url": "https://docs.trust-a.example/advice",
                "title": "Therapy advice",
            }
        },
        {"contentString": "Needs a structured language programme."},
    ],
}
HEADER: Body = {
    "resourceType": "MessageHeader",
    "eventCoding": {"system": "https://fhir.nhs.uk/CodeSystem/message-events-bars", "code": "x"},
    "source": {"endpoint": "http://fhir.nhs.uk/Id/dos-service-id|111111111"},
    "reason": coded("update", "update", "https://fhir.nhs.uk/CodeSystem/message-reason-bars"),
    "focus": [{"reference": uid(2)}],
}
XML = b"""\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?>
<f:Bundle xmlns:f="http://hl7.org/fhir">
  <f:type value="collection"/><f:timestamp value="2026-09-01T10:00:00+01:00"/>
  <f:entry><f:fullUrl value="https://trust-a.example/Patient/p1"/><f:resource><f:Patient>
    <f:id value="p1"/>
    <f:text><f:status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml">CANARY</div></f:text>
    <f:identifier><f:system value="https://fhir.nhs.uk/Id/nhs-number"/>
      <f:value value="9990000018"/></f:identifier>
    <f:name><f:family value="Okafor"/><f:given value="Adaeze"/></f:name>
    <f:birthDate value="2016-05"/>
  </f:Patient></f:resource></f:entry>
  <f:entry><f:fullUrl value="https://trust-a.example/Appointment/a1"/><f:resource><f:Appointment>
    <f:id value="a1"/><f:status value="noshow"/>
    <f:start value="2026-08-12T09:30:00"/>
    <f:participant><f:actor><f:reference value="Patient/p1"/></f:actor>
      <f:status value="accepted"/></f:participant>
  </f:Appointment></f:resource></f:entry>
</f:Bundle>"""


def changed(resource: Body, **more: Any) -> Body:  # noqa: ANN401
    """Copy a resource with some elements changed; None takes one away."""
    made = {**copy.deepcopy(resource), **more}
    return {k: v for k, v in made.items() if v is not None}


def read(body: bytes, speaker: Speaker = SPEAKER) -> Translation:
    """Read a document that arrived at a fixed moment."""
    return translate(ADAPTER.format, Document(body, WHEN, ".json"), speaker)


def only(body: bytes) -> Event:
    """Read a document that holds exactly one event and nothing refused."""
    translation = read(body)
    assert not translation.refused, translation.refused
    assert len(translation.events) == 1
    return translation.events[0]


def told(resource: Body, *others: Body) -> Event:
    """Read one resource about the sample patient."""
    return only(bundle(patient(), resource, *others))


def faults(body: bytes) -> list[tuple[Fault, str]]:
    """Read a document and list what was refused."""
    return [(r.fault, r.where) for r in read(body).refused]


class TestHealthFhir(FormatContract):
    """The shared promises of a format, kept by health-fhir."""

    adapter: ClassVar[Adapter] = ADAPTER
    speaker: ClassVar[Speaker] = SPEAKER
    lossless: ClassVar[frozenset[str]] = ADAPTER.format.reads
    good: ClassVar[Mapping[str, bytes]] = {
        "referral": bundle(patient(), REFERRED, GP, relative()),
        "appointment": bundle(patient(), BOOKED),
        "waiting": bundle(patient(), EPISODE),
        "waitlist": bundle(patient(), changed(BOOKED, status="waitlist", start=None, end=None)),
        "stay": bundle(patient(), STAY),
        "condition": bundle(patient(), CONDITION),
        "letter": bundle(patient(), LETTER, kind="transaction"),
        "result": bundle(patient(), RESULT, OBSERVATION),
        "document": bundle(patient(), SUMMARY, kind="document"),
        "answer": bundle(patient(), ANSWER, relative()),
        "message": bundle(patient(), BOOKED, HEADER, kind="message"),
        "xml": XML,
        "logical": json.dumps(
            changed(
                REFERRED,
                requester=None,
                subject={"identifier": {"system": NHS, "value": "9990000026"}},
            )
        ).encode(),
        "contained": json.dumps(
            changed(CONDITION, contained=[patient(id="p")], subject={"reference": "#p"})
        ).encode(),
        "in error": bundle(patient(), changed(BOOKED, status="entered-in-error")),
        "ers": (SAMPLES / "ers-service-requests.json").read_bytes(),
        "bars booking": (SAMPLES / "bars-booking-request.json").read_bytes(),
        "bars documents": (SAMPLES / "bars-document-references.json").read_bytes(),
    }
    bad: ClassVar[Mapping[str, tuple[bytes, Fault]]] = {
        "patient only": (bundle(patient()), Fault.UNSUPPORTED),
        "pds patient": ((SAMPLES / "pds-patient.json").read_bytes(), Fault.UNSUPPORTED),
        "pds sensitive": ((SAMPLES / "pds-sensitive-patient.json").read_bytes(), Fault.UNSUPPORTED),
        "pds relatives": ((SAMPLES / "pds-related-person.json").read_bytes(), Fault.UNSUPPORTED),
        "outcome": ((SAMPLES / "bars-operation-outcome.json").read_bytes(), Fault.UNSUPPORTED),
        "stu3": ((SAMPLES / "ers-stu3-referral-request.json").read_bytes(), Fault.UNSUPPORTED),
        "patch": ((SAMPLES / "bars-appointment-patch.json").read_bytes(), Fault.NO_CHILD),
        "basedOn": ((SAMPLES / "bars-service-request-invalid.json").read_bytes(), Fault.BAD_VALUE),
        "validation": ((SAMPLES / "bars-validation-request.json").read_bytes(), Fault.UNSUPPORTED),
        "response": ((SAMPLES / "bars-validation-response.json").read_bytes(), Fault.UNSUPPORTED),
        "status": (bundle(patient(), changed(BOOKED, status="CANARY")), Fault.BAD_VALUE),
        "gender": (bundle(patient(gender="CANARY"), BOOKED), Fault.BAD_VALUE),
        "element": (bundle(patient(), changed(BOOKED, CANARY=1)), Fault.BAD_VALUE),
        "contained": (
            bundle(patient(), changed(BOOKED, contained=[{"resourceType": "CANARY"}])),
            Fault.BAD_VALUE,
        ),
        "bundle type": (bundle(patient(), BOOKED, kind="CANARY"), Fault.BAD_VALUE),
        "no bundle type": (b'{"resourceType":"Bundle","entry":[]}', Fault.MISSING_FIELD),
        "nan": (b'{"resourceType":"Patient","x":NaN}', Fault.NOT_JSON),
        "huge": (b'{"resourceType":"Patient","x":1e999}', Fault.NOT_JSON),
        "digits": (b'{"resourceType":"Patient","x":' + b"9" * 9000 + b"}", Fault.NOT_JSON),
        "twice": (b'{"resourceType":"Patient","id":"a","id":"b"}', Fault.NOT_JSON),
        "deep": (
            b'{"resourceType":"Patient","x":' + b"[" * 90 + b"]" * 90 + b"}",
            Fault.UNSUPPORTED,
        ),
        "kind": (b'{"resourceType":"CANARY"}', Fault.UNSUPPORTED),
        "other xml": (b"<CANARY xmlns='urn:x'/>", Fault.UNSUPPORTED),
    }


def test_a_referral_carries_service_reason_and_both_ends() -> None:
    """A ServiceRequest becomes a referral with its day in London and the practice it came from."""
    event = told(REFERRED, GP)
    referral = event.section(Referral)
    assert event.kind.key == REFERRAL
    assert referral is not None
    assert referral.referral_id == event.record == "000000070001"
    assert referral.status is ReferralStatus.ACTIVE
    assert referral.referred_on == dt.date(2026, 8, 31)
    assert referral.service is not None
    assert referral.service.code == "310104001"
    assert referral.priority == "urgent"
    assert referral.referred_by is not None
    assert (referral.referred_by.ods, referral.referred_by.name) == ("Y99999", "Sample Surgery")
    assert event.time == dt.datetime(2026, 9, 1, 9, tzinfo=dt.UTC)


def test_the_child_is_read_whole_and_without_narrative() -> None:
    """Identity, contact and family come from Patient and RelatedPerson; narrative never does."""
    event = told(REFERRED, GP, relative())
    identity, contact, family = (event.section(m) for m in (Identity, Contact, Family))
    assert isinstance(identity, Identity)
    assert identity.nhs_number is not None
    assert identity.nhs_number.assurance is Assurance.VERIFIED
    assert identity.local_id is not None
    assert (identity.local_id.value, identity.local_id.issuer) == ("MRN0042", "RA1")
    assert (identity.given_name, identity.middle_names) == ("Adaeze", "Ruth")
    assert identity.preferred_given_name == "Ada"
    assert isinstance(contact, Contact)
    assert contact.gp_practice == "Y99999"
    assert contact.confidentiality is Confidentiality.UNRESTRICTED
    assert isinstance(family, Family)
    assert family.people[0].relationship == "mother"
    assert family.people[0].parental_responsibility is None
    assert family.contact_points[0].telephones[0].number == "07700 900001"
    assert b"CANARY" not in event.to_json()


def test_parental_responsibility_is_read_only_from_its_own_extension() -> None:
    """The hub's own extension says who has parental responsibility; nothing else does."""
    says = {"url": "urn:interagency-hub:parental-responsibility", "valueBoolean": True}
    family = told(REFERRED, GP, relative(extension=[says])).section(Family)
    assert family is not None
    assert family.people[0].parental_responsibility is True


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("R", Confidentiality.RESTRICTED),
        ("V", Confidentiality.VERY_RESTRICTED),
        ("REDACTED", Confidentiality.RESTRICTED),
    ],
)
def test_a_spine_label_guards_the_whereabouts(label: str, expected: Confidentiality) -> None:
    """The labels R and V on a Patient become the child's confidentiality."""
    body = bundle(patient(meta={"security": [{"code": label}]}), BOOKED)
    contact = only(body).section(Contact)
    assert contact is not None
    assert contact.confidentiality is expected


def test_a_label_on_the_whole_bundle_guards_the_child_too() -> None:
    """A restricted Bundle cannot lower what it says by an unlabelled Patient."""
    body = bundle(patient(), BOOKED, meta={"security": [{"code": "V"}]})
    contact = only(body).section(Contact)
    assert contact is not None
    assert contact.confidentiality is Confidentiality.VERY_RESTRICTED


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("pending", AppointmentStatus.BOOKED),
        ("arrived", AppointmentStatus.ATTENDED),
        ("checked-in", AppointmentStatus.ATTENDED),
        ("fulfilled", AppointmentStatus.ATTENDED),
        ("noshow", AppointmentStatus.MISSED),
        ("cancelled", AppointmentStatus.CANCELLED),
    ],
)
def test_each_appointment_status_has_its_meaning(status: str, expected: AppointmentStatus) -> None:
    """The FHIR statuses of an appointment map onto booked, attended, missed and cancelled."""
    section = told(changed(BOOKED, status=status)).section(Appointment)
    assert section is not None
    assert section.status is expected


def test_what_nobody_has_agreed_to_is_not_an_appointment() -> None:
    """A proposed appointment is refused as unsupported, not told as booked."""
    body = bundle(patient(), changed(BOOKED, status="proposed"))
    assert faults(body) == [(Fault.UNSUPPORTED, "Bundle.entry[1]/status")]


def test_a_waiting_list_says_since_when() -> None:
    """An episode on a waiting list tells the service, the referral and the first day of waiting."""
    section = told(EPISODE).section(WaitingStatus)
    assert section is not None
    assert section.waiting_since == dt.date(2026, 3, 2)
    assert (section.status, section.referral_id) == ("waiting", "000000070001")
    waiting = told(changed(BOOKED, status="waitlist"))
    assert waiting.kind.key == WAITING


def test_the_end_of_one_visit_is_not_a_discharge() -> None:
    """A finished outpatient visit tells of its appointment, or is refused."""
    visit = changed(STAY, hospitalization=None)
    visit["class"] = {"code": "AMB"}
    assert faults(bundle(patient(), visit)) == [(Fault.UNSUPPORTED, "Bundle.entry[1]/class")]
    event = told(changed(visit, appointment=[{"identifier": {"value": "A-77"}}]))
    assert (event.kind.key, event.record) == (APPOINTMENT, "A-77")


def test_a_stay_ends_in_a_discharge() -> None:
    """A finished inpatient encounter is a discharge with its days and outcome."""
    event = told(STAY)
    section = event.section(Discharge)
    assert event.kind.key == DISCHARGE
    assert section is not None
    assert section.discharged_on == dt.date(2026, 8, 4)
    assert section.outcome == "Home with therapy plan"


def test_an_unfinished_encounter_is_not_translated() -> None:
    """An encounter under way is refused as unsupported at its status."""
    body = bundle(patient(), changed(STAY, status="in-progress"))
    assert faults(body) == [(Fault.UNSUPPORTED, "Bundle.entry[1]/status")]


@pytest.mark.parametrize("code", ["entered-in-error", "refuted"])
def test_a_diagnosis_ruled_out_or_in_error_is_taken_back(code: str) -> None:
    """A condition refuted or entered in error is a retraction with its record."""
    system = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    event = told(changed(CONDITION, verificationStatus=coded(code, code, system)))
    assert event.kind.key == DIAGNOSIS
    assert event.status is RecordStatus.RETRACTED
    assert event.record == "C-1"


@pytest.mark.parametrize("resource", [REFERRED, BOOKED, STAY, EPISODE, LETTER, RESULT, ANSWER])
def test_entered_in_error_takes_the_record_back(resource: Body) -> None:
    """Any resource entered in error is a retraction that names the record."""
    wrong = changed(resource, status="entered-in-error", requester=None, result=None)
    event = told(wrong)
    assert event.status is RecordStatus.RETRACTED
    assert event.record


def test_a_report_is_pointed_at_and_its_parts_are_not_refused() -> None:
    """A report tells where it is; the observations it is made of stay with the source."""
    section = told(RESULT, OBSERVATION).section(ReportAvailable)
    assert section is not None
    assert section.report_id == "R-8"
    letter = told(LETTER).section(ReportAvailable)
    assert letter is not None
    assert letter.document is not None
    assert letter.document.id == "https://docs.trust-a.example/D-3"
    assert told(SUMMARY).kind.key == REPORT


def test_bytes_inside_an_attachment_do_not_travel() -> None:
    """An inline document is pointed at by its record; its bytes are left behind."""
    inline = changed(LETTER, content=[{"attachment": {"data": "Q0FOQVJZ", "title": "Letter"}}])
    event = told(inline)
    section = event.section(ReportAvailable)
    assert section is not None
    assert section.document is not None
    assert section.document.id == "D-3"
    assert b"Q0FOQVJZ" not in event.to_json()


def test_an_observation_of_no_report_is_refused() -> None:
    """Clinical content the hub does not carry is refused at its entry, not dropped."""
    body = bundle(patient(), BOOKED, OBSERVATION)
    assert faults(body) == [(Fault.UNSUPPORTED, "Bundle.entry[2]")]
    assert len(read(body).events) == 1


def test_a_trust_answers_the_council() -> None:
    """A Communication of the advice event type is advice, with a pointer and its health text."""
    event = told(ANSWER)
    advice, plan = event.section(AdviceProvided), event.section(PlanHealth)
    assert advice is not None
    assert (advice.provided_on, advice.kind) == (dt.date(2026, 9, 1), AdviceKind.HEALTH)
    assert advice.document is not None
    assert advice.document.id == "https://docs.trust-a.example/advice"
    assert plan is not None
    assert plan.health_needs == "Needs a structured language programme."
    assert advice.summary is None


@pytest.mark.parametrize("resource", [LETTER, SUMMARY])
def test_advice_may_come_as_a_document(resource: Body) -> None:
    """A DocumentReference or Composition of the advice event type is advice too."""
    kind = coded(ADVICE, "Advice", "urn:interagency-hub:event-type")
    event = told(changed(resource, type=kind))
    assert event.kind.key == ADVICE
    advice = event.section(AdviceProvided)
    assert advice is not None
    assert advice.document is not None


def test_two_children_in_one_bundle_stay_apart() -> None:
    """Each resource goes with its own subject, whatever the order of the entries."""
    second = changed(BOOKED, participant=[{"actor": {"reference": uid(2)}, "status": "accepted"}])
    translation = read(bundle(patient(), patient("9990000026"), second, CONDITION))
    numbers = {e.kind.key: e.identity.nhs_number for e in translation.events}
    assert not translation.refused
    assert numbers == {
        APPOINTMENT: nhs_number("9990000026", verified=True),
        DIAGNOSIS: nhs_number("9990000018", verified=True),
    }


def test_a_group_appointment_tells_each_child_alone() -> None:
    """An appointment of two patients is two events, each about one of them."""
    both = changed(
        BOOKED,
        participant=[{"actor": {"reference": uid(n)}, "status": "accepted"} for n in (1, 2)],
    )
    translation = read(bundle(patient(), patient("9990000026"), both))
    numbers = [n.value for e in translation.events if (n := e.identity.nhs_number)]
    assert numbers == ["9990000018", "9990000026"]
    assert len({e.id for e in translation.events}) == 2


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": uid(99)},
        {"display": "Adaeze Okafor"},
        {"reference": "Patient/unknown"},
        {"identifier": {"system": NHS, "value": "9990000019"}},
    ],
)
def test_a_record_of_nobody_known_is_refused_at_its_entry(subject: Body) -> None:
    """A resource whose patient is not to be found is refused, though another patient is here."""
    body = bundle(patient(), changed(CONDITION, subject=subject))
    assert faults(body) == [(Fault.NO_CHILD, "Bundle.entry[1]")]


def test_a_reference_that_contradicts_itself_is_refused() -> None:
    """A reference to one child that bears another's NHS number is refused, never chosen from."""
    subject = {**SUBJECT, "identifier": {"system": NHS, "value": "9990000026"}}
    body = bundle(patient(), changed(CONDITION, subject=subject))
    assert faults(body) == [(Fault.BAD_VALUE, "Bundle.entry[1]/subject")]


def test_one_address_for_two_patients_names_neither() -> None:
    """Where two entries could be meant, the reference is left unresolved."""
    whole = json.loads(bundle(patient(), patient("9990000026"), CONDITION))
    whole["entry"][1]["fullUrl"] = uid(1)
    assert faults(json.dumps(whole).encode()) == [(Fault.NO_CHILD, "Bundle.entry[2]")]


def test_a_relative_reference_keeps_to_its_own_server() -> None:
    """Patient/p1 means the patient of the same base URL where two servers have one."""
    entries = [
        {"fullUrl": "https://a.example/Patient/p1", "resource": patient(id="p1")},
        {"fullUrl": "https://b.example/Patient/p1", "resource": patient("9990000026", id="p1")},
        {
            "fullUrl": "https://b.example/Condition/c1",
            "resource": changed(CONDITION, subject={"reference": "Patient/p1"}),
        },
    ]
    body = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()
    number = only(body).identity.nhs_number
    assert number is not None
    assert number.value == "9990000026"


def test_one_bad_entry_does_not_refuse_the_others() -> None:
    """A malformed resource is refused at its entry and the rest is translated."""
    body = bundle(patient(), changed(BOOKED, start="yesterday"), CONDITION)
    translation = read(body)
    assert [e.kind.key for e in translation.events] == [DIAGNOSIS]
    assert translation.refused == (Refusal(Fault.BAD_VALUE, "Bundle.entry[1]/start"),)


@pytest.mark.parametrize("born", ["9999-12-31", "2031-01-01"])
def test_a_birth_date_in_the_future_is_refused(born: str) -> None:
    """An impossible birth date is refused on the Patient, and its records have no child."""
    assert faults(bundle(patient(birthDate=born), BOOKED)) == [
        (Fault.BAD_VALUE, "Bundle.entry[0]/birthDate"),
        (Fault.NO_CHILD, "Bundle.entry[1]"),
    ]


@pytest.mark.parametrize("born", ["2016", "2016-05"])
def test_a_partial_birth_date_is_left_out(born: str) -> None:
    """A year or a month of birth is not made into a day."""
    assert only(bundle(patient(birthDate=born), BOOKED)).identity.birth_date is None


def test_a_moment_without_offset_is_londons() -> None:
    """A start without an offset, as real systems write it, is London's summer time."""
    section = told(changed(BOOKED, start="2026-10-12T09:30", end=None)).section(Appointment)
    assert section is not None
    assert section.start == dt.datetime(2026, 10, 12, 8, 30, tzinfo=dt.UTC)


def test_a_history_is_told_oldest_first_and_a_deletion_takes_back() -> None:
    """Versions of one record come in order, and what was deleted is a retraction."""
    versions = [
        changed(CONDITION, id="c", meta={"lastUpdated": f"2026-08-0{n}T09:00:00Z"}) for n in (3, 2)
    ]
    whole = json.loads(bundle(patient(), *versions, kind="history"))
    whole["entry"][1]["request"] = {"method": "DELETE", "url": "Condition/c"}
    events = read(json.dumps(whole).encode()).events
    assert [e.status for e in events] == [RecordStatus.RECORDED, RecordStatus.RETRACTED]
    assert events[0].time < events[1].time


def test_a_message_that_updates_is_a_correction() -> None:
    """The reason of a message header says that its focus is corrected."""
    body = bundle(patient(), BOOKED, HEADER, kind="message")
    assert only(body).status is RecordStatus.CORRECTED


@pytest.mark.parametrize(
    "resource",
    [
        changed(STAY, reason=[{"text": "x"}]),
        changed(CONDITION, clinicalStatus="active"),
        changed(
            CONDITION, meta={"profile": ["https://fhir.hl7.org.uk/STU3/StructureDefinition/X"]}
        ),
        changed(STAY, type=[coded("x", "x", "http://hl7.org/fhir/v3/ActCode")]),
    ],
)
def test_stu3_is_refused_as_unsupported(resource: Body) -> None:
    """A resource of an older FHIR, by its profile or its own elements, refuses its document."""
    assert faults(bundle(patient(), resource)) == [(Fault.UNSUPPORTED, "Bundle.entry[1]")]


def written(event: Event, **settings: str) -> Body:
    """Write an event and give the Bundle as JSON, checked by the R4B model."""
    document = ADAPTER.format.write(full_view(event), Speaker("trust-b", settings))
    Bundle.model_validate_json(document.body)
    made: Body = json.loads(document.body)
    return made


def resources(made: Body) -> dict[str, Body]:
    """Give the resources of a Bundle by type."""
    return {e["resource"]["resourceType"]: e["resource"] for e in made["entry"]}


def test_writes_uk_core_with_nhs_systems() -> None:
    """A referral is written as UK Core resources under urn:uuid references."""
    made = written(told(REFERRED, GP, relative()))
    kinds = resources(made)
    assert made["type"] == "collection"
    assert set(kinds) == {"Patient", "RelatedPerson", "Organization", "ServiceRequest"}
    assert kinds["ServiceRequest"]["meta"]["profile"] == [f"{UKCORE}UKCore-ServiceRequest"]
    assert kinds["Patient"]["identifier"][0]["system"] == NHS
    assert kinds["ServiceRequest"]["subject"]["reference"] == made["entry"][0]["fullUrl"]


def test_a_message_begins_with_its_header() -> None:
    """With the setting bundle-type the Bundle is a message whose focus is the event."""
    made = written(told(CONDITION), **{"bundle-type": "message"})
    first = made["entry"][0]["resource"]
    assert (made["type"], first["resourceType"]) == ("message", "MessageHeader")
    assert first["focus"][0]["type"] == "Condition"


@pytest.mark.parametrize("key", sorted(ADAPTER.format.reads))
def test_xml_keeps_the_meaning_too(key: str) -> None:
    """Written as XML and read again, every readable type keeps its sections."""
    speaker = Speaker("trust-a", {"syntax": "xml", "bundle-type": "message"})
    samples = (translation for body in TestHealthFhir.good.values() for translation in [read(body)])
    event = next(e for t in samples for e in t.events if e.kind.key == key)
    document = ADAPTER.format.write(full_view(event), speaker)
    again = translate(ADAPTER.format, document, speaker)
    assert document.suffix == ".xml"
    assert not again.refused
    assert again.events[0].sections == event.sections
    assert again.events[0].record == event.record
    assert again.events[0].status is event.status


def test_a_request_for_advice_is_a_task_with_its_due_date() -> None:
    """What the council asks of a trust arrives as a Task that ends on the due date."""
    child = Identity(nhs_number=nhs_number("9990000018"))
    request = AdviceRequest(
        requested_on=dt.date(2026, 9, 7),
        kind=AdviceKind.HEALTH,
        due_on=dt.date(2026, 10, 19),
        questions="Which therapies does she need?",
    )
    key = "ehc.ehc-advice-requested.v1"
    event = make_event(key, "council-a", WHEN, (child, request), seed="1", record="EHC-1")
    task = resources(written(event))["Task"]
    assert task["restriction"]["period"]["end"] == "2026-10-19"
    assert task["code"]["coding"][0] == {
        "system": "urn:interagency-hub:event-type",
        "code": key,
        "display": "An agency is asked for advice",
    }
    assert task["description"] == "Which therapies does she need?"


def test_other_sectors_events_are_told_in_plain_words() -> None:
    """A care event is a Communication; a placement's postcode is never in it."""
    child = Identity(nhs_number=nhs_number("9990000018"))
    plan = CarePlan(
        plan_kind=CarePlanKind.SHORT_BREAKS,
        change=CarePlanChange.STARTED,
        start_date=dt.date(2026, 9, 1),
        placement_postcode="ZZ99 3VZ",
    )
    event = make_event("care.plan-changed.v1", "care-a", WHEN, (child, plan), seed="1")
    letter = resources(written(event))["Communication"]
    texts = [p["contentString"] for p in letter["payload"]]
    assert texts[0] == "A social-care plan started, was reviewed or ended."
    assert "Plan kind: short breaks" in texts[1]
    assert "Start date: 1 September 2026" in texts[1]
    assert "ZZ99" not in json.dumps(letter)


@pytest.mark.parametrize("key", sorted(EVENT_TYPES))
def test_every_type_is_written_or_declined(key: str) -> None:
    """Every registered type has a FHIR form, even of a bare view; consent events have none."""
    event = told(CONDITION)
    view = full_view(event)
    bare = type(view)(
        delivery_id="d1",
        kind=EVENT_TYPES[key],
        source="council-a",
        child="child-9",
        time=WHEN,
        sections={},
        existence=(Category.HEALTH,),
    )
    if key.startswith("consent."):
        with pytest.raises(CannotExpress):
            ADAPTER.format.write(bare, SPEAKER)
        return
    made = json.loads(ADAPTER.format.write(bare, SPEAKER).body)
    assert resources(made)["Patient"]["identifier"] == [
        {"system": "urn:interagency-hub:child", "value": "child-9"}
    ]


def test_a_value_fhir_forbids_is_declined_without_quoting_it() -> None:
    """Where a value cannot stand in FHIR the view is declined, and the value is not in the text."""
    child = Identity(nhs_number=nhs_number("9990000018"))
    section = Diagnosis.model_validate({"condition": {"code": "CANARY  42", "system": "urn:x"}})
    event = make_event(DIAGNOSIS, "trust-a", WHEN, (child, section), seed="1")
    with pytest.raises(CannotExpress) as raised:
        ADAPTER.format.write(full_view(event), SPEAKER)
    assert "CANARY" not in str(raised.value)


def test_the_pseudonym_names_the_child_where_nothing_else_does() -> None:
    """An answer that knows only the hub's pseudonym for the child is taken under that."""
    bare = patient(name=None, birthDate=None)
    bare["identifier"] = [{"system": "urn:interagency-hub:child", "value": "child-9"}]
    local = only(bundle(changed(bare), ANSWER)).identity.local_id
    assert local is not None
    assert (local.value, local.issuer) == ("child-9", "interagency-hub")


def test_a_setting_outside_its_choices_is_the_operators_to_mend() -> None:
    """An unknown bundle type is a configuration error, not a strange document."""
    with pytest.raises(ConfigurationError):
        written(told(CONDITION), **{"bundle-type": "batch"})


INVALID_AS_PUBLISHED = {"bars-service-request-invalid.json", "bars-appointment-patch.json"}
VALID_R4 = sorted(
    p.name
    for p in SAMPLES.glob("*.json")
    if p.name not in INVALID_AS_PUBLISHED and "stu3" not in p.name
)


@pytest.mark.parametrize("name", VALID_R4)
def test_published_r4_examples_fit_the_r4b_models(name: str) -> None:
    """Each NHS example of R4 passes R4B, but for those that are invalid or older as published."""
    (opened,) = open_document((SAMPLES / name).read_bytes())
    for entry in opened.entries:
        if entry.kind in TRANSLATED | CONTEXT:
            assert checked(entry)


def test_settings_are_documented() -> None:
    """Each setting the format reads is described for the operator."""
    documented: Mapping[str, JsonValue] = dict(ADAPTER.settings)
    assert set(documented) == {"bundle-type", "syntax", "local-id-system", "advice-kind"}
