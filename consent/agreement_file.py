"""Read an agreement file, or report every problem in it at once, each with its line.

The file form is TOML (agreements/*.toml, documented in docs/agreements.md).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from consent.agreement import Agreement, Prohibition, Rule
from schemas.bounded_toml import read_toml
from schemas.errors import ConfigurationError
from schemas.registry import EVENT_TYPES
from schemas.suggestion import suggestion
from schemas.toml_lines import Location, key_lines, line_of

Found = Iterator[tuple[Location, str]]
_CLAUSES: Mapping[str, type[Rule | Prohibition]] = {"rules": Rule, "prohibitions": Prohibition}


@dataclass(frozen=True, slots=True, order=True)
class AgreementProblem:
    """One problem in an agreement file, and the line it is on."""

    line: int
    text: str


class InvalidAgreement(ConfigurationError):
    """An agreement file is not valid; ``problems`` are all of them, in the order of the lines."""

    def __init__(self, name: str, problems: Iterable[AgreementProblem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(f"{name}:{one.line}: {one.text}" for one in self.problems))


def load_agreement(text: str, *, name: str = "agreement") -> Agreement:
    """Return the agreement of a TOML text, with named bases put into the rules that use them.

    Raises InvalidAgreement with every problem; ConfigurationError where it is not TOML at all.
    """
    raw = read_toml(text, name)
    lines = key_lines(text)
    bases = raw.pop("bases", {})
    found: list[tuple[Location, str]] = []
    if not isinstance(bases, dict):
        found.append((("bases",), "'bases' must be a table"))
        bases = {}
    if not isinstance(raw.get("rules", []), list):
        found.append((("rules",), "'rules' must be a list of tables"))
        raw.pop("rules")
    named = dict(_put_bases(raw, bases, found))
    agreement = _validated(raw, named, found)
    if not found and agreement is not None:
        return agreement
    raise InvalidAgreement(name, (AgreementProblem(line_of(lines, at), text) for at, text in found))


def _put_bases(
    raw: Mapping[str, object], bases: Mapping[str, object], found: list[tuple[Location, str]]
) -> Iterator[tuple[Location, Location]]:
    """Put named bases into their rules; returns where each was put, and where it is defined."""
    for number, rule in _tables(raw, "rules"):
        wanted = rule.get("basis")
        if isinstance(wanted, str):
            place: Location = ("rules", number, "basis")
            if wanted in bases:
                rule["basis"] = bases[wanted]
                yield place, ("bases", wanted)
            else:
                hint = suggestion(wanted, bases)
                found.append((place, f"{_place(place)}: there is no [bases.{wanted}]. {hint}"))


def _tables(raw: Mapping[str, object], name: str) -> Iterator[tuple[int, dict[str, object]]]:
    listed = raw.get(name, [])
    for number, one in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(one, dict):
            yield number, one


def _validated(
    raw: dict[str, object],
    named: Mapping[Location, Location],
    found: list[tuple[Location, str]],
) -> Agreement | None:
    """Add every problem of form and content; returns the agreement where its form is valid."""
    known = {place for place, _ in found}
    found += _of_clauses(raw)
    whole = list(_of_whole(raw))
    found += whole
    agreement = None
    try:
        agreement = Agreement.model_validate(raw)
    except ValidationError as error:
        for one in error.errors(include_input=False, include_url=False):
            place = tuple(one["loc"])
            if place[:3] in known or (not place and whole):
                continue
            source = named.get(place[:3])
            at = (*source, *place[3:]) if source else place
            found.append((at, f"{_place(place)}: {one['msg'].removeprefix('Value error, ')}"))
    return agreement


def _of_whole(raw: Mapping[str, object]) -> Found:
    """Return what is wrong between parts: it is checked even where a part alone is wrong."""
    begins, ends = raw.get("valid_from"), raw.get("valid_until")
    if isinstance(begins, dt.datetime) and isinstance(ends, dt.datetime):
        aware = begins.tzinfo is not None and ends.tzinfo is not None
        if aware and ends <= begins:
            yield ("valid_until",), "valid_until must lie after valid_from"
    ids: set[object] = set()
    for kind in _CLAUSES:
        for number, clause in _tables(raw, kind):
            own = clause.get("id")
            if isinstance(own, str) and own in ids:
                yield (kind, number, "id"), f"two rules have the same id: {own}"
            ids.add(own if isinstance(own, str) else None)


def _of_clauses(raw: Mapping[str, object]) -> Found:
    """Return what is wrong with each clause whose form is valid: unknown names, missing fields."""
    listed = raw.get("parties")
    parties = {one for one in listed if isinstance(one, str)} if isinstance(listed, list) else set()
    for kind, model in _CLAUSES.items():
        for number, one in _tables(raw, kind):
            if (clause := _parsed(model, one)) is not None:
                for place, text in _of_clause(clause, parties):
                    yield (kind, number, *place), f"rule {clause.id}: {text}"


def _parsed(model: type[Rule | Prohibition], value: object) -> Rule | Prohibition | None:
    try:
        return model.model_validate(value)
    except ValidationError:
        return None


def _of_clause(rule: Rule | Prohibition, parties: set[str]) -> Found:
    for side, names in (("sources", rule.sources), ("recipients", rule.recipients)):
        for number, name in enumerate(names):
            if name not in parties:
                yield (side, number), f"{name} is not a party. {suggestion(name, parties)}"
    for number, key in enumerate(rule.event_types):
        if key not in EVENT_TYPES:
            text = f"unknown event type {key}. {suggestion(key, EVENT_TYPES)}"
            yield ("event_types", number), text
    yield from _of_fields(rule)


def _of_fields(rule: Rule | Prohibition) -> Found:
    named = rule.event_types or tuple(EVENT_TYPES)
    kinds = [EVENT_TYPES[key] for key in named if key in EVENT_TYPES]
    if not kinds:
        return
    for category in sorted(rule.categories()):
        models = [kind.sections[category] for kind in kinds if category in kind.sections]
        if not models:
            place = ("fields", category.value) if category in rule.fields else ("existence",)
            yield place, f"none of its event types has a {category} section"
            continue
        known = {name for model in models for name in model.model_fields}
        for number, name in enumerate(rule.fields.get(category, ())):
            if name not in known:
                text = f"no {category} section of its event types has a field {name}"
                yield ("fields", category.value, number), f"{text}. {suggestion(name, known)}"


def _place(location: Location) -> str:
    return ".".join(map(str, location)) or "whole file"
