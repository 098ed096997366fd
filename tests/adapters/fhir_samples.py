"""Small FHIR R4 resources in the shape of UK Core, for the tests of the health-fhir adapter."""

from __future__ import annotations

import copy
import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from adapters.contract import AgencySystem, Document, Translation, translate
from adapters.fhir.codes import (
    ADVICE,
)
from adapters.health_fhir import ADAPTER
from schemas.errors import Fault
from schemas.event import Event

Body = dict[str, Any]
SAMPLES = Path(__file__).parent / "samples" / "fhir"
SPEAKER = AgencySystem("trust-a", {"local-id-system": "https://fhir.trust-a.nhs.uk/Id/mrn"})
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


def read(body: bytes, speaker: AgencySystem = SPEAKER) -> Translation:
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


GOOD: Mapping[str, bytes] = {
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

BAD: Mapping[str, tuple[bytes, Fault]] = {
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
