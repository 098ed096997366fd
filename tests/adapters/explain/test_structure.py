"""Documents as numbered elements, rendered unchanged and rendered with an element edited."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.explain.explaining import structure_of
from adapters.explain.structure import pattern_of, variants

XML = b'<a v="1"><b>x</b><b>y</b><c/>text<d><e>z</e></d></a>'
HL7 = b"MSH|^~\\&|A|B\rPID|1||9990548609^^^NHS~77||Ash^Robin&x\rNK1|1|Bell\rNK1|2|Cole\r"
TABLE = b'name;note\nAsh;"a; b"\n\nBell;\n'
JSON = b'{"resourceType": "Patient", "name": [{"given": ["a", "b"]}], "active": true, "n": 1}'
LINES = b"one\n\ntwo\n"
DOCUMENTS = [XML, HL7, TABLE, JSON, LINES]


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        (XML, ["a/@v", "a/b[1]", "a/b[2]", "a/c", "a/d/e"]),
        (
            HL7,
            [
                "MSH-3",
                "MSH-4",
                "PID-1",
                "PID-3.1",
                "PID-3.4",
                "PID-3[2]",
                "PID-5.1",
                "PID-5.2.1",
                "PID-5.2.2",
                "NK1-1",
                "NK1-2",
                "NK1[2]-1",
                "NK1[2]-2",
            ],
        ),
        (TABLE, ["row 2/name", "row 2/note", "row 4/name"]),
        (
            JSON,
            [
                "Patient.resourceType",
                "Patient.name[0].given[0]",
                "Patient.name[0].given[1]",
                "Patient.active",
                "Patient.n",
            ],
        ),
        (LINES, ["line 1", "line 3"]),
    ],
)
def test_elements_have_the_paths_that_people_use(body: bytes, paths: list[str]) -> None:
    assert [part.path for part in structure_of(body).root.elements()] == paths


@pytest.mark.parametrize("body", DOCUMENTS)
def test_a_document_rendered_unchanged_has_the_same_elements(body: bytes) -> None:
    structure = structure_of(body)
    assert structure_of(structure.render({})).values == structure.values


@pytest.mark.parametrize("body", DOCUMENTS)
def test_a_change_is_made_where_it_is_meant_and_nowhere_else(body: bytes) -> None:
    structure = structure_of(body)
    for number, value in enumerate(structure.values):
        changed = structure_of(structure.render({number: variants(value)[0]})).values
        assert [n for n, v in enumerate(changed) if v != structure.values[n]] == [number]


@pytest.mark.parametrize("body", DOCUMENTS)
def test_a_removed_element_is_gone(body: bytes) -> None:
    structure = structure_of(body)
    for number in range(len(structure.values)):
        left = structure_of(structure.render({number: None})).values
        assert list(left) == [v for n, v in enumerate(structure.values) if n != number]


def test_a_container_goes_with_its_last_element() -> None:
    structure = structure_of(XML)
    assert structure.render({4: None}).endswith(b'<a v="1"><b>x</b><b>y</b><c/>text</a>')
    table = structure_of(TABLE)
    assert b"Bell" not in table.render({2: None})
    nothing = structure_of(JSON).render(dict.fromkeys(range(5)))
    assert nothing == b""


def test_json_values_keep_their_type() -> None:
    changed = json.loads(structure_of(JSON).render({3: "false", 4: "2"}))
    assert (changed["active"], changed["n"]) == (False, 2)


@given(st.text(min_size=1))
def test_a_variant_differs_from_its_value(value: str) -> None:
    assert all(other != value for other in variants(value))


@pytest.mark.parametrize(
    ("value", "other"), [("true", "false"), ("Y", "N"), ("2026-03-31", "2026-03-32"), ("K", "J")]
)
def test_variants_have_the_shape_of_the_value(value: str, other: str) -> None:
    assert other in variants(value)


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("a/b[2]/c", "a/b/c"),
        ("row 12/upn", "row/upn"),
        ("message[2]/NK1[3]-4", "message/NK1-4"),
        ("Bundle.entry[0].resource.id", "Bundle.entry.resource.id"),
        ("line 3", "line"),
    ],
)
def test_a_pattern_is_a_path_without_numbers(path: str, pattern: str) -> None:
    assert pattern_of(path) == pattern
