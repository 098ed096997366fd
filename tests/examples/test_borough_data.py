"""The demo borough's data: invented numbers, valid agreements, the same files every time."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from consent.agreement import Agreement, Rule
from consent.agreement_file import load_agreement
from consent.basis import Article6, Article9, ConfidentialityBasis, LawfulBasis
from hub.casework.agreements.template import agreement_template
from hub.demo.borough import WAVES, agreements, drops
from hub.demo.borough.people import born, children
from hub.demo.borough.tables import dated
from schemas.identifiers import is_nhs_number, is_upn
from schemas.sections import Category
from schemas.sharing import Purpose

TODAY = dt.date(2026, 11, 23)
NOW = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)


def test_there_are_forty_children_from_three_to_nineteen() -> None:
    """Ages run from 3 to 19 and stay the same whatever day it is."""
    for today in (TODAY, dt.date(2028, 2, 29), dt.date(2027, 1, 1)):
        people = children(today).values()
        ages = {today.year - c.birth_date.year for c in people}
        assert len(people) == 40
        assert min(ages) >= 3
        assert max(ages) <= 20
        assert len({c.birth_date for c in people}) == 40


def test_no_number_is_a_real_childs() -> None:
    """Every identifier lies in a range that is never issued, and all are different."""
    people = children(TODAY).values()
    nhs = [c.nhs_number for c in people if c.nhs_number]
    upns = [c.upn for c in people if c.upn]
    assert all(re.fullmatch(r"999[0-9]{7}", n) for n in nhs)
    assert all(u[1:4] == "899" for u in upns)
    assert all(re.fullmatch(r"ZZ99 [0-9][A-Z]{2}", c.postcode) for c in people)
    assert all(c.telephone.startswith("01632 960") for c in people)
    assert len(set(nhs)) == len(nhs) == 38
    assert len(set(upns)) == len(upns)


def test_check_digits_are_right_but_for_two() -> None:
    """One NHS number and one UPN are wrong on purpose."""
    people = children(TODAY)
    assert {k for k, c in people.items() if c.nhs_number and not is_nhs_number(c.nhs_number)} == {
        "ivan"
    }
    assert {k for k, c in people.items() if c.upn and not is_upn(c.upn)} == {"chloe"}


def test_agreements_load_and_one_has_expired() -> None:
    """Five agreements, of which the pilot is over and the others hold."""
    loaded = [load_agreement(p.read_text(encoding="utf-8"), name=p.name) for p in agreements()]
    assert {a.id: a.in_force(NOW) for a in loaded} == {
        "ehc-assessment-and-plans": True,
        "health-by-consent": True,
        "schools-council": True,
        "social-care-safeguarding": True,
        "speech-therapy-pilot": False,
    }


def test_the_template_is_a_valid_agreement() -> None:
    """The file to copy is valid, and its page explains every key in it."""
    root = Path(__file__).resolve().parents[2]
    text = agreement_template()
    page = (root / "docs" / "agreements.md").read_text(encoding="utf-8")
    assert load_agreement(text).rules
    for model in (Agreement, Rule, LawfulBasis):
        assert [key for key in model.model_fields if f"`{key}`" not in page] == []
    for words in (Purpose, Article6, Article9, ConfidentialityBasis, Category):
        assert [word.value for word in words if f"`{word.value}`" not in page] == []


def test_no_rule_gives_a_school_the_nhs_number_or_the_nhs_a_upn() -> None:
    """Each recipient gets its own number and not the other's."""
    for path in agreements():
        for rule in load_agreement(path.read_text(encoding="utf-8")).rules:
            shown = {name for names in rule.fields.values() for name in names}
            if {"oakfield-primary", "elm-park-academy"} & set(rule.recipients):
                assert "nhs_number" not in shown, rule.id
            if "northmoor-community-nhs" in rule.recipients:
                assert "upn" not in shown, rule.id


def test_the_same_day_gives_the_same_bytes() -> None:
    """Nothing is random."""
    assert drops(TODAY) == drops(TODAY)


def test_file_names_say_nothing_of_a_child() -> None:
    """No file name holds a given or family name, and each adapter's names differ."""
    words = {w.lower() for c in children(TODAY).values() for w in (c.given_name, c.family_name)}
    made = drops(TODAY)
    assert not [d.name for d in made if words & set(re.split(r"[^a-z]+", d.name.lower()))]
    assert len({(d.adapter, d.name) for d in made}) == len(made)
    assert {d.wave for d in made} == set(WAVES)


def test_days_are_relative() -> None:
    """``today-14`` is a day; words that only begin so are left alone."""
    assert dated("today-14 today+1T09:30 todays", TODAY) == "2026-11-09 2026-11-24T09:30 todays"
    assert born(dt.date(2027, 3, 2), 9, 2) == dt.date(2018, 2, 28)
