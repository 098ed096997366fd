"""What the hub decided and disclosed, as FHIR AuditEvents in the patterns of IHE BALP.

A decision is one AuthZ-consent event, permit or deny. A release that gave something is a privacy
disclosure, written twice: as its source and as its recipient record it. A release of nothing is
an AuthZ-consent event, deny. Every event names the entry of the ledger that is its evidence; it
holds no name and no content. docs/formats/fhir-audit-and-consent.md says how each part is made.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from consent.decision import Sharing
from consent.fhir.remark import Remark
from consent.reasons import Reason
from hub.evidence.fhir_audit import codes as fc
from hub.evidence.fhir_audit import parts
from hub.evidence.fhir_audit.entry_reading import (
    AuditedDecision,
    Leaf,
    audited,
    directives_of,
    purposes_of,
    rules_of,
)
from hub.journey.entries import EntryBody, body_of
from hub.journey.entries.decisions import DecisionEntry
from hub.ledger.errors import LedgerError
from schemas.fhir import systems
from schemas.fhir.building import AgencyTitles, Resource, coding, reference, resource_id
from schemas.fhir.moments import instant
from schemas.sections import Category
from schemas.sharing import Purpose

_EVENTS = uuid.UUID("4e0b9d0c-6f0a-5d3c-9a55-2f9d6c1f7b20")
_NO_DIRECTIVE = "No directive was cited: the findings rest on none."
_NOTICE = "Notified only that a record it holds is wrong (UK GDPR Article 19)."
_FOR_RECIPIENT = "Recorded by the hub for the recipient, whose adapter asked for the keys."


@dataclass(frozen=True, slots=True)
class Audited:
    """The AuditEvents of one entry, and what of it has no AuditEvent."""

    events: tuple[Resource, ...] = ()
    remarks: tuple[Remark, ...] = ()


def audit_events(leaf: Leaf, titles: AgencyTitles) -> Audited:
    """Write one ledger entry as AuditEvents; never raises on what the entry holds."""
    place = f"entry {leaf.position}"
    try:
        body = body_of(leaf.entry)
    except LedgerError:
        return Audited(remarks=(Remark(place, "Its body cannot be read."),))
    case = _case(leaf, body, titles)
    if case is None:
        sentence = f"An entry of kind {body.kind} has no AuditEvent: it records no decision."
        return Audited(remarks=(Remark(place, sentence),))
    if isinstance(body, DecisionEntry):
        return Audited((_decided(case),))
    if not case.body.anything:
        return Audited((_refused_at_release(case),))
    return Audited((_disclosed(case), _received(case)))


@dataclass(frozen=True, slots=True)
class _AuditCase:
    leaf: Leaf
    body: AuditedDecision
    titles: AgencyTitles

    @property
    def hub(self) -> Resource:
        return reference("Device", systems.HUB, self.leaf.origin, self.leaf.origin)

    @property
    def recipient(self) -> Resource:
        return self.titles.reference(self.body.recipient)


def _case(leaf: Leaf, body: EntryBody, titles: AgencyTitles) -> _AuditCase | None:
    decision = audited(body)
    return _AuditCase(leaf, decision, titles) if decision else None


def _decided(case: _AuditCase) -> Resource:
    body = case.body
    asked_by = body.source or body.recipient
    description = _permitted(body) if body.permitted else _denied(body)
    return _authorised(
        case, permit=body.permitted, description=description, asked_by=asked_by, over="hub.inbound"
    )


def _refused_at_release(case: _AuditCase) -> Resource:
    body = case.body
    description = "At release: " + _denied(body)
    return _authorised(
        case, permit=False, description=description, asked_by=body.recipient, over="hub.release"
    )


def _authorised(
    case: _AuditCase, *, permit: bool, description: str, asked_by: str, over: str
) -> Resource:
    """Write an AuthZ-consent event (IHE.BasicAudit.AuthZconsent).

    Its entities are a closed list: the patient and the consents. So what was found, and the way
    back to the ledger, are in the details of the first consent.
    """
    body, titles = case.body, case.titles
    sections = body.sections()
    shared = tuple(s for s in sections if s.sharing is not Sharing.WITHHELD)
    spoke = shared if permit else sections
    rules = rules_of(spoke, permitting=permit)
    account = reference("Device", fc.ACCOUNT, asked_by, titles.by_name.get(asked_by, ""))
    agents: list[JsonValue] = [
        parts.agent("application", account, queue=over),
        parts.agent("user", case.recipient, asks=True, policy=rules),
        parts.agent("organisation", case.recipient),
        parts.agent("authorizer", case.hub),
    ]
    cited = directives_of(sections)
    consents = [parts.consent(one) for one in cited] or [parts.consent(None, why=_NO_DIRECTIVE)]
    consents[0]["detail"] = [
        *parts.way_back(case.leaf),
        *parts.matter(body),
        *parts.outcomes(sections),
        *parts.withheld(body),
    ]
    return {
        **_start(case, fc.AUTHZ_CONSENT),
        "type": coding(fc.DCM, "110113", "Security Alert"),
        "subtype": [coding(fc.AUTHZ_SUBTYPE, "AuthZ-Consent")],
        "action": "E",
        **_happened(
            case, "0" if permit else "8", description, purposes_of(spoke, permitting=permit)
        ),
        "agent": agents,
        "source": _source(case.leaf.origin, case.hub, "6", "Security Server"),
        "entity": [parts.patient(body.child), *consents],
    }


def _disclosed(case: _AuditCase) -> Resource:
    """Write the disclosure as its source records it (IHE.BasicAudit.PrivacyDisclosure.Source)."""
    return {
        **_start(case, fc.DISCLOSURE_SOURCE),
        "type": coding(fc.DCM, "110106", "Export"),
        "action": "R",
        **_disclosure(case, _given(case.body)),
        "source": _source(case.leaf.origin, case.hub, "4", "Application Server"),
    }


def _received(case: _AuditCase) -> Resource:
    """Write it as its recipient would (IHE.BasicAudit.PrivacyDisclosure.Recipient).

    The recipient is named as the one who observed it, as the profile wants; the text says that the
    hub wrote it. Whether the agency's system has what was disclosed is in the receipt.
    """
    return {
        **_start(case, fc.DISCLOSURE_RECIPIENT),
        "type": coding(fc.DCM, "110107", "Import"),
        "action": "C",
        **_disclosure(case, f"{_given(case.body)} {_FOR_RECIPIENT}"),
        "source": _source(case.leaf.origin, case.recipient, "4", "Application Server"),
    }


def _disclosure(case: _AuditCase, description: str) -> Resource:
    body = case.body
    sections = body.disclosed()
    rules = rules_of(sections, permitting=True)
    queue = f"agency.{body.recipient}.release"
    agents: list[JsonValue] = [
        parts.agent("source", case.hub, queue="hub.release"),
        parts.agent("recipient", case.recipient, asks=True, queue=queue, policy=rules),
    ]
    if body.source:
        agents.append(parts.agent("custodian", case.titles.reference(body.source)))
    sent, evidence = parts.delivery(body), parts.ledger_entry(case.leaf)
    found = [*parts.outcomes(sections), *parts.withheld(body)]
    notice: list[JsonValue] = (
        [] if body.decision else [{"type": systems.OWN + "notice", "valueString": _NOTICE}]
    )
    sent["detail"] = [*parts.matter(body), *found, *notice]
    evidence["detail"] = parts.way_back(case.leaf)
    return {
        "subtype": [coding(fc.LIFECYCLE, "disclose", "Disclose Record Lifecycle Event")],
        **_happened(case, "0", description, purposes_of(sections, permitting=True)),
        "agent": agents,
        "entity": [
            parts.patient(body.child),
            sent,
            evidence,
            *(parts.consent(one) for one in directives_of(sections)),
        ],
    }


def _start(case: _AuditCase, profile: str) -> Resource:
    leaf = case.leaf
    return {
        "resourceType": "AuditEvent",
        "id": _event_id(leaf, profile),
        "meta": {"profile": [profile]},
    }


def _event_id(leaf: Leaf, profile: str) -> str:
    parts = (leaf.origin, str(leaf.position), leaf.hash.hex(), profile)
    return resource_id(_EVENTS, "AuditEvent", *parts)


def _happened(
    case: _AuditCase, outcome: str, description: str, purposes: Iterable[Purpose]
) -> Resource:
    why: list[JsonValue] = [parts.purpose(one) for one in purposes]
    return {
        "recorded": instant(case.leaf.entry.at),
        "outcome": outcome,
        "outcomeDesc": description,
        **({"purposeOfEvent": why} if why else {}),
    }


def _source(site: str, observer: Resource, code: str, display: str) -> Resource:
    kind = coding(fc.SECURITY_SOURCE, code, display)
    return {"site": site, "observer": observer, "type": [kind]}


def _permitted(body: AuditedDecision) -> str:
    against = body.against()
    if not against:
        return "Permitted."
    return f"Permitted in part. {_reasons(against)}"


def _denied(body: AuditedDecision) -> str:
    description = f"Denied. {_reasons(body.against())}".strip()
    return f"{description} {_NOTICE}" if body.notice else description


def _given(body: AuditedDecision) -> str:
    if body.decision is None:
        return _NOTICE
    names = ", ".join(s.category.value for s in body.disclosed())
    kept = f" {_reasons(body.withheld)}" if body.withheld else ""
    return f"Disclosed: {names or 'nothing but that it happened'}.{kept}"


def _reasons(against: Mapping[Category, tuple[Reason, ...]]) -> str:
    """Write each reason once, with the categories that it withholds."""
    by_reason: dict[Reason, list[str]] = {}
    for category, why in against.items():
        for reason in why:
            by_reason.setdefault(reason, []).append(category.value)
    return " ".join(f"{', '.join(names)}: {r.sentence}" for r, names in by_reason.items())
