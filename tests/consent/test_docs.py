"""The page about the decision says what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from consent.decide import PARTICULARS
from consent.reasons import Reason, ReviewCause
from schemas.sharing import Authority

PAGE = (Path(__file__).parents[2] / "docs" / "how-it-decides.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("reason", [*Reason, *ReviewCause])
def test_every_reason_stands_on_the_page_with_its_sentence(reason: Reason | ReviewCause) -> None:
    """Code and sentence are one row of a table."""
    assert f"| `{reason.value}` | {reason.sentence} |" in PAGE


def test_the_page_has_no_reason_that_the_code_does_not_have() -> None:
    """A row is never left over."""
    rows = [line for line in PAGE.splitlines() if line.startswith("| `") and line.endswith(". |")]
    codes = [line.split("`")[1] for line in rows]
    assert sorted(codes) == sorted([r.value for r in Reason] + [r.value for r in ReviewCause])


def test_the_steps_on_the_page_are_those_of_the_code() -> None:
    """Eight numbered steps, in the order of the docstring."""
    order = PAGE.partition("\n## The order\n")[2].partition("\n### ")[0]
    steps = [line for line in order.splitlines() if line[:1].isdigit()]
    words = ["in force", "involved", "court", "Override", "professional", "Consent"]
    words += ["Objection", "Otherwise"]
    assert [line.partition(".")[0] for line in steps] == [str(n) for n in range(1, 9)]
    assert all(word in line for word, line in zip(words, steps, strict=True))


def test_the_authorities_stand_in_their_order() -> None:
    """Court, young person, parental responsibility, professional."""
    ranks = next(line for line in PAGE.splitlines() if "highest authority that has spoken" in line)
    places = [ranks.index(a.value.replace("-", " ")) for a in Authority]
    assert places == sorted(places)


def test_the_particulars_are_named() -> None:
    """The page lists the categories that are never delivered alone."""
    sentence = next(line for line in PAGE.splitlines() if "are the child's particulars" in line)
    assert all(category.value in sentence.lower() for category in PARTICULARS)
