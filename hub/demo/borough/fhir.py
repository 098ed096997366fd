"""The messages of the trust's clinical system: FHIR R4 (UK Core) message bundles as JSON.

A bundle is made of the rows with its name: one Patient and the resources about that child.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence

from pydantic import JsonValue

from hub.demo.borough.hl7 import TRUST
from hub.demo.borough.people import TOWN, InventedChild
from hub.demo.borough.tables import Row, moment

_SPACE = uuid.UUID("0d6f3c9e-7d1b-5d2f-8c57-4b0a5a6f6a10")
_SNOMED = "http://snomed.info/sct"
_LOCAL = "https://northmoor.example.nhs.uk/Id/"
_CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_GENDERS = {"F": "female", "M": "male"}

Node = dict[str, JsonValue]


def bundle(rows: Sequence[Row], child: InventedChild, *, restricted: bool = False) -> bytes:
    """Write one bundle about one child; ``restricted`` marks the whereabouts as guarded."""
    name = rows[0]["bundle"]
    patient = _url(f"{name}/patient")
    resources = [(patient, _patient(child, restricted=restricted))]
    resources += [(_url(f"{name}/{row['record']}"), _resource(row, patient)) for row in rows]
    header = _header([url for url, _ in resources[1:]])
    entries: list[JsonValue] = [
        {"fullUrl": url, "resource": resource}
        for url, resource in [(_url(f"{name}/header"), header), *resources]
    ]
    whole: Node = {
        "resourceType": "Bundle",
        "type": "message",
        "timestamp": _instant(rows[0]["sent"]),
        "entry": entries,
    }
    return json.dumps(whole, indent=2, ensure_ascii=False).encode()


def _header(about: Sequence[str]) -> Node:
    return {
        "resourceType": "MessageHeader",
        "eventCoding": {
            "system": "https://fhir.nhs.uk/CodeSystem/message-events-bars",
            "code": "servicerequest-request",
        },
        "source": {"endpoint": f"urn:northmoor:{TRUST}"},
        "focus": [{"reference": url} for url in about],
    }


def _url(seed: str) -> str:
    return f"urn:uuid:{uuid.uuid5(_SPACE, seed)}"


def _instant(text: str) -> str:
    return moment(text).isoformat()


def _patient(child: InventedChild, *, restricted: bool) -> Node:
    numbers: list[JsonValue] = [
        {"system": f"{_LOCAL}hospital-number", "value": child.hospital_number}
    ]
    if child.nhs_number:
        numbers.insert(0, _nhs_number(child))
    code = "R" if restricted else "U"
    return {
        "resourceType": "Patient",
        "meta": {"security": [{"system": _CONFIDENTIALITY, "code": code}]},
        "identifier": numbers,
        "name": [{"use": "official", "family": child.family_name, "given": [child.given_name]}],
        "gender": _GENDERS[child.sex],
        "birthDate": child.birth_date.isoformat(),
        "address": [{"line": [child.address], "city": TOWN, "postalCode": child.postcode}],
    }


def _nhs_number(child: InventedChild) -> Node:
    core = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-"
    system = "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland"
    status: JsonValue = {"coding": [{"system": system, "code": "number-present-and-verified"}]}
    return {
        "extension": [
            {"url": f"{core}NHSNumberVerificationStatus", "valueCodeableConcept": status}
        ],
        "system": "https://fhir.nhs.uk/Id/nhs-number",
        "value": child.nhs_number,
    }


def _coded(text: str) -> Node:
    code, _, words = text.partition(" ")
    return {"coding": [{"system": _SNOMED, "code": code, "display": words}]}


def _resource(row: Row, patient: str) -> Node:
    made: Node = {
        "resourceType": row["resource"],
        "identifier": [{"system": f"{_LOCAL}record", "value": row["record"]}],
        "status": row["status"],
        **_RESOURCES[row["resource"]](row, {"reference": patient}),
    }
    if row["resource"] == "Condition":
        del made["status"]
    return made


def _service_request(row: Row, subject: Node) -> Node:
    return {
        "intent": "order",
        "priority": "routine",
        "code": _coded(row["service"]),
        "subject": subject,
        "authoredOn": row["when"],
        "reasonCode": [{"text": row["reason"]}],
    }


def _appointment(row: Row, subject: Node) -> Node:
    return {
        "serviceType": [_coded(row["service"])],
        "start": _instant(row["when"]),
        "end": _instant(row["until"]),
        "participant": [{"actor": subject, "status": "accepted"}],
    }


def _report(row: Row, subject: Node) -> Node:
    return {
        "code": _coded(row["service"]),
        "subject": subject,
        "issued": _instant(row["when"]),
    }


def _condition(row: Row, subject: Node) -> Node:
    system = "http://terminology.hl7.org/CodeSystem/condition-"
    return {
        "clinicalStatus": {"coding": [{"system": f"{system}clinical", "code": row["status"]}]},
        "verificationStatus": {"coding": [{"system": f"{system}ver-status", "code": "confirmed"}]},
        "code": _coded(row["service"]),
        "subject": subject,
        "recordedDate": row["when"],
    }


def _episode(row: Row, subject: Node) -> Node:
    since: Node = {"start": row["when"]}
    return {
        "type": [_coded(row["service"])],
        "patient": subject,
        "period": since,
        "statusHistory": [{"status": row["status"], "period": since}],
        "managingOrganization": {"display": "Northmoor Community NHS Trust"},
    }


def _advice(row: Row, subject: Node) -> Node:
    own = "urn:interagency-hub:"
    kind: JsonValue = {"system": f"{own}event-type", "code": "ehc.ehc-advice-provided.v1"}
    about: JsonValue = {"system": f"{own}advice-kind", "code": "health"}
    return {
        "category": [{"coding": [kind]}],
        "topic": {"coding": [about]},
        "subject": subject,
        "sent": _instant(row["when"]),
        "payload": [{"contentString": row["reason"]}],
    }


_RESOURCES: Mapping[str, Callable[[Row, Node], Node]] = {
    "ServiceRequest": _service_request,
    "Appointment": _appointment,
    "DiagnosticReport": _report,
    "Condition": _condition,
    "EpisodeOfCare": _episode,
    "Communication": _advice,
}
