"""Code lists of HL7 v2 as NHS systems use them, and what the hub calls each code.

Sources: HL7 tables 0001 (sex), 0063 (relationship), 0123 (result status), 0201/0202 (telephone),
0211 (character sets), 0278 (appointment status), 0283 (referral status), 0396 (code systems); NHS
Data Dictionary (person stated gender). Keys are upper case.
"""

from __future__ import annotations

from collections.abc import Mapping

from schemas.events.education import SenNeedType, SenProvision
from schemas.events.health import AppointmentStatus, ReferralStatus
from schemas.people import Sex, WhereaboutsFlag

# ISO 8859-1 is read as its superset: bytes it leaves undefined are Windows quotation marks
CHARSETS: Mapping[str, str] = {
    "": "utf-8",
    "ASCII": "ascii",
    "8859/1": "cp1252",
    "ISO-8859-1": "cp1252",
    "ISO8859-1": "cp1252",
    "LATIN1": "cp1252",
    "CP1252": "cp1252",
    "WINDOWS-1252": "cp1252",
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "UNICODE UTF-16": "utf-8",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
    **{f"8859/{part}": f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 9, 15)},
}

SEXES: Mapping[str, Sex] = {
    "M": Sex.MALE,
    "MALE": Sex.MALE,
    "1": Sex.MALE,
    "F": Sex.FEMALE,
    "FEMALE": Sex.FEMALE,
    "2": Sex.FEMALE,
    "O": Sex.OTHER,
    "OTHER": Sex.OTHER,
    "A": Sex.OTHER,
    "I": Sex.OTHER,
    "9": Sex.OTHER,
    "U": Sex.UNKNOWN,
    "UNKNOWN": Sex.UNKNOWN,
    "N": Sex.UNKNOWN,
    "X": Sex.UNKNOWN,
    "0": Sex.UNKNOWN,
}
SEX_CODES: Mapping[Sex, str] = {
    Sex.MALE: "M",
    Sex.FEMALE: "F",
    Sex.OTHER: "O",
    Sex.UNKNOWN: "U",
}

NHS_AUTHORITIES = frozenset(
    {
        "NHS",
        "NHSNBR",
        "NHSNMBR",
        "NHSNO",
        "NHSNUMBER",
        "2.16.840.1.113883.2.1.4.1",
        "HTTPS://FHIR.NHS.UK/ID/NHSNUMBER",
    }
)
NHS_TYPES = frozenset({"NH", "NHS", "NHSNBR", "NHSNMBR", "NHSNO", "NHSNUMBER", "NNGBR"})
LOCAL_TYPES = frozenset({"MR", "MRN", "PI", "PT", "PN", "PRN", "HOSP", "CRN", "HCN"})
# insurance, social security, account and visit numbers: they do not number a patient's record
FOREIGN_TYPES = frozenset(
    {"SS", "SSN", "DL", "PPN", "AN", "VN", "NI", "NIIP", "MC", "MA", "BC", "BA", "CC", "TAX"}
)
FOREIGN_AUTHORITIES = frozenset({"USSSA", "SSA"})
HUB_AUTHORITY = "INTERAGENCY-HUB"
VERIFIED_STATUS = "01"

RELATIONSHIPS: Mapping[str, str] = {
    "MTH": "mother",
    "FTH": "father",
    "PAR": "parent",
    "GRD": "guardian",
    "GRP": "grandparent",
    "CGV": "carer",
    "SIB": "sibling",
    "BRO": "brother",
    "SIS": "sister",
    "EXF": "extended-family",
    "FND": "friend",
    "EMC": "emergency-contact",
}
RELATIONSHIP_CODES: Mapping[str, str] = {word: code for code, word in RELATIONSHIPS.items()}

