"""The decision: may this recipient know this event, and what of it? Default deny, always explained.

For each section of the event, and each rule of an agreement that matches sender, recipient and
event type, the first of these that answers is the rule's finding:

1. The agreement is in force, and the rule speaks about the category.
2. The recipient takes part in the child's care or was addressed (unless the rule says "any").
3. A restriction in force withholds, unless the rule's purpose is among those it lets through.
4. A safeguarding override permits a rule of safeguarding purpose, and opens a review.
5. A rule that needs consent: whose word counts decides (consent/authority.py).
6. A rule that needs no consent permits, unless an objection was upheld.

Then fields: the union of the permitting rules' fields, each with its rules named, less what is
withheld whatever a rule says: whereabouts of a guarded person, a placement's address, what the
sender marked do-not-disclose. The child's particulars (identity, contact, family) alone are no
delivery, for the type of an event tells what it is about. Nothing left, nothing shared: not even
that the event exists.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from consent.agreement import Agreement, Involved, Rule
from consent.authority import weigh
from consent.decision import Decision, RuleFinding, SectionDecision, Sharing
from consent.directive import Directive, DirectiveStanding
from consent.question import Question, SectionShape
from consent.reasons import Reason, ReviewCause
from schemas.fields import Whereabouts, whereabouts_of
from schemas.registry import EVENT_TYPES
from schemas.sections import Category, Section
from schemas.sharing import DirectiveKind, Purpose, RestrictionKind

PARTICULARS = frozenset({Category.IDENTITY, Category.CONTACT, Category.FAMILY})
_SAFEGUARDING = frozenset({Purpose.SAFEGUARDING, Purpose.CHILD_PROTECTION})
_RESTRICTED = {
    RestrictionKind.ADDRESS: Reason.RESTRICTED_ADDRESS,
    RestrictionKind.COURT_ORDER: Reason.RESTRICTED_COURT_ORDER,
    RestrictionKind.SENSITIVE: Reason.RESTRICTED_SENSITIVE,
    None: Reason.RESTRICTED_SENSITIVE,
}


@dataclass(frozen=True, slots=True)
class _Clause:
    """One rule of one agreement, as it is cited: ``agreement@version/rule``."""

    agreement: Agreement
    digest: str
    rule: Rule

    @property
    def cite(self) -> str:
        return f"{self.agreement.id}@{self.agreement.version}/{self.rule.id}"

    def finding(
        self,
        reason: Reason,
        directives: tuple[str, ...] = (),
        review: ReviewCause | None = None,
    ) -> RuleFinding:
        """Say what this clause finds, citing itself."""
        return RuleFinding(
            reason=reason,
            rule=self.cite,
            purpose=self.rule.purpose,
            basis=self.rule.basis.articles,
            directives=directives,
            review=review,
        )


class RuleBook:
    """The agreements of the moment, arranged so that a question finds its clauses at once."""

    def __init__(self, agreements: Iterable[Agreement]) -> None:
        self.agreements = tuple(sorted(agreements, key=lambda a: (a.id, a.version)))
        self._clauses: dict[tuple[str, str, str], list[_Clause]] = {}
        for agreement in self.agreements:
            digest = agreement.digest()
            for rule in agreement.rules:
                self._file(_Clause(agreement, digest, rule))

    def _file(self, clause: _Clause) -> None:
        rule = clause.rule
        for source in dict.fromkeys(rule.sources):
            for recipient in dict.fromkeys(rule.recipients):
                for kind in dict.fromkeys(rule.event_types):
                    self._clauses.setdefault((source, recipient, kind), []).append(clause)

    def clauses(self, question: Question) -> Sequence[_Clause]:
        """Find the clauses that match a question's sender, recipient and event type."""
        key = (question.source, question.recipient, question.event_type)
        return self._clauses.get(key, ())


