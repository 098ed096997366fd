"""Invented values: a view of any event type with every field filled, no two texts the same."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import ValidationError

from schemas.event import RecordStatus, View, dump_section
from schemas.event_type import EventType
from schemas.identifiers import Identifier, la_child_id, local_id, nhs_number, uln, upn
from schemas.people import Identity
from schemas.registry import EVENT_TYPES
from schemas.sections import Category, Section

WHEN = dt.datetime(2026, 9, 7, 8, 30, tzinfo=dt.UTC)
RECORD = "5f0c6f5e6d0c5a539b7b6a1de0b3c7a1"
CHILD = "0123456789abcdef0123456789abcdef"
DELIVERY = "6a1e6c3e-2f1b-5d4c-9e7a-0c9d8b7a6f5e"
# In ranges that are never issued: NHS numbers from 999, UPNs of authority 899.
NUMBERS: Mapping[str, Identifier | None] = {
    "nhs_number": nhs_number("9990000018"),
    "upn": upn("W899200000501"),
    "former_upn": upn("K899200000502"),
    "uln": uln("9990000017"),
    "la_child_id": la_child_id("ZCH70911", "899"),
    "local_id": local_id("ZLO70912", "sample-agency"),
}
_FIXED: Mapping[str, Any] = {
    "ref": "p1",
    "email": "invented@example.org",
    "postcode": "ZZ99 9ZZ",
    "placement_postcode": "ZZ99 8ZZ",
    "uprn": "100099900001",
    "urn": "100991",
    "laestab": "8994999",
    "ukprn": "10099999",
    "ods": "ZZ999",
    "media_type": "application/pdf",
    "sha256": "ab" * 32,
    "do_not_disclose": [],
    "scope": {},
    "birth_date": "2015-03-27",
}


def invented_view(kind: EventType) -> View:
    """Make a view of an event type with every section and field filled."""
    return _invented_view(kind.key)


@cache
def _invented_view(key: str) -> View:
    kind = EVENT_TYPES[key]
    count = itertools.count(1)
    sections = (invented_section(model, count) for model in kind.sections.values())
    return View(
        delivery_id=DELIVERY,
        kind=kind,
        source="sending-agency",
        child=CHILD,
        time=WHEN,
        sections={section.category: section for section in sections if section.present()},
        record=RECORD,
        status=RecordStatus.RECORDED,
    )


def invented_section(model: type[Section], count: Iterator[int]) -> Section:
    """Fill every field of a section; one for which no value can be invented is left out."""
    schema = model.model_json_schema()
    values: dict[str, Any] = {}
    for name, about in schema["properties"].items():
        if model is Identity and name in NUMBERS:
            values[name] = NUMBERS[name]
        else:
            values[name] = _value(name, about, schema.get("$defs", {}), count)
    try:
        return model.model_validate(values)
    except ValidationError as error:
        wrong = {str(each["loc"][0]) for each in error.errors(include_url=False)}
        return model.model_validate({k: v for k, v in values.items() if k not in wrong})


def _value(
    name: str, about: Mapping[str, Any], defs: Mapping[str, Any], count: Iterator[int]
) -> Any:  # noqa: ANN401  JSON
    if name in _FIXED:
        return _FIXED[name]
    if "$ref" in about:
        return _value(name, defs[about["$ref"].rpartition("/")[2]], defs, count)
    if "anyOf" in about:
        first = next(one for one in about["anyOf"] if one.get("type") != "null")
        return _value(name, first, defs, count)
    if "enum" in about:
        return about["enum"][next(count) % len(about["enum"])]
    if about.get("type") == "object":
        parts = about.get("properties", {})
        return {part: _value(part, inner, defs, count) for part, inner in parts.items()}
    if about.get("type") == "array":
        return [_value(name, about.get("items", {}), defs, count)]
    return _plain_value(name, about, next(count))


def _plain_value(name: str, about: Mapping[str, Any], number: int) -> Any:  # noqa: ANN401  JSON
    kind = about.get("type")
    if kind == "boolean":
        return True
    if kind in {"integer", "number"}:
        return about.get("minimum", 0) + 1
    if about.get("format") == "date":
        return (dt.date(2026, 1, 1) + dt.timedelta(days=number)).isoformat()
    if about.get("format") == "date-time":
        return (WHEN + dt.timedelta(hours=number)).isoformat()
    if name in {"number", "telephone"}:
        return f"01632 960{number:03d}"
    return f"Zq{_letters(number)}text"[: about.get("maxLength", 40)]


def _letters(number: int) -> str:
    """Write a number in letters, so that each text differs and no digits stand in a name."""
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:03d}")


def leaves(value: object) -> Iterator[str]:
    """List the texts inside a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from leaves(inner)


def texts_of(sections: Mapping[Category, Section]) -> Mapping[tuple[Category, str], frozenset[str]]:
    """List the texts of each field of each section."""
    return {
        (category, field): frozenset(leaves(value))
        for category, section in sections.items()
        for field, value in dump_section(section).items()
    }
