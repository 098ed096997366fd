"""The FHIR R4 adapter: what UK Core, BaRS, PDS and e-RS documents become, and what it writes."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import ClassVar

import pytest

from adapters.contract import Adapter, AgencySystem, Refusal
from adapters.fhir.codes import (
    ADVICE,
    APPOINTMENT,
    DIAGNOSIS,
    DISCHARGE,
    REFERRAL,
    REPORT,
    WAITING,
)
from adapters.health_fhir import ADAPTER
from schemas.errors import Fault
from schemas.event import RecordStatus
from schemas.events.ehc import AdviceKind, AdviceProvided, PlanHealth
from schemas.events.health import (
    Appointment,
    AppointmentStatus,
    Discharge,
    Referral,
    ReferralStatus,
    ReportAvailable,
    WaitingStatus,
)
from schemas.identifiers import Assurance, nhs_number
from schemas.people import Contact, Family, Identity, WhereaboutsFlag
from tests.adapters.contract import FormatContract
from tests.adapters.fhir_samples import (
    ANSWER,
    BAD,
    BOOKED,
    CONDITION,
    EPISODE,
    GOOD,
    GP,
    HEADER,
    LETTER,
    NHS,
    OBSERVATION,
    REFERRED,
    RESULT,
    SPEAKER,
    STAY,
    SUBJECT,
    SUMMARY,
    Body,
    bundle,
    changed,
    coded,
    faults,
    only,
    patient,
    read,
    relative,
    told,
    uid,
)


class TestHealthFhir(FormatContract):
    """The shared promises of a format, kept by health-fhir."""

    adapter: ClassVar[Adapter] = ADAPTER
    speaker: ClassVar[AgencySystem] = SPEAKER
    lossless: ClassVar[frozenset[str]] = ADAPTER.format.reads
    good: ClassVar[Mapping[str, bytes]] = GOOD
    bad: ClassVar[Mapping[str, tuple[bytes, Fault]]] = BAD


def test_a_referral_carries_service_reason_and_both_ends() -> None:
    """A ServiceRequest becomes a referral with its day in London and the practice it came from."""
    event = told(REFERRED, GP)
    referral = event.section(Referral)
    assert event.kind.key == REFERRAL
    assert referral is not None
    assert referral.referral_id == event.record == "000000070001"
    assert referral.status is ReferralStatus.ACTIVE
    assert referral.referred_on == dt.date(2026, 8, 31)
    assert referral.service is not None
    assert referral.service.code == "310104001"
    assert referral.priority == "urgent"
    assert referral.referred_by is not None
    assert (referral.referred_by.ods, referral.referred_by.name) == ("Y99999", "Sample Surgery")
    assert event.time == dt.datetime(2026, 9, 1, 9, tzinfo=dt.UTC)


def test_the_child_is_read_whole_and_without_narrative() -> None:
    """Identity, contact and family come from Patient and RelatedPerson; narrative never does."""
    event = told(REFERRED, GP, relative())
    identity, contact, family = (event.section(m) for m in (Identity, Contact, Family))
    assert isinstance(identity, Identity)
    assert identity.nhs_number is not None
    assert identity.nhs_number.assurance is Assurance.VERIFIED
    assert identity.local_id is not None
    assert (identity.local_id.value, identity.local_id.issuer) == ("MRN0042", "RA1")
    assert (identity.given_name, identity.middle_names) == ("Adaeze", "Ruth")
    assert identity.preferred_given_name == "Ada"
    assert isinstance(contact, Contact)
    assert contact.gp_practice == "Y99999"
    assert contact.confidentiality is WhereaboutsFlag.UNRESTRICTED
    assert isinstance(family, Family)
    assert family.people[0].relationship == "mother"
    assert family.people[0].parental_responsibility is None
    assert family.contact_points[0].telephones[0].number == "07700 900001"
    assert b"CANARY" not in event.to_json()


def test_parental_responsibility_is_read_only_from_its_own_extension() -> None:
    """The hub's own extension says who has parental responsibility; nothing else does."""
    says = {"url": "urn:interagency-hub:parental-responsibility", "valueBoolean": True}
    family = told(REFERRED, GP, relative(extension=[says])).section(Family)
    assert family is not None
    assert family.people[0].parental_responsibility is True


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("R", WhereaboutsFlag.RESTRICTED),
        ("V", WhereaboutsFlag.VERY_RESTRICTED),
        ("REDACTED", WhereaboutsFlag.RESTRICTED),
    ],
)
def test_a_spine_label_guards_the_whereabouts(label: str, expected: WhereaboutsFlag) -> None:
    """The labels R and V on a Patient become the child's confidentiality."""
    body = bundle(patient(meta={"security": [{"code": label}]}), BOOKED)
    contact = only(body).section(Contact)
    assert contact is not None
    assert contact.confidentiality is expected


