"""HL7 v2 in and out: triggers, people, character sets, batches, and what receivers can parse."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import ClassVar

import pytest
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.parser import parse_message as parse_elsewhere

from adapters.contract import AgencySystem, Refusal, Translation, translate
from adapters.health_hl7v2 import ADAPTER
from adapters.hl7v2.time import read_stamp
from schemas.errors import CannotExpress, ConfigurationError, Fault
from schemas.event import RecordStatus, View, full_view
from schemas.events.care import WorkerAllocated
from schemas.events.education import SenNeed, SenNeedType, SenProvision, SenSupport
from schemas.events.health import (
    Appointment,
    AppointmentStatus,
    Diagnosis,
    Discharge,
    Referral,
    ReferralStatus,
    ReportAvailable,
)
from schemas.identifiers import Assurance, upn
from schemas.people import Contact, Family, Identity, Sex, WhereaboutsFlag
from schemas.registry import EVENT_TYPES
from schemas.sections import Category
from tests.adapters.contract import WHEN, FormatContract, document

TRUST = AgencySystem("st-anne-trust")
PID = (
    "PID|1||9990000018^^^NHS^NH~T123456^^^RXX^MR||Okafor^Ada^Grace^^Miss^^L~^Addy^^^^^D||"
    "20160412|2|||29 West Avenue^Burythorpe^Malton^North Yorkshire^YO32 5TT^GBR^H||"
    "01904000000^PRN^PH~07700900123^PRN^CP~^NET^Internet^home@example.org|01904111111^WPN^PH|"
    "|||||||M||||||||||01\r"
)
PD1 = "PD1|||MALTON GP PRACTICE^^Y06601|G9999999^Townley^Gregory^^^Dr^^^GMP\r"
NK1 = "NK1|1|Okafor^Ngozi^^^Mrs^^L|MTH^Mother^HL70063||07700900456^PRN^CP\r"
ZED = "ZU1||2|C|201011011530\r"


def msh(event: str, version: str = "2.4", more: str = "|||GBR|UNICODE UTF-8") -> str:
    """Write a header at 09:30 London time on 7 September 2026."""
    return f"MSH|^~\\&|PAS|RXX|ROUTE|ROUTE|20260907093000||{event}|M0001|P|{version}||{more}\r"


def sch(state: str = "Booked") -> str:
    """Write an appointment of half an hour."""
    return (
        "SCH|P1^PAS|A77^PAS||||ROUTINE^Routine|FU^Follow up|NORMAL|30|min|"
        f"^^30^20260914100000^20260914103000|||||^Clerk||||^Clerk|||||{state}|UB12^UBRN\r"
    )


def siu(trigger: str, state: str = "Booked") -> bytes:
    """Write an appointment message."""
    place = "RGS|1\rAIS|1|A|310104001^Child speech and language therapy^SCT|20260914100000\r"
    where = "AIL|1|A|CLINIC 3^ROOM 2^^RXX01\r"
    event = f"SIU^{trigger}^SIU_S12"
    return (msh(event) + sch(state) + PID + PD1 + NK1 + "PV1|1|O\r" + place + where + ZED).encode()


def adt(trigger: str, pv1: str, *more: str) -> bytes:
    """Write an ADT message."""
    tail = "".join(segment + "\r" for segment in more)
    head = msh(f"ADT^{trigger}") + f"EVN|{trigger}|20260907092900|||C1|20260907090000\r"
    return (head + PID + PD1 + NK1 + pv1 + "\r" + tail).encode()


VISIT = "PV1|1|O|CLINIC 3^ROOM 2^^RXX01|||||||420|||||||||V55^^^VISITID" + "|" * 25 + "202609071000"
STAY = (
    "PV1|1|I|WARD 4|||||||420|||||||||V56" + "|" * 17 + "19" + "|" * 8 + "202609010800|202609051700"
)
AUTISM = "DG1|1||35919005^Pervasive developmental disorder^SCT||20260901|F||||||||||||||D9"


def ref(trigger: str, status: str = "A", kind: str = "REF") -> bytes:
    """Write a referral message with a result in it."""
    return (
        msh(f"{kind}^{trigger}^REF_I12", "2.5.1")
        + f"RF1|{status}|R|310104001^Child speech and language therapy^SCT|||UB12|20260901\r"
        + "PRD|RP|Jones^Al^^^Dr||||||||Malton Surgery^^Y06601\r"
        + "PRD|RT||||^WPN^PH||||||\r"
        + PID
        + "OBR|1|||X^Test\rOBX|1|TX|X||CANARY||||||F\rNTE|1||of the result\r"
        + "PV1|1|O\rNTE|1||Does not yet use two words together.\r"
        + "NTE|2||Hearing is \\T\\ was good.\r"
    ).encode()


def oru(*orders: str) -> bytes:
    """Write a result message."""
    body = "".join(f"{order}\rOBX|1|ED|X||^IM^PDF^Base64^JVBERi0x||||||F\r" for order in orders)
    return (msh("ORU^R01^ORU_R01", "2.5.1") + PID + "PV1|1|O||||||||420\r" + body).encode()


def obr(number: str = "R1", state: str = "F") -> str:
    """Write an order with its result's status."""
    kind = "1054161000000101^Genetic report^SCT"
    author = "9&Pain&Clare&&&Dr"
    return f"OBR|1|O1|{number}^LAB|{kind}|||20260801{15 * '|'}20260902|||{state}{7 * '|'}{author}"


