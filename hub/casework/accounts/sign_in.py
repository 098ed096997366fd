"""Signing in to the console, and who a session is: decided anew at every request.

A password is tried five times; then the account is locked for a quarter of an hour, for whoever
tries. Sessions end after a time without use and at the latest after a working day. What is kept of
a session's token is its SHA-256. Sources: NIST SP 800-63B, OWASP Session Management.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace

from hub.casework.accounts.passwords import holds
from hub.intake.hub import Hub
from hub.journey import access_entries
from hub.store.accounts import ConsoleAccount
from hub.store.sessions import BROWSER, OPENID, TOKEN, Because, Session
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import ConfigurationError, HubError
from schemas.roles import Permission, Role, permissions
from schemas.times import stamp

TRIES = 5
LOCKED = dt.timedelta(minutes=15)
LONGEST = dt.timedelta(hours=12)
REASON_HOLDS = dt.timedelta(minutes=60)
_NOTED_EVERY = dt.timedelta(minutes=1)


class SignInRefused(HubError):
    """Somebody is not let in; the code says why only in the ledger, not to them."""

    code = "sign-in-refused"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at the console, with what they may do."""

    session: Session

    @property
    def person(self) -> str:
        """Their staff reference, as it stands in the ledger."""
        return self.session.person

    @property
    def may(self) -> frozenset[Permission]:
        """All that their roles open."""
        return permissions(self.session.roles)

    def because(self, child: str, now: dt.datetime) -> str | None:
        """Why they look at a child, as they said; None where they have not said it lately."""
        said = self.session.reasons.get(child)
        return said.reason if said is not None and said.until > now else None


def digest(token: str) -> str:
    """Make what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def sign_in(hub: Hub, person: str, password: str) -> str:
    """Let somebody in by password and give the session's token; raises SignInRefused.

    Right or wrong, known or not, it takes about as long.
    """
    with hub.reading() as work:
        account = work.people.find(person)
    right = holds(account.credential if account else None, password)
    with hub.writing() as (work, lines):
        code = _hindrance(account, work, right=right)
        if account is not None and code is None:
            work.people.failed(person, 0, None)
            token, session = _open(work, person, account.roles, BROWSER, LONGEST)
            lines.append(access_entries.signed_in(person, session.roles, "password", work.now))
            return token
        lines.append(
            access_entries.refused(account.person if account else "", code or "", work.now)
        )
        if account is not None and code == "wrong-password":
            _count(account, work)
    raise SignInRefused("The name or the password is wrong, or the account is locked.")


def _hindrance(account: ConsoleAccount | None, work: UnitOfWork, *, right: bool) -> str | None:
    """Say, for the ledger, why somebody is not let in; None where they are."""
    if account is None:
        return "unknown"
    account = work.people.find(account.person) or account
    if account.disabled_at:
        return "disabled"
    if account.locked_until and account.locked_until > stamp(work.now):
        return "locked"
    return None if right else "wrong-password"


def _count(account: ConsoleAccount, work: UnitOfWork) -> None:
    current = work.people.find(account.person) or account
    failures = current.failures + 1
    locked = work.now + LOCKED if failures % TRIES == 0 else None
    work.people.failed(account.person, failures, locked)


def enter(hub: Hub, person: str, roles: Iterable[Role]) -> str:
    """Let in somebody whom an OpenID provider vouches for; raises SignInRefused without a role."""
    held = frozenset(roles)
    with hub.writing() as (work, lines):
        if held:
            token, _ = _open(work, person, held, OPENID, LONGEST)
            lines.append(access_entries.signed_in(person, held, "openid-connect", work.now))
            return token
        lines.append(access_entries.refused("", "no-role", work.now))
    raise SignInRefused("You are known, but have no role here. Ask whoever runs the hub.")


def make_token(hub: Hub, person: str, days: int) -> str:
    """Make a token with which a program reads the audit API in a person's name."""
    with hub.writing() as (work, lines):
        account = work.people.find(person)
        if account is None or account.disabled_at:
            raise ConfigurationError(f"There is no account {person}. See 'hub person list'.")
        token, _ = _open(work, person, account.roles, TOKEN, dt.timedelta(days=days))
        lines.append(access_entries.signed_in(person, account.roles, "token", work.now))
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
    """Tell whose session a token is; None for one that is over, idle too long, or no one's.

    A ``program`` has a token that was made for it, and is never idle.
    """
    with hub.reading() as work:
        session = work.sessions.find(digest(token))
        if session is None or session.until <= work.now:
            return None
        if (session.kind == TOKEN) is not program:
            return None
        if not program and session.seen_at + idle <= work.now:
            return None
        # Whom a provider vouches for has the provider's roles, whatever account bears the name.
        known = session.kind != OPENID
        account = work.people.find(session.person) if known else None
        stale = session.seen_at + _NOTED_EVERY <= work.now
    if account is not None:
        if account.disabled_at:
            return None
        # A change of an account's roles counts at once.
        session = replace(session, roles=account.roles)
    if stale:
        with hub.writing() as (work, _):
            work.sessions.seen(session.digest, work.now)
    return Visitor(session)


def say_why(hub: Hub, visitor: Visitor, child: str, reason: str) -> None:
    """Keep, for this session, why somebody looks at a child."""
    with hub.writing() as (work, _):
        session = work.sessions.find(visitor.session.digest)
        if session is None:
            return
        kept = {name: one for name, one in session.reasons.items() if one.until > work.now}
        kept[child] = Because(reason, work.now + REASON_HOLDS)
        work.sessions.because(session.digest, kept)


def leave(hub: Hub, visitor: Visitor) -> None:
    """End a session."""
    with hub.writing() as (work, lines):
        work.sessions.close(visitor.session.digest)
        lines.append(access_entries.signed_out(visitor.person, work.now))
