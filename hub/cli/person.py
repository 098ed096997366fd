"""``hub person``: who may sign in to the console, and as what."""

from __future__ import annotations

import secrets
import sys
from typing import Annotated

import typer

from hub.cli.context import hub_of
from hub.cli.exit_codes import ExitCode
from hub.cli.nouns import group
from hub.cli.output import emit, say, table
from hub.cli.shared_options import AsJson, By, checked_user
from schemas.errors import ConfigurationError
from schemas.roles import Role

person = group("person")
Name = Annotated[str, typer.Argument(metavar="NAME", help="A staff reference, such as jmalik.")]
Roles = Annotated[list[Role] | None, typer.Option("--role", help="What they are. Repeatable.")]
Generate = Annotated[
    bool, typer.Option("--generate", help="Make a password and show it once; else it is asked for.")
]
SHOWN_BYTES = 12


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
    """Add an account. The password is asked for, or read from standard input.

    JSON keys: person, roles, password (with --generate).

    Example: hub person add jmalik --role ig-officer --by admin
    """
    from hub.casework.accounts.people import add as add_one  # noqa: PLC0415  the store's library loads with it

    roles, password = role or [], _password(generate=generate)
    with hub_of(context) as hub:
        add_one(hub, name, roles, password, by=checked_user(by))
    shown = {"password": password} if generate else {}
    if as_json:
        emit({"person": name, "roles": [one.value for one in roles], **shown})
    else:
        say(f"{name} may sign in as {', '.join(one.value for one in roles)}.")
        if generate:
            say(f"Password, shown this once: {password}")
    return ExitCode.OK


def _password(*, generate: bool) -> str:
    if generate:
        return secrets.token_urlsafe(SHOWN_BYTES)
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\n")


@person.command("list")
def list_(context: typer.Context, *, as_json: AsJson = False) -> int:
    """List all accounts.

    JSON keys: people (each with person, roles, made_at, disabled_at, locked_until).

    Example: hub person list
    """
    from hub.casework.accounts.people import listed  # noqa: PLC0415  likewise

    with hub_of(context) as hub:
        found = listed(hub)
    rows = [
        {
            "person": one.person,
            "roles": sorted(one.roles),
            "made_at": one.made_at,
            "disabled_at": one.disabled_at,
            "locked_until": one.locked_until,
        }
        for one in found
    ]
    if as_json:
        emit({"people": rows})
    elif rows:
        heads = ("person", "roles", "made_at", "disabled_at", "locked_until")
        table(heads, [[_cell(row[head]) for head in heads] for row in rows])
    else:
        say("There is no account yet. See 'hub person add --help'.")
    return ExitCode.OK


def _cell(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


@person.command()
def roles(context: typer.Context, name: Name, *, by: By = None, role: Roles = None) -> int:
    """Give an account these roles and no others; it counts at once.

    Example: hub person roles jmalik --role auditor --by admin
    """
    from hub.casework.accounts.people import give_roles  # noqa: PLC0415  likewise

    with hub_of(context) as hub:
        give_roles(hub, name, role or [], by=checked_user(by))
    say(f"{name} is {', '.join(one.value for one in role or [])} from now on.")
    return ExitCode.OK


@person.command()
def password(
    context: typer.Context, name: Name, *, by: By = None, generate: Generate = False
) -> int:
    """Give an account another password; its sessions end, and it is unlocked.

    Example: hub person password jmalik --generate --by admin
    """
    from hub.casework.accounts.people import give_password  # noqa: PLC0415  likewise

    fresh = _password(generate=generate)
    with hub_of(context) as hub:
        give_password(hub, name, fresh, by=checked_user(by))
    say(f"{name} has another password." + (f" Shown this once: {fresh}" if generate else ""))
    return ExitCode.OK


@person.command()
def unlock(context: typer.Context, name: Name, *, by: By = None) -> int:
    """Let in again somebody who was locked out after failed tries.

    Example: hub person unlock jmalik --by admin
    """
    from hub.casework.accounts.people import unlock as unlock_one  # noqa: PLC0415  likewise

    with hub_of(context) as hub:
        unlock_one(hub, name, by=checked_user(by))
    say(f"{name} may try again.")
    return ExitCode.OK


@person.command()
def disable(context: typer.Context, name: Name, *, by: By = None) -> int:
    """Close an account and end its sessions; it stays on record.

    Example: hub person disable jmalik --by admin
    """
    from hub.casework.accounts.people import disable as disable_one  # noqa: PLC0415  likewise

    with hub_of(context) as hub:
        disable_one(hub, name, by=checked_user(by))
    say(f"The account of {name} is closed.")
    return ExitCode.OK


@person.command()
def token(
    context: typer.Context,
    name: Name,
    *,
    days: Annotated[int, typer.Option(min=1, max=365, help="Days it holds.")] = 30,
    as_json: AsJson = False,
) -> int:
    """Make a token with which a program reads the audit API in this person's name.

    It opens what the person's roles open, and nothing once the account is closed
    or has another password. It is shown this once.

    JSON keys: token.

    Example: hub person token siem-reader --days 90
    """
    from hub.casework.accounts.sign_in import make_token  # noqa: PLC0415  likewise

    if not name.strip():
        raise ConfigurationError("Name the account.")
    with hub_of(context) as hub:
        made = make_token(hub, name, days)
    if as_json:
        emit({"token": made})
    else:
        say(made)
    return ExitCode.OK
