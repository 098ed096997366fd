"""The cases in examples/cases: as expected, by the decision and by its second writing."""

from __future__ import annotations

from pathlib import Path

import pytest

from consent.cases.model import is_agreement, load_case
from consent.cases.run import run_case, world_of
from consent.reasons import Reason, ReviewCause
from hub.cli.case import read_case
from schemas.errors import ConfigurationError
from tests.consent.oracle import decide_slowly

CASES = Path(__file__).parents[2] / "examples" / "cases"
FILES = sorted(CASES.glob("*-*/*.toml"))


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parent.name}/{f.stem}")
def test_a_case_comes_out_as_expected_by_both_writings(file: Path) -> None:
    """What an officer wrote, what the hub decides and what the oracle decides are one."""
    read = read_case(file)
    assert read is not None
    case, agreements = read
    result = run_case(case, agreements)
    assert [(o.expected, o.came) for o in result.outcomes if o.differs] == []
    world = world_of(case, agreements)
    for recipient, question in result.questions.items():
        slow = decide_slowly(question, world.agreements, world.directives, world.now)
        assert slow == result.decisions[recipient]


def test_there_are_cases_enough_and_no_two_say_the_same() -> None:
    """At least 150, each with a title of its own."""
    titles = [load_case(f.read_text(encoding="utf-8"), name=f.name).title for f in FILES]
    assert len(FILES) >= 150
    assert len({(f.parent, t) for f, t in zip(FILES, titles, strict=True)}) == len(FILES)


def test_the_cases_show_every_reason_and_review_that_a_decision_gives() -> None:
    """A reason nobody wrote a case for would be a rule nobody has looked at."""
    reasons: set[str] = set()
    reviews: set[str] = set()
    for file in FILES:
        read = read_case(file)
        assert read is not None
        for outcome in run_case(*read).outcomes:
            reasons |= set(outcome.came.reasons)
            reviews |= set(outcome.came.reviews)
    rare = {Reason.RULE_NOT_YET, Reason.RULE_EXPIRED, Reason.NEVER_SHARED, Reason.NOTHING_LEFT}
    assert {r.value for r in Reason} - reasons <= rare
    elsewhere = {
        ReviewCause.POSSIBLE_MATCH,
        ReviewCause.IDENTITY_CONFLICT,
        ReviewCause.COURT_ORDER_RECORDED,
    }
    assert {r.value for r in set(ReviewCause) - elsewhere} == reviews


SMALL = """
title = "A case"
source = "A law"
agreements = []
now = 2026-11-26
[people.mother]
authority = "parental-responsibility"
[[facts]]
kind = "barred"
person = "father"
from = 2026-01-01
until = 2026-03-01
evidence = "order"
[[said]]
person = "mother"
kind = "consent"
at = 2026-01-10T09:00:00Z
[event]
type = "health.appointment-changed.v1"
source = "northmoor-community-nhs"
fields.health = ["status"]
[[expect]]
recipient = "oakfield-primary"
category = "health"
sharing = "withheld"
"""


def test_a_day_is_the_moment_at_which_it_begins_in_england() -> None:
    """Without a time and an offset."""
    case = load_case(SMALL, name="a.toml")
    assert case.now.isoformat() == "2026-11-26T00:00:00+00:00"
    assert run_case(case, []).passed


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('title = "A case"', 'titel = "A case"', ("titel", "title")),
        ("[event]", "[evnt]\n[event]", ("evnt",)),
        ('sharing = "withheld"', 'sharing = "shared"', ("expect.0.sharing", "withheld")),
        ('kind = "barred"', 'kind = "banned"', ("facts.0.kind", "barred")),
        ('evidence = "order"', "", ("facts.0.evidence",)),
        ("until = 2026-03-01", "until = 2025-03-01", ("facts.0", "'until' must lie after")),
        ('person = "father"\n', "", ("facts.0", "needs 'person'")),
        ('person = "mother"\n', "", ("said.0", "needs 'person'")),
        ('person = "mother"', 'person = "aunt"', ("aunt", "[people]")),
        ('kind = "consent"', 'kind = "consent"\nrestriction = "address"', ("only a restriction",)),
        ('kind = "consent"', 'kind = "consent"\nwithdrawn = 2025-01-01', ("'withdrawn'",)),
        ('kind = "consent"', 'kind = "consent"\nuntil = 2025-01-01', ("'until'",)),
        ("now = 2026-11-26", "now = 2026-11-26T12:00:00", ("now", "timezone")),
    ],
)
def test_what_is_wrong_is_named_with_its_place(old: str, new: str, named: tuple[str, ...]) -> None:
    """An officer can mend the file from the message alone."""
    with pytest.raises(ConfigurationError) as caught:
        load_case(SMALL.replace(old, new), name="a.toml")
    assert str(caught.value).startswith("a.toml: not a valid case:")
    assert all(word in str(caught.value) for word in named)


def test_an_agreement_beside_cases_is_told_from_a_case() -> None:
    """A folder may hold both."""
    assert not is_agreement(SMALL, name="a.toml")
    text = (CASES / "agreements" / "bases.toml").read_text(encoding="utf-8")
    assert is_agreement(text, name="bases.toml")
