"""Counts with their nouns."""

from __future__ import annotations

import pytest

from schemas.counted import counted


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ((0, "event"), "0 events"),
        ((1, "event"), "1 event"),
        ((1200, "event"), "1,200 events"),
        ((1, "delivery", "deliveries"), "1 delivery"),
        ((2, "delivery", "deliveries"), "2 deliveries"),
    ],
)
def test_the_noun_agrees_with_its_count(given: tuple[int, str], text: str) -> None:
    """One alone is singular."""
    assert counted(*given) == text
