"""Reviews as the store keeps them: a matter that needs a person."""

from __future__ import annotations

from dataclasses import dataclass

from consent.reasons import ReviewCause


@dataclass(frozen=True, slots=True)
class Review:
    """One matter for a person."""

    id: str
    cause: ReviewCause
    child: str | None
    event: str | None
    state: str
    opened_at: str
    outcome: str | None
    closed_by: str | None
    closed_at: str | None
