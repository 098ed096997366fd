"""Agreement files: every problem at once, each with its line."""

from __future__ import annotations

import pytest

from consent.agreement_file import InvalidAgreement, load_agreement

TEXT = """\
id = "small"
version = 1
title = "Small"
parties = [
  "school",
  "care",
]
approved_by = "Somebody"
approved_on = 2020-01-01
valid_from = 2020-01-01T00:00:00Z
valid_until = 2099-01-01T00:00:00Z
dpia = "D"

[bases.duty]
article_6 = "6(1)(e)"
confidentiality = "legal-duty"

[[rules]]
id = "one"
sources = ["school"]
recipients = ["care"]
event_types = [
  "education.child-registered.v1",
]
purpose = "record-keeping"
basis = "duty"
fields.identity = ["upn"]

[[rules]]
id = "two"
sources = ["school"]
recipients = ["care"]
event_types = ["education.child-registered.v1"]
purpose = "record-keeping"
basis = "duty"
fields.identity = ["upn"]
"""


def problems(*changes: tuple[str, str]) -> list[tuple[int, str]]:
    """The line and text of every problem after some changes; each changes one place."""
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    with pytest.raises(InvalidAgreement) as caught:
        load_agreement(text, name="small.toml")
    found = caught.value.problems
    assert str(caught.value).splitlines() == [f"small.toml:{p.line}: {p.text}" for p in found]
    return [(problem.line, problem.text) for problem in found]


def test_a_file_without_problems_is_an_agreement() -> None:
    """With its bases in its rules."""
    assert [rule.basis.article_6.value for rule in load_agreement(TEXT).rules] == ["6(1)(e)"] * 2


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('id = "small"', 'id = "small"\nversoin = 2', 2, ("versoin",)),
        ("version = 1", "version = 0", 2, ("version",)),
        ('"care",\n]', '"care",\n  "Care!",\n]', 7, ("parties.2",)),
        ("valid_until = 2099", "valid_until = 2019", 11, ("valid_until",)),
        ('confidentiality = "legal-duty"\n', "", 14, ("confidentiality",)),
        ('article_6 = "6(1)(e)"', 'article_6 = "6(1)(c)"', 14, ("statute",)),
        ('recipients = ["care"]', 'recipients = ["caer"]', 21, ("caer", "'care'")),
        (
            '  "education.child-registered.v1",',
            '  "education.child-registred.v1",',
            23,
            ("education.child-registred.v1", "'education.child-registered.v1'"),
        ),
        ('purpose = "record-keeping"', 'purpose = "fun"', 25, ("rules.0.purpose",)),
        ('basis = "duty"', 'basis = "dooty"', 26, ("[bases.dooty]", "'duty'")),
        ('fields.identity = ["upn"]', 'fields.identity = ["unp"]', 27, ("unp", "'upn'")),
        ('fields.identity = ["upn"]', 'existence = ["health"]', 27, ("health section",)),
        ('id = "two"', 'id = "one"', 30, ("same id",)),
    ],
)
def test_a_problem_has_its_line_and_says_what_is_expected(
    old: str, new: str, line: int, words: tuple[str, ...]
) -> None:
    """With the nearest known name for a misspelt one."""
    found = problems((old, new))
    assert {at for at, _ in found} == {line}
    assert all(word in found[0][1] for word in words), found


def test_problems_of_every_kind_are_reported_in_one_round() -> None:
    """Of form, of names and between parts; in the order of the lines."""
    found = problems(
        ('title = "Small"\n', ""),
        ("valid_until = 2099", "valid_until = 2019"),
        ('recipients = ["care"]', 'recipients = ["caer"]'),
        ('basis = "duty"', 'basis = "dooty"'),
        ('fields.identity = ["upn"]\n\n', 'fields.identity = ["unp"]\n\n'),
        ('id = "two"', 'id = "one"'),
    )
    assert [line for line, _ in found] == sorted(line for line, _ in found)
    words = ("title", "valid_until", "[bases.dooty]", "same id")
    assert all(any(word in text for _, text in found) for word in words), found


def test_a_wrong_basis_is_reported_where_it_is_defined() -> None:
    """Once, however many rules use it."""
    found = problems(('article_6 = "6(1)(e)"', 'article_6 = "6(1)(z)"'))
    assert {line for line, _ in found} == {15}


@pytest.mark.parametrize(("text", "word"), [('bases = "x"\n', "bases"), ('rules = "x"\n', "rules")])
def test_other_shapes_are_refused_with_what_is_expected(text: str, word: str) -> None:
    """A table of bases, a list of rules."""
    with pytest.raises(InvalidAgreement) as caught:
        load_agreement(text)
    assert any(word in problem.text for problem in caught.value.problems)
