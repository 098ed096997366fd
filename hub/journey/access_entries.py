"""What the ledger says of the people at the console: accounts, roles, sign-ins. Pure.

People stand in it by their staff references. What somebody typed as a name that is no account's is
never written down: it may be a password in the wrong box.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from pydantic import JsonValue

from hub.journey.entries import PendingEntry, Subject
from hub.ledger.entry import EntryKind, LedgerEntry
from schemas.roles import Role


def _line(act: str, person: str, more: dict[str, JsonValue], now: dt.datetime) -> PendingEntry:
    body: dict[str, JsonValue] = {"act": act, "person": person, **more}
    return LedgerEntry(kind=EntryKind.ACCESS, at=now, body=body), Subject()


def _names(roles: Iterable[Role]) -> list[JsonValue]:
    return [*sorted(role.value for role in roles)]


def account_changed(
    act: str, person: str, roles: Iterable[Role], by: str, now: dt.datetime
) -> PendingEntry:
    """An account was added, given roles or another password, unlocked or disabled."""
    return _line(act, person, {"roles": _names(roles), "by": by}, now)


def signed_in(person: str, roles: Iterable[Role], how: str, now: dt.datetime) -> PendingEntry:
    """Somebody signed in: by ``password``, through ``openid-connect``, or made a ``token``."""
    return _line("signed-in", person, {"roles": _names(roles), "how": how}, now)


def signed_out(person: str, now: dt.datetime) -> PendingEntry:
    """Somebody signed out."""
    return _line("signed-out", person, {}, now)


def refused(person: str, code: str, now: dt.datetime) -> PendingEntry:
    """Somebody was not let in; ``person`` is an account, or empty for a name that is none."""
    return _line("refused", person, {"code": code}, now)