def mdm(trigger: str, txa: str = "TXA|1|CL|TX|||20260902|||99^Pain^Clare^^^Dr|||DOC1^PAS") -> bytes:
    """Write a document message."""
    head = msh(f"MDM^{trigger}^MDM_T02") + f"EVN|{trigger}|20260907093000\r"
    return (head + PID + "PV1|1|O\r" + txa + "\rOBX|1|TX|1^Note||CANARY letter||||||F\r").encode()


def read(body: bytes, speaker: AgencySystem = TRUST) -> Translation:
    """Read a document."""
    return translate(ADAPTER.format, document(body, ".hl7"), speaker)


GOOD: Mapping[str, bytes] = {
    **{f"SIU {t}": siu(t) for t in ("S12", "S13", "S14", "S15", "S16", "S17", "S26")},
    "SIU S14 complete": siu("S14", "Complete"),
    "ADT A04": adt("A04", VISIT),
    "ADT A05": adt("A05", VISIT, "PV2|||^Hearing test|||||202609211000"),
    "ADT A11": adt("A11", VISIT),
    "ADT A38": adt("A38", VISIT),
    "ADT A03": adt("A03", STAY),
    "ADT A13": adt("A13", STAY),
    "ADT A31 with diagnosis": adt("A31", "PV1|1|N", AUTISM),
    "ADT A03 with two diagnoses": adt("A03", STAY, AUTISM, "DG1|2||F80.2^Receptive^I10|||W"),
    "ADT A31 diagnosis deleted": adt("A31", "PV1|1|N", AUTISM + "|D"),
    **{f"REF {t}": ref(t) for t in ("I12", "I13", "I14", "I15")},
    "REF on hold": ref("I13", "H"),
    "REF deleted": ref("I14", "DELETED"),
    "RRI": ref("I12", "P", "RRI"),
    "ORU": oru(obr()),
    "ORU of three orders and two reports": oru(obr(), obr(), obr("R2", "C")),
    "ORU taken back": oru(obr(state="X")),
    **{f"MDM {t}": mdm(t) for t in ("T02", "T06", "T08", "T10", "T11")},
    "LF": siu("S12").replace(b"\r", b"\n"),
    "CRLF with BOM": b"\xef\xbb\xbf" + siu("S12").replace(b"\r", b"\r\n"),
    "MLLP bytes in a file": b"\x0b" + siu("S12") + b"\x1c\r" + b"\x0b" + siu("S15") + b"\x1c\r",
    "batch": b"FHS|^~\\&|PAS\rBHS|^~\\&|PAS\r" + siu("S12") + ref("I12") + b"BTS|2\rFTS|1\r",
    "fifth encoding character": siu("S12").replace(b"MSH|^~\\&|", b"MSH|^~\\&#|"),
    "other delimiters": siu("S12").translate(bytes.maketrans(b"|^~&", b"#*!%")),
    "UTF-16": b"\xff\xfe" + siu("S12").decode().encode("utf-16-le"),
}


