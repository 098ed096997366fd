"""Matters that need a person, each opened once per cause and subject."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update

from consent.reasons import ReviewCause
from hub.clock import stamp
from hub.store.tables import reviews
from hub.store.upsert import insert_new
from hub.vault import Vault

_NAMESPACE = uuid.UUID("c7a1d7b6-37c2-5c0e-9a94-1f3f0a7f5c33")


@dataclass(frozen=True, slots=True)
class Review:
    """One matter for a person."""

    id: str
    cause: ReviewCause
    child: str | None
    event: str | None
    state: str
    opened_at: str


class Reviews:
    """Reads and writes reviews, on one transaction."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def open(  # noqa: PLR0913  a review has this many sides
        self,
        cause: ReviewCause,
        subject: str,
        *,
        child: str | None,
        event: str | None,
        detail: tuple[bytes, str],
        now: dt.datetime,
    ) -> str | None:
        """Open a review; returns its id, or None where this one is known already.

        ``detail`` is what the person must see, with the name of the key to seal it under.
        """
        reference = str(uuid.uuid5(_NAMESPACE, f"{cause.value}\n{subject}"))
        plain, key = detail
        row = {
            "id": reference,
            "cause": cause.value,
            "subject": subject,
            "child": child,
            "event": event,
            "state": "open",
            "detail": self._vault.seal(key, plain, f"review {reference}"),
            "key": key,
            "opened_at": stamp(now),
        }
        return reference if insert_new(self._connection, reviews, row) else None

    def listed(self, *, everything: bool = False) -> list[Review]:
        """List open reviews, oldest first; with ``everything`` closed ones too."""
        statement = select(reviews).order_by(reviews.c.opened_at, reviews.c.id)
        if not everything:
            statement = statement.where(reviews.c.state == "open")
        return [
            Review(r.id, ReviewCause(r.cause), r.child, r.event, r.state, r.opened_at)
            for r in self._connection.execute(statement)
        ]

    def close(self, reference: str, outcome: str, *, by: str, now: dt.datetime) -> bool:
        """Close an open review with its outcome; False where it is not open."""
        changed = self._connection.execute(
            update(reviews)
            .where(reviews.c.id == reference, reviews.c.state == "open")
            .values(state="closed", outcome=outcome, closed_by=by, closed_at=stamp(now))
        )
        return changed.rowcount == 1

    def count(self) -> int:
        """Count every review ever opened."""
        return self._connection.scalar(select(func.count()).select_from(reviews)) or 0
