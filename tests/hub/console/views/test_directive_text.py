"""Everything that can be said about sharing has words for the screen."""

from __future__ import annotations

from enum import StrEnum

import pytest

from consent.directive import DirectiveStanding
from hub.console.views.directive_text import join, listed, named
from schemas.identifiers import Assurance, System
from schemas.sections import Category
from schemas.sharing import Authority, DirectiveKind, Purpose, RestrictionKind


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (DirectiveKind, "kind"),
        (Authority, "authority"),
        (RestrictionKind, "restriction"),
        (Category, "category"),
        (Purpose, "purpose"),
        (DirectiveStanding, "standing"),
        (System, "system"),
        (Assurance, "assurance"),
    ],
)
def test_every_code_has_words(kind: type[StrEnum], what: str) -> None:
    """A code that is added needs them, too."""
    assert all(named(one.value, what)[:1].isupper() for one in kind)


def test_several_stand_in_one_line() -> None:
    """Only the first and abbreviations have a capital."""
    codes = ["health", "ehc-plan", "direct-care"]
    assert listed(codes[:1], "category") == "Health"
    assert listed(codes[1:], "purpose") == "EHC plan and direct care"
    assert listed(["direct-care", "ehc-plan"], "purpose") == "Direct care and EHC plan"
    assert listed([], "category", "All data") == "All data"


def test_names_are_joined() -> None:
    """With commas, and an and."""
    assert [join([]), join(["a"]), join(["a", "b", "c"])] == ["", "a", "a, b and c"]
