"""Whose directive counts: authority first, one position a person, refusal before consent."""

from __future__ import annotations

import datetime as dt

import pytest

from consent.authority import AuthorityFinding, has_voice, weigh
from consent.directive import Directive
from consent.question import ChildStanding
from consent.reasons import Reason, ReviewCause
from consent.standing import standings_about
from schemas.sections import Category
from schemas.sharing import Authority, DirectiveKind, Scope

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
CHILD = ChildStanding()
YOUNG_PERSON = ChildStanding(young_person=True)
CONSENT, REFUSAL = DirectiveKind.CONSENT, DirectiveKind.REFUSAL
HEALTH = Scope(categories=(Category.HEALTH,))


def said(
    kind: DirectiveKind,
    decider: str = "mother",
    authority: Authority = Authority.PARENTAL_RESPONSIBILITY,
    **changes: object,
) -> Directive:
    """Make a directive in force about everything."""
    made = Directive(
        id=f"{decider}-{kind.value}",
        child="c1",
        kind=kind,
        authority=authority,
        decider=decider,
        valid_from=NOW - 9 * DAY,
        recorded_at=NOW - 9 * DAY,
    )
    return made.model_copy(update=changes)


def own(kind: DirectiveKind) -> Directive:
    """Make what the young person said."""
    return said(kind, "robin", Authority.YOUNG_PERSON)


def word(*directives: Directive, child: ChildStanding = CHILD) -> AuthorityFinding:
    """Weigh now."""
    return weigh(directives, standings_about(child, NOW))


def test_nobody_spoke() -> None:
    """Silence is no consent."""
    assert word() == AuthorityFinding(Reason.NO_CONSENT)


def test_one_parent_is_enough() -> None:
    """One person with parental responsibility can consent."""
    assert word(said(CONSENT)) == AuthorityFinding(Reason.CONSENT_GIVEN, ("mother-consent",))


def test_a_refusal_alone() -> None:
    """One refusal, no consent."""
    assert word(said(REFUSAL)).reason is Reason.CONSENT_REFUSED


def test_parents_who_disagree_share_nothing_and_are_reviewed() -> None:
    """Among equals a refusal outranks a consent and opens a review."""
    assert word(said(CONSENT), said(REFUSAL, "father")) == AuthorityFinding(
        Reason.CONSENT_DISPUTED,
        ("father-refusal", "mother-consent"),
        ReviewCause.CONSENT_DISPUTED,
    )


def test_a_court_outranks_everyone() -> None:
    """The court's consent decides alone."""
    court = said(CONSENT, "court", Authority.COURT)
    result = word(court, own(REFUSAL), said(REFUSAL), child=YOUNG_PERSON)
    assert result == AuthorityFinding(Reason.CONSENT_GIVEN, ("court-consent",))


def test_the_young_person_outranks_the_parents() -> None:
    """At 16 the young person's refusal ends what a parent consented to."""
    assert word(own(REFUSAL), said(CONSENT), child=YOUNG_PERSON).reason is Reason.CONSENT_REFUSED


def test_a_competent_child_is_heard_before_16() -> None:
    """Competence gives the child a voice of their own."""
    competent = ChildStanding(competent=True)
    assert word(own(CONSENT), said(REFUSAL), child=competent).reason is Reason.CONSENT_GIVEN


def test_a_child_not_competent_has_no_voice_here() -> None:
    """Before 16 and without competence the child's own directive does not count."""
    assert not has_voice(own(REFUSAL), CHILD, NOW)
    assert word(own(REFUSAL), said(CONSENT)).reason is Reason.CONSENT_GIVEN


def test_a_parent_s_consent_for_a_young_person_asks_for_their_own() -> None:
    """It still counts, and a review asks the young person."""
    assert word(said(CONSENT), child=YOUNG_PERSON) == AuthorityFinding(
        Reason.CONSENT_GIVEN, ("mother-consent",), ReviewCause.YOUNG_PERSON_TO_ASK
    )


def test_a_later_word_of_one_person_replaces_the_earlier() -> None:
    """Of one person's directives of equal scope the later counts."""
    later = said(REFUSAL, recorded_at=NOW - DAY)
    assert word(later, said(CONSENT)) == AuthorityFinding(
        Reason.CONSENT_REFUSED, ("mother-refusal",)
    )


def test_a_later_refusal_of_everything_ends_an_earlier_narrow_consent() -> None:
    """Who refuses everything after consenting to one thing has refused that thing too."""
    narrow = said(CONSENT, scope=HEALTH)
    assert word(narrow, said(REFUSAL, recorded_at=NOW - DAY)).reason is Reason.CONSENT_REFUSED


def test_a_later_consent_to_everything_does_not_end_a_narrow_refusal() -> None:
    """Who refused one thing and consents to everything later has still refused that thing."""
    narrow = said(REFUSAL, scope=HEALTH)
    assert word(narrow, said(CONSENT, recorded_at=NOW - DAY)).reason is Reason.CONSENT_REFUSED


