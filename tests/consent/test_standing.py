"""Who may decide: dated facts, orders and birthdays, one at a time."""

from __future__ import annotations

import datetime as dt

import pytest

from consent.authority import AuthorityFinding, weigh
from consent.directive import Directive
from consent.facts import StandingFact
from consent.question import (
    ChildStanding,
    child_standing,
    is_over_school_age,
    school_leaving_date,
)
from consent.reasons import Reason, ReviewCause
from consent.standing import AuthorityLevel, standings_about
from schemas.sections import Category
from schemas.sharing import Authority, DirectiveKind, Purpose, Scope, StandingKind

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
CONSENT, REFUSAL = DirectiveKind.CONSENT, DirectiveKind.REFUSAL
PARENT, YOUNG, PROFESSIONAL = (
    Authority.PARENTAL_RESPONSIBILITY,
    Authority.YOUNG_PERSON,
    Authority.PROFESSIONAL,
)


def said(
    kind: DirectiveKind, who: str, authority: Authority = PARENT, days: int = 9, **changes: object
) -> Directive:
    """Make a directive given some days ago."""
    made = Directive(
        id=f"{who}-{kind.value}",
        child="c1",
        kind=kind,
        authority=authority,
        decider=who,
        valid_from=NOW - days * DAY,
        recorded_at=NOW - days * DAY,
    )
    return made.model_copy(update=changes)


def fact(
    kind: str,
    person: str | None,
    days: int = 5,
    until: int | None = None,
    scope: Scope | None = None,
) -> StandingFact:
    """Make a fact that began some days ago and perhaps ended some days ago."""
    return StandingFact(
        id=f"{kind}-{person}",
        kind=StandingKind(kind),
        person=person,
        valid_from=NOW - days * DAY,
        valid_until=None if until is None else NOW - until * DAY,
        scope=scope or Scope(),
    )


def word(*directives: Directive, facts: tuple[StandingFact, ...] = (), **age: bool) -> Reason:
    """Weigh now, and return the reason."""
    return found(*directives, facts=facts, **age).reason


def found(
    *directives: Directive, facts: tuple[StandingFact, ...] = (), **age: bool
) -> AuthorityFinding:
    """Weigh now."""
    child = ChildStanding.model_validate({**age, "facts": facts})
    return weigh(directives, standings_about(child, NOW))


MOTHER = said(CONSENT, "mother")
CHILD_NO = said(REFUSAL, "robin", YOUNG, days=4)
GILLICK = fact("competence", None)


def test_a_competent_child_under_16_outranks_the_parents() -> None:
    """Gillick competence gives the child the decision."""
    assert word(MOTHER, CHILD_NO) is Reason.CONSENT_GIVEN
    assert word(MOTHER, CHILD_NO, facts=(GILLICK,)) is Reason.CONSENT_REFUSED


def test_competence_is_for_a_decision() -> None:
    """An assessment about health is none about education."""
    about = fact("competence", None, scope=Scope(categories=(Category.HEALTH,)))
    child = ChildStanding(facts=(about,))
    for category, level in ((Category.HEALTH, AuthorityLevel.CHILD), (Category.EDUCATION, None)):
        sharing = (category, "oak-school", Purpose.SEN_SUPPORT)
        assert standings_about(child, NOW, sharing).level(CHILD_NO, NOW) is level


def test_when_competence_ended_an_older_consent_does_not_return() -> None:
    """What she decided while competent is not undone by the end of an assessment."""
    over = fact("competence", None, until=1)
    older = found(MOTHER, CHILD_NO, facts=(over,))
    assert older == AuthorityFinding(
        Reason.AUTHORITY_LAPSED,
        ("robin-refusal", "mother-consent"),
        ReviewCause.AUTHORITY_LAPSED,
    )
    newer = said(CONSENT, "mother", recorded_at=NOW - DAY / 2)
    assert word(newer, CHILD_NO, facts=(over,)) is Reason.CONSENT_GIVEN


def test_who_spoke_before_any_competence_is_not_waited_for() -> None:
    """A directive that never counted leaves nothing behind."""
    late = said(REFUSAL, "robin", YOUNG, days=8)
    over = fact("competence", None, until=1)
    assert word(MOTHER, late, facts=(over,)) is Reason.CONSENT_GIVEN


