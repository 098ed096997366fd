"""Who is signed in to the console now, and the tokens that programs read the audit API with."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Row, delete, insert, select, update

from hub.store.accounts import read_roles
from hub.store.console_tables import sessions
from schemas.roles import Role
from schemas.times import stamp, unstamp

BROWSER, OPENID, TOKEN = "browser", "openid", "token"
"""By password, through a provider, and for a program."""


@dataclass(frozen=True, slots=True)
class Because:
    """Why somebody looks at one child, as they said it, and until when that holds."""

    reason: str
    until: dt.datetime


@dataclass(frozen=True, slots=True)
class Session:
    """One session. ``digest`` is the SHA-256 of its token; ``reasons`` are by child."""

    digest: str
    kind: str
    person: str
    roles: frozenset[Role]
    csrf: str
    reasons: Mapping[str, Because]
    made_at: dt.datetime
    seen_at: dt.datetime
    until: dt.datetime


class Sessions:
    """Reads and writes sessions, on one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, session: Session) -> None:
        """Keep a new session."""
        self._connection.execute(
            insert(sessions).values(
                token=session.digest,
                kind=session.kind,
                person=session.person,
                roles=json.dumps(sorted(role.value for role in session.roles)),
                csrf=session.csrf,
                reasons=_written(session.reasons),
                made_at=stamp(session.made_at),
                seen_at=stamp(session.seen_at),
                until=stamp(session.until),
            )
        )

    def find(self, digest: str) -> Session | None:
        """Find a session by its token's digest, over or not."""
        row = self._connection.execute(select(sessions).where(sessions.c.token == digest)).first()
        return _session(row) if row else None

    def of(self, person: str) -> list[Session]:
        """List a person's sessions, newest first."""
        statement = select(sessions).where(sessions.c.person == person)
        rows = self._connection.execute(statement.order_by(sessions.c.made_at.desc()))
        return [_session(row) for row in rows]

    def seen(self, digest: str, now: dt.datetime) -> None:
        """Note that a session is in use."""
        self._set(digest, seen_at=stamp(now))

    def because(self, digest: str, reasons: Mapping[str, Because]) -> None:
        """Keep why the person looks at children."""
        self._set(digest, reasons=_written(reasons))

    def close(self, digest: str) -> None:
        """End one session."""
        self._connection.execute(delete(sessions).where(sessions.c.token == digest))

    def close_all(self, person: str) -> int:
        """End every session of a person; how many there were."""
        return self._connection.execute(
            delete(sessions).where(sessions.c.person == person)
        ).rowcount

    def sweep(self, now: dt.datetime) -> None:
        """Remove sessions whose time is over."""
        self._connection.execute(delete(sessions).where(sessions.c.until <= stamp(now)))

    def _set(self, digest: str, **values: object) -> None:
        self._connection.execute(update(sessions).where(sessions.c.token == digest).values(values))


def _written(reasons: Mapping[str, Because]) -> str:
    return json.dumps({child: [one.reason, stamp(one.until)] for child, one in reasons.items()})


def _session(row: Row[tuple[object, ...]]) -> Session:
    values = row._mapping  # noqa: SLF001  SQLAlchemy's public name for it
    reasons = json.loads(values["reasons"])
    return Session(
        digest=values["token"],
        kind=values["kind"],
        person=values["person"],
        roles=read_roles(values["roles"]),
        csrf=values["csrf"],
        reasons={child: Because(why, unstamp(until)) for child, (why, until) in reasons.items()},
        made_at=unstamp(values["made_at"]),
        seen_at=unstamp(values["seen_at"]),
        until=unstamp(values["until"]),
    )