def test_a_later_narrow_consent_stands_against_an_earlier_wide_refusal() -> None:
    """Who refused everything and consents to one thing later has consented to that thing."""
    narrow = said(CONSENT, scope=HEALTH, recorded_at=NOW - DAY)
    assert word(narrow, said(REFUSAL)).reason is Reason.CONSENT_GIVEN


def test_of_two_scopes_limited_alike_the_one_naming_less_is_narrower() -> None:
    """One category is narrower than two."""
    two = Scope(categories=(Category.HEALTH, Category.SEN))
    wide = said(CONSENT, scope=two, recorded_at=NOW - DAY)
    assert word(wide, said(REFUSAL, scope=HEALTH)).reason is Reason.CONSENT_REFUSED


@pytest.mark.parametrize(("consent", "refusal"), [("a", "b"), ("b", "a")])
def test_of_two_words_of_one_moment_the_refusal_counts(consent: str, refusal: str) -> None:
    """Where a system records days only, ids do not decide."""
    both = (said(CONSENT, id=consent), said(REFUSAL, id=refusal))
    assert word(*both) == AuthorityFinding(Reason.CONSENT_REFUSED, (refusal,))


def test_what_expired_at_a_higher_authority_does_not_pass_to_the_lower() -> None:
    """An expired court order does not give effect to a parent's consent; a review asks."""
    court = said(REFUSAL, "court", Authority.COURT, valid_until=NOW)
    assert word(court, said(CONSENT)) == AuthorityFinding(
        Reason.AUTHORITY_LAPSED, ("court-refusal",), ReviewCause.AUTHORITY_LAPSED
    )


def test_an_expired_consent_of_the_young_person_does_not_pass_to_a_parent() -> None:
    """Theirs is the decision; it is asked for again."""
    theirs = own(CONSENT).model_copy(update={"valid_until": NOW})
    assert word(theirs, said(CONSENT), child=YOUNG_PERSON) == AuthorityFinding(
        Reason.CONSENT_EXPIRED, ("robin-consent",), ReviewCause.AUTHORITY_LAPSED
    )


def test_an_order_discharged_leaves_the_decision_to_the_parents() -> None:
    """A court's refusal that was withdrawn is silence."""
    court = said(REFUSAL, "court", Authority.COURT, withdrawn_at=NOW)
    assert word(court, said(CONSENT)).reason is Reason.CONSENT_GIVEN


def test_a_withdrawn_consent_is_a_no_until_the_person_speaks_again() -> None:
    """A parent's older consent does not return when the young person takes theirs back."""
    theirs = own(CONSENT).model_copy(update={"withdrawn_at": NOW - DAY})
    assert word(theirs, said(CONSENT), child=YOUNG_PERSON) == AuthorityFinding(
        Reason.CONSENT_WITHDRAWN, ("robin-consent",)
    )
    again = own(CONSENT).model_copy(update={"id": "again", "recorded_at": NOW - DAY / 2})
    assert word(theirs, again, child=YOUNG_PERSON).reason is Reason.CONSENT_GIVEN


def test_a_withdrawal_ends_every_earlier_consent_of_that_person_about_the_sharing() -> None:
    """One consent recorded at the school, one at the council, the school's withdrawn."""
    school = said(CONSENT, id="school", withdrawn_at=NOW - DAY)
    council = said(CONSENT, id="council", recorded_at=NOW - 3 * DAY)
    assert word(school, council) == AuthorityFinding(Reason.CONSENT_WITHDRAWN, ("school",))


def test_a_withdrawal_reaches_as_far_as_its_consent() -> None:
    """The scope of what was withdrawn is the scope of the no."""
    narrow = said(CONSENT, id="narrow", scope=HEALTH, withdrawn_at=NOW - DAY)
    assert word(said(CONSENT)).reason is Reason.CONSENT_GIVEN
    assert word(said(CONSENT), narrow).reason is Reason.CONSENT_WITHDRAWN


def test_a_wider_consent_after_a_withdrawal_counts() -> None:
    """Whoever withdrew has spoken again."""
    narrow = said(CONSENT, id="narrow", scope=HEALTH, withdrawn_at=NOW - 2 * DAY)
    wide = said(CONSENT, id="wide", recorded_at=NOW - DAY)
    assert word(narrow, wide) == AuthorityFinding(Reason.CONSENT_GIVEN, ("wide",))


def test_a_consent_replaced_in_one_moment_counts() -> None:
    """The old version is withdrawn and the new one recorded together."""
    old = said(CONSENT, id="old", withdrawn_at=NOW - DAY)
    new = said(CONSENT, id="new", recorded_at=NOW - DAY)
    assert word(old, new) == AuthorityFinding(Reason.CONSENT_GIVEN, ("new",))


def test_of_two_parents_who_consented_one_withdraws() -> None:
    """Disputed, withheld, reviewed."""
    father = said(CONSENT, "father", withdrawn_at=NOW - DAY)
    assert word(said(CONSENT), father) == AuthorityFinding(
        Reason.CONSENT_DISPUTED,
        ("father-consent", "mother-consent"),
        ReviewCause.CONSENT_DISPUTED,
    )


