"""Sign-in to the console, and whose session a token is: checked again at every request.

After five failed attempts an account is locked for 15 minutes. Sessions end after a time without
use, and at the latest after a working day. Of a session's token only the SHA-256 is stored.
Sources: NIST SP 800-63B, OWASP Session Management.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace

from hub.casework.accounts.passwords import holds
from hub.intake.hub import Hub
from hub.journey.entries.access import (
    AccountChange,
    AccountChangedEntry,
    SignedInEntry,
    SignedOutEntry,
    SignInRefusedEntry,
)
from hub.store.accounts import ConsoleAccount
from hub.store.sessions import BROWSER, OPENID, TOKEN, Because, Session
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import HubError, NotFound
from schemas.roles import Permission, Role, permissions
from schemas.times import stamp

TRIES = 5
LOCKED = dt.timedelta(minutes=15)
LONGEST = dt.timedelta(hours=12)
REASON_HOLDS = dt.timedelta(minutes=60)
_NOTED_EVERY = dt.timedelta(minutes=1)


class SignInRefused(HubError):
    """Sign-in is refused; only the ledger records why."""

    code = "sign-in-refused"


@dataclass(frozen=True, slots=True)
class Visitor:
    """An authenticated user of the console and their permissions."""

    session: Session

    @property
    def person(self) -> str:
        """The user's staff reference, as in the ledger."""
        return self.session.person

    @property
    def may(self) -> frozenset[Permission]:
        """The permissions of the user's roles."""
        return permissions(self.session.roles)

    def because(self, child: str, now: dt.datetime) -> str | None:
        """Return why the user accesses a child, or None where no reason was given lately."""
        given = self.session.reasons.get(child)
        return given.reason if given is not None and given.until > now else None


def digest(token: str) -> str:
    """Return the hash of a token, which is what the store holds."""
    return hashlib.sha256(token.encode()).hexdigest()


def sign_in(hub: Hub, person: str, password: str) -> str:
    """Start a session for a user authenticated by password, and return its token.

    Raises SignInRefused, after about the same time whether or not the account exists.
    """
    with hub.reading() as work:
        account = work.accounts.find(person)
    right = holds(account.credential if account else None, password)
    with hub.writing() as (work, lines):
        code = _refusal(account, work, right=right)
        if account is not None and code is None:
            work.accounts.failed(person, 0, None)
            token, session = _open(work, person, account.roles, BROWSER, LONGEST)
            lines.append(
                SignedInEntry(person=person, roles=tuple(sorted(session.roles)), how="password")
            )
            return token
        lines.append(SignInRefusedEntry(person=account.person if account else "", code=code or ""))
        if account is not None and code == "wrong-password":
            _count_failure(account, work)
    raise SignInRefused("The name or the password is wrong, or the account is locked.")


def _refusal(account: ConsoleAccount | None, work: UnitOfWork, *, right: bool) -> str | None:
    """Return, for the ledger, why a sign-in is refused; None where it is not."""
    if account is None:
        return "unknown"
    account = work.accounts.find(account.person) or account
    if account.disabled_at:
        return "disabled"
    if account.locked_until and account.locked_until > stamp(work.now):
        return "locked"
    return None if right else "wrong-password"


def _count_failure(account: ConsoleAccount, work: UnitOfWork) -> None:
    current = work.accounts.find(account.person) or account
    failures = current.failures + 1
    locked = work.now + LOCKED if failures % TRIES == 0 else None
    work.accounts.failed(account.person, failures, locked)


def enter(hub: Hub, person: str, roles: Iterable[Role]) -> str:
    """Start a session for a user authenticated by OpenID Connect, and return its token.

    Raises SignInRefused for a user without a role.
    """
    held = frozenset(roles)
    with hub.writing() as (work, lines):
        if held:
            token, _ = _open(work, person, held, OPENID, LONGEST)
            lines.append(
                SignedInEntry(person=person, roles=tuple(sorted(held)), how="openid-connect")
            )
            return token
        lines.append(SignInRefusedEntry(person="", code="no-role"))
    raise SignInRefused("You are authenticated but have no role here. Ask the hub's operator.")


def make_token(hub: Hub, person: str, days: int, *, by: str) -> str:
    """Make a token with which a program reads the audit API in a person's name.

    Raises NotFound where the account does not exist or is disabled.
    """
    with hub.writing() as (work, lines):
        account = work.accounts.find(person)
        if account is None or account.disabled_at:
            raise NotFound("Unknown account. See 'hub person list'.")
        token, _ = _open(work, person, account.roles, TOKEN, dt.timedelta(days=days))
        lines.append(
            AccountChangedEntry(
                act=AccountChange.TOKEN, person=person, roles=tuple(sorted(account.roles)), by=by
            )
        )
        return token


def _open(
    work: UnitOfWork, person: str, roles: frozenset[Role], kind: str, lasts: dt.timedelta
) -> tuple[str, Session]:
    token = secrets.token_urlsafe(32)
    now = work.now
    session = Session(
        digest=digest(token),
        kind=kind,
        person=person,
        roles=roles,
        csrf=secrets.token_urlsafe(32),
        reasons={},
        made_at=now,
        seen_at=now,
        until=now + lasts,
    )
    work.sessions.sweep(now)
    work.sessions.open(session)
    return token, session


def visitor_of(
    hub: Hub, token: str, idle: dt.timedelta, *, program: bool = False
) -> Visitor | None:
    """Return the user whose session a token is; None for an unknown, expired or idle one.

    A ``program`` has a token of its own kind, and is never idle.
    """
    with hub.reading() as work:
        session = work.sessions.find(digest(token))
        if session is None or session.until <= work.now:
            return None
        if (session.kind == TOKEN) is not program:
            return None
        if not program and session.seen_at + idle <= work.now:
            return None
        # A user of an OpenID provider has the provider's roles, whatever account has that name.
        known = session.kind != OPENID
        account = work.accounts.find(session.person) if known else None
        stale = session.seen_at + _NOTED_EVERY <= work.now
    if account is not None:
        if account.disabled_at:
            return None
        # A change of an account's roles is effective at once.
        session = replace(session, roles=account.roles)
    if stale:
        with hub.writing() as (work, _):
            work.sessions.seen(session.digest, work.now)
    return Visitor(session)


def say_why(hub: Hub, visitor: Visitor, child: str, reason: str) -> None:
    """Store, for this session, why the user accesses a child."""
    with hub.writing() as (work, _):
        session = work.sessions.find(visitor.session.digest)
        if session is None:
            return
        reasons = {name: one for name, one in session.reasons.items() if one.until > work.now}
        reasons[child] = Because(reason, work.now + REASON_HOLDS)
        work.sessions.because(session.digest, reasons)


def leave(hub: Hub, visitor: Visitor) -> None:
    """End a session."""
    with hub.writing() as (work, lines):
        work.sessions.close(visitor.session.digest)
        lines.append(SignedOutEntry(person=visitor.person))
