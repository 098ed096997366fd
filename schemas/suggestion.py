"""Suggest the known name nearest to one that is unknown."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

MOST_LISTED = 12


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like ``name``, or None where none is alike."""
    return next(iter(get_close_matches(name.lower(), sorted(known), n=1, cutoff=0.6)), None)


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return a sentence that suggests the nearest known name, or lists a few of them.

    ``name`` is not repeated: anything may have been typed.
    """
    names = sorted(known)
    if (near := nearest(name, names)) is not None:
        return f"Did you mean '{near}'?"
    if not names:
        return "There is none yet."
    more = ", ..." if len(names) > MOST_LISTED else ""
    return f"Known: {', '.join(names[:MOST_LISTED])}{more}."
