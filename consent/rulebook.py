"""The agreements of one moment, arranged so that a question finds what speaks about it at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from consent.agreement import Agreement, Prohibition, Rule
from consent.decision import RuleFinding
from consent.question import Question
from consent.reasons import Reason, ReviewCause
from schemas.agencies import OrganisationType
from schemas.sections import Category


@dataclass(frozen=True, slots=True)
class RulePermission:
    """One rule of one agreement, as it is cited: ``agreement@version/rule``."""

    agreement: Agreement
    digest: str
    rule: Rule

    @property
    def cite(self) -> str:
        """The rule's name in decisions and in the ledger."""
        return f"{self.agreement.id}@{self.agreement.version}/{self.rule.id}"

    def finding(
        self,
        reason: Reason,
        directives: tuple[str, ...] = (),
        review: ReviewCause | None = None,
    ) -> RuleFinding:
        """Return what this rule finds, citing itself."""
        return RuleFinding(
            reason=reason,
            rule=self.cite,
            purpose=self.rule.purpose,
            basis=self.rule.basis.articles,
            directives=directives,
            review=review,
        )


@dataclass(frozen=True, slots=True)
class Forbidding:
    """One prohibition of one agreement."""

    agreement: Agreement
    digest: str
    rule: Prohibition

    @property
    def cite(self) -> str:
        """The prohibition's name in decisions and in the ledger."""
        return f"{self.agreement.id}@{self.agreement.version}/{self.rule.id}"

    def finding(self) -> RuleFinding:
        """Return that this prohibition forbids."""
        return RuleFinding(reason=Reason.RULE_FORBIDS, rule=self.cite)

    def matches(self, question: Question) -> bool:
        """Whether the prohibition is about a question's sender, recipient and event type."""
        rule, parties = self.rule, self.agreement.parties
        recipient, kind = question.recipient, question.recipient_kind
        anyone = not rule.recipients and not rule.recipient_kinds
        return (
            question.source in (rule.sources or parties)
            and recipient in parties
            and (anyone or recipient in rule.recipients or kind in rule.recipient_kinds)
            and question.event_type in (rule.event_types or (question.event_type,))
        )

    def in_force(self, now: dt.datetime) -> bool:
        """Whether the agreement and the prohibition itself are in force."""
        return self.agreement.in_force(now) and self.rule.begun(now) and not self.rule.ended(now)

    def forbids_content(self, category: Category, purpose: str) -> bool:
        """Whether no field of a category may be shared for a purpose."""
        return category in self.rule.content and self._for(purpose)

    def forbids_field(self, category: Category, name: str, purpose: str) -> bool:
        """Whether a field may not be shared for a purpose."""
        if self.forbids_content(category, purpose):
            return True
        return name in self.rule.fields.get(category, ()) and self._for(purpose)

    def forbids_existence(self, category: Category, purpose: str) -> bool:
        """Whether the existence of a record may not be shared for a purpose."""
        return category in self.rule.existence and self._for(purpose)

    def concerns(self, purposes: Iterable[str]) -> bool:
        """Whether the prohibition is about any of the purposes."""
        return any(self._for(purpose) for purpose in purposes)

    def _for(self, purpose: str) -> bool:
        return not self.rule.purposes or purpose in self.rule.purposes


@dataclass(frozen=True, slots=True)
class Clauses:
    """What speaks about one question: permissions, and prohibitions in whichever agreement."""

    permissions: tuple[RulePermission, ...] = ()
    prohibitions: tuple[Forbidding, ...] = ()

    def digests(self) -> dict[str, str]:
        """Return the digest of every agreement concerned, by ``agreement@version``."""
        every: list[RulePermission | Forbidding] = [*self.permissions, *self.prohibitions]
        return {f"{c.agreement.id}@{c.agreement.version}": c.digest for c in every}


class RuleBook:
    """The agreements of the moment, with an index of their rules."""

    def __init__(self, agreements: Iterable[Agreement]) -> None:
        self.agreements = tuple(sorted(agreements, key=lambda a: (a.id, a.version)))
        self._named: dict[tuple[str, str, str], list[int]] = {}
        self._kinds: dict[tuple[str, OrganisationType, str], list[int]] = {}
        self._permissions: list[RulePermission] = []
        self._prohibitions: list[Forbidding] = []
        for agreement in self.agreements:
            digest = agreement.digest()
            for rule in agreement.rules:
                self._index(RulePermission(agreement, digest, rule))
            for prohibition in agreement.prohibitions:
                self._prohibitions.append(Forbidding(agreement, digest, prohibition))

    def _index(self, permission: RulePermission) -> None:
        place, rule = len(self._permissions), permission.rule
        self._permissions.append(permission)
        for source in dict.fromkeys(rule.sources):
            for kind in dict.fromkeys(rule.event_types):
                for recipient in dict.fromkeys(rule.recipients):
                    self._named.setdefault((source, recipient, kind), []).append(place)
                for sort in dict.fromkeys(rule.recipient_kinds):
                    self._kinds.setdefault((source, sort, kind), []).append(place)

    def clauses(self, question: Question) -> Clauses:
        """Find what matches a question's sender, recipient and event type."""
        source, kind = question.source, question.event_type
        places = set(self._named.get((source, question.recipient, kind), ()))
        if question.recipient_kind is not None:
            for place in self._kinds.get((source, question.recipient_kind, kind), ()):
                if question.recipient in self._permissions[place].agreement.parties:
                    places.add(place)
        return Clauses(
            tuple(self._permissions[place] for place in sorted(places)),
            tuple(one for one in self._prohibitions if one.matches(question)),
        )


def forbidding(
    prohibitions: Sequence[Forbidding], category: Category, now: dt.datetime
) -> list[Forbidding]:
    """Return the prohibitions in force that are about a category."""
    return [p for p in prohibitions if category in p.rule.categories() and p.in_force(now)]