def test_a_young_person_without_capacity_does_not_decide() -> None:
    """From 16 those with parental responsibility decide, or the one who is named."""
    lacks = fact("lack-of-capacity", None, days=20)
    assert word(MOTHER, CHILD_NO, young_person=True) is Reason.CONSENT_REFUSED
    decided = found(MOTHER, CHILD_NO, facts=(lacks,), young_person=True)
    assert decided == AuthorityFinding(Reason.CONSENT_GIVEN, ("mother-consent",))
    deputy = fact("lack-of-capacity", "deputy", days=20)
    refusal = said(REFUSAL, "deputy", PROFESSIONAL)
    assert word(MOTHER, refusal, facts=(deputy,), young_person=True) is Reason.CONSENT_REFUSED


def test_capacity_lost_after_a_refusal_does_not_revive_an_older_consent() -> None:
    """It was said with capacity; whoever decides now is asked."""
    lacks = fact("lack-of-capacity", None, days=1)
    assert word(MOTHER, CHILD_NO, facts=(lacks,), young_person=True) is Reason.AUTHORITY_LAPSED


def test_a_parent_of_an_adult_decides_only_where_capacity_is_lacking() -> None:
    """Mental Capacity Act 2005; SEND Regulations 2014 reg 64."""
    grown = {"young_person": True, "adult": True}
    assert word(MOTHER, **grown) is Reason.NO_CONSENT
    lacks = fact("lack-of-capacity", None, days=20)
    assert word(MOTHER, facts=(lacks,), **grown) is Reason.CONSENT_GIVEN


def test_a_barred_parent_is_not_heard_while_the_order_lasts() -> None:
    """Children Act 1989 ss.8 and 91(14)."""
    father = said(REFUSAL, "father")
    assert word(MOTHER, father) is Reason.CONSENT_DISPUTED
    assert word(MOTHER, father, facts=(fact("barred", "father"),)) is Reason.CONSENT_GIVEN
    over = fact("barred", "father", until=1)
    assert word(MOTHER, father, facts=(over,)) is Reason.CONSENT_DISPUTED


def test_a_consent_given_while_barred_is_not_valid_afterwards() -> None:
    """The person had no standing when they gave it."""
    father = said(CONSENT, "father", days=4)
    assert word(father, facts=(fact("barred", "father", until=1),)) is Reason.NO_CONSENT


@pytest.mark.parametrize("authority", [PARENT, PROFESSIONAL])
def test_a_council_with_a_care_order_outranks_a_parent(authority: Authority) -> None:
    """Section 33(3)(b): the council determines how far a parent may act."""
    council = said(REFUSAL, "council", authority, days=1)
    order = fact("care-order", "council")
    assert word(MOTHER, council, facts=(order,)) is Reason.CONSENT_REFUSED
    assert word(MOTHER, facts=(order,)) is Reason.CONSENT_GIVEN


def test_a_professional_without_an_order_consents_to_nothing() -> None:
    """Only an order makes a council a decision maker, and only from its day."""
    early = said(CONSENT, "council", PROFESSIONAL)
    assert word(early) is Reason.NO_CONSENT
    assert word(early, facts=(fact("care-order", "council"),)) is Reason.NO_CONSENT
    later = said(CONSENT, "council", PROFESSIONAL, days=1)
    assert word(later, facts=(fact("care-order", "council"),)) is Reason.CONSENT_GIVEN


def test_a_special_guardian_decides_to_the_exclusion_of_parents() -> None:
    """Section 14C(1)(b)."""
    guardian = fact("special-guardianship", "aunt")
    assert word(MOTHER, facts=(guardian,)) is Reason.NO_CONSENT
    aunt = said(CONSENT, "aunt", days=1)
    refusal = said(REFUSAL, "mother", id="no")
    assert word(MOTHER, refusal, aunt, facts=(guardian,)) is Reason.CONSENT_GIVEN


def test_a_placement_order_ends_what_parents_said() -> None:
    """Adoption and Children Act 2002 s.25."""
    agency = fact("placement-order", "council")
    assert word(MOTHER, facts=(agency,)) is Reason.NO_CONSENT
    council = said(CONSENT, "council", PROFESSIONAL, days=1)
    assert word(council, facts=(agency,)) is Reason.CONSENT_GIVEN


def test_adoption_ends_everything_that_was_said_before_it_by_others() -> None:
    """Section 46: parental responsibility of others and the orders made before are extinguished."""
    facts = (
        fact("care-order", "council", days=8),
        fact("adoption", "new-mother"),
        fact("adoption", "new-father"),
    )
    old = said(REFUSAL, "mother")
    council = said(REFUSAL, "council", PROFESSIONAL, days=7)
    new = said(CONSENT, "new-mother", days=1)
    assert word(MOTHER, facts=facts) is Reason.NO_CONSENT
    assert word(old, council, new, facts=facts) is Reason.CONSENT_GIVEN
    against = said(REFUSAL, "new-father", days=1)
    assert word(new, against, facts=facts) is Reason.CONSENT_DISPUTED


