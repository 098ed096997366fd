"""Directives as the decision sees them: who decided what about sharing, and if it is in force."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from schemas.sections import Category
from schemas.sharing import Authority, DirectiveKind, Purpose, RestrictionKind, Scope


class DirectiveStanding(StrEnum):
    """Whether a directive holds at a moment, and if not, why not."""

    IN_FORCE = "in-force"
    NOT_YET = "not-yet"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Directive(BaseModel):
    """One directive of one person with authority; never changed, only withdrawn or outranked.

    ``decider`` is an opaque reference to the person; ``recorded_at`` orders a person's directives.
    ``recorded_by`` names the agency that recorded it, and is empty where the hub's own officer did.
    ``upheld`` matters for an objection, and for a restriction that is treated as one: only an
    upheld objection withholds. ``confirmed`` is false while a consent waits for confirmation.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(min_length=1, max_length=64)]
    child: str
    kind: DirectiveKind
    authority: Authority
    decider: Annotated[str, Field(min_length=1, max_length=128)]
    scope: Scope = Scope()
    valid_from: AwareDatetime
    valid_until: AwareDatetime | None = None
    recorded_at: AwareDatetime
    recorded_by: str = ""
    withdrawn_at: AwareDatetime | None = None
    restriction: RestrictionKind | None = None
    allowed_purposes: tuple[Purpose, ...] = ()
    upheld: bool = False
    confirmed: bool = True

    def standing(self, now: dt.datetime) -> DirectiveStanding:
        """Return whether the directive is in force at a moment, and if not, why not."""
        if self.withdrawn_at is not None and self.withdrawn_at <= now:
            return DirectiveStanding.WITHDRAWN
        if now < self.valid_from:
            return DirectiveStanding.NOT_YET
        if self.valid_until is not None and self.valid_until <= now:
            return DirectiveStanding.EXPIRED
        return DirectiveStanding.IN_FORCE

    def covers(self, category: Category, recipient: str, purpose: Purpose) -> bool:
        """Whether the directive speaks about this category, recipient and purpose."""
        scope = self.scope
        return (
            (not scope.categories or category in scope.categories)
            and (not scope.recipients or recipient in scope.recipients)
            and (not scope.purposes or purpose in scope.purposes)
        )

    def narrowness(self) -> tuple[int, int]:
        """Order scopes: more kinds of limit is narrower, then fewer things named."""
        named = (self.scope.categories, self.scope.recipients, self.scope.purposes)
        return (sum(1 for kind in named if kind), -sum(len(kind) for kind in named))
