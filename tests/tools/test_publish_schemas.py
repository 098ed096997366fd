"""The published schemas: as committed, valid, true to what the hub reads, and only ever growing."""

from __future__ import annotations

import datetime as dt
import io
import json
import subprocess
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from schemas.envelope import parse_envelope
from schemas.errors import InputRefused
from schemas.event import RecordStatus, full_view, make_event, read_event, view_envelope
from schemas.identifiers import Identifier
from schemas.people import Address, Contact, Identity, Telephone
from schemas.registry import EVENT_TYPES
from schemas.sections import Category, Section
from tools import publish_schemas
from tools.publish_schemas import DELIVERED_VIEW, breaking_changes, documents, main
from tools.schema_growth import Schema

ROOT = Path(__file__).parents[2]
DOCUMENTS = documents()
WHEN = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
CHILD = Identity(nhs_number=Identifier(value="9990548609"), family_name="Ash")
HOME = Contact(
    address=Address(lines=("1 Elm Row",), postcode="ZZ99 3WZ"),
    telephones=(Telephone(number="01632 960001"),),
)
SIMPLE: dict[str, object] = {
    "school": {"urn": "100000"},
    "condition": {"code": "35919005"},
    "kind": "education",
    "status": "active",
    "decision": "assess",
    "provision": "K",
    "plan_kind": "looked-after",
    "change": "started",
    "authority": "court",
}
KINDS: dict[str, object] = {
    "education.exclusion.v1": "suspension",
    "consent.directive-recorded.v1": "refusal",
}


def own_section(key: str) -> Section:
    """Fill in what a type needs."""
    kind = EVENT_TYPES[key]
    category = next(c for c in kind.required if c is not Category.IDENTITY)
    model = kind.sections[category]
    fields: dict[str, object] = {}
    for name in kind.required[category]:
        text = "2026-03-02" if name.endswith(("_on", "_date")) else "x-1"
        fields[name] = 12 if name.startswith("sessions") else SIMPLE.get(name, text)
        if name == "kind":
            fields[name] = KINDS.get(key, fields[name])
        if key == "health.appointment-changed.v1" and name == "status":
            fields[name] = "booked"
    return model.model_validate(fields or {"outcome": "home"})


def event_json(key: str) -> dict[str, Any]:
    """Write a real event of a type as JSON."""
    sections = [CHILD, HOME, own_section(key)]
    event = make_event(key, "trust-paeds", WHEN, sections, seed="s", correlation="c-1")
    body: dict[str, Any] = json.loads(event.to_json())
    return body


def takes(name: str, body: object) -> bool:
    """Whether the published document lets a body in."""
    return bool(Draft202012Validator(DOCUMENTS[name]).is_valid(body))


def hub_takes(body: object) -> bool:
    """Whether the hub itself reads it."""
    try:
        read_event(parse_envelope(json.dumps(body).encode()))
    except InputRefused:
        return False
    return True


def test_the_committed_documents_are_those_the_models_make() -> None:
    """``python -m tools.publish_schemas --check`` finds no drift."""
    reported = io.StringIO()
    with redirect_stdout(reported):
        assert main(["--check"]) == 0, reported.getvalue()