class TestHl7v2(FormatContract):
    """The promises of every format, kept by HL7 v2."""

    adapter = ADAPTER
    speaker = TRUST
    good = GOOD
    lossless: ClassVar[frozenset[str]] = ADAPTER.format.reads
    bad: ClassVar[Mapping[str, tuple[bytes, Fault]]] = {
        "not HL7": (b"CANARY|1|2", Fault.NOT_HL7),
        "header only a word": (b"MSH", Fault.NOT_HL7),
        "same delimiter twice": (b"MSH|||||CANARY\rPID|1", Fault.NOT_HL7),
        "segments before the header": (PID.encode() + siu("S12"), Fault.NOT_HL7),
        "empty batch": (b"BHS|^~\\&|PAS\rBTS|0\r", Fault.UNSUPPORTED),
        "no type": (msh("").encode() + PID.encode(), Fault.MISSING_FIELD),
        "version 3": (msh("SIU^S12", "3.0").encode() + PID.encode(), Fault.UNSUPPORTED),
        "order": (msh("ORM^O01").encode() + PID.encode(), Fault.UNSUPPORTED),
        "merge": (adt("A40", "MRG|CANARY"), Fault.UNSUPPORTED),
        **{
            f"only demographics {t}": (adt(t, "PV1|1|N"), Fault.UNSUPPORTED) for t in ("A08", "A28")
        },
        "inpatient registered": (adt("A04", STAY), Fault.UNSUPPORTED),
        "outpatient without a visit": (adt("A04", "PV1|1|O"), Fault.MISSING_FIELD),
        "appointment without a number": (
            siu("S12").replace(b"|P1^PAS|A77^PAS", b"||"),
            Fault.MISSING_FIELD,
        ),
        "waiting list": (siu("S12", "Waitlist"), Fault.UNSUPPORTED),
        "referral without a number": (ref("I12").replace(b"UB12", b""), Fault.MISSING_FIELD),
        "referral status unknown": (ref("I15", "CANARY"), Fault.BAD_VALUE),
        "no result yet": (oru(obr(state="I")), Fault.UNSUPPORTED),
        "no report number": (oru("OBR|1|||X^CANARY"), Fault.MISSING_FIELD),
        "restricted document": (mdm("T02", "TXA|1|CL|TX|||||||||D1||||||V"), Fault.UNSUPPORTED),
        "diagnosis without a code": (
            adt("A31", "PV1|1|N", "DG1|1||^CANARY|CANARY"),
            Fault.MISSING_FIELD,
        ),
        "no patient": (siu("S12").replace(b"PID|", b"ZID|"), Fault.NO_CHILD),
        "nobody named": ((msh("SIU^S12") + sch() + "PID|1||||^CANARY\r").encode(), Fault.NO_CHILD),
        "impossible birth date names the child": (
            (msh("SIU^S12") + sch() + "PID|1||||CANARY^A||20161301\r").encode(),
            Fault.BAD_VALUE,
        ),
        "impossible time": (siu("S12").replace(b"20260907093000", b"20261307"), Fault.BAD_VALUE),
        "Latin-1 that claims UTF-8": (
            siu("S12").replace(b"Okafor", b"Oka\xeffor"),
            Fault.WRONG_ENCODING,
        ),
        "two patients in one document": (mdm("T02") + PID.encode(), Fault.UNSUPPORTED),
        "a fragment": (siu("S12") + b"DSC|CANARY\r", Fault.UNSUPPORTED),
        "huge header field": (siu("S12") + b"NK1|" + b"x" * 70_000, Fault.TOO_LARGE),
    }


def test_the_child_is_read_whole() -> None:
    """Numbers, names, birth date, sex, home and kin all find their place."""
    event = read(GOOD["SIU S12"]).events[0]
    child = event.identity
    assert child.nhs_number is not None
    assert (child.nhs_number.value, child.nhs_number.assurance) == (
        "9990000018",
        Assurance.VERIFIED,
    )
    assert child.local_id is not None
    assert (child.local_id.value, child.local_id.issuer) == ("T123456", "RXX")
    assert (child.family_name, child.given_name, child.middle_names) == ("Okafor", "Ada", "Grace")
    assert (child.preferred_given_name, child.birth_date) == ("Addy", dt.date(2016, 4, 12))
    assert (child.sex, child.ethnicity) == (Sex.FEMALE, "M")
    contact = event.section(Contact)
    assert contact is not None
    assert contact.address is not None
    assert contact.address.lines == ("29 West Avenue", "Burythorpe")
    assert contact.address.postcode == "YO32 5TT"
    assert [t.kind for t in contact.telephones] == ["home", "mobile", "work"]
    assert (contact.email, contact.gp_practice) == ("home@example.org", "Y06601")
    family = event.section(Family)
    assert family is not None
    assert family.people[0].relationship == "mother"
    assert family.people[0].parental_responsibility is None
    assert family.contact_points[0].telephones[0].kind == "mobile"


