"""Data-sharing agreements: reviewed files that say who may tell whom what, why, and on what basis.

An agreement is versioned, approved and expiring. An agreement without rules permits nothing.
The file form is TOML (agreements/*.toml, documented in docs/agreements.md); its identity is the
SHA-256 of its canonical JSON, so that layout and comments do not change it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    model_validator,
)

from consent.basis import LawfulBasis
from schemas.bounded_toml import read_toml
from schemas.canonical import canonical
from schemas.errors import ConfigurationError
from schemas.registry import EVENT_TYPES
from schemas.sections import Category
from schemas.sharing import AgencyName, Purpose

RuleId = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{1,60}$")]
FieldName = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,40}$")]


class Involved(StrEnum):
    """Whether a rule speaks only for recipients that take part in the child's care."""

    REQUIRED = "required"
    ANY = "any"


class Rule(BaseModel):
    """One permission: from whom, to whom, in which events, which fields, why, on which basis.

    ``fields`` names the fields per category that may be seen; ``existence`` names categories of
    which the recipient may learn only that there is a record.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: RuleId
    sources: Annotated[tuple[AgencyName, ...], Field(min_length=1, max_length=400)]
    recipients: Annotated[tuple[AgencyName, ...], Field(min_length=1, max_length=400)]
    event_types: Annotated[tuple[str, ...], Field(min_length=1, max_length=100)]
    fields: dict[Category, Annotated[tuple[FieldName, ...], Field(min_length=1)]] = {}
    existence: tuple[Category, ...] = ()
    purpose: Purpose
    basis: LawfulBasis
    involvement: Involved = Involved.REQUIRED

    @model_validator(mode="after")
    def _permits_something(self) -> Rule:
        if not self.fields and not self.existence:
            message = "the rule permits nothing: give 'fields' or 'existence'"
            raise ValueError(message)
        return self

    def categories(self) -> frozenset[Category]:
        """Name the categories the rule speaks about."""
        return frozenset(self.fields) | frozenset(self.existence)


class Agreement(BaseModel):
    """One version of one agreement, with everything an auditor asks for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: RuleId
    version: Annotated[int, Field(ge=1)]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    parties: Annotated[tuple[AgencyName, ...], Field(min_length=2, max_length=400)]
    approved_by: Annotated[str, Field(min_length=1, max_length=200)]
    approved_on: dt.date
    valid_from: AwareDatetime
    valid_until: AwareDatetime
    dpia: Annotated[str, Field(min_length=1, max_length=200, description="DPIA reference")]
    rules: Annotated[tuple[Rule, ...], Field(max_length=2000)] = ()

    @model_validator(mode="after")
    def _is_coherent(self) -> Agreement:
        if self.valid_until <= self.valid_from:
            message = "valid_until must lie after valid_from"
            raise ValueError(message)
        ids = [rule.id for rule in self.rules]
        if len(ids) != len(set(ids)):
            message = "two rules have the same id"
            raise ValueError(message)
        return self

    def canonical(self) -> bytes:
        """Write the canonical JSON that the hash is made of (RFC 8785)."""
        value: JsonValue = self.model_dump(mode="json", exclude_none=True)
        return canonical(value)

    def digest(self) -> str:
        """Compute the agreement's identity: SHA-256 of its canonical JSON, in hexadecimal."""
        return hashlib.sha256(self.canonical()).hexdigest()

    def in_force(self, now: dt.datetime) -> bool:
        """Whether the agreement holds at a moment."""
        return self.valid_from <= now < self.valid_until


def load_agreement(text: str, *, name: str = "agreement") -> Agreement:
    """Read an agreement from TOML, giving named bases to the rules that use them.

    Raises ConfigurationError with every place that is wrong and what is expected there.
    """
    raw = read_toml(text, name)
    bases = raw.pop("bases", {})
    rules = raw.get("rules", [])
    if not isinstance(bases, dict) or not isinstance(rules, list):
        raise ConfigurationError(f"{name}: 'bases' must be a table and 'rules' a list of tables.")
    for rule in rules:
        _name_basis(rule, bases, name)
    try:
        agreement = Agreement.model_validate(raw)
    except ValidationError as error:
        lines = [f"  {_place(e['loc'])}: {e['msg']}" for e in error.errors(include_input=False)]
        raise ConfigurationError(f"{name}: not a valid agreement:\n" + "\n".join(lines)) from None
    if problems := findings(agreement):
        lines = [f"  {problem}" for problem in problems]
        raise ConfigurationError(f"{name}: the rules do not fit:\n" + "\n".join(lines))
    return agreement


def _name_basis(rule: object, bases: Mapping[str, object], name: str) -> None:
    if not isinstance(rule, dict):
        return
    wanted = rule.get("basis")
    if isinstance(wanted, str):
        if wanted not in bases:
            known = ", ".join(sorted(bases)) or "none"
            raise ConfigurationError(f"{name}: no [bases.{wanted}]; there are: {known}.")
        rule["basis"] = bases[wanted]


def _place(location: tuple[str | int, ...]) -> str:
    return ".".join(str(part) for part in location) or "(whole file)"


def findings(agreement: Agreement) -> list[str]:
    """List what is wrong with the rules beyond their form: unknown types, fields, parties."""
    problems: list[str] = []
    parties = set(agreement.parties)
    for rule in agreement.rules:
        strangers = (set(rule.sources) | set(rule.recipients)) - parties
        problems += [f"rule {rule.id}: {s} is not a party" for s in sorted(strangers)]
        unknown = [t for t in rule.event_types if t not in EVENT_TYPES]
        problems += [f"rule {rule.id}: unknown event type {t}" for t in unknown]
        problems += _field_findings(rule)
    return problems


def _field_findings(rule: Rule) -> list[str]:
    kinds = [EVENT_TYPES[t] for t in rule.event_types if t in EVENT_TYPES]
    problems: list[str] = []
    for category in sorted(rule.categories()):
        models = [k.sections[category] for k in kinds if category in k.sections]
        if not models:
            problems.append(f"rule {rule.id}: none of its event types has a {category} section")
        known = {name for model in models for name in model.model_fields}
        wanted = rule.fields.get(category, ())
        problems += [
            f"rule {rule.id}: no {category} section of its event types has a field {name}"
            for name in wanted
            if models and name not in known
        ]
    return problems
