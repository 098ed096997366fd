"""When the whole ledger was last verified, by whom, and what came of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, select

from hub.store.console_tables import verifications
from hub.store.upsert import insert_new
from schemas.times import stamp


@dataclass(frozen=True, slots=True)
class Verification:
    """One verification of the whole ledger that was finished."""

    at: str
    by: str
    entries: int
    verified: bool
    problem: str | None


class Verifications:
    """Reads and writes verifications, on one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(
        self, *, by: str, entries: int, verified: bool, problem: str | None, now: dt.datetime
    ) -> None:
        """Note one that was finished."""
        row = {
            "at": stamp(now),
            "by": by,
            "entries": entries,
            "verified": int(verified),
            "problem": problem,
        }
        insert_new(self._connection, verifications, row)

    def newest(self) -> Verification | None:
        """Give the newest one; None where the whole ledger was never verified."""
        statement = select(verifications).order_by(verifications.c.at.desc()).limit(1)
        row = self._connection.execute(statement).first()
        if row is None:
            return None
        return Verification(row.at, row.by, row.entries, bool(row.verified), row.problem)