def test_an_appointment_is_read_whole() -> None:
    """Times are London's, the service is coded, the place is words, the referral is named."""
    event = read(GOOD["SIU S12"]).events[0]
    assert event.time == WHEN
    assert event.record == "A77"
    assert event.section(Appointment) == Appointment(
        appointment_id="A77",
        status=AppointmentStatus.BOOKED,
        start=dt.datetime(2026, 9, 14, 9, 0, tzinfo=dt.UTC),
        end=dt.datetime(2026, 9, 14, 9, 30, tzinfo=dt.UTC),
        service=event.sections[Category.HEALTH].service,  # type: ignore[attr-defined]
        reason="Follow up",
        location="CLINIC 3, ROOM 2, RXX01",
        referral_id="UB12",
    )


@pytest.mark.parametrize(
    ("label", "status", "record"),
    [
        ("SIU S12", "booked", RecordStatus.RECORDED),
        ("SIU S13", "booked", RecordStatus.RECORDED),
        ("SIU S14", "booked", RecordStatus.CORRECTED),
        ("SIU S14 complete", "attended", RecordStatus.RECORDED),
        ("SIU S15", "cancelled", RecordStatus.RECORDED),
        ("SIU S16", "cancelled", RecordStatus.RECORDED),
        ("SIU S17", None, RecordStatus.RETRACTED),
        ("SIU S26", "missed", RecordStatus.RECORDED),
        ("ADT A04", "attended", RecordStatus.RECORDED),
        ("ADT A05", "booked", RecordStatus.RECORDED),
        ("ADT A38", "cancelled", RecordStatus.RECORDED),
        ("ADT A11", None, RecordStatus.RETRACTED),
        ("REF I12", "active", RecordStatus.RECORDED),
        ("REF I13", "active", RecordStatus.CORRECTED),
        ("REF I14", "cancelled", RecordStatus.RECORDED),
        ("REF on hold", "on-hold", RecordStatus.CORRECTED),
        ("REF deleted", None, RecordStatus.RETRACTED),
    ],
)
def test_a_trigger_tells_what_became_of_it(
    label: str, status: str | None, record: RecordStatus
) -> None:
    """Each trigger gives one status, and says whether a record is new, corrected or taken back."""
    event = read(GOOD[label]).events[0]
    section = event.sections[Category.HEALTH]
    assert isinstance(section, Appointment | Referral)
    assert (section.status, event.status) == (status, record)


def test_a_referral_is_read_whole() -> None:
    """The reason is the referrer's notes, not those of a result the message holds."""
    section = read(GOOD["REF I12"]).events[0].section(Referral)
    assert section is not None
    assert section.reason == "Does not yet use two words together.\nHearing is & was good."
    assert section.priority == "routine"
    assert section.referred_on == dt.date(2026, 9, 1)
    assert section.referred_by is not None
    assert (section.referred_by.name, section.referred_by.ods) == ("Malton Surgery", "Y06601")
    assert section.referred_to is None


def test_a_discharge_is_read_whole() -> None:
    """First and last day, and how it ended, as the trust codes it."""
    event = read(GOOD["ADT A03"]).events[0]
    section = event.section(Discharge)
    assert section is not None
    assert (section.encounter_id, section.outcome) == ("V56", "19")
    assert (section.admitted_on, section.discharged_on) == (
        dt.date(2026, 9, 1),
        dt.date(2026, 9, 5),
    )
    taken_back = read(GOOD["ADT A13"]).events[0]
    assert (taken_back.record, taken_back.status) == ("V56", RecordStatus.RETRACTED)


