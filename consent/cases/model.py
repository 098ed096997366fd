"""A case as it is written: one TOML file that says what is known, what happens, what is expected.

Keys that are not listed here are refused. docs/cases.md explains each of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from consent.decision import Sharing
from schemas.agencies import OrganisationType
from schemas.bounded_toml import read_toml
from schemas.errors import ConfigurationError
from schemas.sections import Category
from schemas.sharing import (
    AgencyName,
    Authority,
    DirectiveKind,
    Purpose,
    RestrictionKind,
    Scope,
    StandingKind,
)
from schemas.times import LONDON

PersonName = Annotated[str, Field(min_length=1, max_length=64)]
Text = Annotated[str, Field(min_length=1, max_length=1000)]
NO_REVIEW = frozenset({"", "none"})
ABOUT_CHILD = frozenset({StandingKind.COMPETENCE, StandingKind.LACK_OF_CAPACITY})


def _begun(value: object) -> object:
    """Read a plain day as the moment at which it begins in England."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime.combine(value, dt.time(), LONDON)
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_begun)]


class CasePart(BaseModel):
    """A part of a case: closed to keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CaseChild(CasePart):
    """The child: nothing that is not given here is known of it."""

    birth_date: dt.date | None = None
    guarded: bool = False


class CasePerson(CasePart):
    """One person, and in which capacity they speak."""

    authority: Authority


class CaseAgency(CasePart):
    """One agency's kind of organisation, where an agreement asks for it."""

    kind: OrganisationType


class _Limited(CasePart):
    """Something with a scope; an empty list means all."""

    categories: tuple[Category, ...] = ()
    recipients: tuple[AgencyName, ...] = ()
    purposes: tuple[Purpose, ...] = ()

    @property
    def scope(self) -> Scope:
        """Return the scope it is limited to."""
        return Scope(categories=self.categories, recipients=self.recipients, purposes=self.purposes)


class CaseFact(_Limited):
    """One fact about who may decide; ``person`` is whom it is about, or who now decides."""

    kind: StandingKind
    person: PersonName | None = None
    by: Text | None = None
    begins: Annotated[Moment, Field(alias="from")]
    until: Moment | None = None
    evidence: Text

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.person is None and self.kind not in ABOUT_CHILD:
            message = f"a fact of kind {self.kind.value} needs 'person': who is barred or decides"
            raise ValueError(message)
        if self.until is not None and self.until <= self.begins:
            message = "'until' must lie after 'from'"
            raise ValueError(message)
        return self


class CaseSaid(_Limited):
    """One directive: who said what, when, recorded by which agency (the event's sender if absent).

    ``person`` may be absent for a restriction, which is then a professional's.
    """

    kind: DirectiveKind
    person: PersonName | None = None
    at: Moment
    begins: Annotated[Moment | None, Field(alias="from")] = None
    until: Moment | None = None
    withdrawn: Moment | None = None
    recorded_by: AgencyName | None = None
    evidence: Text | None = None
    upheld: bool = False
    restriction: RestrictionKind | None = None
    allowed_purposes: tuple[Purpose, ...] = ()

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        restricts = self.kind is DirectiveKind.RESTRICTION
        if self.person is None and not restricts:
            message = f"a {self.kind.value} needs 'person': who said it"
            raise ValueError(message)
        if not restricts and (self.restriction or self.allowed_purposes):
            message = "only a restriction has 'restriction' and 'allowed_purposes'"
            raise ValueError(message)
        if self.until is not None and self.until <= (self.begins or self.at):
            message = "'until' must lie after the beginning"
            raise ValueError(message)
        if self.withdrawn is not None and self.withdrawn < self.at:
            message = "'withdrawn' must not lie before 'at'"
            raise ValueError(message)
        return self


class CaseInvolved(CasePart):
    """One agency that takes part in the child's care."""

    agency: AgencyName


class CaseEvent(CasePart):
    """What happens: the type, the sender and which fields are filled in."""

    type: Annotated[str, Field(min_length=1, max_length=80)]
    source: AgencyName
    fields: Annotated[dict[Category, tuple[str, ...]], Field(min_length=1)]
    addressed: tuple[AgencyName, ...] = ()
    override: bool = False
    do_not_disclose: tuple[str, ...] = ()


class CaseExpect(CasePart):
    """What one recipient is expected to get of one category, and why."""

    recipient: AgencyName
    category: Category
    sharing: Sharing
    reason: Text | None = None
    fields: tuple[str, ...] | None = None
    review: str | None = None


class Case(CasePart):
    """One whole case."""

    title: Text
    source: Annotated[Text, Field(description="Law, guidance or scenario it rests on")]
    agreements: Annotated[tuple[Text, ...], Field(max_length=50)]
    now: Moment
    child: CaseChild = CaseChild()
    people: dict[PersonName, CasePerson] = {}
    agencies: dict[AgencyName, CaseAgency] = {}
    facts: tuple[CaseFact, ...] = ()
    said: tuple[CaseSaid, ...] = ()
    involved: tuple[CaseInvolved, ...] = ()
    event: CaseEvent
    expect: Annotated[tuple[CaseExpect, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _people_are_known(self) -> Self:
        known = set(self.people) | {fact.person for fact in self.facts if fact.person}
        unknown = [one.person for one in self.said if one.person and one.person not in known]
        if unknown:
            message = f"said by {unknown[0]!r}, who is neither in [people] nor in a fact"
            raise ValueError(message)
        return self


def load_case(text: str, *, name: str) -> Case:
    """Read a case from TOML; raises ConfigurationError with every place that is wrong."""
    raw = read_toml(text, name)
    try:
        return Case.model_validate(raw)
    except ValidationError as error:
        lines = "\n".join(_problems(error))
        raise ConfigurationError(f"{name}: not a valid case:\n{lines}") from None


def is_agreement(text: str, *, name: str) -> bool:
    """Whether a TOML text is an agreement that lies beside cases; raises ConfigurationError."""
    raw = read_toml(text, name)
    return {"parties", "dpia"} <= raw.keys() and not raw.keys() & {"event", "expect"}


def _problems(error: ValidationError) -> Iterator[str]:
    for one in error.errors(include_input=False):
        place = ".".join(str(part) for part in one["loc"]) or "(whole file)"
        yield f"  {place}: {one['msg'].removeprefix('Value error, ')}"
