"""The flat row form of an event: every field of every section is one named column.

The columns are derived from the section models, so a field added to a model is a column at once,
and the documentation's tables are checked against them. A column has its field's name; a part
inside a section (an organisation, a coding, a scope) has one column for each of its fields, named
``<field>_<field of the part>``; a bare word such as ``reason`` takes the noun of its section. An
identifier of the child has three columns: the number, ``<name>_assurance`` and ``<name>_issuer``.
How one cell is read and written is in ``adapters/extract/cells.py``.
"""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from inspect import isclass
from types import MappingProxyType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import AwareDatetime, JsonValue, ValidationError

from adapters.extract.cells import day, items, key_field, moment, plain, value_of, word
from schemas.errors import Fault, InputRefused
from schemas.events import care, education, ehc, health
from schemas.identifiers import (
    Assurance,
    Identifier,
    la_child_id,
    local_id,
    nhs_number,
    uln,
    upn,
)
from schemas.people import Contact
from schemas.registry import EVENT_TYPES
from schemas.sections import Category, Section, SectionPart
from schemas.sharing import DirectiveRecorded

_BARE_WORDS = frozenset(
    ["kind", "reason", "status", "change", "outcome", "note", "sessions", "start", "end"]
)
_NOUNS: Mapping[type[Section], str] = {
    education.SchoolPlacement: "leaving",
    education.AttendanceConcern: "attendance",
    education.Exclusion: "exclusion",
    ehc.AdviceRequest: "advice",
    ehc.AdviceProvided: "advice",
    ehc.PlanReviewed: "review",
    ehc.PlanCeased: "ceasing",
    health.Referral: "referral",
    health.Appointment: "appointment",
    health.WaitingStatus: "waiting",
    health.ReportAvailable: "report",
    health.Discharge: "discharge",
    care.CarePlan: "plan",
    care.CaseClosed: "closure",
    DirectiveRecorded: "directive",
}
_OWN_NAMES: Mapping[tuple[type[Section], tuple[str, ...]], str] = {
    (Contact, ("address", "lines")): "address",
    (Contact, ("address", "town")): "town",
    (Contact, ("address", "county")): "county",
    (Contact, ("address", "postcode")): "postcode",
    (Contact, ("address", "uprn")): "uprn",
    (Contact, ("confidentiality",)): "address_confidential",
    (care.WorkerAllocated, ("telephone", "number")): "worker_telephone",
    (care.WorkerAllocated, ("telephone", "kind")): "worker_telephone_kind",
    (education.SenSupport, ("provision",)): "sen_provision",
    (DirectiveRecorded, ("restriction",)): "restriction_kind",
}
_OTHER_NAMES: Mapping[str, str] = {
    "surname": "family_name",
    "forename": "given_name",
    "first_name": "given_name",
    "date_of_birth": "birth_date",
    "dob": "birth_date",
    "unique_pupil_number": "upn",
    "mis_child_id": "local_id",
    "decider": "decider_ref",
}
_NUMBERS = {"nhs_number": nhs_number, "upn": upn, "former_upn": upn, "uln": uln}
_ISSUED = {"la_child_id": la_child_id, "local_id": local_id}
_DAY_COUNTS_WHOLE = frozenset({"valid_until"})  # "until 31 August" is still so on 31 August


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its field in the sections, and what a cell of it holds.

    ``holds`` is the type of the value, or of each value where there may be ``many``.
    """

    name: str
    category: Category
    path: tuple[str, ...]
    holds: Any
    many: bool
    title: str

    @property
    def part(self) -> type[SectionPart] | None:
        """The model of the listed parts, where the column holds a list of parts."""
        return self.holds if isclass(self.holds) and issubclass(self.holds, SectionPart) else None


@cache
def columns(key: str) -> tuple[Column, ...]:
    """List the columns of an event type, by its key, in the order of its sections' fields."""
    models = EVENT_TYPES[key].sections.values()
    return tuple(column for model in models for column in _of_section(model))


@cache
def names(key: str) -> Mapping[str, str]:
    """Map every column name accepted for a type to the column's own name."""
    own = {c.name for c in columns(key)}
    spelled = {"_".join(c.path): c.name for c in columns(key)}
    also = {other: name for other, name in _OTHER_NAMES.items() if name in own}
    return MappingProxyType({**also, **spelled, **{name: name for name in own}})


def _of_section(model: type[Section]) -> Iterator[Column]:
    for field, info in model.model_fields.items():
        yield from _of_field(model, (field,), info.annotation, info.description or "")


def _of_field(
    model: type[Section], path: tuple[str, ...], annotation: object, title: str
) -> Iterator[Column]:
    holds, many = _bare(annotation)
    if holds is Identifier:
        yield Column(_name(model, path), model.category, path, holds, many, title)
        for extra, kind in (("assurance", Assurance), ("issuer", str)):
            yield Column(
                _name(model, (*path, extra)), model.category, (*path, extra), kind, many, ""
            )
    elif not many and isclass(holds) and issubclass(holds, SectionPart):
        for field, info in holds.model_fields.items():
            yield from _of_field(model, (*path, field), info.annotation, info.description or title)
    else:
        yield Column(_name(model, path), model.category, path, holds, many, title)


