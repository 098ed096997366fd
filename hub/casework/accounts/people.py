"""Accounts of the console: added, given roles, locked out and let in again; each in the ledger."""

from __future__ import annotations

import re
from collections.abc import Collection

from hub.casework.accounts.passwords import hash_password
from hub.intake.hub import Office
from hub.journey import access_entries
from hub.store.accounts import Account
from hub.store.unit_of_work import Books
from schemas.errors import ConfigurationError, NotFound
from schemas.roles import Role

_NAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")


def add(office: Office, person: str, roles: Collection[Role], password: str, *, by: str) -> None:
    """Add an account; raises ConfigurationError for a bad name or password, or one taken."""
    if not _NAME.fullmatch(person):
        raise ConfigurationError(
            "A name has 2 to 40 lower-case letters, digits, dots, dashes; it begins with a letter."
        )
    if not roles:
        raise ConfigurationError("An account without a role opens nothing: give --role.")
    credential = hash_password(password)
    with office.writing() as (books, lines):
        if not books.people.add(person, roles, credential, books.now):
            raise ConfigurationError(f"There is an account {person} already.")
        lines.append(access_entries.account_changed("added", person, roles, by, books.now))


def listed(office: Office) -> list[Account]:
    """List all accounts, the disabled ones too."""
    with office.reading() as books:
        return books.people.listed()


def give_roles(office: Office, person: str, roles: Collection[Role], *, by: str) -> None:
    """Give an account these roles and no others; it counts at once."""
    if not roles:
        raise ConfigurationError("Give at least one --role, or disable the account.")
    with office.writing() as (books, lines):
        _known(books, person)
        books.people.set_roles(person, roles)
        lines.append(access_entries.account_changed("roles", person, roles, by, books.now))


def give_password(office: Office, person: str, password: str, *, by: str) -> None:
    """Give an account another password; its sessions end, and it is unlocked."""
    credential = hash_password(password)
    with office.writing() as (books, lines):
        account = _known(books, person)
        books.people.set_credential(person, credential)
        books.sessions.close_all(person)
        lines.append(
            access_entries.account_changed("password", person, account.roles, by, books.now)
        )


def unlock(office: Office, person: str, *, by: str) -> None:
    """Let in again somebody who was locked out."""
    with office.writing() as (books, lines):
        account = _known(books, person)
        books.people.failed(person, 0, None)
        lines.append(
            access_entries.account_changed("unlocked", person, account.roles, by, books.now)
        )


def disable(office: Office, person: str, *, by: str) -> None:
    """Close an account and end its sessions; it stays on record."""
    with office.writing() as (books, lines):
        account = _known(books, person)
        books.people.disable(person, books.now)
        books.sessions.close_all(person)
        lines.append(
            access_entries.account_changed("disabled", person, account.roles, by, books.now)
        )


def _known(books: Books, person: str) -> Account:
    account = books.people.find(person)
    if account is None or account.disabled_at:
        raise NotFound(f"There is no account {person}. See 'hub person list'.")
    return account
