"""Published agreements: every version is kept for ever, the latest of each is in use."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, func, insert, select

from consent.agreement import Agreement
from consent.decide import RuleBook
from hub.clock import stamp
from hub.store.tables import agreements
from schemas.errors import ConfigurationError


class Agreements:
    """Reads and publishes agreements, on one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def publish(self, agreement: Agreement, now: dt.datetime) -> bool:
        """Keep a version; False where this very text is published already.

        Raises ConfigurationError where the version is taken by another text, or is not the next.
        """
        digest = agreement.digest()
        if self.find(digest) is not None:
            return False
        latest = self._connection.scalar(
            select(func.max(agreements.c.version)).where(agreements.c.id == agreement.id)
        )
        if latest is not None and agreement.version <= latest:
            raise ConfigurationError(
                f"Agreement {agreement.id} has version {latest} already, with another text. "
                f"Give the changed text version {latest + 1}."
            )
        self._connection.execute(
            insert(agreements).values(
                digest=digest,
                id=agreement.id,
                version=agreement.version,
                body=agreement.canonical().decode(),
                published_at=stamp(now),
            )
        )
        return True

    def find(self, digest: str) -> Agreement | None:
        """Find any version by its digest."""
        body = self._connection.scalar(
            select(agreements.c.body).where(agreements.c.digest == digest)
        )
        return Agreement.model_validate_json(body) if body is not None else None

    def current(self) -> tuple[Agreement, ...]:
        """Give the latest version of every agreement."""
        latest = (
            select(agreements.c.id, func.max(agreements.c.version).label("version"))
            .group_by(agreements.c.id)
            .subquery()
        )
        rows = self._connection.execute(
            select(agreements.c.body).join(
                latest,
                (agreements.c.id == latest.c.id) & (agreements.c.version == latest.c.version),
            )
        )
        return tuple(Agreement.model_validate_json(body) for (body,) in rows)

    def stamp(self) -> tuple[int, str]:
        """Tell whether anything was published since: a count and the last moment."""
        count, last = self._connection.execute(
            select(func.count(), func.max(agreements.c.published_at)).select_from(agreements)
        ).one()
        return (count, last or "")


class RuleShelf:
    """Keeps the rule book of the moment, and makes it anew only when something was published."""

    def __init__(self) -> None:
        self._stamp: tuple[int, str] | None = None
        self._book = RuleBook(())

    def book(self, published: Agreements) -> RuleBook:
        """Give the rule book for what is published now."""
        stamp_now = published.stamp()
        if stamp_now != self._stamp:
            self._book = RuleBook(published.current())
            self._stamp = stamp_now
        return self._book