def test_every_report_is_a_pointer_without_its_content() -> None:
    """One event for a report number however many orders it answers; nothing of OBX-5."""
    events = read(GOOD["ORU of three orders and two reports"]).events
    assert [(e.record, e.status) for e in events] == [
        ("R1", RecordStatus.RECORDED),
        ("R2", RecordStatus.CORRECTED),
    ]
    section = events[0].section(ReportAvailable)
    assert section is not None
    assert (section.author, section.issued_on) == ("Dr Clare Pain", dt.date(2026, 9, 2))
    for event in (*events, *read(GOOD["MDM T02"]).events):
        assert b"JVBERi0x" not in event.to_json()
        assert b"CANARY" not in event.to_json()


def test_a_replaced_document_is_retracted_and_the_new_one_told() -> None:
    """T10 speaks of two documents."""
    events = read(mdm("T10", "TXA|1|CL|TX|||20260902||||||DOC2|DOC1")).events
    assert [(e.record, e.status) for e in events] == [
        ("DOC2", RecordStatus.CORRECTED),
        ("DOC1", RecordStatus.RETRACTED),
    ]


def test_diagnoses_stand_beside_what_the_message_is_about() -> None:
    """A discharge with two diagnoses gives three events, each with its own id."""
    events = read(GOOD["ADT A03 with two diagnoses"]).events
    kinds = sorted(e.kind.name for e in events)
    assert kinds == ["health.diagnosis-recorded"] * 2 + ["health.discharge"]
    first = next(s for e in events if (s := e.section(Diagnosis)) is not None)
    assert first.condition is not None
    assert first.condition.system == "http://snomed.info/sct"
    assert first.verification == "confirmed"


def test_results_of_several_patients_are_never_mixed() -> None:
    """Each report belongs to the PID before it; a patient nobody can name spares the others."""
    other = PID.replace("9990000018", "9990000026").replace("T123456", "T2")
    head, own = msh("ORU^R01"), obr() + "\r"
    body = head + PID + own + other + obr("R2") + "\r" + "PID|3\r" + obr("R3") + "\r"
    translation = read(body.encode())
    assert [(e.record, e.identity.nhs_number.value) for e in translation.events] == [  # type: ignore[union-attr]
        ("R1", "9990000018"),
        ("R2", "9990000026"),
    ]
    assert translation.refused == (Refusal(Fault.NO_CHILD, "PID[3]-3"),)


def test_a_bad_message_of_a_batch_spares_the_others() -> None:
    """Its place is its number in the batch."""
    body = siu("S12") + adt("A40", "PV1|1|N") + siu("S15")
    translation = read(body)
    assert len(translation.events) == 2
    assert translation.refused == (Refusal(Fault.UNSUPPORTED, "message[2]/MSH-9"),)


def test_a_field_that_cannot_be_used_is_left_out_and_told() -> None:
    """Month 13 in PID-7 and an unknown sex do not lose the appointment of a known child."""
    body = siu("S12").replace(b"20160412|2|", b"20161312|7|")
    translation = read(body)
    child = translation.events[0].identity
    assert (child.birth_date, child.sex) == (None, None)
    assert set(translation.refused) == {
        Refusal(Fault.BAD_VALUE, "PID-7"),
        Refusal(Fault.BAD_VALUE, "PID-8"),
    }


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("9990000018^^^NHS^NH", True),
        ("9990000018^^^NHS", True),
        ("9990000018^^^NHS^HN", True),
        ("999 000 0018^^^NHS^NhsNumber", True),
        ("9990000018^^^NHSNBR^NHSNMBR", True),
        ("9990000018^^^&2.16.840.1.113883.2.1.4.1&ISO", True),
        ("9990000018^^^^NH", True),
        ("9990000018", False),
        ("9990000018^^^RXX^MR", False),
        ("9990000018^^^NHS^MR", False),
    ],
)
def test_an_nhs_number_is_known_by_its_label(number: str, found: bool) -> None:
    """However a system labels it; a number without a label is the trust's own."""
    body = siu("S12").replace(b"9990000018^^^NHS^NH~T123456^^^RXX^MR", number.encode())
    child = read(body).events[0].identity
    assert (child.nhs_number is not None) is found
    assert (child.local_id is not None) is not found


