"""What a program may ask the audit API: the facets of a search, days, positions and references.

A parameter that there is not is refused: a misspelt facet must not widen an answer.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated

from fastapi import Header, Path
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from consent.reasons import Reason
from hub.console.forms.search_criteria import Criteria
from hub.journey.disclosure_index import IndexReason, IndexRowKind
from schemas.sections import Category
from schemas.sharing import Purpose
from schemas.times import parse_day

LARGEST = 2**53 - 1
_EARLIEST, _LATEST = dt.date(1990, 1, 1), dt.date(2200, 12, 31)


class Outcome(StrEnum):
    """Whether anything of a category was shared."""

    SHARED = "shared"
    WITHHELD = "withheld"


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
        description="Why you look at a child, for the ledger: a case number or a few words",
    ),
]


class DecisionQuery(BaseModel):
    """The facets of a search; what is left out does not matter."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    told: Annotated[
        IndexRowKind | None, Field(description="Only what was decided, or only as keys were given")
    ] = None
    agency: Annotated[
        str | None,
        Field(pattern="^[a-z][a-z0-9-]{1,40}$", description="Sender or recipient"),
    ] = None
    type: Annotated[
        str | None,
        Field(pattern=r"^[a-z]{1,20}\.[a-z-]{1,60}\.v[0-9]{1,3}$", description="The event's type"),
    ] = None
    category: Annotated[Category | None, Field(description="The category of data")] = None
    outcome: Annotated[Outcome | None, Field(description="Shared or withheld")] = None
    reason: Annotated[Reason | IndexReason | None, Field(description="The reason's code")] = None
    purpose: Annotated[Purpose | None, Field(description="What the rule shares for")] = None
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
            description="The hub's own id of a child; asks for the header Hub-Reason",
        ),
    ] = None
    begins: Annotated[
        Day | None, Field(alias="from", description="First day, in England's time")
    ] = None
    until: Annotated[
        Day | None, Field(description="Last day, in England's time; it is included")
    ] = None
    before: Annotated[
        int | None, Field(ge=0, le=LARGEST, description="Go on before this entry")
    ] = None
    limit: Annotated[int, Field(ge=1, le=500, description="How many entries at most")] = 50

    def criteria(self) -> Criteria:
        """Give the facets as the console's search has them."""
        return Criteria(
            told=self.told or "",
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
    """Write a day; one that no ledger reaches is as good as the nearest that one might."""
    return min(max(day, _EARLIEST), _LATEST).isoformat() if day else ""


class FlowQuery(BaseModel):
    """Of how many days back the counts are wanted, today included."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: Annotated[int, Field(ge=1, le=3660, description="How many days, today included")] = 30


class NoQuery(BaseModel):
    """Nothing may be asked besides what stands in the path."""

    model_config = ConfigDict(frozen=True, extra="forbid")
