"""How alike two children are on paper: enough to ask a person, never enough to decide."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.journey.matching import POSSIBLE_MATCH, Particulars, blocks, disagree, likeness, plain

ANNA = Particulars("Ó Brien-Smith", "Anna", dt.date(2015, 3, 12), "ZZ99 3AA")
NAMES = st.none() | st.text(max_size=12)
SOMEBODY = st.builds(Particulars, NAMES, NAMES, st.none() | st.dates(), NAMES)


def test_a_child_is_wholly_like_itself() -> None:
    """The score of the same particulars is one."""
    assert likeness(ANNA, ANNA) == pytest.approx(1.0)


@given(one=SOMEBODY, other=SOMEBODY)
def test_likeness_is_between_nothing_and_all_and_the_same_both_ways(
    one: Particulars, other: Particulars
) -> None:
    """Who is compared with whom makes no difference."""
    assert 0.0 <= likeness(one, other) <= 1.0
    assert likeness(one, other) == pytest.approx(likeness(other, one))


@pytest.mark.parametrize(
    "changes",
    [
        {"family_name": "OBrien Smith"},
        {"given_name": "Ana"},
        {"birth_date": dt.date(2015, 12, 3)},
        {"birth_date": dt.date(2015, 3, 13)},
        {"postcode": "ZZ99 9ZZ"},
        {"given_name": None, "postcode": None},
    ],
)
def test_a_slip_of_the_pen_is_still_a_possible_match(changes: dict[str, object]) -> None:
    """A person is asked about each of these."""
    assert likeness(ANNA, replace(ANNA, **changes)) >= POSSIBLE_MATCH


@pytest.mark.parametrize(
    "changes",
    [
        {"family_name": "Kowalczyk"},
        {"birth_date": dt.date(2011, 8, 30)},
        {"family_name": None},
        {"birth_date": None},
    ],
)
def test_another_name_or_birth_date_is_no_match(changes: dict[str, object]) -> None:
    """Nor is a record in which one of both is unknown."""
    assert likeness(ANNA, replace(ANNA, **changes)) < POSSIBLE_MATCH


def test_records_disagree_only_where_name_and_birth_date_both_differ() -> None:
    """What is unknown does not disagree."""
    other = replace(ANNA, family_name="Kowalczyk", birth_date=dt.date(2011, 8, 30))
    assert disagree(ANNA, other)
    assert not disagree(ANNA, replace(other, birth_date=None))
    assert not disagree(ANNA, replace(other, family_name="O BRIEN SMITH"))


def test_a_name_is_compared_without_accents_case_and_marks() -> None:
    """Spellings of one name are one name."""
    assert plain("Ó Brien-Smith") == plain("O'BRIEN SMITH") == "obriensmith"


def test_children_are_looked_for_by_birth_date_and_by_full_name() -> None:
    """One slip leaves the other block to find them by."""
    assert blocks(ANNA) == (("birth", "2015-03-12"), ("name", "obriensmith", "anna"))
    assert blocks(Particulars(family_name="Smith")) == ()


def test_what_is_known_is_never_overwritten() -> None:
    """Only what was unknown is filled in."""
    told = Particulars("Other", "Anna", None, "ZZ99 9ZZ")
    assert Particulars("Smith").filled_from(told) == Particulars("Smith", "Anna", None, "ZZ99 9ZZ")