PROTECTION: Mapping[str, WhereaboutsFlag] = {
    "Y": WhereaboutsFlag.RESTRICTED,
    "R": WhereaboutsFlag.RESTRICTED,
    "S": WhereaboutsFlag.RESTRICTED,
    "V": WhereaboutsFlag.VERY_RESTRICTED,
}
OPEN = frozenset({"N", "U"})
HIDDEN_PARTS = frozenset({"ALL", "DEM", "LOC", "OO", "PID-11", "PID-13", "PID-14"})

TELEPHONE_USES: Mapping[str, str] = {
    "PRN": "home",
    "WPN": "work",
    "BPN": "work",
    "ORN": "other",
    "VHN": "other",
    "ASN": "other",
    "EMR": "emergency",
    "PRS": "mobile",
}
TELEPHONE_EQUIPMENT: Mapping[str, str] = {"CP": "mobile", "FX": "fax", "BP": "pager"}
TELEPHONE_CODES: Mapping[str, tuple[str, str]] = {
    "home": ("PRN", "PH"),
    "mobile": ("PRN", "CP"),
    "fax": ("PRN", "FX"),
    "pager": ("PRN", "BP"),
    "work": ("WPN", "PH"),
    "emergency": ("EMR", "PH"),
}

SNOMED = "http://snomed.info/sct"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
CODE_SYSTEMS: Mapping[str, str] = {
    "SCT": SNOMED,
    "SNM": SNOMED,
    "SNOMED": SNOMED,
    "SNOMEDCT": SNOMED,
    "SNOMED-CT": SNOMED,
    "SNOMED CT": SNOMED,
    "I10": ICD10,
    "ICD10": ICD10,
    "ICD-10": ICD10,
    "LN": "http://loinc.org",
    "OPCS4": "https://fhir.hl7.org.uk/CodeSystem/OPCS-4",
}
SYSTEM_CODES: Mapping[str, str] = {
    SNOMED: "SCT",
    ICD10: "I10",
    "http://loinc.org": "LN",
    "https://fhir.hl7.org.uk/CodeSystem/OPCS-4": "OPCS4",
}

BOOKED_TRIGGERS = frozenset({"S12", "S13", "S14"})
APPOINTMENT_TRIGGERS: Mapping[str, AppointmentStatus] = {
    "S12": AppointmentStatus.BOOKED,
    "S13": AppointmentStatus.BOOKED,
    "S14": AppointmentStatus.BOOKED,
    "S15": AppointmentStatus.CANCELLED,
    "S16": AppointmentStatus.CANCELLED,
    "S26": AppointmentStatus.MISSED,
}
APPOINTMENT_WORDS: Mapping[str, AppointmentStatus] = {
    "COMPLETE": AppointmentStatus.ATTENDED,
    "COMPLETED": AppointmentStatus.ATTENDED,
    "ATTENDED": AppointmentStatus.ATTENDED,
    "SEEN": AppointmentStatus.ATTENDED,
    "ARRIVED": AppointmentStatus.ATTENDED,
    "STARTED": AppointmentStatus.ATTENDED,
    "NOSHOW": AppointmentStatus.MISSED,
    "NO SHOW": AppointmentStatus.MISSED,
    "DNA": AppointmentStatus.MISSED,
    "CANCELLED": AppointmentStatus.CANCELLED,
    "CANCELED": AppointmentStatus.CANCELLED,
    "DISCONTINUED": AppointmentStatus.CANCELLED,
    "DC": AppointmentStatus.CANCELLED,
}
NOT_AN_APPOINTMENT = frozenset({"WAITLIST", "BLOCKED"})
APPOINTMENT_OUT: Mapping[AppointmentStatus, tuple[str, str]] = {
    AppointmentStatus.BOOKED: ("S12", "Booked"),
    AppointmentStatus.ATTENDED: ("S14", "Complete"),
    AppointmentStatus.CANCELLED: ("S15", "Cancelled"),
    AppointmentStatus.MISSED: ("S26", "Noshow"),
}

