"""Code systems, required code lists and word lists of the FHIR format, as data.

Sources: HL7 FHIR R4 (4.0.1) required bindings; UK Core 2.x extensions; NHS England identifier
systems; HL7 v3 RoleCode and v2 table 0131. URIs beginning ``urn:interagency-hub:`` are this
project's own and are listed in docs/formats/health-fhir.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from schemas.events.health import AppointmentStatus, ReferralStatus
from schemas.fhir.systems import CHILD, OWN, TERMINOLOGY, UPN
from schemas.people import WhereaboutsFlag

# Event types that the format reads
REFERRAL = "health.referral-made.v1"
APPOINTMENT = "health.appointment-changed.v1"
WAITING = "health.waiting-status-changed.v1"
REPORT = "health.report-available.v1"
DIAGNOSIS = "health.diagnosis-recorded.v1"
DISCHARGE = "health.discharge.v1"
ADVICE = "ehc.ehc-advice-provided.v1"

# Identifier systems
ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
ODS_SYSTEMS = frozenset(
    {
        ODS,
        "http://fhir.nhs.uk/Id/ods-organization-code",
        "http://fhir.nhs.net/Id/ods-organization-code",
        "https://fhir.nhs.uk/Id/ods-site-code",
        "https://fhir.nhs.uk/Id/ods-organization",
    }
)
FORMER_UPN = OWN + "former-upn"
ULN = OWN + "uln"
LA_CHILD_ID = OWN + "la-child-id"
LOCAL_ID = OWN + "local-id"
RECORD = OWN + "record"
DOCUMENT = OWN + "document"
SCHOOL_URN = OWN + "school-urn"
LAESTAB = OWN + "laestab"
UKPRN = OWN + "ukprn"
OWN_IDENTIFIERS = frozenset({UPN, FORMER_UPN, ULN, LA_CHILD_ID, CHILD})

# Code systems
EVENT_TYPE = OWN + "event-type"
ADVICE_KIND = OWN + "advice-kind"
RECORD_STATUS = OWN + "record-status"
RELATIONSHIP = OWN + "relationship"
ROLE_CODE = TERMINOLOGY + "v3-RoleCode"
CONTACT_ROLE = TERMINOLOGY + "v2-0131"
CONFIDENTIALITY = TERMINOLOGY + "v3-Confidentiality"
CONDITION_CLINICAL = TERMINOLOGY + "condition-clinical"
CONDITION_VERIFICATION = TERMINOLOGY + "condition-ver-status"
NULL_FLAVOR = TERMINOLOGY + "v3-NullFlavor"

# Extensions
UKCORE = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-"
_UKCORE_EXTENSION = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-"
VERIFICATION_STATUS = _UKCORE_EXTENSION + "NHSNumberVerificationStatus"
ETHNIC_CATEGORY = _UKCORE_EXTENSION + "EthnicCategory"
ADDRESS_KEY = _UKCORE_EXTENSION + "AddressKey"
VERIFICATION_SYSTEM = "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland"
ADDRESS_KEY_SYSTEM = "https://fhir.hl7.org.uk/CodeSystem/UKCore-AddressKeyType"
PARENTAL_RESPONSIBILITY = OWN + "parental-responsibility"
SAME_ADDRESS = OWN + "same-address-as-child"
EXPECTED_BIRTH_DATE = OWN + "expected-birth-date"
ORIGINAL = OWN + "original"
ASSURANCE = OWN + "assurance"
PRIORITY = OWN + "priority"
SHA256 = OWN + "sha256"
WEEKS_WAITING = OWN + "weeks-waiting"
PAYLOAD_FIELD = OWN + "field"

VERIFIED = frozenset({"01", "number-present-and-verified"})
TRACE_REQUIRED = "03"

# The types that become events, and those that only give context to them.
TRANSLATED = frozenset(
    {
        "Appointment",
        "Communication",
        "Composition",
        "Condition",
        "DiagnosticReport",
        "DocumentReference",
        "Encounter",
        "EpisodeOfCare",
        "ServiceRequest",
    }
)
CONTEXT = frozenset(
    {
        "Binary",
        "Endpoint",
        "HealthcareService",
        "Location",
        "MessageHeader",
        "Organization",
        "Patient",
        "Practitioner",
        "PractitionerRole",
        "Provenance",
        "RelatedPerson",
        "Schedule",
        "Slot",
    }
)
REPORTS = frozenset({"Composition", "DiagnosticReport", "DocumentReference"})

# Elements that hold a moment, which real systems write without an offset or without seconds.
MOMENTS = frozenset(
    {
        "authoredOn",
        "created",
        "creation",
        "date",
        "deceasedDateTime",
        "effectiveDateTime",
        "end",
        "issued",
        "lastUpdated",
        "recordedDate",
        "sent",
        "start",
        "timestamp",
    }
)

# What only a STU3 or DSTU2 resource has: its profile, or elements R4 renamed.
OLDER_PROFILE = re.compile(r"/(?:STU3|DSTU2)/|CareConnect|\bSTU3\b", re.IGNORECASE)
# R4 moved HL7's code systems to terminology.hl7.org; an older resource still names them here.
OLDER_SYSTEMS = ("http://hl7.org/fhir/v2/", "http://hl7.org/fhir/v3/")
OLDER_ELEMENTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "MessageHeader": frozenset({"event", "timestamp", "receiver"}),
        "Appointment": frozenset({"reason", "indication", "incomingReferral"}),
        "Encounter": frozenset({"reason", "incomingReferral"}),
        "EpisodeOfCare": frozenset({"condition"}),
        "Condition": frozenset({"assertedDate", "context", "dateRecorded"}),
        "DiagnosticReport": frozenset({"context", "codedDiagnosis", "image"}),
        "DocumentReference": frozenset({"class", "indexed"}),
        "Composition": frozenset({"class"}),
        "Communication": frozenset({"definition", "notDone", "context"}),
        "Patient": frozenset({"animal", "careProvider"}),
        "Practitioner": frozenset({"practitionerRole", "role"}),
        "ServiceRequest": frozenset(),
    }
)
OLDER_TYPES = frozenset(
    {"ReferralRequest", "ProcedureRequest", "BodySite", "DeviceComponent", "EligibilityRequest"}
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BUNDLE_TYPES = _words(
    "document message transaction transaction-response batch batch-response history searchset"
    " collection"
)
# Required bindings, which fhir.resources does not check: type -> element -> codes.
REQUIRED_CODES: Mapping[str, Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "Patient": {"gender": _words("male female other unknown")},
        "RelatedPerson": {"gender": _words("male female other unknown")},
        "Appointment": {
            "status": _words(
                "proposed pending booked arrived fulfilled cancelled noshow entered-in-error"
                " checked-in waitlist"
            )
        },
        "ServiceRequest": {
            "status": _words("draft active on-hold revoked completed entered-in-error unknown"),
            "intent": _words(
                "proposal plan directive order original-order reflex-order filler-order"
                " instance-order option"
            ),
            "priority": _words("routine urgent asap stat"),
        },
        "Encounter": {
            "status": _words(
                "planned arrived triaged in-progress onleave finished cancelled"
                " entered-in-error unknown"
            )
        },
        "EpisodeOfCare": {
            "status": _words("planned waitlist active onhold finished cancelled entered-in-error")
        },
        "DiagnosticReport": {
            "status": _words(
                "registered partial preliminary final amended corrected appended cancelled"
                " entered-in-error unknown"
            )
        },
        "DocumentReference": {
            "status": _words("current superseded entered-in-error"),
            "docStatus": _words("preliminary final amended entered-in-error"),
        },
        "Composition": {"status": _words("preliminary final amended entered-in-error")},
        "Communication": {
            "status": _words(
                "preparation in-progress not-done on-hold stopped completed"
                " entered-in-error unknown"
            )
        },
    }
)
TELECOM_USES = _words("home work temp old mobile")
VERIFICATIONS = _words("unconfirmed provisional differential confirmed refuted entered-in-error")
CLINICAL_STATUSES = _words("active recurrence relapse inactive remission resolved")
PRIORITIES = REQUIRED_CODES["ServiceRequest"]["priority"]

# Meanings. A proposal or an option is not a referral, and a draft has not been made.
REFERRAL_STATUSES: Mapping[str, ReferralStatus] = MappingProxyType(
    {
        "active": ReferralStatus.ACTIVE,
        "on-hold": ReferralStatus.ON_HOLD,
        "completed": ReferralStatus.COMPLETED,
        "revoked": ReferralStatus.CANCELLED,
    }
)
NOT_A_REFERRAL = frozenset({"proposal", "option"})
# "pending" has its time and awaits a participant's answer; "proposed" is not agreed yet.
APPOINTMENT_STATUSES: Mapping[str, AppointmentStatus] = MappingProxyType(
    {
        "booked": AppointmentStatus.BOOKED,
        "pending": AppointmentStatus.BOOKED,
        "arrived": AppointmentStatus.ATTENDED,
        "checked-in": AppointmentStatus.ATTENDED,
        "fulfilled": AppointmentStatus.ATTENDED,
        "noshow": AppointmentStatus.MISSED,
        "cancelled": AppointmentStatus.CANCELLED,
    }
)
# One visit that ends is not a discharge: these encounter classes are visits.
VISITS = frozenset({"AMB", "FLD", "HH", "VR"})
CONFIDENTIALITIES: Mapping[str, WhereaboutsFlag] = MappingProxyType(
    {
        "U": WhereaboutsFlag.UNRESTRICTED,
        "R": WhereaboutsFlag.RESTRICTED,
        "REDACTED": WhereaboutsFlag.RESTRICTED,
        "V": WhereaboutsFlag.VERY_RESTRICTED,
    }
)
CONFIDENTIALITY_CODES: Mapping[WhereaboutsFlag, str] = MappingProxyType(
    {
        WhereaboutsFlag.UNRESTRICTED: "U",
        WhereaboutsFlag.RESTRICTED: "R",
        WhereaboutsFlag.VERY_RESTRICTED: "V",
    }
)
RELATIONSHIPS: Mapping[str, str] = MappingProxyType(
    {
        "mth": "mother",
        "nmth": "mother",
        "mother": "mother",
        "fth": "father",
        "nfth": "father",
        "father": "father",
        "prn": "parent",
        "nprn": "parent",
        "parent": "parent",
        "stpmth": "step-mother",
        "stpfth": "step-father",
        "stpprn": "step-parent",
        "adoptm": "adoptive-mother",
        "adoptf": "adoptive-father",
        "prnfost": "foster-carer",
        "mthfost": "foster-carer",
        "fthfost": "foster-carer",
        "grprn": "grandparent",
        "grmth": "grandmother",
        "grfth": "grandfather",
        "aunt": "aunt",
        "uncle": "uncle",
        "sib": "sibling",
        "sis": "sister",
        "bro": "brother",
        "guard": "guardian",
        "guardian": "guardian",
        "cgv": "carer",
        "carer": "carer",
    }
)
# v2-0131 says for what a person is a contact, not what they are to the child.
CONTACT_ROLES: Mapping[str, str] = MappingProxyType(
    {"c": "emergency-contact", "n": "next-of-kin", "ep": "emergency-contact", "cp": "contact"}
)
ROLE_CODES: Mapping[str, str] = MappingProxyType(
    {
        "mother": "MTH",
        "father": "FTH",
        "parent": "PRN",
        "step-mother": "STPMTH",
        "step-father": "STPFTH",
        "step-parent": "STPPRN",
        "adoptive-mother": "ADOPTM",
        "adoptive-father": "ADOPTF",
        "foster-carer": "PRNFOST",
        "grandparent": "GRPRN",
        "grandmother": "GRMTH",
        "grandfather": "GRFTH",
        "aunt": "AUNT",
        "uncle": "UNCLE",
        "sibling": "SIB",
        "sister": "SIS",
        "brother": "BRO",
        "guardian": "GUARD",
    }
)
