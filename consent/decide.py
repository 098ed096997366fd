"""The decision: may this recipient know this event, and what of it? Default deny, always explained.

For each section of the event, and each rule of an agreement that matches sender, recipient and
event type, the first of these that answers is the rule's finding:

1. The agreement and the rule are in force, the rule covers the category, and nothing forbids it.
2. The recipient takes part in the child's care or was addressed (unless the rule says "any").
3. A court's restriction withholds what it does not let through.
4. A safeguarding override permits a rule of safeguarding purpose, and opens a review. It yields to
   a court only.
5. A professional's restriction withholds what is neither a legal obligation nor child protection.
6. A rule that needs consent: the person with the highest authority decides (consent/authority.py).
7. An upheld objection withholds what rests on Article 6(1)(e), (ea) or (f).
8. Otherwise the rule permits.

Then fields: the union of the permitting rules' fields, each with its rules named, without what is
always withheld: what locates a guarded child, a placement's address, what the sender marked
do-not-disclose, what an agreement forbids. The child's particulars (identity, contact, family)
alone are no delivery, because the type of an event shows what it is about. Where nothing is left,
nothing is shared, not even that the event exists.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from consent.agreement import ConsentRecorder, Involved, Rule
from consent.authority import AuthorityFinding, weigh
from consent.decision import Decision, RuleFinding, SectionDecision, Sharing
from consent.directive import Directive, DirectiveStanding
from consent.question import Question, SectionShape
from consent.reasons import Reason, ReviewCause
from consent.restrictions import (
    address_restrictions,
    court_restrictions,
    professional_restrictions,
    upheld_objections,
)
from consent.rulebook import Clauses, Forbidding, RuleBook, RulePermission, forbidding
from consent.standing import Standings, standings_about
from schemas.fields import Whereabouts, whereabouts_of
from schemas.registry import EVENT_TYPES
from schemas.sections import Category, Section
from schemas.sharing import Authority, DirectiveKind, Purpose

RULES: Final = "2"
"""The version of the rules below; every decision names it."""

PARTICULARS = frozenset({Category.IDENTITY, Category.CONTACT, Category.FAMILY})
_SAFEGUARDING = frozenset({Purpose.SAFEGUARDING, Purpose.CHILD_PROTECTION})


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
    return Decision(
        recipient=question.recipient,
        sections=sections,
        agreements=clauses.digests(),
        decided_at=now,
        rules=RULES,
    )


@dataclass(frozen=True, slots=True)
class _DecisionCase:
    """All that one decision may use."""

    question: Question
    directives: tuple[Directive, ...]
    now: dt.datetime


@dataclass(frozen=True, slots=True)
class _RuleCase:
    """One section under one rule: what was said about it, who may decide, what is forbidden."""

    case: _DecisionCase
    shape: SectionShape
    permission: RulePermission
    in_scope: tuple[Directive, ...]
    standings: Standings
    forbidden: tuple[Forbidding, ...]

    @property
    def rule(self) -> Rule:
        return self.permission.rule

    @property
    def overridden(self) -> bool:
        """Whether a safeguarding override is asserted and the rule is of safeguarding purpose."""
        return self.case.question.override and self.rule.purpose in _SAFEGUARDING

    def field_forbidden(self, name: str) -> bool:
        category, purpose = self.shape.category, self.rule.purpose
        return any(p.forbids_field(category, name, purpose) for p in self.forbidden)

    def existence_permitted(self) -> bool:
        category, purpose = self.shape.category, self.rule.purpose
        allowed = category in self.rule.existence
        return allowed and not any(p.forbids_existence(category, purpose) for p in self.forbidden)

    def wholly_forbidden(self) -> bool:
        """Whether nothing that the rule names is left once prohibitions are applied."""
        fields = self.rule.fields.get(self.shape.category, ())
        left = any(not self.field_forbidden(name) for name in fields)
        return bool(self.forbidden) and not left and not self.existence_permitted()


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


def _decide_section(case: _DecisionCase, shape: SectionShape, clauses: Clauses) -> SectionDecision:
    forbidden = tuple(forbidding(clauses.prohibitions, shape.category, case.now))
    sharings = [
        _sharing(case, shape, permission, forbidden)
        for permission in clauses.permissions
        if _covers(case, shape, permission)
    ]
    if not sharings:
        reason = Reason.NO_RULE if clauses.permissions else Reason.NO_AGREEMENT
        return _withheld(shape, (RuleFinding(reason=reason),))
    examined = [(sharing, _examine(sharing)) for sharing in sharings]
    purposes = {sharing.rule.purpose for sharing in sharings}
    findings = (
        *(finding for _, finding in examined),
        *(prohibition.finding() for prohibition in forbidden if prohibition.concerns(purposes)),
    )
    permitting = [sharing for sharing, finding in examined if finding.reason.permits]
    if not permitting:
        return _withheld(shape, findings)
    return _share(shape, permitting, findings)


def _covers(case: _DecisionCase, shape: SectionShape, permission: RulePermission) -> bool:
    """Whether a rule covers a section, of an event type and a section that are registered."""
    named = shape.category in permission.rule.categories()
    return named and _model(case.question.event_type, shape.category) is not None


def _sharing(
    case: _DecisionCase,
    shape: SectionShape,
    permission: RulePermission,
    forbidden: tuple[Forbidding, ...],
) -> _RuleCase:
    about = (shape.category, case.question.recipient, permission.rule.purpose)
    in_scope = tuple(d for d in case.directives if d.covers(*about))
    standings = standings_about(case.question.child, case.now, about)
    return _RuleCase(case, shape, permission, in_scope, standings, forbidden)


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


def _examine(sharing: _RuleCase) -> RuleFinding:
    """Return what one rule finds about one section that it covers."""
    permission, rule, now = sharing.permission, sharing.rule, sharing.case.now
    question, in_scope = sharing.case.question, sharing.in_scope
    # (1) The agreement and the rule are in force, and nothing forbids what the rule names.
    if (out_of_time := _out_of_time(permission, now)) is not None:
        return permission.finding(out_of_time)
    if sharing.wholly_forbidden():
        return permission.finding(Reason.RULE_FORBIDS)
    # (2) The recipient takes part in the child's care, or was addressed.
    taking_part = question.involved or question.addressed
    if rule.involvement is Involved.REQUIRED and not taking_part:
        return permission.finding(Reason.NOT_INVOLVED)
    # (3) A court's restriction withholds what it does not let through.
    if orders := court_restrictions(in_scope, rule, now):
        return permission.finding(Reason.RESTRICTED_COURT_ORDER, tuple(orders[:1]))
    # (4) A safeguarding override permits, unless a court refused what needs consent.
    word = _consent(sharing) if rule.basis.needs_consent else None
    if sharing.overridden and not _refused_by_court(sharing, word):
        return permission.finding(Reason.OVERRIDE, review=ReviewCause.OVERRIDE_USED)
    # (5) A professional's restriction withholds what is no duty.
    if marks := professional_restrictions(in_scope, rule, now):
        return permission.finding(Reason.RESTRICTED_SENSITIVE, tuple(marks[:1]))
    # (6) A rule that needs consent: the person with the highest authority decides.
    if word is not None and not word.reason.permits:
        return permission.finding(word.reason, word.directives, word.review)
    # (7) An upheld objection withholds what the law lets it reach.
    if upheld := upheld_objections(in_scope, rule, sharing.standings):
        return permission.finding(Reason.OBJECTION_UPHELD, upheld)
    # (8) Otherwise the rule permits.
    if word is not None:
        return permission.finding(word.reason, word.directives, word.review)
    return permission.finding(Reason.BASIS_WITHOUT_CONSENT)


def _out_of_time(permission: RulePermission, now: dt.datetime) -> Reason | None:
    """Return why an agreement or its rule is not in force, or None where both are."""
    agreement, rule = permission.agreement, permission.rule
    if agreement.ended(now):
        return Reason.AGREEMENT_EXPIRED
    if not agreement.in_force(now):
        return Reason.AGREEMENT_NOT_YET
    if rule.ended(now):
        return Reason.RULE_EXPIRED
    return None if rule.begun(now) else Reason.RULE_NOT_YET


def _consent(sharing: _RuleCase) -> AuthorityFinding:
    """Weigh the consents and refusals about a sharing."""
    unconfirmed = frozenset(d.id for d in sharing.in_scope if not _accepted(sharing, d))
    return weigh(sharing.in_scope, sharing.standings, unconfirmed)


def _accepted(sharing: _RuleCase, directive: Directive) -> bool:
    """Whether the rule accepts a consent from whoever recorded it; the hub's officer always."""
    accepted, recorder = sharing.rule.consent_from, directive.recorded_by
    question = sharing.case.question
    if not recorder:
        return True
    if not accepted:
        return question.own_favour or recorder != question.recipient
    roles = {
        ConsentRecorder.SOURCE: recorder == question.source,
        ConsentRecorder.RECIPIENT: recorder == question.recipient,
        ConsentRecorder.COUNCIL: recorder in question.councils,
    }
    roles[ConsentRecorder.OTHER] = not any(roles.values())
    return any(roles[role] for role in accepted)


