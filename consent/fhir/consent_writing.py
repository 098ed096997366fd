"""Write a directive as a FHIR Consent, following the profiles of IHE PCF.

The hub's purposes, categories, authorities and kinds have code systems of their own. A remark
reports what a reader who knows FHIR alone would read differently; such a reader withholds more,
never less.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from pydantic import JsonValue

from consent.directive import Directive
from consent.fhir import codes as fc
from consent.fhir.remark import Remark
from schemas.fhir import systems
from schemas.fhir.building import (
    AgencyTitles,
    Resource,
    coding,
    concept,
    identifier,
    reference,
    resource_id,
)
from schemas.fhir.moments import instant, last_before
from schemas.fhir.reading import FhirIdentifier
from schemas.sharing import Authority, DirectiveKind, Purpose

_SPEAKS_AS = {
    Authority.COURT: "Organization",
    Authority.YOUNG_PERSON: "Patient",
    Authority.PARENTAL_RESPONSIBILITY: "RelatedPerson",
    Authority.PROFESSIONAL: "Practitioner",
}
_CONSENTS = uuid.UUID("4e0b9d0c-6f0a-5d3c-9a55-2f9d6c1f7b20")
_PUBLISHED = {purpose: code for code, purpose in fc.SAME_PURPOSE.items()}


@dataclass(frozen=True, slots=True)
class ConsentDetail:
    """What is sealed with a directive and is exported with it.

    ``kept_back`` names what is sealed with it and is not exported.
    """

    evidence: str | None = None
    obtained: str | None = None
    kept_back: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConsentWritten:
    """A Consent, and remarks on what a reader of FHIR alone would miss or misread."""

    consent: Resource
    remarks: tuple[Remark, ...]


def write_consent(
    directive: Directive,
    patient: FhirIdentifier,
    origin: str,
    titles: AgencyTitles | None = None,
    detail: ConsentDetail | None = None,
) -> ConsentWritten:
    """Write one directive; ``origin`` is the hub's name, ``patient`` how the child is named."""
    detail = detail or ConsentDetail()
    categories = bool(directive.scope.categories)
    consent: Resource = {
        "resourceType": "Consent",
        "id": resource_id(_CONSENTS, "Consent", origin, directive.id),
        "meta": {"profile": [fc.CONSENT_ADVANCED if categories else fc.CONSENT_BASIC]},
        "extension": _extensions(directive, detail),
        "identifier": [identifier(systems.DIRECTIVE, directive.id)],
        "status": _status(directive),
        "scope": concept(coding(fc.CONSENT_SCOPE, fc.PRIVACY)),
        "category": [
            concept(coding(systems.LOINC, fc.CONSENT_DOCUMENT, "Consent")),
            concept(coding(fc.KIND, directive.kind.value)),
        ],
        "patient": reference("Patient", patient.system, patient.value),
        "dateTime": instant(directive.recorded_at),
        "performer": [
            reference(_SPEAKS_AS[directive.authority], systems.PERSON, directive.decider)
        ],
        "organization": [reference("Organization", systems.HUB, origin)],
        **_source(directive, detail),
        "policy": [{"uri": fc.POLICY}],
        "provision": _provision(directive, titles or AgencyTitles()),
    }
    return ConsentWritten(consent, tuple(_remarks(directive, detail)))


def _status(directive: Directive) -> str:
    if directive.withdrawn_at is not None or _never(directive):
        return "inactive"
    if directive.kind is DirectiveKind.OBJECTION and not directive.upheld:
        return "proposed"
    return "active"


def _never(directive: Directive) -> bool:
    """Whether its period ends before it begins, so that it never holds."""
    return directive.valid_until is not None and directive.valid_until <= directive.valid_from