@pytest.mark.parametrize("field", ["PID-2", "PID-3", "PID-4", "PID-19"])
def test_a_setting_names_an_unlabelled_nhs_number(field: str) -> None:
    """Older systems put it into PID-2 or PID-19 without a label."""
    fields = [""] * 20
    fields[0], fields[5], fields[7] = "PID", "Okafor^Ada", "20160412"
    fields[int(field[4:])] = "999 000 0018"
    body = (msh("SIU^S12") + sch() + "|".join(fields) + "\r").encode()
    told = dataclasses.replace(TRUST, settings={"nhs-number-in": field})
    number = read(body, told).events[0].identity.nhs_number
    assert number is not None
    assert number.value == "9990000018"
    assert read(body).events[0].identity.nhs_number is None


def test_a_wrong_nhs_number_is_kept_and_marked() -> None:
    """It does not refuse the event and is never matched on."""
    number = read(siu("S12").replace(b"9990000018", b"9990000019")).events[0].identity.nhs_number
    assert number is not None
    assert number.assurance is Assurance.SUSPECT


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("20160412", dt.date(2016, 4, 12)),
        ("201604121515", dt.date(2016, 4, 12)),
        ("20160412000000+0215", dt.date(2016, 4, 12)),
        ("20160411230000+0000", dt.date(2016, 4, 12)),
        ("2016-04-12", dt.date(2016, 4, 12)),
        ("2016-04-12T00:00:00+01:00", dt.date(2016, 4, 12)),
        ("20160411233000+0000", None),
        ("201604", None),
        ("00000000", None),
        ("12/04/2016", None),
        ("20160230", None),
    ],
)
def test_a_birth_date_is_never_guessed(written: str, day: dt.date | None) -> None:
    """A day as written, or London's midnight stored in UTC; anything else is left out and told."""
    translation = read(siu("S12").replace(b"20160412", written.encode()))
    assert translation.events[0].identity.birth_date == day
    assert (Refusal(Fault.BAD_VALUE, "PID-7") in translation.refused) is (day is None)


@pytest.mark.parametrize(
    ("claim", "encoding"),
    [("8859/1", "latin-1"), ("8859/1", "cp1252"), ("UNICODE UTF-8", "utf-8"), ("", "utf-8")],
)
def test_bytes_are_read_in_the_character_set_they_claim(claim: str, encoding: str) -> None:
    """MSH-18 decides; without it UTF-8."""
    text = siu("S12").decode().replace("UNICODE UTF-8", claim).replace("Okafor", "Zoë")
    assert read(text.encode(encoding)).events[0].identity.family_name == "Zoë"


def test_bytes_beyond_ascii_under_an_ascii_claim_are_refused() -> None:
    """The place of the fault is the claim."""
    text = siu("S12").decode().replace("UNICODE UTF-8", "ASCII").replace("Okafor", "Zoë")
    assert read(text.encode()).refused == (Refusal(Fault.WRONG_ENCODING, "MSH-18"),)


def test_escape_sequences_are_undone_and_unknown_ones_kept() -> None:
    r"""\T\, \S\, \F\, \R\, \E\, \Xdd\ and \.br\ are text; what is not known stays as it stands."""
    written = rb"A\T\B\S\C\F\D\R\E\E\F\X4142\G\.br\H\Zq\ "
    child = read(siu("S12").replace(b"Okafor", written)).events[0].identity
    assert child.family_name == "A&B^C|D~E\\FABG H\\Zq\\"


def test_a_line_feed_inside_a_segment_is_text() -> None:
    """Where segments end with CR, LF does not begin a new one."""
    body = siu("S12").replace(b"Okafor^Ada", b"Oka\nPID|2||9990000026^^^NHS^NH\nfor^Ada")
    assert read(body).events[0].identity.nhs_number.value == "9990000018"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("replaced", "written", "mark"),
    [
        ("GMP\r", "GMP||||||||Y\r", WhereaboutsFlag.RESTRICTED),
        ("GMP\r", "GMP||||||||N\r", WhereaboutsFlag.UNRESTRICTED),
        ("PV1|1|O\r", "PV1|1|O||||||||||||||V\r", WhereaboutsFlag.VERY_RESTRICTED),
        ("PV1|1|O\r", "PV1|1|O||||||||||||||VIP\r", None),
        ("ZU1|", "ARV|1|A|LOC|PHY\rZU1|", WhereaboutsFlag.RESTRICTED),
    ],
)
def test_a_restricted_address_is_marked(
    replaced: str, written: str, mark: WhereaboutsFlag | None
) -> None:
    """PD1-12, PV1-16 or ARV may say so, and it survives being written."""
    event = read(siu("S12").decode().replace(replaced, written, 1).encode()).events[0]
    contact = event.section(Contact)
    assert contact is not None
    assert contact.confidentiality is mark
    again = read(ADAPTER.format.write(full_view(event), TRUST).body).events[0]
    assert again.sections == event.sections