def test_every_type_and_the_view_is_published() -> None:
    """One document each, and no other."""
    files = {p.stem for p in publish_schemas.FOLDER.glob("*.json")}
    assert files == {*EVENT_TYPES, DELIVERED_VIEW, "asyncapi"}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_committed_document_is_a_valid_schema_of_2020_12(name: str) -> None:
    """The dialect's own meta-schema accepts it, and its id is its name."""
    document = json.loads((publish_schemas.FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(document)
    assert document["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert document["$id"] == f"urn:interagency-hub:schema:{name}"


@pytest.mark.parametrize("key", EVENT_TYPES)
def test_a_real_event_fits_its_document_and_no_other(key: str) -> None:
    """What the hub writes, the document of its type accepts."""
    body = event_json(key)
    assert hub_takes(body)
    assert [name for name in DOCUMENTS if takes(name, body)] == [key]


@pytest.mark.parametrize("key", EVENT_TYPES)
def test_a_delivered_view_fits_the_document_of_views(key: str) -> None:
    """Whatever the type, a view has one form."""
    event = make_event(key, "trust-paeds", WHEN, [CHILD, HOME, own_section(key)], seed="s")
    body = json.loads(view_envelope(full_view(event)).to_json())
    assert takes(DELIVERED_VIEW, body)
    assert not takes(DELIVERED_VIEW, {n: v for n, v in body.items() if n != "subject"})


@pytest.mark.parametrize("key", EVENT_TYPES)
def test_what_a_type_needs_its_document_needs(key: str) -> None:
    """Each required field, left out or null, is turned away as the hub does."""
    for category, fields in EVENT_TYPES[key].required.items():
        for name in fields:
            absent, null = event_json(key), event_json(key)
            del absent["data"]["sections"][category.value][name]
            null["data"]["sections"][category.value][name] = None
            assert not takes(key, absent)
            assert not takes(key, null)
            assert not hub_takes(absent)
            assert not hub_takes(null)


KEY = "health.referral-made.v1"
RETRACTED = {"status": "retracted", "record": "rec-1"}


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("type",), "health.discharge.v1"),
        (("source",), "urn:example:else"),
        (("source",), "urn:interagency-hub:agency:Not A Name"),
        (("time",), None),
        (("id",), ""),
        (("specversion",), "0.3"),
        (("Wrong",), "x"),
        (("myext",), {}),
        (("data",), None),
        (("data", "extra"), 1),
        (("data", "status"), "gone"),
        (("data", "addressed_to"), ["Not A Name"]),
        (("data", "override"), {"authoriser": "A"}),
        (("data", "sections", "care"), {}),
        (("data", "sections", "health", "colour"), "red"),
        (("data", "sections", "health", "status"), "lost"),
        (("data", "sections", "health", "referred_on"), 7.5),
        (("data", "sections", "contact", "do_not_disclose"), ["x"] * 21),
        (("data", "sections", "identity"), {}),
        (("data", "sections", "identity"), {"family_name": "Ash"}),
        (
            ("data", "sections", "identity", "nhs_number"),
            {"value": "1", "assurance": "suspect"},
        ),
    ],
)
def test_a_wrong_event_is_turned_away_by_document_and_hub(
    where: tuple[str, ...], value: object
) -> None:
    """A supplier learns at home what the hub would refuse."""
    body = event_json(KEY)
    place = body
    for step in where[:-1]:
        place = place[step]
    place[where[-1]] = value
    assert not takes(KEY, body)
    if where[0] != "source" and where != ("type",):
        assert not hub_takes(body)


def test_a_retraction_needs_only_the_child() -> None:
    """With a record to take back, the section may be left out; without one it may not."""
    body = event_json(KEY)
    del body["data"]["sections"]["health"]
    assert not takes(KEY, body)
    body["data"] |= RETRACTED
    assert takes(KEY, body)
    assert hub_takes(body)
    del body["data"]["record"]
    assert not takes(KEY, body)
    assert not hub_takes(body)
    assert RETRACTED["status"] == RecordStatus.RETRACTED


IDENTITIES = st.fixed_dictionaries(
    {},
    optional={
        "nhs_number": st.none() | st.just({"value": "9990548609"}),
        "upn": st.sampled_from(
            [{"value": "x", "assurance": a} for a in ("suspect", "asserted", "no")]
        ),
        "family_name": st.sampled_from(["Ash", None]),
        "birth_date": st.sampled_from(["2017-01-01", None]),
        "expected_birth_date": st.just("2026-09-01"),
        "sex": st.sampled_from(["female", "f"]),
    },
)


@settings(deadline=None)
@given(IDENTITIES)
def test_document_and_hub_agree_on_who_is_named(identity: dict[str, object]) -> None:
    """A usable number, or a family name with a day of birth."""
    body = event_json(KEY)
    body["data"]["sections"]["identity"] = identity
    assert takes(KEY, body) is hub_takes(body)


def test_fields_keep_their_description_and_handling() -> None:
    """What an agreement's author must know is in the document."""
    definitions = DOCUMENTS["care.plan-changed.v1"]["$defs"]
    assert definitions["CarePlan"]["properties"]["placement_postcode"]["handling"] == "never"
    address = definitions["Contact"]["properties"]["address"]
    assert address["handling"] == "locates"
    assert address["description"] == "Home address"


BASE: Schema = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 9},
        "kind": {"enum": ["a", "b"]},
        "code": {"type": "string", "pattern": "^a"},
        "size": {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}]},
        "list": {"type": "array", "items": {"$ref": "#/$defs/Item"}, "maxItems": 3},
        "home": {"type": "string", "handling": "locates"},
    },
    "required": ["name"],
    "additionalProperties": False,
    "$defs": {"Item": {"type": "object", "properties": {"x": {"type": "string"}}}},
}


def changed(path: str, value: object) -> Schema:
    """Copy the base with one place set, or removed where the value is ``...``."""
    copy: Schema = json.loads(json.dumps(BASE))
    place = copy
    *steps, last = path.split(".")
    for step in steps:
        place = place[step] if not isinstance(place, list) else place[int(step)]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return copy


