"""Restrictions, overrides and objections: what each withholds depends on who made it."""

from __future__ import annotations

import pytest

from consent.agreement import Rule
from consent.basis import Article6, ConfidentialityBasis, LawfulBasis
from consent.reasons import Reason
from schemas.sections import Category
from schemas.sharing import Authority, DirectiveKind, Purpose, RestrictionKind, Scope
from tests.consent.one_rule import (
    CONSENT_RULE,
    DUTY,
    NOW,
    PROTECTION,
    RULE,
    ask,
    part,
    reason,
    said,
)

OVERRIDABLE = CONSENT_RULE.model_copy(update={"purpose": Purpose.SAFEGUARDING})


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        (Authority.COURT, Reason.RESTRICTED_COURT_ORDER),
        (Authority.PROFESSIONAL, Reason.RESTRICTED_SENSITIVE),
    ],
)
@pytest.mark.parametrize("kind", [RestrictionKind.COURT_ORDER, RestrictionKind.SENSITIVE, None])
def test_a_restriction_withholds_and_is_cited(
    kind: RestrictionKind | None, who: Authority, expected: Reason
) -> None:
    """(3, 5) The reason follows from who made it, and the finding names it."""
    restriction = said(DirectiveKind.RESTRICTION, "she", authority=who, restriction=kind)
    finding = part(ask(RULE, restriction)).findings[0]
    assert finding.reason is expected
    assert finding.directives == ("she-restriction",)


@pytest.mark.parametrize("rule", [DUTY, PROTECTION])
def test_only_a_court_restricts_a_duty_or_child_protection(rule: Rule) -> None:
    """(3, 5, 7) Neither a professional nor a parent can stop a statutory flow."""
    for who in (Authority.PROFESSIONAL, Authority.PARENTAL_RESPONSIBILITY):
        assert ask(rule, said(DirectiveKind.RESTRICTION, authority=who)).permitted
    order = said(DirectiveKind.RESTRICTION, authority=Authority.COURT)
    assert reason(ask(rule, order)) is Reason.RESTRICTED_COURT_ORDER


@pytest.mark.parametrize("who", [Authority.PARENTAL_RESPONSIBILITY, Authority.YOUNG_PERSON])
def test_a_restriction_by_the_family_is_an_objection(who: Authority) -> None:
    """(7) It withholds nothing until it is upheld."""
    restriction = said(
        DirectiveKind.RESTRICTION, authority=who, restriction=RestrictionKind.SENSITIVE
    )
    assert ask(RULE, restriction).permitted
    upheld = restriction.model_copy(update={"upheld": True})
    assert reason(ask(RULE, upheld)) is Reason.OBJECTION_UPHELD
    through = upheld.model_copy(update={"allowed_purposes": (Purpose.EHC_PLAN,)})
    assert ask(RULE, through).permitted


@pytest.mark.parametrize("who", [Authority.COURT, Authority.PROFESSIONAL])
def test_a_restriction_lets_a_named_purpose_through(who: Authority) -> None:
    """(3, 5) A purpose the restriction allows is not withheld by it."""
    restriction = said(
        DirectiveKind.RESTRICTION, authority=who, allowed_purposes=(Purpose.EHC_PLAN,)
    )
    assert ask(RULE, restriction).permitted


def test_a_restriction_about_another_recipient_does_not_withhold() -> None:
    """(3) Only a restriction that covers this sharing counts."""
    scope = Scope(recipients=("elm-school",))
    order = said(DirectiveKind.RESTRICTION, authority=Authority.COURT, scope=scope)
    assert ask(RULE, order).permitted


def test_an_override_yields_to_a_court_only() -> None:
    """(4) lies between a court's restriction and a professional's."""
    order = said(DirectiveKind.RESTRICTION, authority=Authority.COURT)
    assert reason(ask(OVERRIDABLE, order, override=True)) is Reason.RESTRICTED_COURT_ORDER
    mark = said(DirectiveKind.RESTRICTION, authority=Authority.PROFESSIONAL)
    assert reason(ask(OVERRIDABLE, mark, override=True)) is Reason.OVERRIDE