def test_times_are_londons_unless_they_say_otherwise() -> None:
    """Summer and winter, offsets, fractions, hours that do not exist."""
    expected = {
        "20260907093000": "2026-09-07T08:30:00+00:00",
        "202601070930": "2026-01-07T09:30:00+00:00",
        "20260907093000.1234+0200": "2026-09-07T07:30:00.123400+00:00",
        "2026-09-07T09:30:00Z": "2026-09-07T09:30:00+00:00",
        "20260329013000": "2026-03-29T01:30:00+00:00",
    }
    for written, moment in expected.items():
        stamp = read_stamp(written)
        assert stamp is not None
        assert stamp.moment == dt.datetime.fromisoformat(moment), written
    for written in ("", "2026", "202613010000", "20260907250000", "20260907+9999", "٢٠٢٦٠٩٠٧"):
        assert read_stamp(written) is None, written


def written(view: View, **settings: str) -> str:
    """Write a view for a trust."""
    return ADAPTER.format.write(view, AgencySystem("leeds-trust", settings)).body.decode()


def second_opinion(text: str) -> None:
    """Let another library check structure, fields and data types."""
    parsed = parse_elsewhere(text, validation_level=VALIDATION_LEVEL.TOLERANT, find_groups=True)
    parsed.validate()


STANDARD = (
    "SIU S12",
    "SIU S15",
    "SIU S26",
    "ADT A04",
    "REF I12",
    "REF I14",
    "MDM T02",
    "MDM T11",
    "ADT A03",
    "ADT A13",
    "ADT A31 with diagnosis",
)


@pytest.mark.parametrize("label", STANDARD)
@pytest.mark.parametrize("version", ["2.4", "2.5", "2.5.1"])
def test_another_library_finds_what_is_written_valid(label: str, version: str) -> None:
    """Structure, required fields and types, where the view needs nothing beyond the standard."""
    event = read(GOOD[label]).events[0]
    plain = {c: s for c, s in event.sections.items() if c in {Category.IDENTITY, Category.HEALTH}}
    text = written(dataclasses.replace(full_view(event), sections=plain), version=version)
    if version == "2.4":
        text = text.replace(14 * "|" + "D9\r", "\r")  # DG1-20 is v2.5's
    second_opinion(text)


def test_the_header_follows_the_settings() -> None:
    """Who sends, who receives, version and processing id; the delivery id is shortened."""
    view = full_view(read(GOOD["SIU S12"]).events[0])
    plain = written(view).split("\r")[0].split("|")
    assert plain[2:6] == ["INTERAGENCY-HUB", "st-anne-trust", "", "leeds-trust"]
    assert plain[6:12] == [
        "20260907093000+0100",
        "",
        "SIU^S12^SIU_S12",
        view.delivery_id.replace("-", "")[:20],
        "P",
        "2.4",
    ]
    settings = {
        "sending-application": "A|B",
        "sending-facility": "F",
        "receiving-application": "RA",
        "receiving-facility": "RF",
        "version": "2.3",
        "processing": "T",
    }
    own = written(view, **settings).split("\r")[0].split("|")
    assert own[2:6] == ["A\\F\\B", "F", "RA", "RF"]
    assert own[8:12] == ["SIU^S12", plain[9], "T", "2.3"]
    with pytest.raises(ConfigurationError):
        written(view, version="9")


