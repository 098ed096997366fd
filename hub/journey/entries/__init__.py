"""The ledger entries: one frozen model per kind, a file per noun. Pure.

A model is all that the code knows of its kind: members, subject, sentence and daily counts are read
from it, and so is the table in docs/reference/ledger-entries.md. To add a kind, write its model in
the file of its noun, emit it, and test it. A new file is imported below. Read ``base.py`` first.
"""

from __future__ import annotations

from hub.journey.entries import access, children, decisions, deliveries, directives, events, reviews
from hub.journey.entries.base import (
    MODELS,
    Attribution,
    CountKind,
    EntryBody,
    EntrySubject,
    FoundBy,
    body_of,
    model_of,
)

__all__ = [
    "MODELS",
    "Attribution",
    "CountKind",
    "EntryBody",
    "EntrySubject",
    "FoundBy",
    "access",
    "body_of",
    "children",
    "decisions",
    "deliveries",
    "directives",
    "events",
    "model_of",
    "reviews",
]
