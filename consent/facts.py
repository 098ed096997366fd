"""Facts about who may decide for a child: dated, evidenced, and given to the decision as values."""

from __future__ import annotations

import datetime as dt

from pydantic import AwareDatetime, BaseModel, ConfigDict

from schemas.sections import Category
from schemas.sharing import Purpose, Scope, StandingKind


class StandingFact(BaseModel):
    """One dated fact about who may decide. Its evidence is stored elsewhere, sealed.

    ``person`` is the person the fact is about, or the one who decides because of it. It is absent
    where the fact is about the child alone. ``scope`` limits the fact: an assessment of competence
    is for a decision, and a council may determine some matters only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    kind: StandingKind
    person: str | None = None
    valid_from: AwareDatetime
    valid_until: AwareDatetime | None = None
    scope: Scope = Scope()

    def in_force(self, moment: dt.datetime) -> bool:
        """Whether the fact holds at a moment; the end is not part of the period."""
        begun = self.valid_from <= moment
        return begun and (self.valid_until is None or moment < self.valid_until)

    def covers(self, category: Category, recipient: str, purpose: Purpose) -> bool:
        """Whether the fact is about this category, recipient and purpose."""
        scope = self.scope
        return (
            (not scope.categories or category in scope.categories)
            and (not scope.recipients or recipient in scope.recipients)
            and (not scope.purposes or purpose in scope.purposes)
        )