def support(**changes: object) -> View:
    """Make a view of special educational needs as a trust might get it."""
    needs = (SenNeed(type=SenNeedType.SLCN, rank=1, start_date=dt.date(2024, 9, 1)),)
    own = SenSupport(provision=SenProvision.SEN_SUPPORT, needs=needs, local_needs=("A|B^C\nD",))
    child = Identity(upn=upn("H801200001001"), family_name="Okafor")
    view = View(
        delivery_id="0b1c2d3e-aaaa-4bbb-8ccc-1234567890ab",
        kind=EVENT_TYPES["education.sen-support-recorded.v1"],
        source="hilltop-school",
        child="c-17",
        time=WHEN,
        sections={Category.IDENTITY: child, Category.SEN: own},
    )
    return dataclasses.replace(view, **changes)  # type: ignore[arg-type]


def test_other_sectors_events_arrive_as_a_letter() -> None:
    """A school's record becomes lines any hospital system can file, beside the UPN."""
    text = written(support(existence=(Category.CARE,)))
    second_opinion(text)
    assert "PID|1||H801200001001^^^DFE^UPN||Okafor" in text
    assert "TXA|1|education.sen-support-recorded|TX|" in text
    told = [line.split("|")[5] for line in text.split("\r") if line.startswith("OBX")]
    assert told == [
        "A school has recorded special educational needs.",
        "From: hilltop-school",
        "Provision: SEN support",
        "Needs: speech, language and communication needs (primary) since 1 September 2024",
        "Local needs: A\\F\\B\\S\\C\\.br\\D",
        "A record exists, its content is not shared: care",
    ]


def test_every_type_but_consent_is_written_in_some_form() -> None:
    """A worker's name too; what people said about sharing is not for a hospital system."""
    own = WorkerAllocated(worker_role="Social worker", worker_name="Sam Hill")
    kind = EVENT_TYPES["care.worker-allocated.v1"]
    sections = {Category.IDENTITY: Identity(family_name="Okafor"), Category.CARE: own}
    text = written(support(kind=kind, sections=sections, status=RecordStatus.CORRECTED))
    assert "Worker name: Sam Hill" in text
    assert "This corrects an earlier notification" in text
    assert {k.partition(".")[0] for k in set(EVENT_TYPES) - ADAPTER.format.writes} == {"consent"}
    with pytest.raises(CannotExpress):
        written(support(kind=EVENT_TYPES["consent.directive-withdrawn.v1"]))


def test_the_hubs_name_for_a_child_stands_in_only_where_no_number_may_be_told() -> None:
    """And an answer that repeats it is understood."""
    event = read(GOOD["SIU S12"]).events[0]
    nameless = dataclasses.replace(
        full_view(event, child="c-17"), sections={Category.HEALTH: event.sections[Category.HEALTH]}
    )
    text = written(nameless)
    assert "PID|1||c-17^^^INTERAGENCY-HUB^PI\r" in text
    own = read(text.encode()).events[0].identity.local_id
    assert own is not None
    assert (own.value, own.issuer) == ("c-17", "INTERAGENCY-HUB")
    assert "INTERAGENCY-HUB^PI" not in written(full_view(event))


@pytest.mark.parametrize("label", ["SIU S12", "REF I12", "MDM T02", "ADT A03", "ADT A13"])
def test_a_view_without_the_record_cannot_be_said(label: str) -> None:
    """No message is made up where the view tells nothing but whom it is about."""
    event = read(GOOD[label]).events[0]
    bare = dataclasses.replace(
        full_view(event), sections={Category.IDENTITY: event.identity}, record=None
    )
    with pytest.raises(CannotExpress):
        written(bare)
    with pytest.raises(CannotExpress):
        written(support(sections={Category.IDENTITY: event.identity}))


def test_no_value_can_break_out_of_its_field() -> None:
    """Delimiters, line breaks and control characters in a name or a reason stay text."""
    event = read(GOOD["REF I12"]).events[0]
    evil = "x|y^z&a~b\\c\rPID|2\x0b\x1c\x00d"
    child = event.identity.model_copy(update={"family_name": evil})
    reason = Referral(referral_id="1", status=ReferralStatus.ACTIVE, reason=evil)
    sections = {**event.sections, Category.IDENTITY: child, Category.HEALTH: reason}
    text = written(dataclasses.replace(full_view(event), sections=sections))
    assert text.count("\rPID|") == 1
    assert not {"\x0b", "\x1c", "\x00"} & set(text)
    again = read(text.encode()).events[0]
    assert again.identity.family_name == "x|y^z&a~b\\cPID|2d"