def _bare(annotation: Any) -> tuple[Any, bool]:  # noqa: ANN401  annotations are any object
    """Strip an annotation down to the type of one value, and whether there may be many."""
    origin, many = get_origin(annotation), False
    while origin in (Union, types.UnionType, Annotated, tuple):
        many = many or origin is tuple
        annotation = next(a for a in get_args(annotation) if a is not type(None))
        origin = get_origin(annotation)
    return annotation, many


def _name(model: type[Section], path: tuple[str, ...]) -> str:
    if (model, path) in _OWN_NAMES:
        return _OWN_NAMES[model, path]
    noun = f"{_NOUNS[model]}_" if path[0] in _BARE_WORDS and model in _NOUNS else ""
    return noun + "_".join(path)


def read_sections(
    row: Mapping[str, JsonValue], key: str, issuers: Mapping[str, str]
) -> tuple[Section, ...]:
    """Read the sections of a row of a type; ``row`` maps columns' own names to filled values.

    ``issuers`` names who issued ``la_child_id`` and ``local_id`` where the row does not. Raises
    InputRefused with BAD_VALUE or MISSING_FIELD at the column's name.
    """
    values: dict[Category, dict[str, Any]] = {}
    for column in columns(key):
        if column.name in row:
            read = _value(row[column.name], column)
            held = values.setdefault(column.category, {})
            for step in column.path[:-1]:
                held = held.setdefault(step, {})
            _put(held, column, read)
    identity = values.get(Category.IDENTITY, {})
    values[Category.IDENTITY] = {f: _identified(f, v, issuers) for f, v in identity.items()}
    models = EVENT_TYPES[key].sections
    return tuple(_section(models[c], held, key) for c, held in values.items())


def _put(held: dict[str, Any], column: Column, read: object) -> None:
    if column.holds is Identifier:
        held.setdefault(column.path[-1], {})["number"] = read
    else:
        held[column.path[-1]] = read


def _value(value: JsonValue, column: Column) -> object:
    try:
        if column.many:
            return [_listed(each, column) for each in items(value)]
        return _single(plain(value), column)
    except InputRefused as error:
        raise InputRefused(error.fault, column.name) from None


def _listed(value: JsonValue, column: Column) -> object:
    if column.part is None:
        return _single(plain(value), column)
    if isinstance(value, dict):
        return value
    key = key_field(column.part)
    holds, _ = _bare(column.part.model_fields[key].annotation)
    inner = Column(column.name, column.category, (key,), holds, many=False, title="")
    return {key: _single(plain(value), inner)}


def _single(text: str, column: Column) -> object:
    if column.holds is dt.date:
        return day(text)
    if column.holds is AwareDatetime:
        return moment(text, through=column.name in _DAY_COUNTS_WHOLE)
    if isclass(column.holds) and issubclass(column.holds, Enum):
        return word(text, column.holds)
    return text


def _identified(field: str, value: object, issuers: Mapping[str, str]) -> object:
    """Make an identifier of its three cells; no cell makes a number of a wrong form usable."""
    if not isinstance(value, dict):
        return value
    if "number" not in value:
        raise InputRefused(Fault.MISSING_FIELD, field)
    assurance = value.get("assurance")
    if field in _ISSUED:
        found = _ISSUED[field](value["number"], issuers[field])
    elif field == "nhs_number":
        found = nhs_number(value["number"], verified=assurance is Assurance.VERIFIED)
    else:
        found = _NUMBERS[field](value["number"])
    if found is None:
        return None
    raised = {"assurance": assurance} if assurance is not None and found.usable else {}
    issuer = {"issuer": value["issuer"]} if "issuer" in value else {}
    return {**dict(found), **raised, **issuer}


def _section(model: type[Section], held: Mapping[str, Any], key: str) -> Section:
    try:
        return model.model_validate(held)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        fault = Fault.MISSING_FIELD if first["type"] == "missing" else Fault.BAD_VALUE
        place = tuple(str(step) for step in first["loc"])
        own = (c for c in columns(key) if c.category is model.category)
        near = next((c.name for c in own if c.path == place[: len(c.path)]), model.category.value)
        raise InputRefused(fault, near) from None


def write_sections(sections: Iterable[Section], key: str) -> dict[str, JsonValue]:
    """Write sections as a row of a type: column name to value, filled columns only, in order."""
    held = {section.category: section for section in sections}
    row: dict[str, JsonValue] = {}
    for column in columns(key):
        value = _at(held.get(column.category), column)
        if value is not None:
            row[column.name] = value
    return row


def _at(section: Section | None, column: Column) -> JsonValue:
    if section is None or column.path[0] not in section.present():
        return None
    holder: object = section
    for step in column.path[:-1]:
        holder = getattr(holder, step, None)
    found = getattr(holder, column.path[-1], None)
    if isinstance(found, Identifier):
        return found.original or found.value
    if found is None or found is Assurance.ASSERTED:
        return None
    if found == ():
        # A part that is there and empty says something: an empty scope is "everything".
        return [] if len(column.path) > 1 and _is_empty(holder) else None
    return value_of(found)


def _is_empty(holder: object) -> bool:
    return isinstance(holder, SectionPart) and holder == type(holder).model_construct()
