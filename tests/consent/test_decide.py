"""The decision by example, one rule of docs/how-it-decides.md at a time."""

from __future__ import annotations

import pytest

from consent.agreement import Involved
from consent.decide import decide
from consent.decision import Sharing
from consent.question import ChildStanding, SectionShape
from consent.reasons import Reason, ReviewCause
from consent.rulebook import RuleBook
from schemas.sections import Category
from schemas.sharing import Authority, DirectiveKind, Purpose, RestrictionKind, Scope
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


def test_a_rule_that_needs_no_consent_shares_its_fields() -> None:
    """The fields the rule names are shared, under the rule's name."""
    health = part(ask())
    cite = ("ehc-borough@3/advice-to-school",)
    assert health.sharing is Sharing.CONTENT
    assert health.fields == {"issued_on": cite, "report_id": cite}
    assert health.refused == {"author": Reason.FIELD_NOT_ALLOWED}


def test_a_finding_cites_rule_purpose_and_basis() -> None:
    """An officer can see from the finding what the sharing rests on."""
    finding = part(ask()).findings[0]
    assert finding.reason is Reason.BASIS_WITHOUT_CONSENT
    assert finding.rule == "ehc-borough@3/advice-to-school"
    assert finding.purpose is Purpose.EHC_PLAN
    assert finding.basis == "6(1)(e) 9(2)(h)"


def test_a_decision_carries_the_digest_of_the_agreement_it_used() -> None:
    """The decision can be made again with the very same agreement."""
    assert ask().agreements == {"ehc-borough@3": agreement(RULE).digest()}


@pytest.mark.parametrize(
    "change", [{"source": "else-trust"}, {"recipient": "elm-school"}, {"event_type": "nobody.v1"}]
)
def test_another_sender_recipient_or_type_finds_no_agreement(change: dict[str, str]) -> None:
    """Sender, recipient and type must each be named by the rule."""
    decision = ask(**change)
    assert not decision.permitted
    assert reason(decision) is Reason.NO_AGREEMENT


def test_an_expired_agreement_says_so() -> None:
    """(1) The end of the period is no longer part of it."""
    book = RuleBook([agreement(RULE, valid_until=NOW)])
    assert reason(decide(QUESTION, book, (), NOW)) is Reason.AGREEMENT_EXPIRED


def test_an_agreement_that_begins_later_says_so() -> None:
    """(1) Before its first moment an agreement permits nothing."""
    book = RuleBook([agreement(RULE, valid_from=NOW + DAY / 2)])
    assert reason(decide(QUESTION, book, (), NOW)) is Reason.AGREEMENT_NOT_YET


def test_a_category_no_rule_speaks_about_is_withheld() -> None:
    """(1) A rule about health says nothing of the family."""
    family = SectionShape(category=Category.FAMILY, fields=("people",))
    decision = ask(sections=(*QUESTION.sections, family))
    assert reason(decision, Category.FAMILY) is Reason.NO_RULE


def test_a_category_that_events_of_the_type_do_not_have_is_withheld() -> None:
    """(1) A rule cannot share even the existence of a section the type does not have."""
    rule = RULE.model_copy(update={"existence": (Category.SAFEGUARDING,)})
    stray = SectionShape(category=Category.SAFEGUARDING, fields=("note",))
    decision = ask(rule, sections=(*QUESTION.sections, stray))
    assert reason(decision, Category.SAFEGUARDING) is Reason.NO_RULE


def test_an_unregistered_type_shares_not_even_existence() -> None:
    """(1) A rule that names a type nobody registered permits nothing of it."""
    kind = "nobody.knows-this.v1"
    update = {"event_types": (kind,), "existence": (Category.HEALTH,)}
    assert not ask(RULE.model_copy(update=update), event_type=kind).permitted


def test_a_recipient_that_takes_no_part_is_not_told() -> None:
    """(2) Being party to an agreement is not being involved with this child."""
    decision = ask(involved=False)
    assert not decision.permitted
    assert reason(decision) is Reason.NOT_INVOLVED


def test_an_addressed_recipient_is_told() -> None:
    """(2) The sender may address a recipient that was not involved before."""
    assert ask(involved=False, addressed=True).permitted


def test_a_rule_for_any_recipient_asks_for_no_involvement() -> None:
    """(2) A rule may waive involvement."""
    rule = RULE.model_copy(update={"involvement": Involved.ANY})
    assert ask(rule, involved=False).permitted


def test_an_override_shares_despite_refusal_and_opens_a_review() -> None:
    """(4) A safeguarding override outranks a refusal and is looked at afterwards."""
    rule = CONSENT_RULE.model_copy(update={"purpose": Purpose.SAFEGUARDING})
    decision = ask(rule, said(DirectiveKind.REFUSAL), override=True)
    assert reason(decision) is Reason.OVERRIDE
    assert decision.permitted
    assert decision.reviews() == (ReviewCause.OVERRIDE_USED,)


def test_an_override_does_nothing_for_another_purpose() -> None:
    """(4) A rule for EHC plans is not widened by a safeguarding override."""
    assert reason(ask(CONSENT_RULE, override=True)) is Reason.NO_CONSENT


def test_without_consent_a_rule_that_needs_it_withholds() -> None:
    """(5) Silence is not consent."""
    assert reason(ask(CONSENT_RULE)) is Reason.NO_CONSENT


def test_consent_shares_and_is_cited() -> None:
    """(5) The decision rests on the directive and says so."""
    decision = ask(CONSENT_RULE, said(DirectiveKind.CONSENT))
    assert reason(decision) is Reason.CONSENT_GIVEN
    assert decision.directives() == ("mother-consent",)


