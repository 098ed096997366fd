"""Whose word counts: authority before person, person before hour, refusal before consent."""

from __future__ import annotations

import datetime as dt

import pytest

from consent.authority import AuthorityFinding, has_voice, weigh
from consent.directive import Directive
from consent.question import ChildStanding
from consent.reasons import Reason, ReviewCause
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
    return weigh(directives, child, NOW)


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
    assert not has_voice(own(REFUSAL), CHILD)
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


def test_what_lapsed_at_a_higher_authority_leaves_the_word_to_the_lower() -> None:
    """An expired court order no longer silences the parents."""
    court = said(REFUSAL, "court", Authority.COURT, valid_until=NOW)
    assert word(court, said(CONSENT)).reason is Reason.CONSENT_GIVEN


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
    """The most recent story is told."""
    old = said(CONSENT, valid_until=NOW - DAY)
    new = said(CONSENT, "father", withdrawn_at=NOW, recorded_at=NOW - DAY)
    assert word(old, new) == AuthorityFinding(Reason.CONSENT_WITHDRAWN, ("father-consent",))


def test_objections_and_restrictions_are_no_words_about_consent() -> None:
    """Only consents and refusals are weighed here."""
    assert word(said(DirectiveKind.OBJECTION, upheld=True)) == AuthorityFinding(Reason.NO_CONSENT)
