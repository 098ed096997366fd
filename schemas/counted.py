"""Counts written with their nouns: 1 event, 2 events, 1,200 deliveries."""

from __future__ import annotations


def counted(number: int, one: str, several: str = "") -> str:
    """Return a count with its noun; ``several`` is the plural where it is not ``one`` and an s."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"
