"""The shared FHIR kernel: elements, dates, references, parsing and building."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from dataclasses import dataclass

import pytest

from schemas.errors import Fault, InputRefused
from schemas.fhir.building import coded_concept, collection, pruned, resource_id
from schemas.fhir.moments import completed, day, end_of, in_use, last_before, moment, start_of
from schemas.fhir.reading import codes, concept_coding, concept_text, identifiers, string
from schemas.fhir.references import resolve
from schemas.fhir.resources import as_bytes, is_valid, parse_json
from schemas.fhir.systems import SNOMED
from schemas.fhir.tracking import TrackedElement
from schemas.people import Coding

AT = dt.datetime(2026, 9, 7, 12, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Entry:
    """An entry of a Bundle, as far as references go."""

    kind: str
    id: str | None
    url: str | None = None


def test_a_concept_reads_as_its_snomed_code_and_as_its_text() -> None:
    concept = {
        "coding": [{"system": "urn:x", "code": "1"}, {"system": SNOMED, "code": "2"}],
        "text": " Autism ",
    }
    assert concept_coding(concept) == Coding(code="2", display="Autism", system=SNOMED)
    assert concept_text(concept) == "Autism"
    assert list(codes({"code": concept}, "code")) == [("urn:x", "1"), (SNOMED, "2")]


def test_a_code_too_long_to_hold_is_refused_by_place() -> None:
    with pytest.raises(InputRefused) as refused:
        concept_coding({"coding": [{"code": "x" * 65}]})
    assert (refused.value.fault, refused.value.where) == (Fault.BAD_VALUE, "coding/code")


def test_a_text_over_its_limit_is_truncated_visibly() -> None:
    assert string({"name": "abcdef"}, "name", 4) == "abc…"


def test_an_identifier_without_a_value_is_no_identifier() -> None:
    node = {"identifier": [{"system": "s"}, {"value": "v"}, {"system": "s", "value": "w"}]}
    assert identifiers(node) == ((None, "v"), ("s", "w"))


@pytest.mark.parametrize(
    ("given", "whole"),
    [
        ("2026-07-01T09:30", "2026-07-01T09:30:00+01:00"),
        ("2026-01-01T09:30Z", "2026-01-01T09:30:00Z"),
        ("2026-01-01T09:30:05", "2026-01-01T09:30:05+00:00"),
        ("2026", "2026"),
    ],
)
def test_a_moment_gets_its_seconds_and_londons_offset(given: str, whole: str) -> None:
    assert completed(given) == whole


def test_a_day_is_londons_and_a_month_is_no_day() -> None:
    assert day("2026-06-30T23:30:00Z", "x") == dt.date(2026, 7, 1)
    assert day("2026-06", "x") is None
    with pytest.raises(InputRefused):
        day("2026-13-01", "x")
    with pytest.raises(InputRefused):
        moment("2026-01-01T25:00:00Z", "x")


def test_a_period_ends_with_the_last_instant_of_its_precision() -> None:
    assert start_of("2026") == dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    assert end_of("2026-02") == dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    assert end_of("2026-02-03T10:00:00Z") == dt.datetime(2026, 2, 3, 10, 0, 1, tzinfo=dt.UTC)
    assert start_of("yesterday") is None
    assert last_before(AT) == "2026-09-07T11:59:59.999999Z"


def test_what_is_old_or_over_is_not_in_use() -> None:
    assert in_use({}, AT)
    assert not in_use({"use": "old"}, AT)
    assert not in_use({"period": {"end": "2026-09-06"}}, AT)


def test_a_reference_resolves_by_url_by_id_and_under_the_same_base() -> None:
    here = Entry("Patient", "1", "https://a/Patient/1")
    there = Entry("Patient", "1", "https://b/Patient/1")
    assert resolve("https://A/patient/1", [here, there]) is here
    assert resolve("Patient/1", [here, there], "https://b/Encounter/9") is there
    assert resolve("Patient/1/_history/3", [here]) is here
    assert resolve("urn:uuid:1", [Entry("Patient", "1")]) is not None


def test_a_reference_that_could_mean_two_resources_is_not_resolved() -> None:
    assert resolve("urn:uuid:1", [Entry("Patient", "1"), Entry("Practitioner", "1")]) is None


@pytest.mark.parametrize("text", ['{"a": 1, "a": 2}', '{"a": NaN}', '{"a": 1e999}', "{"])
def test_json_that_readers_take_differently_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  any of json's own kinds
        parse_json(text)


def test_what_is_built_is_valid_and_without_empty_elements() -> None:
    patient = {"resourceType": "Patient", "id": resource_id(uuid.NAMESPACE_URL, "a")}
    whole = collection([patient], AT)
    assert is_valid(whole)
    assert json.loads(as_bytes(whole)) == whole
    assert not is_valid({"resourceType": "Patient", "gender": {"x": 1}})
    assert pruned({"a": [], "b": {"c": None}, "d": 0}) == {"d": 0}
    assert coded_concept(Coding(code="Speech", display="Speech therapy")) == {
        "text": "Speech therapy"
    }


def test_a_tracked_element_names_what_nothing_read() -> None:
    node = {"status": "active", "note": "x", "scope": {"coding": [{"code": "c"}], "text": "y"}}
    element = TrackedElement(node, "Consent")
    assert element.string("status") == "active"
    scope = element.child("scope")
    assert scope is not None
    assert scope.children("coding")[0].string("code") == "c"
    assert list(element.unread()) == ["Consent.note", "Consent.scope.text"]