@pytest.mark.parametrize(
    ("path", "value", "reported"),
    [
        ("properties.kind", ..., "/kind: removed"),
        ("properties.name.type", "integer", "/name: type narrowed, without string"),
        ("properties.kind.enum", ["a"], "/kind: values narrowed, without b"),
        ("properties.kind", {"const": "b"}, "/kind: values narrowed, without a"),
        ("properties.code.enum", ["ab"], "/code: values narrowed from any"),
        ("properties.code.pattern", "^ab", "/code: pattern changed"),
        ("properties.name.pattern", "^a", "/name: pattern changed"),
        ("properties.name.format", "date", "/name: format changed"),
        ("properties.name.minLength", 2, "/name: minLength raised to 2"),
        ("properties.name.maxLength", 8, "/name: maxLength lowered to 8"),
        ("properties.code.maxLength", 99, "/code: maxLength lowered to 99"),
        ("properties.list.maxItems", 2, "/list: maxItems lowered to 2"),
        ("properties.size.anyOf.0.minimum", 1, "/size: minimum raised to 1"),
        ("properties.size.anyOf", [{"type": "integer", "minimum": 0}], "/size: type narrowed"),
        ("properties.home.handling", ..., "/home: handling 'locates' lifted"),
        ("properties.home.handling", "never", "/home: handling 'locates' lifted"),
        ("required", ["name", "kind"], "/kind: newly required"),
        ("$defs.Item.properties.x.type", "null", "/list/items/x: type narrowed"),
        ("$defs.Item.required", ["x"], "/list/items/x: newly required"),
        ("$defs.Item.additionalProperties", False, "/list/items/additionalProperties: no longer"),
        ("properties.name", False, "/name: no longer allowed"),
    ],
)
def test_what_turns_away_what_was_good_is_breaking(path: str, value: object, reported: str) -> None:
    """Each kind of narrowing is reported with its place."""
    changes = breaking_changes(BASE, changed(path, value))
    assert [c for c in changes if c.startswith(reported)], changes


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("properties.new", {"type": "string"}),
        ("properties.name.type", ["string", "null"]),
        ("properties.kind.enum", ["a", "b", "c"]),
        ("properties.code.pattern", ...),
        ("properties.name.minLength", 0),
        ("properties.name.maxLength", ...),
        ("properties.size.anyOf.0.type", "number"),
        ("properties.name.description", "Another sentence"),
        ("properties.name.handling", "never"),
        ("properties.name", True),
        ("required", []),
        ("additionalProperties", True),
        ("$defs.Item.properties.x.type", ["string", "integer"]),
    ],
)
def test_what_only_grows_is_not_breaking(path: str, value: object) -> None:
    """New fields, wider values and fewer limits leave every old event good."""
    assert breaking_changes(BASE, changed(path, value)) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_does_not_break_itself(name: str) -> None:
    """The same document twice has no change."""
    assert breaking_changes(DOCUMENTS[name], DOCUMENTS[name]) == []


def test_a_newly_needed_field_is_breaking_in_a_real_document() -> None:
    """What the registry needs is in a condition, and is found there."""
    new: Schema = json.loads(json.dumps(DOCUMENTS[KEY]))
    new["$defs"]["EventData"]["else"]["properties"]["sections"]["properties"]["health"][
        "required"
    ].append("reason")
    (change,) = breaking_changes(DOCUMENTS[KEY], new)
    assert change.endswith("/health/reason: newly required")


def test_the_command_refuses_to_write_a_breaking_change(tmp_path: Path) -> None:
    """Nothing is written, and what would break is listed."""
    assert main([], tmp_path) == 0
    file = tmp_path / f"{KEY}.json"
    old: Schema = json.loads(file.read_text(encoding="utf-8"))
    old["$defs"]["Referral"]["properties"]["colour"] = {"type": "string"}
    file.write_text(json.dumps(old), encoding="utf-8")
    reported = io.StringIO()
    with redirect_stdout(reported):
        assert main([], tmp_path) == 1
    assert "/health/colour: removed" in reported.getvalue()
    assert json.loads(file.read_text(encoding="utf-8")) == old


def test_the_command_tells_every_kind_of_drift(tmp_path: Path) -> None:
    """Missing, left over and differing documents are each named, and the exit says so."""
    main([], tmp_path)
    (tmp_path / f"{KEY}.json").write_text("{}", encoding="utf-8")
    (tmp_path / "old.type.v1.json").write_text("{}", encoding="utf-8")
    (tmp_path / f"{DELIVERED_VIEW}.json").unlink()
    reported = io.StringIO()
    with redirect_stdout(reported):
        assert main(["--check"], tmp_path) == 1
    assert reported.getvalue().splitlines() == [
        f"{DELIVERED_VIEW}: not written yet",
        "old.type.v1: no such event type",
        f"{KEY}: differs",
    ]


def git(*arguments: str) -> str | None:
    """Ask git, or None where there is no checkout."""
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout


def test_nothing_breaks_what_the_last_commit_published() -> None:
    """Every document of the last commit is still there, and only grew."""
    listed = git("ls-tree", "--name-only", "HEAD", "schemas/published/")
    if listed is None:
        pytest.skip("not a git checkout")
    files = [file for file in listed.splitlines() if Path(file).stem != "asyncapi"]
    before = {Path(file).stem: git("show", f"HEAD:{file}") or "" for file in files}
    assert publish_schemas.refusals(before, DOCUMENTS) == []