def test_a_label_on_the_whole_bundle_guards_the_child_too() -> None:
    """A restricted Bundle cannot lower what it says by an unlabelled Patient."""
    body = bundle(patient(), BOOKED, meta={"security": [{"code": "V"}]})
    contact = only(body).section(Contact)
    assert contact is not None
    assert contact.confidentiality is WhereaboutsFlag.VERY_RESTRICTED


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("pending", AppointmentStatus.BOOKED),
        ("arrived", AppointmentStatus.ATTENDED),
        ("checked-in", AppointmentStatus.ATTENDED),
        ("fulfilled", AppointmentStatus.ATTENDED),
        ("noshow", AppointmentStatus.MISSED),
        ("cancelled", AppointmentStatus.CANCELLED),
    ],
)
def test_each_appointment_status_has_its_meaning(status: str, expected: AppointmentStatus) -> None:
    """The FHIR statuses of an appointment map onto booked, attended, missed and cancelled."""
    section = told(changed(BOOKED, status=status)).section(Appointment)
    assert section is not None
    assert section.status is expected


def test_what_nobody_has_agreed_to_is_not_an_appointment() -> None:
    """A proposed appointment is refused as unsupported, not told as booked."""
    body = bundle(patient(), changed(BOOKED, status="proposed"))
    assert faults(body) == [(Fault.UNSUPPORTED, "Bundle.entry[1]/status")]


def test_a_waiting_list_says_since_when() -> None:
    """An episode on a waiting list tells the service, the referral and the first day of waiting."""
    section = told(EPISODE).section(WaitingStatus)
    assert section is not None
    assert section.waiting_since == dt.date(2026, 3, 2)
    assert (section.status, section.referral_id) == ("waiting", "000000070001")
    waiting = told(changed(BOOKED, status="waitlist"))
    assert waiting.kind.key == WAITING


def test_the_end_of_one_visit_is_not_a_discharge() -> None:
    """A finished outpatient visit tells of its appointment, or is refused."""
    visit = changed(STAY, hospitalization=None)
    visit["class"] = {"code": "AMB"}
    assert faults(bundle(patient(), visit)) == [(Fault.UNSUPPORTED, "Bundle.entry[1]/class")]
    event = told(changed(visit, appointment=[{"identifier": {"value": "A-77"}}]))
    assert (event.kind.key, event.record) == (APPOINTMENT, "A-77")


def test_a_stay_ends_in_a_discharge() -> None:
    """A finished inpatient encounter is a discharge with its days and outcome."""
    event = told(STAY)
    section = event.section(Discharge)
    assert event.kind.key == DISCHARGE
    assert section is not None
    assert section.discharged_on == dt.date(2026, 8, 4)
    assert section.outcome == "Home with therapy plan"


def test_an_unfinished_encounter_is_not_translated() -> None:
    """An encounter under way is refused as unsupported at its status."""
    body = bundle(patient(), changed(STAY, status="in-progress"))
    assert faults(body) == [(Fault.UNSUPPORTED, "Bundle.entry[1]/status")]


@pytest.mark.parametrize("code", ["entered-in-error", "refuted"])
def test_a_diagnosis_ruled_out_or_in_error_is_taken_back(code: str) -> None:
    """A condition refuted or entered in error is a retraction with its record."""
    system = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    event = told(changed(CONDITION, verificationStatus=coded(code, code, system)))
    assert event.kind.key == DIAGNOSIS
    assert event.status is RecordStatus.RETRACTED
    assert event.record == "C-1"


@pytest.mark.parametrize("resource", [REFERRED, BOOKED, STAY, EPISODE, LETTER, RESULT, ANSWER])
def test_entered_in_error_takes_the_record_back(resource: Body) -> None:
    """Any resource entered in error is a retraction that names the record."""
    wrong = changed(resource, status="entered-in-error", requester=None, result=None)
    event = told(wrong)
    assert event.status is RecordStatus.RETRACTED
    assert event.record


