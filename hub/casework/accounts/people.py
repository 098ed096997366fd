"""Accounts of the console: add, list, change roles and passwords, unlock, disable."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Annotated

from pydantic import Field

from hub.casework.accounts.passwords import hash_password
from hub.foundation.view_model import ViewModel
from hub.intake.hub import Hub
from hub.journey.entries.access import AccountChange, AccountChangedEntry
from hub.store.accounts import ConsoleAccount
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import ConfigurationError, NotFound
from schemas.roles import Role
from schemas.suggestion import suggestion

_NAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")


class AccountView(ViewModel):
    """One account of the console."""

    person: Annotated[str, Field(description="The staff reference")]
    roles: tuple[Role, ...]
    made_at: str
    disabled_at: str | None
    locked_until: str | None


class AccountList(ViewModel):
    """All accounts, disabled ones included."""

    people: tuple[AccountView, ...]


def add(hub: Hub, person: str, roles: Collection[Role], password: str, *, by: str) -> None:
    """Add an account; raises ConfigurationError for an invalid or taken name, or bad password."""
    if not _NAME.fullmatch(person):
        raise ConfigurationError(
            "A name has 2 to 40 lower-case letters, digits, dots, dashes; it begins with a letter."
        )
    if not roles:
        raise ConfigurationError("An account without a role may do nothing: give --role.")
    credential = hash_password(password)
    with hub.writing() as (work, lines):
        if not work.accounts.add(person, roles, credential, work.now):
            raise ConfigurationError(f"The account {person} exists already.")
        lines.append(
            AccountChangedEntry(
                act=AccountChange.ADDED, person=person, roles=tuple(sorted(roles)), by=by
            )
        )


def listed(hub: Hub) -> AccountList:
    """Return all accounts, disabled ones included."""
    with hub.reading() as work:
        return AccountList(people=tuple(map(_shown, work.accounts.listed())))


def _shown(account: ConsoleAccount) -> AccountView:
    return AccountView(
        person=account.person,
        roles=tuple(sorted(account.roles)),
        made_at=account.made_at,
        disabled_at=account.disabled_at,
        locked_until=account.locked_until,
    )


def give_roles(hub: Hub, person: str, roles: Collection[Role], *, by: str) -> None:
    """Replace an account's roles, effective at once; raises NotFound and ConfigurationError."""
    if not roles:
        raise ConfigurationError("Give at least one --role, or disable the account.")
    with hub.writing() as (work, lines):
        _account(work, person)
        work.accounts.set_roles(person, roles)
        lines.append(
            AccountChangedEntry(
                act=AccountChange.ROLES, person=person, roles=tuple(sorted(roles)), by=by
            )
        )


def give_password(hub: Hub, person: str, password: str, *, by: str) -> None:
    """Replace an account's password, end its sessions and unlock it; raises NotFound."""
    credential = hash_password(password)
    with hub.writing() as (work, lines):
        account = _account(work, person)
        work.accounts.set_credential(person, credential)
        work.sessions.close_all(person)
        lines.append(
            AccountChangedEntry(
                act=AccountChange.PASSWORD, person=person, roles=tuple(sorted(account.roles)), by=by
            )
        )


def unlock(hub: Hub, person: str, *, by: str) -> None:
    """Unlock an account that was locked after failed attempts; raises NotFound."""
    with hub.writing() as (work, lines):
        account = _account(work, person)
        work.accounts.failed(person, 0, None)
        lines.append(
            AccountChangedEntry(
                act=AccountChange.UNLOCKED, person=person, roles=tuple(sorted(account.roles)), by=by
            )
        )


def disable(hub: Hub, person: str, *, by: str) -> None:
    """Disable an account and end its sessions; it stays on record. Raises NotFound."""
    with hub.writing() as (work, lines):
        account = _account(work, person)
        work.accounts.disable(person, work.now)
        work.sessions.close_all(person)
        lines.append(
            AccountChangedEntry(
                act=AccountChange.DISABLED, person=person, roles=tuple(sorted(account.roles)), by=by
            )
        )


def _account(work: UnitOfWork, person: str) -> ConsoleAccount:
    account = work.accounts.find(person)
    if account is None or account.disabled_at:
        known = [one.person for one in work.accounts.listed() if not one.disabled_at]
        raise NotFound(f"Unknown account. {suggestion(person, known)}")
    return account
