"""Code systems, extensions and profiles of the Consents that the hub reads and writes.

Sources: HL7 FHIR R4B; IHE Privacy Consent on FHIR (PCF), read in its FSH sources. Education and
social work have no code system for purposes of use, so the hub's own codes go first.
"""

from __future__ import annotations

from typing import Final

from schemas.fhir.systems import LOINC, OWN, TERMINOLOGY
from schemas.sharing import Purpose

# The hub's own code systems and extensions
EVIDENCE: Final = OWN + "evidence"
POLICY: Final = OWN + "policy:how-it-decides:1"
CATEGORY: Final = OWN + "category"
KIND: Final = OWN + "directive-kind"
AUTHORITY: Final = OWN + "authority"
RESTRICTION: Final = OWN + "restriction"
LETS_THROUGH: Final = OWN + "lets-through"
WITHDRAWN_AT: Final = OWN + "withdrawn-at"
OBTAINED: Final = OWN + "obtained"

# Published systems
ACT_CODE: Final = TERMINOLOGY + "v3-ActCode"
CONSENT_SCOPE: Final = TERMINOLOGY + "consentscope"

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

SAME_PURPOSE: Final = {"TREAT": Purpose.DIRECT_CARE}
"""HL7 v3 purposes of use that mean exactly one of the hub's; others could widen a consent."""
