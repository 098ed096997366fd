"""Who may decide for a child at a moment: authority made of dated facts, orders and birthdays.

Four levels, highest first. A court. Then whoever the law lets decide alone: the council under a
care order, the adoption agency under a placement order, a special guardian, a person who decides
for a young person without capacity. Then the child: a young person, or a competent child under 16.
Then everyone else with parental responsibility who is not barred.

Sources: Children Act 1989 ss.3, 8, 14C, 33(3)(b), 91(5A) and 91(14); Adoption and Children Act 2002
ss.25, 29 and 46; Mental Capacity Act 2005 ss.1 to 3; Family Law Reform Act 1969 s.8; Children and
Families Act 2014 s.83; Gillick v West Norfolk and Wisbech AHA [1986] AC 112.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from consent.directive import Directive
from consent.facts import StandingFact
from consent.question import ChildStanding
from schemas.sections import Category
from schemas.sharing import Authority, Purpose, StandingKind

EHC_PURPOSES = frozenset({Purpose.EHC_ASSESSMENT, Purpose.EHC_PLAN})
ALONE = frozenset(
    {StandingKind.CARE_ORDER, StandingKind.PLACEMENT_ORDER, StandingKind.SPECIAL_GUARDIANSHIP}
)
EXCLUSIVE = frozenset(
    {StandingKind.PLACEMENT_ORDER, StandingKind.SPECIAL_GUARDIANSHIP, StandingKind.ADOPTION}
)
ADOPTED = frozenset({StandingKind.ADOPTION})
_ENDED_BY = {
    StandingKind.CARE_ORDER: EXCLUSIVE,
    StandingKind.SPECIAL_GUARDIANSHIP: ADOPTED,
    StandingKind.PLACEMENT_ORDER: ADOPTED,
}


class AuthorityLevel(IntEnum):
    """How high an authority ranks; a lower number outranks a higher one."""

    COURT = 0
    ALONE = 1
    CHILD = 2
    PARENT = 3


@dataclass(frozen=True, slots=True)
class Standings:
    """Who may decide about one sharing: a child's standing and the facts that cover the sharing."""

    child: ChildStanding
    facts: tuple[StandingFact, ...]
    now: dt.datetime
    of_age: bool

    def level(self, directive: Directive, moment: dt.datetime) -> AuthorityLevel | None:
        """Return the rank of the person who gave a directive, or None without standing."""
        if directive.authority is Authority.COURT:
            return AuthorityLevel.COURT
        holding = self._holding(moment)
        if directive.authority is Authority.YOUNG_PERSON:
            return self._own(directive, holding, moment)
        return self._other(directive, holding, moment)

    def lost_at(self, directive: Directive, since: dt.datetime) -> dt.datetime:
        """Return when the standing of a directive's person last changed after a moment."""
        edges = sorted(
            {edge for fact in self.facts for edge in _edges(fact) if since < edge <= self.now}
        )
        before, changed = self.level(directive, since), since
        for edge in edges:
            after = self.level(directive, edge)
            if after != before:
                before, changed = after, edge
        return changed

    @property
    def lacks_capacity(self) -> bool:
        """Whether somebody else decides because the young person lacks capacity now."""
        return _of(self._holding(self.now), StandingKind.LACK_OF_CAPACITY) != []

    def _holding(self, moment: dt.datetime) -> list[StandingFact]:
        """List the facts that hold at a moment, without orders that a later order ended."""
        held = [fact for fact in self.facts if fact.in_force(moment)]
        return [fact for fact in held if not any(_ends(other, fact) for other in held)]

    def _own(
        self, directive: Directive, holding: list[StandingFact], moment: dt.datetime
    ) -> AuthorityLevel | None:
        """Rank the child's own directive: from the age of right, or while competent."""
        if _of(holding, StandingKind.LACK_OF_CAPACITY):
            return None
        too_early = moment <= directive.recorded_at and directive.id in self.child.early
        of_age = self.of_age and (moment >= self.now or not too_early)
        competent = self.child.competent or _of(holding, StandingKind.COMPETENCE)
        return AuthorityLevel.CHILD if of_age or competent else None

    def _other(
        self, directive: Directive, holding: list[StandingFact], moment: dt.datetime
    ) -> AuthorityLevel | None:
        """Rank a person other than the child."""
        person = directive.decider
        if _named(holding, person, {StandingKind.BARRED}):
            return None
        if _named(holding, person, {StandingKind.LACK_OF_CAPACITY}):
            return AuthorityLevel.ALONE
        grown = self.child.adult and moment >= self.now
        if grown and not _of(holding, StandingKind.LACK_OF_CAPACITY):
            return None
        if _named(holding, person, ADOPTED):
            return AuthorityLevel.PARENT
        if not grown and _named(holding, person, ALONE):
            return AuthorityLevel.ALONE
        if any(fact.kind in (ADOPTED if grown else EXCLUSIVE) for fact in holding):
            return None
        return AuthorityLevel.PARENT if self._responsible(directive, holding) else None

    def _responsible(self, directive: Directive, holding: list[StandingFact]) -> bool:
        """Whether a person has parental responsibility: as recorded, within its dates if known."""
        kind = {StandingKind.PARENTAL_RESPONSIBILITY}
        if _named(self.facts, directive.decider, kind):
            return _named(holding, directive.decider, kind)
        return directive.authority is Authority.PARENTAL_RESPONSIBILITY


def standings_about(
    child: ChildStanding, now: dt.datetime, sharing: tuple[Category, str, Purpose] | None = None
) -> Standings:
    """Return who may decide about one sharing: a category, a recipient and a purpose.

    Without a sharing every fact counts, and the age of right is 16.
    """
    if sharing is None:
        return Standings(child, child.facts, now, child.young_person)
    facts = tuple(fact for fact in child.facts if fact.covers(*sharing))
    of_age = child.over_school_age if sharing[2] in EHC_PURPOSES else child.young_person
    return Standings(child, facts, now, of_age)


def _ends(other: StandingFact, fact: StandingFact) -> bool:
    """Whether an order in force ends or suspends another that was made before it."""
    return other.kind in _ENDED_BY.get(fact.kind, ()) and other.valid_from >= fact.valid_from


def _edges(fact: StandingFact) -> tuple[dt.datetime, ...]:
    return (fact.valid_from, fact.valid_until) if fact.valid_until else (fact.valid_from,)


def _of(facts: Iterable[StandingFact], kind: StandingKind) -> list[StandingFact]:
    return [fact for fact in facts if fact.kind is kind]


def _named(
    facts: Iterable[StandingFact], person: str, kinds: set[StandingKind] | frozenset[StandingKind]
) -> bool:
    return any(fact.person == person for fact in facts if fact.kind in kinds)