def _extensions(directive: Directive, detail: ConsentDetail) -> list[JsonValue]:
    made: list[JsonValue] = [{"url": fc.AUTHORITY, "valueCode": directive.authority.value}]
    if directive.kind is DirectiveKind.RESTRICTION:
        if directive.restriction is not None:
            made.append({"url": fc.RESTRICTION, "valueCode": directive.restriction.value})
        made += [
            {"url": fc.LETS_THROUGH, "valueCode": purpose.value}
            for purpose in directive.allowed_purposes
        ]
    if directive.withdrawn_at is not None:
        made.append({"url": fc.WITHDRAWN_AT, "valueDateTime": instant(directive.withdrawn_at)})
    if detail.obtained:
        made.append({"url": fc.OBTAINED, "valueString": detail.obtained})
    return made


def _source(directive: Directive, detail: ConsentDetail) -> Resource:
    """Write the evidence where it is exported, or else a reference to the directive's id."""
    if detail.evidence:
        return {"sourceAttachment": {"title": detail.evidence}}
    return {"sourceReference": reference("DocumentReference", fc.EVIDENCE, directive.id)}


def _provision(directive: Directive, titles: AgencyTitles) -> Resource:
    scope = directive.scope
    permit = directive.kind is DirectiveKind.CONSENT
    period: Resource = {"start": instant(directive.valid_from)}
    if directive.valid_until is not None and not _never(directive):
        period["end"] = last_before(directive.valid_until)
    actors: list[JsonValue] = [
        {
            "role": concept(
                coding(systems.PARTICIPATION, systems.RECEIVES, "information recipient")
            ),
            "reference": titles.reference(name),
        }
        for name in scope.recipients
    ]
    labels: list[JsonValue] = [coding(fc.CATEGORY, category.value) for category in scope.categories]
    purposes: list[JsonValue] = [one for p in scope.purposes for one in _purpose(p)]
    made: Resource = {"type": "permit" if permit else "deny", "period": period}
    parts: Resource = {"actor": actors, "securityLabel": labels, "purpose": purposes}
    return made | {name: part for name, part in parts.items() if part}


def _purpose(purpose: Purpose) -> list[JsonValue]:
    """Write a purpose in the hub's code, and in a published one that means the same."""
    same = _PUBLISHED.get(purpose)
    more: list[JsonValue] = [coding(systems.ACT_REASON, same)] if same else []
    return [coding(systems.PURPOSE, purpose.value), *more]


def _remarks(directive: Directive, detail: ConsentDetail) -> list[Remark]:
    """Report what is lost, and what a reader of FHIR alone would read differently."""
    restricts = directive.kind is DirectiveKind.RESTRICTION
    objects = directive.kind is DirectiveKind.OBJECTION
    own = [p for p in directive.scope.purposes if p not in _PUBLISHED]
    remarks = [
        ("kind", restricts, "FHIR has no restriction: it is written as a refusal."),
        ("kind", objects, "FHIR has no objection: it is a refusal, proposed until upheld."),
        (
            "allowed_purposes",
            restricts and bool(directive.allowed_purposes),
            "The purposes it allows are in an extension: a reader without it withholds them.",
        ),
        (
            "allowed_purposes",
            not restricts and bool(directive.allowed_purposes or directive.restriction),
            "Only a restriction has a kind and allowed purposes: they are left out.",
        ),
        ("upheld", directive.upheld and not objects, "Only an objection is upheld: left out."),
        (
            "scope.categories",
            bool(directive.scope.categories),
            "Written as security labels of the hub's own: only data so labelled is meant.",
        ),
        ("scope.purposes", bool(own), "No published code means the same: the hub's own is used."),
        ("withdrawn_at", directive.withdrawn_at is not None, "The moment is in an extension."),
        ("valid_until", _never(directive), "It ends before it begins: inactive, without an end."),
    ]
    sealed = [
        Remark(f"detail.{name}", "It is sealed and not exported.") for name in detail.kept_back
    ]
    return [Remark(f"Directive.{where}", text) for where, holds, text in remarks if holds] + sealed
