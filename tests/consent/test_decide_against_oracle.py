"""The decision and its second writing agree on whatever can be asked."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from consent.decide import RuleBook, decide
from tests.consent.oracle import decide_slowly
from tests.consent.strategies import NOW, World, worlds

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