def test_a_withdrawn_refusal_leaves_silence_and_revives_nothing() -> None:
    """The consent before the refusal was replaced by it."""
    refusal = said(REFUSAL, recorded_at=NOW - 2 * DAY, withdrawn_at=NOW - DAY)
    assert word(said(CONSENT), refusal) == AuthorityFinding(Reason.NO_CONSENT)
    assert word(said(CONSENT, "father"), refusal).reason is Reason.CONSENT_GIVEN


def test_a_withdrawn_refusal_leaves_another_refusal_in_force() -> None:
    """Only what was withdrawn is gone."""
    wide = said(REFUSAL, id="wide")
    narrow = said(REFUSAL, scope=HEALTH, recorded_at=NOW - 2 * DAY, withdrawn_at=NOW - DAY)
    assert word(wide, narrow, said(CONSENT, "father")).reason is Reason.CONSENT_DISPUTED


def test_a_later_consent_that_expired_replaced_the_earlier() -> None:
    """The last thing said ran out; what was said before it does not return, and a review asks."""
    later = said(CONSENT, id="later", recorded_at=NOW - 2 * DAY, valid_until=NOW)
    assert word(said(CONSENT), later) == AuthorityFinding(
        Reason.CONSENT_EXPIRED, ("later",), ReviewCause.AUTHORITY_LAPSED
    )


def test_one_parent_s_expired_directive_leaves_the_other_s() -> None:
    """One person with parental responsibility is enough."""
    for kind in (CONSENT, REFUSAL):
        lapsed = said(kind, "father", valid_until=NOW)
        assert word(lapsed, said(CONSENT)).reason is Reason.CONSENT_GIVEN


def test_the_child_is_one_person_at_every_agency() -> None:
    """Two references to the young person are not two people who disagree."""
    first = said(CONSENT, "at-school", Authority.YOUNG_PERSON)
    later = said(REFUSAL, "at-clinic", Authority.YOUNG_PERSON, recorded_at=NOW - DAY)
    assert word(first, later, child=YOUNG_PERSON).reason is Reason.CONSENT_REFUSED


def test_a_child_s_consent_before_any_standing_never_counts() -> None:
    """Consent at 12 without competence is not made valid by a birthday; a refusal is heard."""
    child = ChildStanding(young_person=True, early=("robin-consent", "robin-refusal"))
    assert word(own(CONSENT), child=child) == AuthorityFinding(Reason.NO_CONSENT)
    assert word(own(REFUSAL), said(CONSENT), child=child).reason is Reason.CONSENT_REFUSED


def test_a_consent_that_waits_for_confirmation_shares_nothing() -> None:
    """It is named, and a review asks for it; a consent that counts is enough beside it."""
    waiting = said(CONSENT, confirmed=False)
    assert word(waiting) == AuthorityFinding(
        Reason.CONSENT_UNCONFIRMED, ("mother-consent",), ReviewCause.CONSENT_TO_CONFIRM
    )
    assert word(waiting, said(CONSENT, "father")).reason is Reason.CONSENT_GIVEN
    assert weigh([said(CONSENT)], standings_about(CHILD, NOW), {"mother-consent"}) == (
        AuthorityFinding(
            Reason.CONSENT_UNCONFIRMED, ("mother-consent",), ReviewCause.CONSENT_TO_CONFIRM
        )
    )


def test_an_adult_s_parents_no_longer_decide() -> None:
    """Parental responsibility ends at 18; the young adult is to be asked."""
    adult = ChildStanding(young_person=True, over_school_age=True, adult=True)
    assert word(said(CONSENT), child=adult) == AuthorityFinding(
        Reason.NO_CONSENT, (), ReviewCause.YOUNG_PERSON_TO_ASK
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"withdrawn_at": NOW}, Reason.CONSENT_WITHDRAWN),
        ({"valid_until": NOW}, Reason.CONSENT_EXPIRED),
        ({"valid_from": NOW + DAY}, Reason.CONSENT_NOT_YET),
    ],
)
def test_a_lapsed_consent_says_what_became_of_it(
    change: dict[str, dt.datetime], expected: Reason
) -> None:
    """The reason and the citation tell why there is no consent."""
    assert word(said(CONSENT, **change)) == AuthorityFinding(expected, ("mother-consent",))


def test_of_several_lapsed_consents_the_last_recorded_explains() -> None:
    """The most recent one is cited; a withdrawal comes before what merely ran out."""
    old = said(CONSENT, valid_until=NOW - DAY)
    new = said(CONSENT, "father", valid_until=NOW, recorded_at=NOW - DAY)
    assert word(old, new) == AuthorityFinding(Reason.CONSENT_EXPIRED, ("father-consent",))
    gone = said(CONSENT, "aunt", withdrawn_at=NOW)
    assert word(old, new, gone) == AuthorityFinding(Reason.CONSENT_WITHDRAWN, ("aunt-consent",))


def test_objections_and_restrictions_are_no_words_about_consent() -> None:
    """Only consents and refusals are weighed here."""
    assert word(said(DirectiveKind.OBJECTION, upheld=True)) == AuthorityFinding(Reason.NO_CONSENT)
