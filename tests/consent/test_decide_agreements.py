"""What agreements permit and forbid: prohibitions, kinds of recipient, periods, who recorded."""

from __future__ import annotations

import pytest

from consent.agreement import ConsentRecorder, Prohibition
from consent.decide import RULES, decide
from consent.reasons import Reason, ReviewCause
from consent.rulebook import RuleBook
from schemas.agencies import OrganisationType
from schemas.sections import Category
from schemas.sharing import DirectiveKind, Purpose
from tests.consent.one_rule import (
    CONSENT_RULE,
    DAY,
    NOW,
    QUESTION,
    RULE,
    agreement,
    ask,
    part,
    reason,
    said,
)


def test_a_prohibition_wins_over_a_permission_in_any_agreement() -> None:
    """(1) What one agreement forbids, no rule of another permits."""
    ban = Prohibition(id="no-health", content=(Category.HEALTH,), recipients=("oak-school",))
    other = agreement(id="other", prohibitions=(ban,))
    decision = decide(QUESTION, RuleBook([agreement(RULE), other]), (), NOW)
    assert reason(decision) is Reason.RULE_FORBIDS
    assert not decision.permitted
    assert decision.agreements.keys() == {"ehc-borough@3", "other@3"}


def test_a_prohibition_wins_over_an_override() -> None:
    """(1) comes before (4): there is no permission to override for."""
    rule = RULE.model_copy(update={"purpose": Purpose.SAFEGUARDING})
    ban = Prohibition(id="no-health", content=(Category.HEALTH,))
    book = RuleBook([agreement(rule, prohibitions=(ban,))])
    asked = QUESTION.model_copy(update={"override": True})
    assert not decide(asked, book, (), NOW).permitted


def test_a_prohibition_of_one_field_leaves_the_others() -> None:
    """(1) The forbidden field is refused, and says so."""
    ban = Prohibition(id="no-report", fields={Category.HEALTH: ("report_id",)})
    decision = decide(QUESTION, RuleBook([agreement(RULE, prohibitions=(ban,))]), (), NOW)
    assert part(decision).fields.keys() == {"issued_on"}
    assert part(decision).refused["report_id"] is Reason.RULE_FORBIDS


def test_a_prohibition_of_existence_leaves_content() -> None:
    """(1) Content and existence are permitted and forbidden apart."""
    ban = Prohibition(id="no-existence", existence=(Category.HEALTH,))
    only = RULE.model_copy(update={"fields": {}, "existence": (Category.HEALTH,)})
    book = RuleBook([agreement(only, prohibitions=(ban,))])
    assert reason(decide(QUESTION, book, (), NOW)) is Reason.RULE_FORBIDS
    assert decide(QUESTION, RuleBook([agreement(RULE, prohibitions=(ban,))]), (), NOW).permitted


@pytest.mark.parametrize(
    "limit",
    [
        {"purposes": (Purpose.ATTENDANCE,)},
        {"valid_until": NOW},
        {"valid_from": NOW + DAY / 2},
        {"sources": ("oak-school",)},
        {"recipients": ("trust-paeds",)},
        {"recipient_kinds": (OrganisationType.POLICE,)},
        {"event_types": ("care.case-closed.v1",)},
    ],
)
def test_a_prohibition_forbids_within_its_limits(limit: dict[str, object]) -> None:
    """(1) Another purpose, time, sender, recipient, kind or type is not forbidden."""
    ban = Prohibition.model_validate({"id": "no", "content": ("health",), **limit})
    assert decide(QUESTION, RuleBook([agreement(RULE, prohibitions=(ban,))]), (), NOW).permitted


def test_a_prohibition_out_of_force_forbids_nothing() -> None:
    """(1) An expired agreement neither permits nor forbids."""
    ban = Prohibition(id="no-health", content=(Category.HEALTH,))
    expired = agreement(id="other", prohibitions=(ban,), valid_until=NOW)
    assert decide(QUESTION, RuleBook([agreement(RULE), expired]), (), NOW).permitted


def test_a_rule_has_a_period_of_its_own() -> None:
    """(1) Within the agreement's; the end is not part of it."""
    assert reason(ask(RULE.model_copy(update={"valid_until": NOW}))) is Reason.RULE_EXPIRED
    coming = RULE.model_copy(update={"valid_from": NOW + DAY / 2})
    assert reason(ask(coming)) is Reason.RULE_NOT_YET
    now = RULE.model_copy(update={"valid_from": NOW, "valid_until": NOW + DAY / 2})
    assert ask(now).permitted


def test_an_agreement_without_an_end_stays_in_force() -> None:
    """(1) Its day of review is for people, and ends nothing."""
    endless = agreement(RULE, valid_until=None, review_on=NOW.date())
    assert decide(QUESTION, RuleBook([endless]), (), NOW).permitted


def test_recipients_by_kind_are_the_parties_of_that_kind() -> None:
    """A school that did not sign is no recipient."""
    kinds = (OrganisationType.EDUCATION,)
    rule = RULE.model_copy(update={"recipients": (), "recipient_kinds": kinds})
    assert ask(rule, recipient_kind=OrganisationType.EDUCATION).permitted
    assert not ask(rule, recipient_kind=OrganisationType.HEALTH).permitted
    assert not ask(rule).permitted
    elm = ask(rule, recipient="elm-school", recipient_kind=OrganisationType.EDUCATION)
    assert reason(elm) is Reason.NO_AGREEMENT


@pytest.mark.parametrize(
    ("recorder", "accepted", "expected"),
    [
        ("trust-paeds", "source", True),
        ("oak-school", "source", False),
        ("oak-school", "recipient", True),
        ("council-care", "council", True),
        ("council-care", "other", False),
        ("else-agency", "other", True),
        ("", "source", True),
    ],
)
def test_a_rule_accepts_consent_from_whom_it_says(
    recorder: str, accepted: str, *, expected: bool
) -> None:
    """(6) What is not accepted waits for confirmation and shares nothing."""
    rule = CONSENT_RULE.model_copy(update={"consent_from": (ConsentRecorder(accepted),)})
    consent = said(DirectiveKind.CONSENT, recorded_by=recorder)
    decision = ask(rule, consent, councils=("council-care",))
    assert decision.permitted is expected
    if not expected:
        assert decision.reviews() == (ReviewCause.CONSENT_TO_CONFIRM,)


def test_a_refusal_counts_whoever_recorded_it() -> None:
    """(6) Only consents are accepted or not."""
    rule = CONSENT_RULE.model_copy(update={"consent_from": (ConsentRecorder.SOURCE,)})
    refusal = said(DirectiveKind.REFUSAL, recorded_by="oak-school")
    assert reason(ask(rule, refusal)) is Reason.CONSENT_REFUSED


def test_a_decision_names_the_version_of_the_rules() -> None:
    """A replay uses that version."""
    assert ask().rules == RULES