def decide(
    question: Question, book: RuleBook, directives: Sequence[Directive], now: dt.datetime
) -> Decision:
    """Answer one question. Total: it never raises on data; what is not permitted is withheld."""
    clauses = book.clauses(question)
    case = _DecisionCase(question, tuple(directives), now)
    sections = tuple(_decide_section(case, shape, clauses) for shape in question.sections)
    if not any(
        s.sharing is not Sharing.WITHHELD for s in sections if s.category not in PARTICULARS
    ):
        sections = tuple(_without_particulars(s) for s in sections)
    agreements = {f"{c.agreement.id}@{c.agreement.version}": c.digest for c in clauses}
    return Decision(
        recipient=question.recipient, sections=sections, agreements=agreements, decided_at=now
    )


@dataclass(frozen=True, slots=True)
class _DecisionCase:
    """All that one decision may look at."""

    question: Question
    directives: tuple[Directive, ...]
    now: dt.datetime


def _without_particulars(section: SectionDecision) -> SectionDecision:
    if section.sharing is Sharing.WITHHELD:
        return section
    refused = dict.fromkeys(section.fields, Reason.PARTICULARS_ONLY)
    return section.model_copy(
        update={
            "sharing": Sharing.WITHHELD,
            "fields": {},
            "refused": {**section.refused, **refused},
            "findings": (*section.findings, RuleFinding(reason=Reason.PARTICULARS_ONLY)),
        }
    )


def _decide_section(
    case: _DecisionCase, shape: SectionShape, clauses: Sequence[_Clause]
) -> SectionDecision:
    examined = [(clause, _examine(case, shape, clause)) for clause in clauses]
    spoken = [(clause, finding) for clause, finding in examined if finding is not None]
    if not spoken:
        reason = Reason.NO_RULE if clauses else Reason.NO_AGREEMENT
        return _withheld(shape, (RuleFinding(reason=reason),))
    findings = tuple(finding for _, finding in spoken)
    permitting = [clause for clause, finding in spoken if finding.reason.permits]
    if not permitting:
        return _withheld(shape, findings)
    return _share(case, shape, permitting, findings)


def _withheld(
    shape: SectionShape,
    findings: tuple[RuleFinding, ...],
    refused: dict[str, Reason] | None = None,
) -> SectionDecision:
    return SectionDecision(
        category=shape.category,
        sharing=Sharing.WITHHELD,
        refused=refused or {},
        findings=findings,
    )


def _examine(case: _DecisionCase, shape: SectionShape, clause: _Clause) -> RuleFinding | None:
    """Find what one clause says of one section; None where it does not speak about it."""
    rule, question = clause.rule, case.question
    # (1) The agreement is in force, and the rule speaks about the category. Of a type nobody
    # registered, or a section the type does not have, not even the existence is shared.
    if (
        shape.category not in rule.categories()
        or _model(question.event_type, shape.category) is None
    ):
        return None
    if not clause.agreement.in_force(case.now):
        late = case.now >= clause.agreement.valid_until
        return clause.finding(Reason.AGREEMENT_EXPIRED if late else Reason.AGREEMENT_NOT_YET)
    # (2) The recipient takes part in the child's care, or was addressed.
    taking_part = question.involved or question.addressed
    if rule.involvement is Involved.REQUIRED and not taking_part:
        return clause.finding(Reason.NOT_INVOLVED)
    in_scope = _in_scope(case, shape, rule)
    # (3) A restriction withholds, unless it lets this purpose through.
    for restriction in _restrictions(in_scope, rule, case.now):
        if restriction.restriction is not RestrictionKind.ADDRESS:
            reason = _RESTRICTED[restriction.restriction]
            return clause.finding(reason, (restriction.id,))
    # (4) A safeguarding override permits a rule of safeguarding purpose.
    if question.override and rule.purpose in _SAFEGUARDING:
        return clause.finding(Reason.OVERRIDE, review=ReviewCause.OVERRIDE_USED)
    # (5) A rule that needs consent: whose word counts decides.
    if rule.basis.needs_consent:
        word = weigh(in_scope, question.child, case.now)
        return clause.finding(word.reason, word.directives, word.review)
    # (6) A rule that needs no consent permits, unless an objection was upheld.
    if upheld := _upheld(in_scope, case.now):
        return clause.finding(Reason.OBJECTION_UPHELD, upheld)
    return clause.finding(Reason.BASIS_WITHOUT_CONSENT)


def _in_scope(case: _DecisionCase, shape: SectionShape, rule: Rule) -> list[Directive]:
    recipient = case.question.recipient
    return [d for d in case.directives if d.covers(shape.category, recipient, rule.purpose)]