def test_an_override_yields_to_a_court_s_refusal_while_it_lasts() -> None:
    """(4) Refused, or a consent taken back; not what has run out."""
    refusal = said(DirectiveKind.REFUSAL, "court", authority=Authority.COURT)
    assert reason(ask(OVERRIDABLE, refusal, override=True)) is Reason.CONSENT_REFUSED
    over = refusal.model_copy(update={"valid_until": NOW})
    assert reason(ask(OVERRIDABLE, over, override=True)) is Reason.OVERRIDE
    consent = said(DirectiveKind.CONSENT, "court", authority=Authority.COURT, withdrawn_at=NOW)
    assert reason(ask(OVERRIDABLE, consent, override=True)) is Reason.CONSENT_WITHDRAWN
    parent = said(DirectiveKind.REFUSAL)
    assert reason(ask(OVERRIDABLE, parent, override=True)) is Reason.OVERRIDE


@pytest.mark.parametrize(
    ("article", "reached"),
    [
        (Article6.PUBLIC_TASK, True),
        (Article6.RECOGNISED_LEGITIMATE_INTERESTS, True),
        (Article6.LEGITIMATE_INTERESTS, True),
        (Article6.LEGAL_OBLIGATION, False),
        (Article6.VITAL_INTERESTS, False),
        (Article6.CONTRACT, False),
    ],
)
def test_an_objection_reaches_what_article_21_says(article: Article6, *, reached: bool) -> None:
    """(7) UK GDPR Article 21(1): 6(1)(e), (ea) and (f), and nothing else."""
    basis = LawfulBasis(
        article_6=article, confidentiality=ConfidentialityBasis.LEGAL_DUTY, gate="A statute"
    )
    rule = RULE.model_copy(update={"basis": basis})
    assert ask(rule, said(DirectiveKind.OBJECTION, upheld=True)).permitted is not reached


def test_an_upheld_objection_withholds_what_was_consented_to_as_well() -> None:
    """(7) Consent answers the duty of confidence; the public task can still be objected to."""
    objection = said(DirectiveKind.OBJECTION, upheld=True)
    decision = ask(CONSENT_RULE, said(DirectiveKind.CONSENT, "father"), objection)
    assert reason(decision) is Reason.OBJECTION_UPHELD


def test_an_objection_not_upheld_withholds_nothing() -> None:
    """(7) An objection is weighed by a person first."""
    assert ask(RULE, said(DirectiveKind.OBJECTION)).permitted


def test_an_address_restriction_withholds_the_address_and_not_the_rest() -> None:
    """A restriction of kind address guards single fields."""
    decision = ask(RULE, said(DirectiveKind.RESTRICTION, restriction=RestrictionKind.ADDRESS))
    assert part(decision, Category.CONTACT).refused["address"] is Reason.RESTRICTED_ADDRESS
    assert part(decision).fields


@pytest.mark.parametrize(
    ("who", "rule", "hidden"),
    [
        (Authority.COURT, DUTY, True),
        (Authority.PROFESSIONAL, RULE, True),
        (Authority.PROFESSIONAL, DUTY, False),
        (Authority.PARENTAL_RESPONSIBILITY, DUTY, True),
        (Authority.YOUNG_PERSON, DUTY, True),
    ],
)
def test_who_may_hide_whereabouts_from_what(who: Authority, rule: Rule, *, hidden: bool) -> None:
    """A court and the family at once from everything; a professional from what is no duty."""
    mark = said(DirectiveKind.RESTRICTION, authority=who, restriction=RestrictionKind.ADDRESS)
    refused = part(ask(rule, mark), Category.CONTACT).refused
    assert ("address" in refused) is hidden


def test_an_override_shows_whereabouts_that_no_court_hides() -> None:
    """Whoever is called to a child in danger must find the child."""
    rule = RULE.model_copy(update={"purpose": Purpose.SAFEGUARDING})
    mark = said(DirectiveKind.RESTRICTION, restriction=RestrictionKind.ADDRESS)
    order = mark.model_copy(update={"authority": Authority.COURT})
    assert "address" in part(ask(rule, mark, override=True), Category.CONTACT).fields
    assert "address" in part(ask(rule, order, override=True), Category.CONTACT).refused
