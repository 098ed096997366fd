"""Matters that need a person, each opened once per cause and subject."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping

from sqlalchemy import Connection, Row, func, select, update

from consent.reasons import ReviewCause
from hub.journey.reviews import Review
from hub.keys.vault import Vault
from hub.store.tables import reviews
from hub.store.upsert import insert_new
from schemas.times import stamp

_NAMESPACE = uuid.UUID("c7a1d7b6-37c2-5c0e-9a94-1f3f0a7f5c33")


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
        again: bool = False,
    ) -> str | None:
        """Open a review; returns its id, or None where this one is known already.

        ``detail`` is what the person must see, with the name of the key to seal it under. One that
        was closed is opened ``again`` only where that is asked for.
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
        if insert_new(self._connection, reviews, row):
            return reference
        return reference if again and self._reopen(reference, row) else None

    def _reopen(self, reference: str, row: Mapping[str, object]) -> bool:
        fresh = {name: row[name] for name in ("state", "detail", "key", "opened_at")}
        changed = self._connection.execute(
            update(reviews)
            .where(reviews.c.id == reference, reviews.c.state == "closed")
            .values(**fresh, closed_at=None, closed_by=None, outcome=None)
        )
        return changed.rowcount == 1

    def find(self, reference: str) -> Review | None:
        """Find one review."""
        row = self._connection.execute(select(reviews).where(reviews.c.id == reference)).first()
        return _review(row) if row else None

    def about(self, event: str) -> list[Review]:
        """List the open reviews about one event."""
        statement = select(reviews).where(reviews.c.event == event, reviews.c.state == "open")
        return [_review(row) for row in self._connection.execute(statement)]

    def open_of(self, child: str) -> list[Review]:
        """List the open reviews about one child, oldest first."""
        statement = select(reviews).where(reviews.c.child == child, reviews.c.state == "open")
        rows = self._connection.execute(statement.order_by(reviews.c.opened_at, reviews.c.id))
        return [_review(row) for row in rows]

    def detail(self, reference: str) -> bytes:
        """Open what a person must see of a review; nothing where that was erased."""
        row = self._connection.execute(
            select(reviews.c.key, reviews.c.detail).where(reviews.c.id == reference)
        ).first()
        if row is None or row.detail is None:
            return b"{}"
        return self._vault.unseal(row.key, bytes(row.detail), f"review {reference}")

    def renew(self, reference: str, detail: bytes, key: str) -> None:
        """Replace what a person must see of an open review: the matter has changed."""
        sealed = self._vault.seal(key, detail, f"review {reference}")
        self._connection.execute(
            update(reviews).where(reviews.c.id == reference).values(detail=sealed, key=key)
        )

    def listed(self, *, everything: bool = False) -> list[Review]:
        """List open reviews, oldest first; with ``everything`` closed ones too."""
        statement = select(reviews).order_by(reviews.c.opened_at, reviews.c.id)
        if not everything:
            statement = statement.where(reviews.c.state == "open")
        return [_review(row) for row in self._connection.execute(statement)]

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


def _review(row: Row[tuple[object, ...]]) -> Review:
    values = row._mapping  # noqa: SLF001  SQLAlchemy's public name for it
    return Review(
        id=values["id"],
        cause=ReviewCause(values["cause"]),
        child=values["child"],
        event=values["event"],
        state=values["state"],
        opened_at=values["opened_at"],
        outcome=values["outcome"],
        closed_by=values["closed_by"],
        closed_at=values["closed_at"],
    )