def _restrictions(in_scope: Iterable[Directive], rule: Rule, now: dt.datetime) -> list[Directive]:
    """Keep the restrictions in force that do not let the rule's purpose through, by their ids."""
    standing = (
        d
        for d in in_scope
        if d.kind is DirectiveKind.RESTRICTION
        and d.standing(now) is DirectiveStanding.IN_FORCE
        and rule.purpose not in d.allowed_purposes
    )
    return sorted(standing, key=lambda d: d.id)


def _upheld(in_scope: Iterable[Directive], now: dt.datetime) -> tuple[str, ...]:
    """Name the upheld objections in force."""
    objections = (d for d in in_scope if d.kind is DirectiveKind.OBJECTION and d.upheld)
    return tuple(sorted(d.id for d in objections if d.standing(now) is DirectiveStanding.IN_FORCE))


def _share(
    case: _DecisionCase,
    shape: SectionShape,
    permitting: Sequence[_Clause],
    findings: tuple[RuleFinding, ...],
) -> SectionDecision:
    """Share the union of the permitting clauses' fields, less what is always withheld."""
    fields: dict[str, tuple[str, ...]] = {}
    refused: dict[str, Reason] = {}
    for name in sorted(shape.fields):
        answers = [(c.cite, _field_answer(case, shape, c, name)) for c in permitting]
        granted = tuple(cite for cite, reason in answers if reason is None)
        if granted:
            fields[name] = granted
        else:
            refused[name] = _gravest(reason for _, reason in answers)
    if Reason.RESTRICTED_ADDRESS in refused.values():
        guards = tuple(sorted({d for c in permitting for d in _address_guards(case, shape, c)}))
        findings += (RuleFinding(reason=Reason.RESTRICTED_ADDRESS, directives=guards),)
    if fields:
        sharing = Sharing.CONTENT
    elif any(shape.category in c.rule.existence for c in permitting):
        sharing = Sharing.EXISTENCE
    else:
        return _withheld(shape, (*findings, RuleFinding(reason=Reason.NOTHING_LEFT)), refused)
    return SectionDecision(
        category=shape.category, sharing=sharing, fields=fields, refused=refused, findings=findings
    )


_GRAVITY = (
    Reason.NEVER_SHARED,
    Reason.DO_NOT_DISCLOSE,
    Reason.WHEREABOUTS_GUARDED,
    Reason.RESTRICTED_ADDRESS,
    Reason.FIELD_NOT_ALLOWED,
)


def _gravest(reasons: Iterable[Reason | None]) -> Reason:
    present = set(reasons)
    return next((r for r in _GRAVITY if r in present), Reason.FIELD_NOT_ALLOWED)


def _field_answer(
    case: _DecisionCase, shape: SectionShape, clause: _Clause, name: str
) -> Reason | None:
    """Say why a clause may not share one field, or None where it may."""
    model = _model(case.question.event_type, shape.category)
    whereabouts = whereabouts_of(model, name) if model else Whereabouts.NEVER
    if whereabouts is Whereabouts.NEVER:
        return Reason.NEVER_SHARED
    if name in shape.do_not_disclose:
        return Reason.DO_NOT_DISCLOSE
    if whereabouts is Whereabouts.LOCATES:
        if case.question.child.guarded:
            return Reason.WHEREABOUTS_GUARDED
        if _address_guards(case, shape, clause):
            return Reason.RESTRICTED_ADDRESS
    if name not in clause.rule.fields.get(shape.category, ()):
        return Reason.FIELD_NOT_ALLOWED
    return None


def _address_guards(case: _DecisionCase, shape: SectionShape, clause: _Clause) -> tuple[str, ...]:
    """Name the restrictions that keep secret, from this clause, where someone can be found."""
    standing = _restrictions(_in_scope(case, shape, clause.rule), clause.rule, case.now)
    return tuple(d.id for d in standing if d.restriction is RestrictionKind.ADDRESS)


def _model(event_type: str, category: Category) -> type[Section] | None:
    kind = EVENT_TYPES.get(event_type)
    return kind.sections.get(category) if kind else None
