"""Published agreements: every version is kept for ever, the latest of each is in use."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, func, insert, select

from consent.agreement import Agreement
from consent.rulebook import RuleBook
from hub.store.tables import agreements
from schemas.errors import ConfigurationError
from schemas.times import stamp


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
                valid_from=stamp(agreement.valid_from),
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

    def versions(self, identifier: str) -> list[tuple[int, str]]:
        """List the published versions of an agreement, each with its digest."""
        rows = self._connection.execute(
            select(agreements.c.version, agreements.c.digest)
            .where(agreements.c.id == identifier)
            .order_by(agreements.c.version)
        )
        return [(int(version), digest) for version, digest in rows]

    def coming(self, now: dt.datetime) -> tuple[Agreement, ...]:
        """Give every version that counts now, and every later one, by id and version."""
        found: list[Agreement] = []
        for identifier, counting in sorted(self.counting(now).items()):
            versions = self.versions(identifier)
            first = [digest for _, digest in versions].index(counting)
            texts = (self.find(digest) for _, digest in versions[first:])
            found += [text for text in texts if text is not None]
        return tuple(found)

    def current(self, now: dt.datetime) -> tuple[Agreement, ...]:
        """Give the version of every agreement that counts now."""
        found = (self.find(digest) for digest in self.counting(now).values())
        return tuple(agreement for agreement in found if agreement is not None)

    def counting(self, now: dt.datetime) -> dict[str, str]:
        """Name, for every agreement, the digest of the version that counts now.

        It is the newest whose validity has begun: a version published early does not switch off
        the one in force. Where none has begun, the newest, so that a decision can say so.
        """
        rows = self._connection.execute(
            select(agreements.c.id, agreements.c.digest, agreements.c.valid_from).order_by(
                agreements.c.id, agreements.c.version
            )
        )
        chosen: dict[str, tuple[bool, str]] = {}
        for identifier, digest, valid_from in rows:
            begun = valid_from <= stamp(now)
            if begun or not chosen.get(identifier, (False, ""))[0]:
                chosen[identifier] = (begun, digest)
        return {identifier: digest for identifier, (_, digest) in chosen.items()}


class RuleShelf:
    """Keeps the rule book of the moment, and makes it anew only when other versions count."""

    def __init__(self) -> None:
        self._digests: dict[str, str] | None = None
        self._book = RuleBook(())

    def book(self, published: Agreements, now: dt.datetime) -> RuleBook:
        """Give the rule book for a moment."""
        digests = published.counting(now)
        if digests != self._digests:
            self._book = RuleBook(published.current(now))
            self._digests = digests
        return self._book
