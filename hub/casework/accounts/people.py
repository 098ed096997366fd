"""Accounts of the console: added, given roles, locked out and let in again; each in the ledger."""

from __future__ import annotations

import re
from collections.abc import Collection

from hub.casework.accounts.passwords import hash_password
from hub.intake.hub import Hub
from hub.journey import access_entries
from hub.store.accounts import ConsoleAccount
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import ConfigurationError, NotFound
from schemas.roles import Role

_NAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")


def add(hub: Hub, person: str, roles: Collection[Role], password: str, *, by: str) -> None:
    """Add an account; raises ConfigurationError for a bad name or password, or one taken."""
    if not _NAME.fullmatch(person):
        raise ConfigurationError(
            "A name has 2 to 40 lower-case letters, digits, dots, dashes; it begins with a letter."
        )
    if not roles:
        raise ConfigurationError("An account without a role opens nothing: give --role.")
    credential = hash_password(password)
    with hub.writing() as (work, lines):
        if not work.people.add(person, roles, credential, work.now):
            raise ConfigurationError(f"There is an account {person} already.")
        lines.append(access_entries.account_changed("added", person, roles, by, work.now))


def listed(hub: Hub) -> list[ConsoleAccount]:
    """List all accounts, the disabled ones too."""
    with hub.reading() as work:
        return work.people.listed()


def give_roles(hub: Hub, person: str, roles: Collection[Role], *, by: str) -> None:
    """Give an account these roles and no others; it counts at once."""
    if not roles:
        raise ConfigurationError("Give at least one --role, or disable the account.")
    with hub.writing() as (work, lines):
        _known(work, person)
        work.people.set_roles(person, roles)
        lines.append(access_entries.account_changed("roles", person, roles, by, work.now))


def give_password(hub: Hub, person: str, password: str, *, by: str) -> None:
    """Give an account another password; its sessions end, and it is unlocked."""
    credential = hash_password(password)
    with hub.writing() as (work, lines):
        account = _known(work, person)
        work.people.set_credential(person, credential)
        work.sessions.close_all(person)
        lines.append(
            access_entries.account_changed("password", person, account.roles, by, work.now)
        )


def unlock(hub: Hub, person: str, *, by: str) -> None:
    """Let in again somebody who was locked out."""
    with hub.writing() as (work, lines):
        account = _known(work, person)
        work.people.failed(person, 0, None)
        lines.append(
            access_entries.account_changed("unlocked", person, account.roles, by, work.now)
        )


def disable(hub: Hub, person: str, *, by: str) -> None:
    """Close an account and end its sessions; it stays on record."""
    with hub.writing() as (work, lines):
        account = _known(work, person)
        work.people.disable(person, work.now)
        work.sessions.close_all(person)
        lines.append(
            access_entries.account_changed("disabled", person, account.roles, by, work.now)
        )


def _known(work: UnitOfWork, person: str) -> ConsoleAccount:
    account = work.people.find(person)
    if account is None or account.disabled_at:
        raise NotFound(f"There is no account {person}. See 'hub person list'.")
    return account
