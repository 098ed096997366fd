"""The codes and addresses of the FHIR resources that tell what was said, decided and disclosed.

Sources: HL7 FHIR R4B; IHE Basic Audit Log Patterns (BALP) and IHE Privacy Consent on FHIR (PCF),
read in their FSH sources; DICOM PS3.15 and PS3.16 for the types of audit messages. Education and
social work have no code system for purposes of use, so the hub's own codes go first.
"""

from __future__ import annotations

from typing import Final

from schemas.sharing import Purpose

OWN: Final = "urn:interagency-hub:"

# The hub's own identifier systems
CHILD: Final = OWN + "child"
UPN: Final = OWN + "upn"
AGENCY: Final = OWN + "agency"
ACCOUNT: Final = OWN + "account"
HUB: Final = OWN + "hub"
PERSON: Final = OWN + "person"
DIRECTIVE: Final = OWN + "directive"
EVIDENCE: Final = OWN + "evidence"
EVENT: Final = OWN + "event"
DELIVERY: Final = OWN + "delivery"
LEDGER_ENTRY: Final = OWN + "ledger-entry"
RULE: Final = OWN + "rule:"
QUEUE: Final = OWN + "queue:"
POLICY: Final = OWN + "policy:how-it-decides:1"

# The hub's own code systems and extensions
PURPOSE: Final = OWN + "purpose"
CATEGORY: Final = OWN + "category"
KIND: Final = OWN + "directive-kind"
AUTHORITY: Final = OWN + "authority"
RESTRICTION: Final = OWN + "restriction"
LETS_THROUGH: Final = OWN + "lets-through"
WITHDRAWN_AT: Final = OWN + "withdrawn-at"
OBTAINED: Final = OWN + "obtained"

# Published systems
NHS_NUMBER: Final = "https://fhir.nhs.uk/Id/nhs-number"
NHS_NUMBER_SYSTEMS: Final = frozenset(
    {
        NHS_NUMBER,
        "http://fhir.nhs.uk/Id/nhs-number",
        "http://fhir.nhs.net/Id/nhs-number",
        "urn:oid:2.16.840.1.113883.2.1.4.1",
    }
)
_TERMINOLOGY: Final = "http://terminology.hl7.org/CodeSystem/"
DCM: Final = "http://dicom.nema.org/resources/ontology/DCM"
SNOMED: Final = "http://snomed.info/sct"
LOINC: Final = "http://loinc.org"
ACT_REASON: Final = _TERMINOLOGY + "v3-ActReason"
ACT_CODE: Final = _TERMINOLOGY + "v3-ActCode"
PARTICIPATION: Final = _TERMINOLOGY + "v3-ParticipationType"
ROLE_CLASS: Final = _TERMINOLOGY + "v3-RoleClass"
SECURITY_ROLE: Final = _TERMINOLOGY + "extra-security-role-type"
SECURITY_SOURCE: Final = _TERMINOLOGY + "security-source-type"
ENTITY_TYPE: Final = _TERMINOLOGY + "audit-entity-type"
OBJECT_ROLE: Final = _TERMINOLOGY + "object-role"
LIFECYCLE: Final = _TERMINOLOGY + "iso-21089-lifecycle"
CONSENT_SCOPE: Final = _TERMINOLOGY + "consentscope"
RESOURCE_TYPES: Final = "http://hl7.org/fhir/resource-types"
ABSENT_REASON: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"

# IHE BALP
_BALP: Final = "https://profiles.ihe.net/ITI/BALP/"
AUTHZ_SUBTYPE: Final = _BALP + "CodeSystem/AuthZsubType"
AUTHZ_CONSENT: Final = _BALP + "StructureDefinition/IHE.BasicAudit.AuthZconsent"
DISCLOSURE_SOURCE: Final = _BALP + "StructureDefinition/IHE.BasicAudit.PrivacyDisclosure.Source"
DISCLOSURE_RECIPIENT: Final = (
    _BALP + "StructureDefinition/IHE.BasicAudit.PrivacyDisclosure.Recipient"
)

# IHE PCF
_PCF: Final = "https://profiles.ihe.net/ITI/PCF/StructureDefinition/"
CONSENT_BASIC: Final = _PCF + "IHE.PCF.consentBasic"
CONSENT_ADVANCED: Final = _PCF + "IHE.PCF.consentAdvanced"

PRIVACY: Final = "patient-privacy"
CONSENT_DOCUMENT: Final = "59284-0"
TO_SHARE: Final = frozenset(
    {
        (LOINC, CONSENT_DOCUMENT),
        (LOINC, "64292-6"),
        (ACT_CODE, "IDSCL"),
        (ACT_CODE, "INFA"),
    }
)
"""Categories of consent that are about sharing: consent, release, disclosure, access."""

RECEIVES: Final = "IRCP"

SAME_PURPOSE: Final = {"TREAT": Purpose.DIRECT_CARE}
"""Purposes of use of HL7 v3 that mean the same as one of the hub's; no other may widen a word."""

NEAR_PURPOSE: Final = {Purpose.DIRECT_CARE: "TREAT", Purpose.CHILD_PROTECTION: "THREAT"}
"""Purposes of use that come near enough to tell an auditor; nothing is decided on them."""