def _refused_by_court(sharing: _RuleCase, word: AuthorityFinding | None) -> bool:
    """Whether a court's own decision stands against the sharing."""
    if word is None or word.reason.permits:
        return False
    return any(
        d.authority is Authority.COURT
        and d.id in word.directives
        and d.kind in {DirectiveKind.REFUSAL, DirectiveKind.CONSENT}
        and d.standing(sharing.case.now) is not DirectiveStanding.EXPIRED
        for d in sharing.in_scope
    )


def _share(
    shape: SectionShape,
    permitting: Sequence[_RuleCase],
    findings: tuple[RuleFinding, ...],
) -> SectionDecision:
    """Share the union of the permitting rules' fields, without what is always withheld."""
    fields: dict[str, tuple[str, ...]] = {}
    refused: dict[str, Reason] = {}
    for name in sorted(shape.fields):
        answers = [(one.permission.cite, _field_answer(one, name)) for one in permitting]
        granted = tuple(cite for cite, reason in answers if reason is None)
        if granted:
            fields[name] = granted
        else:
            refused[name] = _gravest(reason for _, reason in answers)
    if Reason.RESTRICTED_ADDRESS in refused.values():
        guards = tuple(sorted({d for one in permitting for d in _address_guards(one)}))
        findings += (RuleFinding(reason=Reason.RESTRICTED_ADDRESS, directives=guards),)
    if fields:
        sharing = Sharing.CONTENT
    elif any(one.existence_permitted() for one in permitting):
        sharing = Sharing.EXISTENCE
    else:
        return _withheld(shape, (*findings, RuleFinding(reason=Reason.NOTHING_LEFT)), refused)
    return SectionDecision(
        category=shape.category, sharing=sharing, fields=fields, refused=refused, findings=findings
    )