def test_a_refusal_does_not_stop_what_does_not_rest_on_consent() -> None:
    """(6) A legal duty or public task does not wait for consent."""
    assert ask(RULE, said(DirectiveKind.REFUSAL)).permitted


def test_two_rules_share_the_union_each_field_with_its_rules() -> None:
    """What either rule names is shared, and each field says which rule permits it."""
    other = RULE.model_copy(
        update={"id": "second", "fields": {Category.HEALTH: ("author", "report_id")}}
    )
    decision = decide(QUESTION, RuleBook([agreement(RULE, other)]), (), NOW)
    first, second = "ehc-borough@3/advice-to-school", "ehc-borough@3/second"
    assert part(decision).fields == {
        "author": (second,),
        "issued_on": (first,),
        "report_id": (first, second),
    }


def test_an_agency_named_twice_in_a_rule_counts_once() -> None:
    """A repeated name in an agreement gives no second finding."""
    rule = RULE.model_copy(update={"sources": ("trust-paeds", "trust-paeds")})
    assert part(ask(rule)) == part(ask())


def test_existence_is_shared_where_only_existence_is_permitted() -> None:
    """A rule may let a recipient learn that there is a record and nothing more."""
    update = {"fields": {}, "existence": (Category.HEALTH,)}
    health = part(ask(RULE.model_copy(update=update)))
    assert health.sharing is Sharing.EXISTENCE
    assert not health.fields


def test_content_alone_does_not_permit_existence() -> None:
    """Where every permitted field is withheld, existence needs its own permission."""
    hidden = SectionShape(
        category=Category.HEALTH, fields=("report_id",), do_not_disclose=("report_id",)
    )
    health = part(ask(sections=(hidden,)))
    assert health.sharing is Sharing.WITHHELD
    assert health.findings[-1].reason is Reason.NOTHING_LEFT
    assert health.refused == {"report_id": Reason.DO_NOT_DISCLOSE}


def test_a_guarded_child_s_address_is_withheld() -> None:
    """Whereabouts of a flagged child are withheld though the rule names them."""
    contact = part(ask(child=ChildStanding(guarded=True)), Category.CONTACT)
    assert contact.sharing is Sharing.WITHHELD
    assert contact.refused["address"] is Reason.WHEREABOUTS_GUARDED


def test_an_address_restriction_withholds_the_address_and_not_the_rest() -> None:
    """A restriction of kind address guards single fields."""
    decision = ask(RULE, said(DirectiveKind.RESTRICTION, restriction=RestrictionKind.ADDRESS))
    assert part(decision, Category.CONTACT).refused["address"] is Reason.RESTRICTED_ADDRESS
    assert part(decision).sharing is Sharing.CONTENT


def test_a_field_the_schema_does_not_know_is_never_shared() -> None:
    """A name outside the schema is withheld though a rule names it."""
    rule = RULE.model_copy(update={"fields": {Category.HEALTH: ("report_id", "secret")}})
    shape = SectionShape(category=Category.HEALTH, fields=("report_id", "secret"))
    assert part(ask(rule, sections=(shape,))).refused == {"secret": Reason.NEVER_SHARED}


def test_particulars_alone_are_not_delivered() -> None:
    """Name and birth date with the type of event would tell what was withheld."""
    rule = RULE.model_copy(update={"fields": {Category.IDENTITY: ("family_name",)}})
    decision = ask(rule)
    identity = part(decision, Category.IDENTITY)
    assert not decision.permitted
    assert identity.findings[-1].reason is Reason.PARTICULARS_ONLY
    assert identity.refused["family_name"] is Reason.PARTICULARS_ONLY


def test_particulars_travel_with_the_existence_of_a_record() -> None:
    """That a record exists is of use only with whom it is about."""
    fields = {Category.IDENTITY: ("family_name",)}
    rule = RULE.model_copy(update={"fields": fields, "existence": (Category.HEALTH,)})
    assert part(ask(rule), Category.IDENTITY).sharing is Sharing.CONTENT


FLAGGED = ChildStanding(guarded=True)
MOTHER = said(DirectiveKind.CONSENT)
FATHER = said(DirectiveKind.REFUSAL, "father", scope=Scope(categories=(Category.HEALTH,)))
COURT = said(DirectiveKind.CONSENT, "court", authority=Authority.COURT)


def test_the_worked_example_ends_as_the_page_says() -> None:
    """The parents disagree about health, and nothing else may travel: the school gets nothing."""
    decision = ask(CONSENT_RULE, MOTHER, FATHER, child=FLAGGED)
    assert not decision.permitted
    assert reason(decision) is Reason.CONSENT_DISPUTED
    assert decision.reviews() == (ReviewCause.CONSENT_DISPUTED,)
    contact, identity = part(decision, Category.CONTACT), part(decision, Category.IDENTITY)
    assert contact.findings[-1].reason is Reason.NOTHING_LEFT
    assert set(contact.refused.values()) == {Reason.WHEREABOUTS_GUARDED}
    assert identity.findings[-1].reason is Reason.PARTICULARS_ONLY
    assert identity.refused["upn"] is Reason.FIELD_NOT_ALLOWED


def test_the_worked_example_changes_when_a_court_decides() -> None:
    """The court's word shares health and identity; the address stays withheld."""
    decision = ask(CONSENT_RULE, MOTHER, FATHER, COURT, child=FLAGGED)
    assert part(decision).fields.keys() == {"report_id", "issued_on"}
    assert part(decision, Category.IDENTITY).fields.keys() == {"family_name", "birth_date"}
    assert part(decision, Category.CONTACT).sharing is Sharing.WITHHELD