def test_a_report_is_pointed_at_and_its_parts_are_not_refused() -> None:
    """A report tells where it is; the observations it is made of stay with the source."""
    section = told(RESULT, OBSERVATION).section(ReportAvailable)
    assert section is not None
    assert section.report_id == "R-8"
    letter = told(LETTER).section(ReportAvailable)
    assert letter is not None
    assert letter.document is not None
    assert letter.document.id == "https://docs.trust-a.example/D-3"
    assert told(SUMMARY).kind.key == REPORT


def test_bytes_inside_an_attachment_do_not_travel() -> None:
    """An inline document is pointed at by its record; its bytes are left behind."""
    inline = changed(LETTER, content=[{"attachment": {"data": "Q0FOQVJZ", "title": "Letter"}}])
    event = told(inline)
    section = event.section(ReportAvailable)
    assert section is not None
    assert section.document is not None
    assert section.document.id == "D-3"
    assert b"Q0FOQVJZ" not in event.to_json()


def test_an_observation_of_no_report_is_refused() -> None:
    """Clinical content the hub does not carry is refused at its entry, not dropped."""
    body = bundle(patient(), BOOKED, OBSERVATION)
    assert faults(body) == [(Fault.UNSUPPORTED, "Bundle.entry[2]")]
    assert len(read(body).events) == 1


def test_a_trust_answers_the_council() -> None:
    """A Communication of the advice event type is advice, with a pointer and its health text."""
    event = told(ANSWER)
    advice, plan = event.section(AdviceProvided), event.section(PlanHealth)
    assert advice is not None
    assert (advice.provided_on, advice.kind) == (dt.date(2026, 9, 1), AdviceKind.HEALTH)
    assert advice.document is not None
    assert advice.document.id == "https://docs.trust-a.example/advice"
    assert plan is not None
    assert plan.health_needs == "Needs a structured language programme."
    assert advice.summary is None


@pytest.mark.parametrize("resource", [LETTER, SUMMARY])
def test_advice_may_come_as_a_document(resource: Body) -> None:
    """A DocumentReference or Composition of the advice event type is advice too."""
    kind = coded(ADVICE, "Advice", "urn:interagency-hub:event-type")
    event = told(changed(resource, type=kind))
    assert event.kind.key == ADVICE
    advice = event.section(AdviceProvided)
    assert advice is not None
    assert advice.document is not None


def test_two_children_in_one_bundle_stay_apart() -> None:
    """Each resource goes with its own subject, whatever the order of the entries."""
    second = changed(BOOKED, participant=[{"actor": {"reference": uid(2)}, "status": "accepted"}])
    translation = read(bundle(patient(), patient("9990000026"), second, CONDITION))
    numbers = {e.kind.key: e.identity.nhs_number for e in translation.events}
    assert not translation.refused
    assert numbers == {
        APPOINTMENT: nhs_number("9990000026", verified=True),
        DIAGNOSIS: nhs_number("9990000018", verified=True),
    }


def test_a_group_appointment_tells_each_child_alone() -> None:
    """An appointment of two patients is two events, each about one of them."""
    both = changed(
        BOOKED,
        participant=[{"actor": {"reference": uid(n)}, "status": "accepted"} for n in (1, 2)],
    )
    translation = read(bundle(patient(), patient("9990000026"), both))
    numbers = [n.value for e in translation.events if (n := e.identity.nhs_number)]
    assert numbers == ["9990000018", "9990000026"]
    assert len({e.id for e in translation.events}) == 2


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": uid(99)},
        {"display": "Adaeze Okafor"},
        {"reference": "Patient/unknown"},
        {"identifier": {"system": NHS, "value": "9990000019"}},
    ],
)
def test_a_record_of_nobody_known_is_refused_at_its_entry(subject: Body) -> None:
    """A resource whose patient is not to be found is refused, though another patient is here."""
    body = bundle(patient(), changed(CONDITION, subject=subject))
    assert faults(body) == [(Fault.NO_CHILD, "Bundle.entry[1]")]


def test_a_reference_that_contradicts_itself_is_refused() -> None:
    """A reference to one child that bears another's NHS number is refused, never chosen from."""
    subject = {**SUBJECT, "identifier": {"system": NHS, "value": "9990000026"}}
    body = bundle(patient(), changed(CONDITION, subject=subject))
    assert faults(body) == [(Fault.BAD_VALUE, "Bundle.entry[1]/subject")]


