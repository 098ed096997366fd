"""Data-sharing agreements: reviewed files that permit sharing between agencies, with its basis.

An agreement is versioned, approved and expiring. An agreement without rules permits nothing.
The file form is TOML (agreements/*.toml, documented in docs/agreements.md); its identity is the
SHA-256 of its canonical JSON, so that layout and comments do not change it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    model_validator,
)

from consent.basis import LawfulBasis
from schemas.agencies import OrganisationType
from schemas.canonical import canonical
from schemas.sections import Category
from schemas.sharing import AgencyName, Purpose

RuleId = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{1,60}$")]
FieldName = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,40}$")]

_LATER_IN_RULES = ("recipient_kinds", "consent_from")


class Involved(StrEnum):
    """Whether a rule speaks only for recipients that take part in the child's care."""

    REQUIRED = "required"
    ANY = "any"


class ConsentRecorder(StrEnum):
    """Who recorded a consent, seen from one sharing; an agency can be more than one of these."""

    SOURCE = "source"
    COUNCIL = "council"
    RECIPIENT = "recipient"
    OTHER = "other"


class Clause(BaseModel):
    """What a permission and a prohibition have in common: an id and a period of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: RuleId
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        begins, ends = self.valid_from, self.valid_until
        if begins is not None and ends is not None and ends <= begins:
            message = "valid_until must lie after valid_from"
            raise ValueError(message)
        return self

    def begun(self, now: dt.datetime) -> bool:
        """Whether the clause's own period has begun."""
        return self.valid_from is None or self.valid_from <= now

    def ended(self, now: dt.datetime) -> bool:
        """Whether the clause's own period is over; the end is not part of it."""
        return self.valid_until is not None and self.valid_until <= now


class Rule(Clause):
    """One permission: source, recipient, event types, fields, purpose and lawful basis.

    ``fields`` names the fields per category that may be seen; ``existence`` names categories of
    which the recipient may learn only that there is a record. ``recipient_kinds`` names kinds of
    organisation: every party of that kind is a recipient. ``consent_from`` limits who may have
    recorded a consent for it to count; empty means any agency with the right to record consent.
    """

    sources: Annotated[tuple[AgencyName, ...], Field(min_length=1, max_length=400)]
    recipients: Annotated[tuple[AgencyName, ...], Field(max_length=400)] = ()
    recipient_kinds: Annotated[tuple[OrganisationType, ...], Field(max_length=7)] = ()
    event_types: Annotated[tuple[str, ...], Field(min_length=1, max_length=100)]
    fields: dict[Category, Annotated[tuple[FieldName, ...], Field(min_length=1)]] = {}
    existence: tuple[Category, ...] = ()
    purpose: Purpose
    basis: LawfulBasis
    involvement: Involved = Involved.REQUIRED
    consent_from: Annotated[tuple[ConsentRecorder, ...], Field(max_length=4)] = ()

    @model_validator(mode="after")
    def _permits_something(self) -> Self:
        if not self.fields and not self.existence:
            message = "the rule permits nothing: give 'fields' or 'existence'"
            raise ValueError(message)
        if not self.recipients and not self.recipient_kinds:
            message = "the rule has no recipient: give 'recipients' or 'recipient_kinds'"
            raise ValueError(message)
        return self

    def categories(self) -> frozenset[Category]:
        """Return the categories the rule applies to."""
        return frozenset(self.fields) | frozenset(self.existence)


class Prohibition(Clause):
    """What an agreement forbids, whatever this or any other agreement permits.

    ``sources``, ``recipients`` with ``recipient_kinds``, ``event_types`` and ``purposes`` limit it;
    an empty list means every party, every type, every purpose. ``content`` names categories of
    which no field may be shared, ``fields`` single fields, ``existence`` categories of which not
    even the existence may be shared.
    """

    sources: Annotated[tuple[AgencyName, ...], Field(max_length=400)] = ()
    recipients: Annotated[tuple[AgencyName, ...], Field(max_length=400)] = ()
    recipient_kinds: Annotated[tuple[OrganisationType, ...], Field(max_length=7)] = ()
    event_types: Annotated[tuple[str, ...], Field(max_length=100)] = ()
    purposes: Annotated[tuple[Purpose, ...], Field(max_length=20)] = ()
    content: tuple[Category, ...] = ()
    fields: dict[Category, Annotated[tuple[FieldName, ...], Field(min_length=1)]] = {}
    existence: tuple[Category, ...] = ()

    @model_validator(mode="after")
    def _forbids_something(self) -> Self:
        if not self.content and not self.fields and not self.existence:
            message = "it forbids nothing: give 'content', 'fields' or 'existence'"
            raise ValueError(message)
        return self

    def categories(self) -> frozenset[Category]:
        """Return the categories the prohibition is about."""
        return frozenset(self.content) | frozenset(self.fields) | frozenset(self.existence)


