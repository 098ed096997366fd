"""One rule, one event, one recipient: what the tests of the decision ask about."""

from __future__ import annotations

import datetime as dt

from consent.agreement import Agreement, Rule
from consent.basis import Article6, Article9, ConfidentialityBasis, LawfulBasis
from consent.decide import decide
from consent.decision import Decision, SectionDecision
from consent.directive import Directive
from consent.question import Question, SectionShape
from consent.reasons import Reason
from consent.rulebook import RuleBook
from schemas.sections import Category
from schemas.sharing import Authority, DirectiveKind, Purpose

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
PUBLIC_TASK = LawfulBasis(
    article_6=Article6.PUBLIC_TASK,
    article_9=Article9.HEALTH_OR_SOCIAL_CARE,
    confidentiality=ConfidentialityBasis.LEGAL_DUTY,
)
BY_CONSENT = LawfulBasis(
    article_6=Article6.PUBLIC_TASK,
    article_9=Article9.HEALTH_OR_SOCIAL_CARE,
    confidentiality=ConfidentialityBasis.CONSENT,
)
RULE = Rule(
    id="advice-to-school",
    sources=("trust-paeds",),
    recipients=("oak-school",),
    event_types=("health.report-available.v1",),
    fields={
        Category.IDENTITY: ("family_name", "birth_date"),
        Category.CONTACT: ("address",),
        Category.HEALTH: ("report_id", "issued_on"),
    },
    purpose=Purpose.EHC_PLAN,
    basis=PUBLIC_TASK,
)
CONSENT_RULE = RULE.model_copy(update={"basis": BY_CONSENT})
QUESTION = Question(
    event_type="health.report-available.v1",
    source="trust-paeds",
    recipient="oak-school",
    sections=(
        SectionShape(category=Category.IDENTITY, fields=("birth_date", "family_name", "upn")),
        SectionShape(category=Category.CONTACT, fields=("address", "gp_practice")),
        SectionShape(category=Category.HEALTH, fields=("author", "issued_on", "report_id")),
    ),
    involved=True,
)


def agreement(*rules: Rule, **changes: object) -> Agreement:
    """Make an agreement in force that holds the rules."""
    made = Agreement(
        id="ehc-borough",
        version=3,
        title="EHC plans in the borough",
        parties=("trust-paeds", "oak-school"),
        approved_by="Head of information governance",
        approved_on=dt.date(2026, 1, 5),
        valid_from=NOW - DAY,
        valid_until=NOW + DAY,
        dpia="DPIA-7",
        rules=rules,
    )
    return made.model_copy(update=changes)


def said(kind: DirectiveKind, decider: str = "mother", **changes: object) -> Directive:
    """Make a directive in force, about everything unless changed."""
    made = Directive(
        id=f"{decider}-{kind.value}",
        child="c1",
        kind=kind,
        authority=Authority.PARENTAL_RESPONSIBILITY,
        decider=decider,
        valid_from=NOW - DAY,
        recorded_at=NOW - DAY,
    )
    return made.model_copy(update=changes)


def ask(
    rule: Rule = RULE, *directives: Directive, question: Question = QUESTION, **changes: object
) -> Decision:
    """Decide under one agreement with one rule."""
    asked = question.model_copy(update=changes)
    return decide(asked, RuleBook([agreement(rule)]), directives, NOW)


def part(decision: Decision, category: Category = Category.HEALTH) -> SectionDecision:
    """Find one section's outcome."""
    return next(s for s in decision.sections if s.category is category)


def reason(decision: Decision, category: Category = Category.HEALTH) -> Reason:
    """Give the first finding's reason for one section."""
    return part(decision, category).findings[0].reason


DUTY = RULE.model_copy(
    update={
        "basis": LawfulBasis(
            article_6=Article6.LEGAL_OBLIGATION,
            confidentiality=ConfidentialityBasis.LEGAL_DUTY,
            gate="SEND Regulations 2014 reg 6",
        )
    }
)
PROTECTION = RULE.model_copy(update={"purpose": Purpose.CHILD_PROTECTION})