REFERRAL_WORDS: Mapping[str, ReferralStatus] = {
    "A": ReferralStatus.ACTIVE,
    "ACCEPTED": ReferralStatus.ACTIVE,
    "ACTIVE": ReferralStatus.ACTIVE,
    "P": ReferralStatus.ACTIVE,
    "PENDING": ReferralStatus.ACTIVE,
    "H": ReferralStatus.ON_HOLD,
    "ON-HOLD": ReferralStatus.ON_HOLD,
    "ON HOLD": ReferralStatus.ON_HOLD,
    "COMPLETED": ReferralStatus.COMPLETED,
    "COMPLETE": ReferralStatus.COMPLETED,
    "R": ReferralStatus.CANCELLED,
    "REJECTED": ReferralStatus.CANCELLED,
    "E": ReferralStatus.CANCELLED,
    "EXPIRED": ReferralStatus.CANCELLED,
    "CANCELLED": ReferralStatus.CANCELLED,
    "CANCELED": ReferralStatus.CANCELLED,
}
DELETED = "DELETED"
REFERRAL_OUT: Mapping[ReferralStatus, tuple[str, str]] = {
    ReferralStatus.ACTIVE: ("I12", "A^Accepted^HL70283"),
    ReferralStatus.ON_HOLD: ("I13", "H^On hold^L"),
    ReferralStatus.COMPLETED: ("I13", "COMPLETED^Completed^L"),
    ReferralStatus.CANCELLED: ("I14", "CANCELLED^Cancelled^L"),
}
PRIORITIES: Mapping[str, str] = {"R": "routine", "U": "urgent", "A": "asap", "S": "stat"}
PRIORITY_CODES: Mapping[str, str] = {word: code for code, word in PRIORITIES.items()}

REPORTED = frozenset({"", "A", "C", "F", "P", "R"})
UNREPORTED = frozenset({"I", "O", "S", "Y", "Z"})  # ordered or under way

VERIFICATIONS: Mapping[str, str] = {"F": "confirmed", "W": "provisional", "A": "provisional"}
VERIFICATION_CODES: Mapping[str, str] = {"confirmed": "F", "provisional": "W"}

STRUCTURES: Mapping[str, str] = {
    "A03": "ADT_A03",
    "A13": "ADT_A01",
    "A31": "ADT_A05",
    "T02": "MDM_T02",
    "T08": "MDM_T02",
    "T11": "MDM_T01",
    **dict.fromkeys(("S12", "S14", "S15", "S17", "S26"), "SIU_S12"),
    **dict.fromkeys(("I12", "I13", "I14"), "REF_I12"),
}

NEED_WORDS: Mapping[SenNeedType, str] = {
    SenNeedType.SPLD: "specific learning difficulty",
    SenNeedType.MLD: "moderate learning difficulty",
    SenNeedType.SLD: "severe learning difficulty",
    SenNeedType.PMLD: "profound and multiple learning difficulty",
    SenNeedType.SEMH: "social, emotional and mental health",
    SenNeedType.SLCN: "speech, language and communication needs",
    SenNeedType.HI: "hearing impairment",
    SenNeedType.VI: "vision impairment",
    SenNeedType.MSI: "multi-sensory impairment",
    SenNeedType.PD: "physical disability",
    SenNeedType.ASD: "autistic spectrum disorder",
    SenNeedType.DS: "Down syndrome",
    SenNeedType.OTH: "other difficulty or disability",
    SenNeedType.NSA: "SEN support, no specialist assessment of type of need",
}
PROVISION_WORDS: Mapping[SenProvision, str] = {
    SenProvision.NONE: "no special educational provision",
    SenProvision.SEN_SUPPORT: "SEN support",
    SenProvision.EHC_PLAN: "education, health and care plan",
    SenProvision.STATEMENT: "statement",
    SenProvision.SCHOOL_ACTION: "school action",
    SenProvision.SCHOOL_ACTION_PLUS: "school action plus",
}
