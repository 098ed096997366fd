"""The parameters of the audit API: of a search, days, positions and references.

An unknown parameter is refused: a misspelt one must not widen an answer.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated

from fastapi import Header, Path
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue
from pydantic.fields import FieldInfo

from consent.reasons import Reason
from hub.casework.search.facets import Outcome
from hub.console.forms.search_criteria import Criteria
from hub.journey.disclosure_index import IndexReason, IndexRowKind
from schemas.sections import Category
from schemas.sharing import Purpose
from schemas.times import parse_day

LARGEST = 2**53 - 1
_EARLIEST, _LATEST = dt.date(1990, 1, 1), dt.date(2200, 12, 31)


def _as_written(value: object) -> object:
    """Refuse what pydantic would accept as a date but is none, such as a count of seconds."""
    return parse_day(value) if isinstance(value, str) else value


Day = Annotated[dt.date, BeforeValidator(_as_written)]
Position = Annotated[int, Path(ge=0, le=LARGEST, description="The place of an entry in the ledger")]
EventRef = Annotated[
    str, Path(pattern="^[0-9A-Za-z-]{1,64}$", description="The hub's own reference for an event")
]
HubReason = Annotated[
    str | None,
    Header(
        alias="Hub-Reason",
        pattern="^[!-~]([ -~]{0,198}[!-~])?$",
        description="Why you access a child's data, for the ledger: a case number or a few words",
    ),
]


def _coded(about: str, *kinds: type[StrEnum]) -> FieldInfo:
    """Describe a parameter that takes a code; the search itself refuses and suggests."""
    codes: list[JsonValue] = [one.value for kind in kinds for one in kind]
    described: FieldInfo = Field(description=about, json_schema_extra={"enum": codes})
    return described


class DecisionQuery(BaseModel):
    """The parameters of a search; every given one must match."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    kind: Annotated[
        IndexRowKind | None, Field(description="Only decisions, or only disclosures")
    ] = None
    agency: Annotated[
        str | None,
        Field(pattern="^[a-z][a-z0-9-]{1,40}$", description="Sender or recipient"),
    ] = None
    type: Annotated[
        str | None,
        Field(pattern=r"^[a-z]{1,20}\.[a-z-]{1,60}\.v[0-9]{1,3}$", description="The event's type"),
    ] = None
    category: Annotated[str | None, _coded("The category of data", Category)] = None
    outcome: Annotated[Outcome | None, Field(description="Shared or withheld")] = None
    reason: Annotated[str | None, _coded("The reason's code", Reason, IndexReason)] = None
    purpose: Annotated[str | None, _coded("The purpose of the rule", Purpose)] = None
    basis: Annotated[
        str | None,
        Field(
            pattern=r"^6\(1\)\([a-z]{1,2}\)( 9\(2\)\([a-z]{1,2}\))?$",
            description="The articles of the UK GDPR, such as 6(1)(e) 9(2)(h)",
        ),
    ] = None
    rule: Annotated[
        str | None,
        Field(
            pattern="^[a-z0-9-]{2,61}@[1-9][0-9]{0,5}/[a-z0-9-]{2,61}$",
            description="The rule, as agreement@version/rule",
        ),
    ] = None
    directive: Annotated[
        str | None, Field(pattern="^d-[0-9a-f]{8,64}$", description="A directive's id")
    ] = None
    child: Annotated[
        str | None,
        Field(
            pattern="^[0-9A-Za-z-]{1,64}$",
            description="The hub's own id of a child; needs the header Hub-Reason",
        ),
    ] = None
    begins: Annotated[Day | None, Field(alias="from", description="First day, in England")] = None
    until: Annotated[Day | None, Field(description="Last day, in England, included")] = None
    before: Annotated[
        int | None, Field(ge=0, le=LARGEST, description="Continue before this entry")
    ] = None
    limit: Annotated[int, Field(ge=1, le=500, description="How many entries at most")] = 50

    def criteria(self) -> Criteria:
        """Return the parameters as the console's search has them."""
        return Criteria(
            told=self.kind or "",
            agency=self.agency or "",
            type=self.type or "",
            category=self.category or "",
            outcome=self.outcome or "",
            reason=self.reason or "",
            purpose=self.purpose or "",
            basis=self.basis or "",
            rule=self.rule or "",
            directive=self.directive or "",
            begins=_within(self.begins),
            until=_within(self.until),
            child=self.child or "",
        )


def _within(day: dt.date | None) -> str:
    """Return a day as text, moved into the years that a ledger can have."""
    return min(max(day, _EARLIEST), _LATEST).isoformat() if day else ""


class FlowQuery(BaseModel):
    """The parameter of counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: Annotated[int, Field(ge=1, le=3660, description="How many days, today included")] = 30


class NoQuery(BaseModel):
    """No parameters besides those in the path."""

    model_config = ConfigDict(frozen=True, extra="forbid")
