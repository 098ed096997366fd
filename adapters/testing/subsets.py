"""Subsets of a view: what a recipient may get of an event, field by field."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from schemas.event import View
from schemas.sections import Category

_RANDOM_SUBSETS = 6
Fields = frozenset[tuple[Category, str]]


def fields_of(view: View) -> Fields:
    """List the fields of a view that hold something."""
    return frozenset(
        (c, name) for c, section in view.sections.items() for name in section.present()
    )


def thin(view: View, fields: Fields) -> View:
    """Keep the named fields of a view and nothing else."""
    sections = {
        category: section.only(frozenset(name for c, name in fields if c is category))
        for category, section in view.sections.items()
    }
    return replace(view, sections={c: s for c, s in sections.items() if s.present()})


def thinner_sections(view: View) -> Iterator[View]:
    """Yield subsets of a view by section: none, each alone, each missing; then random fields."""
    every = fields_of(view)
    yield thin(view, frozenset())
    for category in sorted(view.sections):
        own = frozenset(field for field in every if field[0] is category)
        yield thin(view, own)
        yield thin(view, every - own)
    chance = random.Random(f"{view.kind.key} {len(every)}")  # noqa: S311  not a secret
    for _ in range(_RANDOM_SUBSETS):
        yield thin(view, frozenset(f for f in sorted(every) if chance.random() < 0.5))  # noqa: PLR2004


def thinner_views(view: View) -> Iterator[View]:
    """Yield subsets of a view: by section, and each field alone or missing."""
    every = fields_of(view)
    yield from thinner_sections(view)
    for field in sorted(every):
        yield thin(view, frozenset([field]))
        yield thin(view, every - {field})
