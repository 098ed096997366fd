"""URIs of identifier systems, code systems and extensions that more than one part of the hub uses.

Sources: HL7 FHIR R4B; NHS England identifier systems. URIs that begin ``urn:interagency-hub:`` are
this project's own, for what has no published system.
"""

from __future__ import annotations

from typing import Final

FHIR_NAMESPACE: Final = "http://hl7.org/fhir"
OWN: Final = "urn:interagency-hub:"
TERMINOLOGY: Final = "http://terminology.hl7.org/CodeSystem/"

# Identifier systems
NHS_NUMBER: Final = "https://fhir.nhs.uk/Id/nhs-number"
NHS_NUMBER_SYSTEMS: Final = frozenset(
    {
        NHS_NUMBER,
        "http://fhir.nhs.uk/Id/nhs-number",
        "http://fhir.nhs.net/Id/nhs-number",
        "urn:oid:2.16.840.1.113883.2.1.4.1",
    }
)
"""The NHS number's system, and the older URIs that real systems still write."""
CHILD: Final = OWN + "child"
UPN: Final = OWN + "upn"
PERSON: Final = OWN + "person"
AGENCY: Final = OWN + "agency"
HUB: Final = OWN + "hub"
DELIVERY: Final = OWN + "delivery"
DIRECTIVE: Final = OWN + "directive"

# Code systems and extensions
PURPOSE: Final = OWN + "purpose"
SNOMED: Final = "http://snomed.info/sct"
LOINC: Final = "http://loinc.org"
ACT_REASON: Final = TERMINOLOGY + "v3-ActReason"
PARTICIPATION: Final = TERMINOLOGY + "v3-ParticipationType"
ABSENT_REASON: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"

RECEIVES: Final = "IRCP"
"""The participation type of an information recipient."""