def test_a_young_person_who_was_adopted_decides_for_themselves() -> None:
    """Adopters are parents: from 16 the young person comes before them."""
    new = said(CONSENT, "new-mother", days=1)
    facts = (fact("adoption", "new-mother"),)
    assert word(new, CHILD_NO, facts=facts, young_person=True) is Reason.CONSENT_REFUSED


def test_a_later_order_takes_the_place_of_a_care_order() -> None:
    """Section 91(5A): special guardianship discharges a care order made before it."""
    facts = (fact("care-order", "council", days=8), fact("special-guardianship", "aunt", days=5))
    council = said(REFUSAL, "council", PROFESSIONAL, days=7)
    aunt = said(CONSENT, "aunt", days=1)
    assert word(council, aunt, facts=facts) is Reason.CONSENT_GIVEN


def test_parental_responsibility_has_its_dates_where_they_are_known() -> None:
    """A step-parent's agreement counts from its day."""
    acquired = fact("parental-responsibility", "step", days=5)
    assert word(said(CONSENT, "step", days=4), facts=(acquired,)) is Reason.CONSENT_GIVEN
    assert word(said(CONSENT, "step", days=6), facts=(acquired,)) is Reason.NO_CONSENT
    lost = fact("parental-responsibility", "step", days=9, until=1)
    assert word(said(CONSENT, "step", days=6), facts=(lost,)) is Reason.NO_CONSENT


@pytest.mark.parametrize(
    ("born", "last"),
    [
        ("2009-09-01", "2026-06-26"),
        ("2010-01-15", "2026-06-26"),
        ("2010-08-31", "2026-06-26"),
        ("2010-09-01", "2027-06-25"),
        ("2007-12-31", "2024-06-28"),
        ("2008-06-30", "2024-06-28"),
        ("2007-06-30", "2023-06-30"),
    ],
)
def test_compulsory_school_age_ends_on_the_last_friday_in_june(born: str, last: str) -> None:
    """Of the school year in which the child becomes 16; the day itself still belongs to it."""
    birth, day = dt.date.fromisoformat(born), dt.date.fromisoformat(last)
    assert school_leaving_date(birth) == day
    assert not is_over_school_age(birth, day)
    assert is_over_school_age(birth, day + DAY)


def test_an_unknown_birth_date_changes_nothing() -> None:
    """Not known is no, so that a parent's directive still counts."""
    assert not is_over_school_age(None, NOW.date())
    assert child_standing(None, (), NOW) == ChildStanding()


@pytest.mark.parametrize(
    ("purpose", "born", "level"),
    [
        (Purpose.SEN_SUPPORT, "2010-02-01", AuthorityLevel.CHILD),
        (Purpose.EHC_PLAN, "2010-02-01", None),
        (Purpose.EHC_ASSESSMENT, "2010-02-01", None),
        (Purpose.EHC_PLAN, "2009-02-01", AuthorityLevel.CHILD),
        (Purpose.SEN_SUPPORT, "2010-04-01", None),
    ],
)
def test_the_right_about_a_plan_passes_at_the_end_of_school_age(
    purpose: Purpose, born: str, level: AuthorityLevel | None
) -> None:
    """At 16 for confidentiality; Children and Families Act 2014 s.83 for EHC purposes."""
    child = child_standing(dt.date.fromisoformat(born), (), NOW)
    standings = standings_about(child, NOW, (Category.SEN, "oak-school", purpose))
    assert standings.level(CHILD_NO, NOW) is level


def test_days_begin_as_they_do_in_england() -> None:
    """At 23:30 UTC in summer it is the next day in London: the birthday."""
    eve = dt.datetime(2026, 6, 9, 23, 30, tzinfo=dt.UTC)
    assert child_standing(dt.date(2010, 6, 10), (), eve).young_person
    assert not child_standing(dt.date(2010, 6, 10), (), eve - dt.timedelta(hours=1)).young_person


def test_what_the_child_said_before_16_is_known_as_early() -> None:
    """So that a consent without competence is not made valid by the birthday."""
    born = (NOW - 5 * DAY).date().replace(year=2010)
    early = said(CONSENT, "robin", YOUNG, days=9)
    late = said(REFUSAL, "robin", YOUNG, days=4)
    assert child_standing(born, (early, late), NOW).early == ("robin-consent",)
