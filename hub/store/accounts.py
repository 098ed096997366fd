"""Who may sign in to the console with an account of the hub's own."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, Row, select, update

from hub.store.console_tables import accounts
from hub.store.upsert import insert_new
from schemas.roles import Role
from schemas.times import stamp


@dataclass(frozen=True, slots=True)
class ConsoleAccount:
    """One person's account; ``credential`` is an Argon2 hash, or None where none was set yet."""

    person: str
    roles: frozenset[Role]
    credential: str | None
    made_at: str
    disabled_at: str | None
    failures: int
    locked_until: str | None


class ConsoleAccounts:
    """Reads and writes accounts, on one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, person: str, roles: Iterable[Role], credential: str, now: dt.datetime) -> bool:
        """Add an account; False where the name is taken."""
        row = {
            "person": person,
            "roles": _written(roles),
            "credential": credential,
            "made_at": stamp(now),
            "failures": 0,
        }
        return insert_new(self._connection, accounts, row)

    def find(self, person: str) -> ConsoleAccount | None:
        """Find one account."""
        row = self._connection.execute(select(accounts).where(accounts.c.person == person)).first()
        return _account(row) if row else None

    def listed(self) -> list[ConsoleAccount]:
        """List all accounts by name."""
        return [_account(row) for row in self._connection.execute(_BY_NAME)]

    def set_roles(self, person: str, roles: Iterable[Role]) -> None:
        """Give an account these roles and no others."""
        self._set(person, roles=_written(roles))

    def set_credential(self, person: str, credential: str) -> None:
        """Give an account another password; it is unlocked by that."""
        self._set(person, credential=credential, failures=0, locked_until=None)

    def disable(self, person: str, now: dt.datetime) -> None:
        """Close an account: it stays on record and lets nobody in."""
        self._set(person, disabled_at=stamp(now), credential=None)

    def failed(self, person: str, failures: int, locked_until: dt.datetime | None) -> None:
        """Note a failed try, and until when the account is locked if it is."""
        until = stamp(locked_until) if locked_until else None
        self._set(person, failures=failures, locked_until=until)

    def _set(self, person: str, **values: object) -> None:
        self._connection.execute(
            update(accounts).where(accounts.c.person == person).values(**values)
        )


_BY_NAME = select(accounts).order_by(accounts.c.person)


def _written(roles: Iterable[Role]) -> str:
    return json.dumps(sorted(role.value for role in roles))


def read_roles(text: str) -> frozenset[Role]:
    """Read roles back; a role that is no longer known opens nothing."""
    known = {role.value for role in Role}
    return frozenset(Role(name) for name in json.loads(text) if name in known)


def _account(row: Row[tuple[object, ...]]) -> ConsoleAccount:
    values = row._mapping  # noqa: SLF001  SQLAlchemy's public name for it
    return ConsoleAccount(
        person=values["person"],
        roles=read_roles(values["roles"]),
        credential=values["credential"],
        made_at=values["made_at"],
        disabled_at=values["disabled_at"],
        failures=values["failures"],
        locked_until=values["locked_until"],
    )
