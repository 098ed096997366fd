"""What a held event says beside what the hub knows, line by line."""

from __future__ import annotations

import datetime as dt

import pytest

from hub.casework.reviews.candidates import Match, compare, score_in_words
from hub.casework.reviews.closing import ChildNumber, Person
from hub.journey.matching import Particulars
from schemas.identifiers import Assurance, System


def person(*numbers: ChildNumber, **particulars: object) -> Person:
    """Somebody with these particulars."""
    return Person(Particulars(**particulars), (), numbers=numbers)  # type: ignore[arg-type]


def number(
    system: System, value: str, by: str = "clinic", assurance: str = "asserted"
) -> ChildNumber:
    """A number on somebody's word."""
    return ChildNumber(system, value, Assurance(assurance), by)


def match_of(event: Person, hub: Person, what: str) -> Match:
    """How one particular compares."""
    (line,) = [line for line in compare(event, hub) if line.what == what]
    return line.match


@pytest.mark.parametrize(
    ("event", "hub", "match"),
    [
        ("O'Neill", "ONEILL", Match.SAME),
        ("Wisniewski", "Wiśniewski", Match.SAME),
        ("Jonson", "Johnson", Match.ALIKE),
        ("Smith", "Patel", Match.DIFFERS),
        ("Smith", None, Match.ONLY_EVENT),
        (None, "Smith", Match.ONLY_HUB),
        ("李", "李", Match.SAME),
        ("李", "王", Match.NOT_COMPARED),
    ],
)
def test_names_compare_as_they_are_matched(
    event: str | None, hub: str | None, match: Match
) -> None:
    """Without accents and marks; a spelling apart is nearly the same."""
    one, other = person(family_name=event), person(family_name=hub)
    assert match_of(one, other, "Family name") is match


@pytest.mark.parametrize(
    ("event", "match"),
    [
        (dt.date(2015, 3, 4), Match.SAME),
        (dt.date(2015, 4, 3), Match.ALIKE),
        (dt.date(2015, 3, 5), Match.ALIKE),
        (dt.date(2011, 12, 25), Match.DIFFERS),
    ],
)
def test_birth_dates_a_slip_of_the_pen_apart_are_nearly_the_same(
    event: dt.date, match: Match
) -> None:
    """Day and month swapped, or one digit."""
    hub = person(birth_date=dt.date(2015, 3, 4))
    assert match_of(person(birth_date=event), hub, "Born") is match


def test_a_number_of_another_agency_is_not_compared() -> None:
    """The same record number of a school and of a clinic are two numbers."""
    event = person(number(System.LOCAL_ID, "17", by="clinic"))
    hub = person(number(System.LOCAL_ID, "17", by="school"))
    lines = compare(event, hub)
    assert [(line.owner, line.match) for line in lines] == [
        ("clinic", Match.ONLY_EVENT),
        ("school", Match.ONLY_HUB),
    ]


def test_a_national_number_is_compared_whoever_gave_it() -> None:
    """A UPN is the child's."""
    event = person(number(System.UPN, "A1", by="clinic"))
    hub = person(number(System.UPN, "A1", by="school"), number(System.UPN, "B2", by="school"))
    assert match_of(event, hub, "UPN") is Match.SAME


def test_a_number_that_fails_its_check_is_shown_and_not_compared() -> None:
    """Even where it is letter for letter the same."""
    event = person(number(System.NHS_NUMBER, "1", assurance="suspect"))
    hub = person(number(System.NHS_NUMBER, "1"))
    assert match_of(event, hub, "NHS number") is Match.NOT_COMPARED


def test_what_neither_has_is_left_out() -> None:
    """No line without anything to read."""
    assert compare(person(), person()) == ()


@pytest.mark.parametrize(
    ("score", "words"),
    [
        (None, "not compared"),
        (0.1, "little is alike"),
        (0.7, "some is alike"),
        (0.85, "much is alike"),
        (1.0, "almost everything is alike"),
    ],
)
def test_a_score_is_said_in_words(score: float | None, words: str) -> None:
    """So that nobody takes a number for a proof."""
    assert score_in_words(score) == words