class Agreement(BaseModel):
    """One version of one agreement, with everything an auditor asks for.

    It ends with ``valid_until``, or has no end and is reviewed on a day (``review_on``).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: RuleId
    version: Annotated[int, Field(ge=1)]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    parties: Annotated[tuple[AgencyName, ...], Field(min_length=2, max_length=400)]
    approved_by: Annotated[str, Field(min_length=1, max_length=200)]
    approved_on: dt.date
    valid_from: AwareDatetime
    valid_until: AwareDatetime | None = None
    review_on: dt.date | None = None
    dpia: Annotated[str, Field(min_length=1, max_length=200, description="DPIA reference")]
    rules: Annotated[tuple[Rule, ...], Field(max_length=2000)] = ()
    prohibitions: Annotated[tuple[Prohibition, ...], Field(max_length=2000)] = ()

    @model_validator(mode="after")
    def _is_coherent(self) -> Agreement:
        if self.valid_until is None and self.review_on is None:
            message = "give valid_until, or review_on where there is no end date"
            raise ValueError(message)
        if self.valid_until is not None and self.valid_until <= self.valid_from:
            message = "valid_until must lie after valid_from"
            raise ValueError(message)
        ids = [clause.id for clause in (*self.rules, *self.prohibitions)]
        if len(ids) != len(set(ids)):
            message = "two rules have the same id"
            raise ValueError(message)
        return self

    def canonical(self) -> bytes:
        """Write the canonical JSON that the hash is made of (RFC 8785).

        A key that came with a later version of the format is left out while it is empty, so that
        an agreement published before keeps its digest.
        """
        value: dict[str, JsonValue] = self.model_dump(mode="json", exclude_none=True)
        rules = [_without(rule, _LATER_IN_RULES) for rule in self._dumped_rules()]
        return canonical({**_without(value, ("prohibitions",)), "rules": rules})

    def _dumped_rules(self) -> list[dict[str, JsonValue]]:
        """Return the rules as JSON values."""
        return [rule.model_dump(mode="json", exclude_none=True) for rule in self.rules]

    def digest(self) -> str:
        """Compute the agreement's identity: SHA-256 of its canonical JSON, in hexadecimal."""
        return hashlib.sha256(self.canonical()).hexdigest()

    def in_force(self, now: dt.datetime) -> bool:
        """Whether the agreement holds at a moment."""
        return self.valid_from <= now and not self.ended(now)

    def ended(self, now: dt.datetime) -> bool:
        """Whether the agreement is over at a moment; the end is not part of its period."""
        return self.valid_until is not None and self.valid_until <= now

    def end_text(self) -> str:
        """Return the day the agreement ends, or that it has no end and when it is reviewed."""
        if self.valid_until is not None:
            return str(self.valid_until.date())
        return f"no end, review on {self.review_on}"

    def recipients_of(
        self, rule: Rule, kind_of: Callable[[str], OrganisationType | None]
    ) -> tuple[str, ...]:
        """Return a rule's recipients: those it names, and the parties of the kinds it names."""
        of_kind = (p for p in self.parties if rule.recipient_kinds)
        found = (party for party in of_kind if kind_of(party) in rule.recipient_kinds)
        return tuple(dict.fromkeys((*rule.recipients, *found)))


def _without(value: Mapping[str, JsonValue], keys: Iterable[str]) -> dict[str, JsonValue]:
    """Leave out the named keys that hold nothing."""
    empty = {key for key in keys if not value.get(key)}
    return {key: one for key, one in value.items() if key not in empty}
