"""``hub person``: the accounts of the console, and tokens for the audit API."""

from __future__ import annotations

import secrets
import sys
from typing import Annotated

import typer

from hub.casework.accounts import people
from hub.casework.accounts.sign_in import make_token
from hub.cli.context import hub_of
from hub.cli.exit_codes import ExitCode
from hub.cli.nouns import group
from hub.cli.output import emit, say, table
from hub.cli.shared_options import AsJson, By, checked_user
from hub.foundation.view_model import ViewModel
from schemas.roles import Role

person = group("person")
Name = Annotated[str, typer.Argument(metavar="NAME", help="A staff reference, such as jmalik.")]
Roles = Annotated[list[Role] | None, typer.Option("--role", help="A role. Repeatable.")]
Generate = Annotated[
    bool, typer.Option("--generate", help="Make a password and show it once, without a prompt.")
]
PASSWORD_BYTES = 12
HEADS = ("person", "roles", "made_at", "disabled_at", "locked_until")


class NewAccount(ViewModel):
    """An account that was added; the password is null where it was typed."""

    person: str
    roles: tuple[Role, ...]
    password: str | None


class NewToken(ViewModel):
    """A token that was made."""

    token: str


def add_to(app: typer.Typer) -> None:
    """Add the noun."""
    app.add_typer(person)


@person.command()
def add(  # noqa: PLR0913  each is an option of the command
    context: typer.Context,
    name: Name,
    *,
    by: By = None,
    role: Roles = None,
    generate: Generate = False,
    as_json: AsJson = False,
) -> int:
    """Add an account.

    The password is read from a hidden prompt or from standard input.

    JSON keys: person, roles, password (null without --generate).

    Example: hub person add jmalik --role ig-officer --by admin
    """
    roles, password = role or [], _password(generate=generate)
    with hub_of(context) as hub:
        people.add(hub, name, roles, password, by=checked_user(by))
    if as_json:
        shown = password if generate else None
        emit(NewAccount(person=name, roles=tuple(roles), password=shown))
    else:
        say(f"{name} may sign in with the roles {', '.join(one.value for one in roles)}.")
        if generate:
            say(f"Password, shown this once: {password}")
    return ExitCode.OK


def _password(*, generate: bool) -> str:
    if generate:
        return secrets.token_urlsafe(PASSWORD_BYTES)
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\n")


@person.command("list")
def list_(context: typer.Context, *, as_json: AsJson = False) -> int:
    """List all accounts.

    JSON keys: people (each with person, roles, made_at, disabled_at, locked_until).

    Example: hub person list
    """
    with hub_of(context) as hub:
        found = people.listed(hub)
    if as_json:
        emit(found)
    elif found.people:
        rows = [
            (one.person, ", ".join(one.roles), one.made_at, one.disabled_at, one.locked_until)
            for one in found.people
        ]
        table(HEADS, rows)
    else:
        say("There is no account yet. See 'hub person add --help'.")
    return ExitCode.OK


@person.command()
def roles(context: typer.Context, name: Name, *, by: By = None, role: Roles = None) -> int:
    """Replace an account's roles, effective at once.

    Example: hub person roles jmalik --role auditor --by admin
    """
    with hub_of(context) as hub:
        people.give_roles(hub, name, role or [], by=checked_user(by))
    say(f"{name} now has the roles {', '.join(one.value for one in role or [])}.")
    return ExitCode.OK


@person.command()
def password(
    context: typer.Context, name: Name, *, by: By = None, generate: Generate = False
) -> int:
    """Replace an account's password.

    Its sessions end, and it is unlocked.

    Example: hub person password jmalik --generate --by admin
    """
    fresh = _password(generate=generate)
    with hub_of(context) as hub:
        people.give_password(hub, name, fresh, by=checked_user(by))
    shown = f" Shown this once: {fresh}" if generate else ""
    say(f"{name} has a new password.{shown}")
    return ExitCode.OK


@person.command()
def unlock(context: typer.Context, name: Name, *, by: By = None) -> int:
    """Unlock an account that was locked after failed attempts.

    Example: hub person unlock jmalik --by admin
    """
    with hub_of(context) as hub:
        people.unlock(hub, name, by=checked_user(by))
    say(f"The account of {name} is unlocked.")
    return ExitCode.OK


@person.command()
def disable(context: typer.Context, name: Name, *, by: By = None) -> int:
    """Disable an account and end its sessions.

    The account stays on record.

    Example: hub person disable jmalik --by admin
    """
    with hub_of(context) as hub:
        people.disable(hub, name, by=checked_user(by))
    say(f"The account of {name} is disabled.")
    return ExitCode.OK


@person.command()
def token(
    context: typer.Context,
    name: Name,
    *,
    days: Annotated[int, typer.Option(min=1, max=365, help="Days until it expires.")] = 30,
    by: By = None,
    as_json: AsJson = False,
) -> int:
    """Make a token for the audit API.

    A program with the token reads the audit API in this person's name and with
    the person's roles. It ends when the account is disabled or has a new
    password. It is shown this once.

    JSON keys: token.

    Example: hub person token siem-reader --days 90
    """
    with hub_of(context) as hub:
        made = make_token(hub, name, days, by=checked_user(by))
    if as_json:
        emit(NewToken(token=made))
    else:
        say(made)
    return ExitCode.OK
