"""The decision and its second writing agree on whatever can be asked."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.authority import weigh
from consent.decide import decide
from consent.directive import Directive
from consent.question import ChildStanding
from consent.rulebook import RuleBook
from consent.standing import standings_about
from schemas.sharing import DirectiveKind
from tests.consent.oracle import decide_slowly
from tests.consent.oracle_words import People, decide_among
from tests.consent.strategies import NOW, World, children, directive, worlds

# Each world asks four questions: 700 worlds are 2,800 decisions compared.
WORLDS = 700


@settings(
    max_examples=WORLDS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(worlds())
def test_the_decision_and_the_oracle_agree_wholly(world: World) -> None:
    """Both writings of the law give the same decision: outcome, fields, reasons, citations."""
    book = RuleBook(world.agreements)
    for question in world.questions:
        quick = decide(question, book, world.directives, NOW)
        slow = decide_slowly(question, world.agreements, world.directives, NOW)
        assert quick == slow


SAID = (DirectiveKind.CONSENT, DirectiveKind.REFUSAL)


@st.composite
def conversations(draw: st.DrawFn) -> tuple[Directive, ...]:
    """Make what few people said often: the same people, scopes and hours meet."""
    count = draw(st.sampled_from([4, 3, 2, 6, 1, 0]))
    kind = "health.report-available.v1"
    return tuple(draw(directive(f"d{n}", kind, SAID)) for n in range(count))


@settings(max_examples=1_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(conversations(), children(), st.sets(st.sampled_from(["d0", "d1"])))
def test_the_weighing_and_the_oracle_agree(
    said: tuple[Directive, ...], child: ChildStanding, unconfirmed: set[str]
) -> None:
    """Both find the same position, the same directives behind it and the same review."""
    word = weigh(said, standings_about(child, NOW), unconfirmed)
    people = People(child, child.facts, child.young_person)
    reason, ids, review = decide_among(people, said, unconfirmed, NOW)
    assert (word.reason, word.directives, word.review) == (reason, tuple(ids), review)
