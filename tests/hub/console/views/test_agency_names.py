"""Codes in the ledger's sentences become names on a page."""

from __future__ import annotations

import pytest

from hub.console.views.agency_names import with_names

TITLES = {"school": "Oak School", "school-two": "Elm School", "care": "Social care"}
WRITE = with_names(lambda name: TITLES[name], TITLES)


@pytest.mark.parametrize(
    ("sentence", "written"),
    [
        ("school sent it.", "Oak School sent it."),
        ("school-two learns nothing.", "Elm School learns nothing."),
        (
            "care sent health.appointment-changed.v1 about it.",
            "Social care sent “Appointment changed” about it.",
        ),
        ("A preschool and care.", "A preschool and Social care."),
        ("Reason: after-care-plan.", "Reason: after-care-plan."),
    ],
)
def test_names_stand_for_codes(sentence: str, written: str) -> None:
    """Whole codes only, the longer before the shorter."""
    assert WRITE(sentence) == written


def test_on_a_page_about_one_child_its_id_is_the_child() -> None:
    """Nobody reads an id twice."""
    assert WRITE("school sent it about child c-1.", "c-1") == "Oak School sent it about the child."