_GRAVITY = (
    Reason.NEVER_SHARED,
    Reason.DO_NOT_DISCLOSE,
    Reason.RULE_FORBIDS,
    Reason.WHEREABOUTS_GUARDED,
    Reason.RESTRICTED_ADDRESS,
    Reason.FIELD_NOT_ALLOWED,
)


def _gravest(reasons: Iterable[Reason | None]) -> Reason:
    present = set(reasons)
    return next((r for r in _GRAVITY if r in present), Reason.FIELD_NOT_ALLOWED)


def _field_answer(sharing: _RuleCase, name: str) -> Reason | None:
    """Return why a rule may not share one field, or None where it may."""
    shape, question = sharing.shape, sharing.case.question
    model = _model(question.event_type, shape.category)
    whereabouts = whereabouts_of(model, name) if model else Whereabouts.NEVER
    if whereabouts is Whereabouts.NEVER:
        return Reason.NEVER_SHARED
    if name in shape.do_not_disclose:
        return Reason.DO_NOT_DISCLOSE
    if sharing.field_forbidden(name):
        return Reason.RULE_FORBIDS
    if whereabouts is Whereabouts.LOCATES:
        if question.child.guarded:
            return Reason.WHEREABOUTS_GUARDED
        if _address_guards(sharing):
            return Reason.RESTRICTED_ADDRESS
    if name not in sharing.rule.fields.get(shape.category, ()):
        return Reason.FIELD_NOT_ALLOWED
    return None


def _address_guards(sharing: _RuleCase) -> tuple[str, ...]:
    """Return the restrictions that hide from this rule where someone can be found."""
    return address_restrictions(
        sharing.in_scope, sharing.rule, sharing.standings, override=sharing.overridden
    )


def _model(event_type: str, category: Category) -> type[Section] | None:
    kind = EVENT_TYPES.get(event_type)
    return kind.sections.get(category) if kind else None
