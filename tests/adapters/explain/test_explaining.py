"""What became of each element of a document, for every family of formats."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from adapters import care_cin, care_extract, education_ctf, health_fhir, health_hl7v2
from adapters.contract import Adapter, AgencySystem, Document, Translation
from adapters.explain.explaining import EVENT, Explanation, Status, explain
from schemas.errors import Fault, InputRefused
from schemas.event import View, make_event
from schemas.events.care import CaseOpened
from schemas.identifiers import Identifier
from schemas.people import Identity
from tests.adapters.test_care_cin import FULL, census
from tests.adapters.test_care_extract import OPENED, flat_json, sheet
from tests.documents import common_transfer_file, hl7_appointment
from tests.events import Child

WHEN = dt.datetime(2026, 9, 1, 12, tzinfo=dt.UTC)
FHIR = Path(__file__).parents[1] / "samples" / "fhir"
BOOKING = (FHIR / "bars-booking-request.json").read_bytes()
CENSUS = (care_cin.ADAPTER, census(FULL), {"census_year": "2023"})
SCHOOL = (education_ctf.ADAPTER, common_transfer_file(Child(1), Child(2)), {})
CLINIC = (health_hl7v2.ADAPTER, hl7_appointment(Child(3)), {})
TRUST = (health_fhir.ADAPTER, BOOKING, {})
TABLE = (care_extract.ADAPTER, sheet({**OPENED, "x_note": "hello"}), {"la": "201"})
OBJECTS = (care_extract.ADAPTER, flat_json(OPENED), {"la": "201"})
FAMILIES = {
    "ctf": SCHOOL,
    "cin": CENSUS,
    "hl7v2": CLINIC,
    "fhir": TRUST,
    "csv": TABLE,
    "json": OBJECTS,
}


def explained(
    case: tuple[Adapter, bytes, dict[str, str]], most: int = 600, limit: int = 1_048_576
) -> Explanation:
    """Explain a document."""
    adapter, body, settings = case
    system = adapter.system("sample-agency", settings)
    return explain(adapter, Document(body, WHEN), system, limit, most)


def outcomes(explanation: Explanation) -> dict[str, tuple[Status, tuple[str, ...]]]:
    """Status and fields by path."""
    return {one.path: (one.status, one.fields) for one in explanation.elements}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_element_is_listed_once_and_left_out_only_for_a_reason(family: str) -> None:
    explanation = explained(FAMILIES[family])
    paths = [one.path for one in explanation.elements]
    assert len(paths) == len(set(paths)) == sum(explanation.counts().values())
    for one in explanation.elements:
        assert bool(one.fields) == (one.status is Status.MAPPED)
        assert bool(one.reason) == (one.status in (Status.IGNORED, Status.REFUSED))


@pytest.mark.parametrize(
    ("family", "path", "field"),
    [
        ("ctf", "CTfile/CTFpupilData/Pupil[2]/UPN", "identity.upn"),
        ("ctf", "CTfile/Header/SourceSchool/SchoolName", "education.school.name"),
        ("ctf", "CTfile/Header/DateTime", "time"),
        (
            "cin",
            "Message/Children/Child/CINdetails/ChildProtectionPlans/InitialCategoryOfAbuse",
            "safeguarding.initial_category",
        ),
        ("hl7v2", "PID-5.1", "identity.family_name"),
        ("hl7v2", "AIS-3.2", "health.service.display"),
        ("fhir", "Bundle.entry[1].resource.start", "health.start"),
        ("fhir", "Bundle.entry[2].resource.address[0].postalCode", "contact.address.postcode"),
        ("csv", "row 2/referral_date", "care.referral_date"),
        ("json", "[0].referral_date", "care.referral_date"),
    ],
)
def test_an_element_is_mapped_to_the_field_it_became(family: str, path: str, field: str) -> None:
    status, fields = outcomes(explained(FAMILIES[family]))[path]
    assert status is Status.MAPPED
    assert field in fields


@pytest.mark.parametrize(
    ("family", "path"),
    [
        ("ctf", "CTfile/Header/CTFversion"),
        ("cin", "Message/Children/Child/CINdetails/Section47/S47ActualStartDate"),
        ("hl7v2", "MSH-10"),
        ("fhir", "Bundle.meta.versionId"),
        ("csv", "row 2/x_note"),
    ],
)
def test_what_an_adapter_ignores_has_its_stated_reason(family: str, path: str) -> None:
    adapter = FAMILIES[family][0]
    found = next(one for one in explained(FAMILIES[family]).elements if one.path == path)
    assert found.status is Status.IGNORED
    assert found.reason in adapter.ignored.values()


def test_what_nothing_reads_and_nothing_states_is_unknown() -> None:
    status, _ = outcomes(explained(TRUST))["Bundle.entry[2].resource.name[0].prefix[0]"]
    assert status is Status.UNKNOWN


def test_what_decides_whether_there_is_an_event_is_mapped_to_the_event() -> None:
    found = outcomes(explained(CLINIC))
    assert found["MSH-9.1"] == (Status.MAPPED, (EVENT,))


def test_a_required_element_that_is_not_read_says_so() -> None:
    found = next(
        one
        for one in explained(TRUST).elements
        if one.path == "Bundle.entry[1].resource.participant[0].status"
    )
    assert found.status is Status.IGNORED
    assert "requires" in found.reason


@pytest.mark.parametrize("most", [600, 3])
def test_the_elements_of_a_refused_record_are_refused_and_the_others_are_not(most: int) -> None:
    wrong = {**OPENED, "case_id": "C2", "referral_date": "yesterday"}
    case = (care_extract.ADAPTER, sheet(OPENED, wrong), {"la": "201"})
    explanation = explained(case, most)
    assert explanation.one_by_one is (most > 3)
    assert explanation.refused == (Fault.BAD_VALUE.value,)
    by_row = {row: set[Status]() for row in ("row 2", "row 3")}
    for one in explanation.elements:
        by_row[one.path.partition("/")[0]].add(one.status)
    assert by_row == {"row 2": {Status.MAPPED}, "row 3": {Status.REFUSED}}


def test_a_single_refused_element_is_refused_by_itself() -> None:
    year = (
        b"<Attendance><YearData><Year>2025</Year><SessionsPossible>100</SessionsPossible>"
        b"<SessionsAttended>many</SessionsAttended></YearData></Attendance></Pupil>"
    )
    body = common_transfer_file(Child(1)).replace(b"</Pupil>", year)
    found = outcomes(explained((education_ctf.ADAPTER, body, {})))
    pupil = "CTfile/CTFpupilData/Pupil"
    assert found[f"{pupil}/Attendance/YearData/SessionsAttended"][0] is Status.REFUSED
    assert found[f"{pupil}/UPN"][0] is Status.MAPPED


def test_nothing_translates_where_the_whole_document_is_refused() -> None:
    body = (FHIR / "bars-operation-outcome.json").read_bytes()
    explanation = explained((health_fhir.ADAPTER, body, {}))
    assert {one.status for one in explanation.elements} == {Status.REFUSED}


def test_many_elements_are_explained_by_path() -> None:
    one_by_one, by_path = explained(SCHOOL), explained(SCHOOL, 5)
    assert not by_path.one_by_one
    assert [one.path for one in by_path.elements] == [one.path for one in one_by_one.elements]
    assert by_path.counts() == one_by_one.counts()


@pytest.mark.parametrize("body", [b"", b" \n", b"<open", b"[1, 2"])
def test_what_cannot_be_parsed_is_refused(body: bytes) -> None:
    with pytest.raises(InputRefused):
        explained((education_ctf.ADAPTER, body, {}))


def test_a_document_over_the_limit_is_refused() -> None:
    with pytest.raises(InputRefused) as refused:
        explained(SCHOOL, limit=100)
    assert refused.value.fault is Fault.TOO_LARGE


def test_no_value_of_the_document_is_in_the_result() -> None:
    child = Child(1)
    text = repr(explained((education_ctf.ADAPTER, common_transfer_file(child), {})))
    for value in (child.upn, child.family_name, child.given_name, str(child.birth_date)):
        assert value not in text


class Pipes:
    """A format written elsewhere: each line is a child."""

    reads = frozenset({"care.case-opened.v1"})
    writes: frozenset[str] = frozenset()

    def read(self, document: Document, speaker: AgencySystem) -> Translation:
        """Read a surname and a day of birth from each line."""
        events = []
        for number, line in enumerate(document.body.decode().splitlines()):
            name, _, born = line.removeprefix("* ").partition(" born ")
            who = Identity(
                family_name=name,
                birth_date=dt.date.fromisoformat(born),
                nhs_number=Identifier(value="9990548609"),
            )
            section = CaseOpened(case_id="C1", referral_date=dt.date(2026, 1, 1))
            events.append(
                make_event(
                    "care.case-opened.v1",
                    speaker.agency,
                    WHEN,
                    [who, section],
                    seed=str(number),
                )
            )
        return Translation(tuple(events))

    def write(self, view: View, speaker: AgencySystem) -> Document:
        """Never."""
        raise NotImplementedError


def test_a_format_written_elsewhere_is_explained_without_a_line_of_its_own() -> None:
    adapter = Adapter("pipes", "Pipes", Pipes(), ("folder",))
    body = b"* Ash born 2016-02-03\n* Bell born 2017-03-04\n"
    found = outcomes(explained((adapter, body, {})))
    assert set(found) == {"line 1", "line 2"}
    assert all("identity.birth_date" in fields for _, fields in found.values())


def test_json_by_lines_is_read_line_by_line() -> None:
    lines = b"\n".join(json.dumps({**OPENED, "case_id": n}).encode() for n in ("C1", "C2"))
    found = outcomes(explained((care_extract.ADAPTER, lines, {"la": "201"})))
    assert found["line 2.case_id"][0] is Status.MAPPED
