"""Looking for a child by name at the desk."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from hub.casework.children.changes import erase, merge
from hub.evidence.child_lookup import MOST, Likely, find_by_name
from hub.intake.hub import Hub
from hub.journey.entries import Attribution
from hub.journey.matching import Particulars
from schemas.event import Event
from tests.events import REGISTERED, Child, event_of, registered, section
from tests.hub.hubs import ledger, make_hub, own_id, take

ONE, OTHER = Child(1), Child(2)
REASON = "CASE-1"


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    """A hub that knows two children."""
    made = make_hub(tmp_path)
    take(made, registered(ONE), registered(OTHER))
    return made


def who(child: Child, **changes: object) -> Particulars:
    """What is asked for to find a child; a changed field wins."""
    known = Particulars(child.family_name, child.given_name, child.birth_date)
    return replace(known, **changes)  # type: ignore[arg-type]


def named(child: Child, **changes: object) -> Event:
    """A school registers a child under another name; a changed field wins."""
    school = section(REGISTERED, school={"name": "Oak School"}, year_group="4")
    return event_of(REGISTERED, "school", child.identity(**changes), school)


def find(hub: Hub, particulars: Particulars) -> list[Likely]:
    """Look by name, for a case."""
    return find_by_name(hub, particulars, by="ig", reason=REASON)


def test_a_name_written_the_same_finds_its_child_and_nobody_else(hub: Hub) -> None:
    """Capitals, accents and spaces do not matter; a birth date is not needed."""
    asked = Particulars(f" {ONE.family_name.upper()} ", ONE.given_name.lower())
    (found,) = find(hub, asked)
    assert (found.score, found.face.birth_date) == (1.0, ONE.birth_date)


def test_a_name_nearly_right_is_found_by_the_birth_date(hub: Hub) -> None:
    """It scores less than one that is right."""
    (found,) = find(hub, who(ONE, given_name=ONE.given_name + "h"))
    assert found.score < 1.0


def test_a_birth_date_a_slip_of_the_pen_away_is_found_by_the_name(hub: Hub) -> None:
    """One digit differs."""
    assert find(hub, who(ONE, birth_date=ONE.birth_date.replace(day=3)))


def test_the_same_name_with_another_birth_date_is_another_child(hub: Hub) -> None:
    """Whoever knows the birth date is not shown a namesake."""
    assert find(hub, who(ONE, birth_date=dt.date(2009, 12, 30))) == []


def test_too_little_finds_nobody(hub: Hub) -> None:
    """A family name alone, or a birth date alone, would show children who are not meant."""
    for asked in (Particulars(ONE.family_name), Particulars(birth_date=ONE.birth_date)):
        assert find(hub, asked) == []


def test_the_most_alike_comes_first(tmp_path: Path) -> None:
    """Of twins with names alike, the one who is written the same."""
    made = make_hub(tmp_path)
    event, near = registered(ONE), ONE.given_name + "h"
    twin = {"family_name": ONE.family_name, "given_name": near, "birth_date": ONE.birth_date}
    take(made, named(OTHER, **twin), event)
    assert next(iter(find(made, who(ONE)))).child == own_id(made, event)


def test_namesakes_are_shown_only_so_many(tmp_path: Path) -> None:
    """A name that very many bear needs a birth date as well."""
    made = make_hub(tmp_path)
    for number in range(MOST + 1):
        take(made, named(Child(number), family_name="Aa", given_name="Bb"))
    assert len(find(made, Particulars("Aa", "Bb"))) == MOST


def test_a_merged_child_is_found_by_its_former_name_as_its_survivor(hub: Hub) -> None:
    """Once, under the id that holds."""
    one, other = registered(ONE), registered(OTHER)
    take(hub, one, other)
    merge(hub, own_id(hub, other), own_id(hub, one), Attribution("jmalik", "CASE-2"))
    (found,) = find(hub, who(OTHER))
    assert (found.child, found.face.birth_date) == (own_id(hub, one), OTHER.birth_date)


def test_an_erased_child_is_not_found(hub: Hub) -> None:
    """Nothing is left to find it by."""
    event = registered(ONE)
    take(hub, event)
    erase(hub, own_id(hub, event), Attribution("jmalik", "CASE-3"))
    assert find(hub, who(ONE)) == []


def test_every_look_is_in_the_ledger_found_or_not(hub: Hub) -> None:
    """With who and why, and never with the name."""
    (found,) = find(hub, who(ONE))
    find(hub, Particulars("Nobody", "Nowhere"))
    looks = [(b["by"], b["what"], b["child"], b["reason"]) for b in ledger(hub, "data-accessed")]
    assert looks == [
        ("ig", "name and birth date", found.child, REASON),
        ("ig", "name and birth date", None, REASON),
    ]
