"""The parts of an AuditEvent: who took part, what it was about, and the way back to the ledger."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator

from pydantic import JsonValue

from consent.decision import RuleFinding, SectionDecision
from hub.evidence.fhir_audit import codes as fc
from hub.evidence.fhir_audit.entry_reading import AuditedDecision, Leaf
from schemas.fhir import systems
from schemas.fhir.building import Resource, absent_reference, coding, concept, reference
from schemas.sharing import Purpose

_TYPES = {
    "application": coding(fc.DCM, "110150", "Application"),
    "user": coding(systems.PARTICIPATION, systems.RECEIVES, "information recipient"),
    "organisation": coding(fc.ROLE_CLASS, "PROV", "healthcare provider"),
    "authorizer": coding(fc.SECURITY_ROLE, "authserver", "authorization server"),
    "source": coding(fc.DCM, "110153", "Source Role ID"),
    "recipient": coding(fc.DCM, "110152", "Destination Role ID"),
    "custodian": coding(systems.SNOMED, "159541003", "Record keeping/library clerk"),
}


def agent(
    part: str,
    who: Resource,
    *,
    asks: bool = False,
    queue: str = "",
    policy: Iterable[str] = (),
) -> Resource:
    """Write who took part, in which part, over which queue of the bus, under which rules."""
    made: Resource = {"type": concept(_TYPES[part]), "who": who, "requestor": asks}
    rules: list[JsonValue] = [fc.RULE + rule for rule in policy]
    if rules:
        made["policy"] = rules
    if queue:
        made["network"] = {"address": fc.QUEUE + queue, "type": "5"}
    return made


def purpose(given: Purpose) -> Resource:
    """Write a purpose: the hub's own code, then the HL7 v3 code that comes near, if one does."""
    near = fc.NEAR_PURPOSE.get(given)
    more = [coding(systems.ACT_REASON, near)] if near else []
    return concept(coding(systems.PURPOSE, given.value), *more)


def patient(child: str | None) -> Resource:
    """Write the child it is about: the hub's own opaque id, no name and no number."""
    what = (
        reference("Patient", systems.CHILD, child)
        if child
        else absent_reference("Patient", "No child is named.")
    )
    return {
        "what": what,
        "type": coding(fc.ENTITY_TYPE, "1", "Person"),
        "role": coding(fc.OBJECT_ROLE, "1", "Patient"),
    }


def consent(directive: str | None, *, why: str = "") -> Resource:
    """Write a directive that was cited, or that none was, and why."""
    what = (
        reference("Consent", systems.DIRECTIVE, directive)
        if directive
        else absent_reference("Consent", why)
    )
    return {"what": what, "type": coding(fc.RESOURCE_TYPES, "Consent")}


def delivery(body: AuditedDecision) -> Resource:
    """Write the delivery whose keys were given, or refused."""
    return {
        "what": reference("DocumentReference", systems.DELIVERY, body.delivery or ""),
        "type": coding(fc.ENTITY_TYPE, "2", "System Object"),
        "role": coding(fc.OBJECT_ROLE, "3", "Report"),
    }


def ledger_entry(leaf: Leaf) -> Resource:
    """Write the evidence: the entry of the ledger."""
    return {
        "what": reference("Basic", fc.LEDGER_ENTRY, f"{leaf.origin}#{leaf.position}"),
        "type": coding(fc.ENTITY_TYPE, "2", "System Object"),
        "role": coding(fc.OBJECT_ROLE, "13", "Security Resource"),
    }


def way_back(leaf: Leaf) -> list[JsonValue]:
    """Write the details by which the entry is found in the ledger and proved (docs/ledger.md)."""
    leaf_in_base64 = base64.b64encode(leaf.hash).decode("ascii")
    return [
        _detail("ledger-origin", leaf.origin),
        _detail("ledger-position", str(leaf.position)),
        {"type": systems.OWN + "leaf-hash", "valueBase64Binary": leaf_in_base64},
    ]


def matter(body: AuditedDecision) -> list[JsonValue]:
    """Write the details of what was asked: event, type, source, and what else was considered."""
    question = body.question
    details = [
        ("event", body.event),
        ("event-type", question.event_type if question else None),
        ("source", body.source),
        ("delivery", body.delivery),
        ("reoffer", "true" if body.reoffer else None),
        ("repeat", str(body.repeat) if body.repeat else None),
        ("considered", ", ".join(body.considered) or None),
    ]
    return [_detail(name, value) for name, value in details if value]


def outcomes(sections: Iterable[SectionDecision]) -> list[JsonValue]:
    """Write the details of each section: what was shared, what not, by which rule and why."""
    return [_detail(name, text) for s in sections for name, text in _of_section(s)]


def withheld(body: AuditedDecision) -> list[JsonValue]:
    """Write the details of what a release withheld."""
    return [
        _detail("withheld", f"{category.value}: {', '.join(r.value for r in why)}")
        for category, why in sorted(body.withheld.items())
    ]


def _of_section(section: SectionDecision) -> Iterator[tuple[str, str]]:
    name = section.category.value
    fields = f" ({', '.join(sorted(section.fields))})" if section.fields else ""
    yield "section", f"{name}: {section.sharing.value}{fields}"
    for finding in section.findings:
        yield "finding", f"{name}: {_found(finding)}"
    for refused, reason in sorted(section.refused.items()):
        yield "refused", f"{name}.{refused}: {reason.value}"


def _found(finding: RuleFinding) -> str:
    parts = [
        finding.reason.value,
        f"by {finding.rule}" if finding.rule else "",
        f"for {finding.purpose.value}" if finding.purpose else "",
        f"on {finding.basis}" if finding.basis else "",
        f"because of {', '.join(finding.directives)}" if finding.directives else "",
        f"review {finding.review.value}" if finding.review else "",
    ]
    return " ".join(part for part in parts if part)


def _detail(name: str, value: str) -> Resource:
    return {"type": systems.OWN + name, "valueString": value}