def test_one_address_for_two_patients_names_neither() -> None:
    """Where two entries could be meant, the reference is left unresolved."""
    whole = json.loads(bundle(patient(), patient("9990000026"), CONDITION))
    whole["entry"][1]["fullUrl"] = uid(1)
    assert faults(json.dumps(whole).encode()) == [(Fault.NO_CHILD, "Bundle.entry[2]")]


def test_a_relative_reference_keeps_to_its_own_server() -> None:
    """Patient/p1 means the patient of the same base URL where two servers have one."""
    entries = [
        {"fullUrl": "https://a.example/Patient/p1", "resource": patient(id="p1")},
        {"fullUrl": "https://b.example/Patient/p1", "resource": patient("9990000026", id="p1")},
        {
            "fullUrl": "https://b.example/Condition/c1",
            "resource": changed(CONDITION, subject={"reference": "Patient/p1"}),
        },
    ]
    body = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()
    number = only(body).identity.nhs_number
    assert number is not None
    assert number.value == "9990000026"


def test_one_bad_entry_does_not_refuse_the_others() -> None:
    """A malformed resource is refused at its entry and the rest is translated."""
    body = bundle(patient(), changed(BOOKED, start="yesterday"), CONDITION)
    translation = read(body)
    assert [e.kind.key for e in translation.events] == [DIAGNOSIS]
    assert translation.refused == (Refusal(Fault.BAD_VALUE, "Bundle.entry[1]/start"),)


@pytest.mark.parametrize("born", ["9999-12-31", "2031-01-01"])
def test_a_birth_date_in_the_future_is_refused(born: str) -> None:
    """An impossible birth date is refused on the Patient, and its records have no child."""
    assert faults(bundle(patient(birthDate=born), BOOKED)) == [
        (Fault.BAD_VALUE, "Bundle.entry[0]/birthDate"),
        (Fault.NO_CHILD, "Bundle.entry[1]"),
    ]


@pytest.mark.parametrize("born", ["2016", "2016-05"])
def test_a_partial_birth_date_is_left_out(born: str) -> None:
    """A year or a month of birth is not made into a day."""
    assert only(bundle(patient(birthDate=born), BOOKED)).identity.birth_date is None


def test_a_moment_without_offset_is_londons() -> None:
    """A start without an offset, as real systems write it, is London's summer time."""
    section = told(changed(BOOKED, start="2026-10-12T09:30", end=None)).section(Appointment)
    assert section is not None
    assert section.start == dt.datetime(2026, 10, 12, 8, 30, tzinfo=dt.UTC)


def test_a_history_is_told_oldest_first_and_a_deletion_takes_back() -> None:
    """Versions of one record come in order, and what was deleted is a retraction."""
    versions = [
        changed(CONDITION, id="c", meta={"lastUpdated": f"2026-08-0{n}T09:00:00Z"}) for n in (3, 2)
    ]
    whole = json.loads(bundle(patient(), *versions, kind="history"))
    whole["entry"][1]["request"] = {"method": "DELETE", "url": "Condition/c"}
    events = read(json.dumps(whole).encode()).events
    assert [e.status for e in events] == [RecordStatus.RECORDED, RecordStatus.RETRACTED]
    assert events[0].time < events[1].time


def test_a_message_that_updates_is_a_correction() -> None:
    """The reason of a message header says that its focus is corrected."""
    body = bundle(patient(), BOOKED, HEADER, kind="message")
    assert only(body).status is RecordStatus.CORRECTED


@pytest.mark.parametrize(
    "resource",
    [
        changed(STAY, reason=[{"text": "x"}]),
        changed(CONDITION, clinicalStatus="active"),
        changed(
            CONDITION, meta={"profile": ["https://fhir.hl7.org.uk/STU3/StructureDefinition/X"]}
        ),
        changed(STAY, type=[coded("x", "x", "http://hl7.org/fhir/v3/ActCode")]),
    ],
)
def test_stu3_is_refused_as_unsupported(resource: Body) -> None:
    """A resource of an older FHIR, by its profile or its own elements, refuses its document."""
    assert faults(bundle(patient(), resource)) == [(Fault.UNSUPPORTED, "Bundle.entry[1]")]


def test_an_identifier_without_a_value_is_no_identifier() -> None:
    """A record identifier that is empty leaves the record to the next id, and nothing breaks."""
    empty = {"system": "urn:interagency-hub:record"}
    event = told(changed(CONDITION, identifier=[empty, {"value": "C-1"}]))
    assert event.record == "C-1"
