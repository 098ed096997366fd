"""The envelope: CloudEvents 1.0 as the specification and the CloudEvents SDK have it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from schemas.envelope import (
    HUB_SOURCE,
    Envelope,
    agency_of,
    agency_source,
    parse_envelope,
)
from schemas.errors import Fault, InputRefused

SAMPLES = Path(__file__).parent / "samples" / "cloudevents"
LEAST: dict[str, JsonValue] = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "urn:interagency-hub:agency:oak-school",
    "type": "education.exclusion.v1",
}
SDK = JSONFormat()

TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=30)
NAMES = st.from_regex(r"[a-z][a-z0-9]{0,17}x", fullmatch=True)
EXTENSIONS = st.dictionaries(
    NAMES, st.booleans() | st.integers(-(2**31), 2**31 - 1) | TEXT, max_size=3
)
TIMES = st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2099, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001
OBJECTS = st.dictionaries(TEXT, st.none() | st.booleans() | st.integers(-999, 999) | TEXT)


@st.composite
def envelopes(draw: st.DrawFn) -> Envelope:
    """Make a valid envelope with JSON data."""
    return Envelope(
        specversion="1.0",
        id=draw(TEXT),
        source=draw(TEXT),
        type=draw(TEXT),
        time=draw(TIMES),
        subject=draw(st.none() | TEXT),
        datacontenttype="application/json",
        data=draw(OBJECTS),
        extensions=draw(EXTENSIONS),
    )


def refused(**changes: JsonValue) -> InputRefused:
    """Say how an envelope with changes is refused."""
    body = {name: value for name, value in {**LEAST, **changes}.items() if value != "-"}
    with pytest.raises(InputRefused) as caught:
        parse_envelope(json.dumps(body).encode())
    return caught.value


@given(envelopes())
def test_what_we_write_we_read(envelope: Envelope) -> None:
    """Bytes and back give the same envelope."""
    assert parse_envelope(envelope.to_json()) == envelope


@given(envelopes())
def test_the_cloudevents_sdk_reads_what_we_write(envelope: Envelope) -> None:
    """Another implementation finds the same attributes and data."""
    theirs = SDK.read(CloudEvent, envelope.to_json())
    assert theirs.get_id() == envelope.id
    assert theirs.get_source() == envelope.source
    assert theirs.get_type() == envelope.type
    assert theirs.get_time() == envelope.time
    assert theirs.get_subject() == envelope.subject
    assert theirs.get_data() == envelope.data
    for name, value in envelope.extensions.items():
        assert theirs.get_extension(name) == value


@given(envelopes())
def test_we_read_what_the_cloudevents_sdk_writes(envelope: Envelope) -> None:
    """An event written by another implementation is ours again."""
    assert parse_envelope(SDK.write(SDK.read(CloudEvent, envelope.to_json()))) == envelope


@pytest.mark.parametrize(
    "name",
    [
        *("correlation_0", "correlation_2", "dataref_1"),
        *("json-format_0", "json-format_1", "json-format_3", "json-format_4"),
    ],
)
def test_the_specification_s_own_examples_are_read(name: str) -> None:
    """Every attribute that is set is kept, and written again as it was."""
    body = (SAMPLES / f"{name}.json").read_bytes()
    held = {n: v for n, v in json.loads(body).items() if v is not None}
    assert json.loads(parse_envelope(body).to_json()) == held


@pytest.mark.parametrize("name", ["json-format_6", "json-format_7"])
def test_a_batch_is_not_an_event(name: str) -> None:
    """One message is one event; an array is refused."""
    with pytest.raises(InputRefused) as caught:
        parse_envelope((SAMPLES / f"{name}.json").read_bytes())
    assert caught.value.fault is Fault.SCHEMA_INVALID


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", Fault.EMPTY_INPUT),
        (b" \n ", Fault.EMPTY_INPUT),
        (b"{", Fault.NOT_JSON),
        (b"hello", Fault.NOT_JSON),
        (b'{"id": "\xff"}', Fault.WRONG_ENCODING),
        (b"null", Fault.SCHEMA_INVALID),
        (b"{}", Fault.MISSING_FIELD),
    ],
)
def test_bytes_that_are_no_envelope_have_a_fault(body: bytes, fault: Fault) -> None:
    """Each kind of damage has its own code."""
    with pytest.raises(InputRefused) as caught:
        parse_envelope(body)
    assert caught.value.fault is fault


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type"])
def test_the_four_required_attributes_are_required(name: str) -> None:
    """The error names the attribute that is missing."""
    error = refused(**{name: "-"})
    assert error.fault is Fault.MISSING_FIELD
    assert error.where == name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("specversion", "0.3"),
        ("id", ""),
        ("id", 5),
        ("source", "x" * 257),
        ("time", "2026-03-02T09:30:00"),
        ("time", "yesterday"),
        ("dataschema", "not a uri"),
    ],
)
def test_a_wrong_attribute_is_named_and_never_quoted(name: str, value: JsonValue) -> None:
    """The place is told, the value is not."""
    error = refused(**{name: value})
    assert error.fault is Fault.SCHEMA_INVALID
    assert error.where == name


def test_data_and_data_base64_exclude_each_other() -> None:
    """The specification allows one of them."""
    assert refused(data={}, data_base64="AAAA").fault is Fault.SCHEMA_INVALID


@pytest.mark.parametrize("name", ["Upper", "under_score", "a" * 21, "hy-phen", ""])
def test_an_extension_s_name_is_lower_case_letters_and_digits(name: str) -> None:
    """The error does not repeat the name: it could hold anything."""
    error = refused(**{name: "x"})
    assert error.fault is Fault.SCHEMA_INVALID
    assert not name or name not in str(error)


@pytest.mark.parametrize("value", [1.5, 2**31, [], {}, "x" * 1025])
def test_an_extension_s_value_is_simple(value: JsonValue) -> None:
    """A 32-bit integer, a boolean or a text that is not long."""
    assert refused(myext=value).fault is Fault.SCHEMA_INVALID


@pytest.mark.parametrize("inner", [{"Not Allowed": "x"}, {"subject": "x"}, {}])
def test_a_member_called_extensions_is_no_way_around_the_names(inner: JsonValue) -> None:
    """On the wire it is an extension of that name, and an object is no value for one."""
    assert refused(extensions=inner).fault is Fault.SCHEMA_INVALID


def test_an_extension_may_be_called_extensions() -> None:
    """The name itself is allowed by the specification."""
    body = json.dumps({**LEAST, "extensions": "x"}).encode()
    assert parse_envelope(body).extensions == {"extensions": "x"}


def test_a_null_attribute_is_an_absent_one() -> None:
    """The specification reads null as not set."""
    body = json.dumps({**LEAST, "subject": None, "myext": None}).encode()
    assert parse_envelope(body) == parse_envelope(json.dumps(LEAST).encode())


def test_an_agency_s_source_names_it() -> None:
    """From name to source and back; other sources name no agency."""
    assert agency_of(agency_source("oak-school")) == "oak-school"
    assert agency_of(HUB_SOURCE) is None
    assert agency_of("https://example.invalid") is None
