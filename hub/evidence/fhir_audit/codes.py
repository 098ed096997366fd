"""Code systems and profiles of the AuditEvents that the hub writes.

Sources: HL7 FHIR R4B; IHE Basic Audit Log Patterns (BALP), read in its FSH sources; DICOM PS3.15
and PS3.16 for the types of audit messages.
"""

from __future__ import annotations

from typing import Final

from schemas.fhir.systems import OWN, TERMINOLOGY
from schemas.sharing import Purpose

# The hub's own systems
ACCOUNT: Final = OWN + "account"
LEDGER_ENTRY: Final = OWN + "ledger-entry"
RULE: Final = OWN + "rule:"
QUEUE: Final = OWN + "queue:"

# Published systems
DCM: Final = "http://dicom.nema.org/resources/ontology/DCM"
ROLE_CLASS: Final = TERMINOLOGY + "v3-RoleClass"
SECURITY_ROLE: Final = TERMINOLOGY + "extra-security-role-type"
SECURITY_SOURCE: Final = TERMINOLOGY + "security-source-type"
ENTITY_TYPE: Final = TERMINOLOGY + "audit-entity-type"
OBJECT_ROLE: Final = TERMINOLOGY + "object-role"
LIFECYCLE: Final = TERMINOLOGY + "iso-21089-lifecycle"
RESOURCE_TYPES: Final = "http://hl7.org/fhir/resource-types"

# IHE BALP
_BALP: Final = "https://profiles.ihe.net/ITI/BALP/"
AUTHZ_SUBTYPE: Final = _BALP + "CodeSystem/AuthZsubType"
AUTHZ_CONSENT: Final = _BALP + "StructureDefinition/IHE.BasicAudit.AuthZconsent"
DISCLOSURE_SOURCE: Final = _BALP + "StructureDefinition/IHE.BasicAudit.PrivacyDisclosure.Source"
DISCLOSURE_RECIPIENT: Final = (
    _BALP + "StructureDefinition/IHE.BasicAudit.PrivacyDisclosure.Recipient"
)

NEAR_PURPOSE: Final = {Purpose.DIRECT_CARE: "TREAT", Purpose.CHILD_PROTECTION: "THREAT"}
"""HL7 v3 purposes of use near enough to inform an auditor; nothing is decided on them."""
