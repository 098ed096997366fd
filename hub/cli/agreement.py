"""``hub agreement``: check, publish and list data-sharing agreements."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from consent.agreement import Agreement
from hub.casework.agreements.publishing import Checked, agreement_files, check_file, expiry
from hub.casework.agreements.publishing import publish as publish_all
from hub.cli.agreement_record import add_to as add_record
from hub.cli.agreement_what_if import add_to as add_what_if
from hub.cli.context import hub_of, settings_if_any, settings_of
from hub.cli.exit_codes import ExitCode
from hub.cli.nouns import group
from hub.cli.output import emit, plain, say, table, warn
from hub.foundation import clock
from hub.foundation.settings import Settings
from schemas.errors import ConfigurationError

agreement = group("agreement")

Files = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="FILE...", help="Files, or folders of .toml files. Default: as the settings say."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON object.")]


def add_to(app: typer.Typer) -> None:
    """Add the noun."""
    app.add_typer(agreement)


@agreement.command()
def check(context: typer.Context, files: Files = None, as_json: AsJson = False) -> int:
    """Check agreement files and list what is wrong, with its place.

    It warns of what has expired or will within 60 days, and, where there is a
    settings file, of parties that are no agencies. Ends with 1 where a file is
    wrong; warnings alone end with 0.

    JSON keys: files, each with file, id, version, digest, problem, warnings.

    Example: hub agreement check agreements/
    """
    checked = _checked(files, settings_if_any(context))
    if as_json:
        emit({"files": [_as_json(one) for one in checked]})
    else:
        for one in checked:
            _say_checked(one)
    return ExitCode.FOUND if any(one.problem for one in checked) else ExitCode.OK


@agreement.command()
def publish(context: typer.Context, files: Files = None, as_json: AsJson = False) -> int:
    """Check agreement files, then publish them: from then on they decide.

    All are published or none. A published version is kept for ever and never
    changes: a changed text needs the next version number. Publishing the same
    text again changes nothing. Each publication stands in the ledger.

    JSON keys: published, each with file, id, version, digest, new.

    Example: hub agreement publish agreements/ehc-needs-assessment.toml
    """
    checked = _checked(files, settings_of(context))
    if wrong := [one.problem for one in checked if one.problem]:
        raise ConfigurationError("\n".join([*wrong, "Nothing was published."]))
    agreements = [one.agreement for one in checked if one.agreement]
    with hub_of(context) as hub:
        new = publish_all(hub, agreements)
    shown = [_as_json(one) | {"new": is_new} for one, is_new in zip(checked, new, strict=True)]
    if as_json:
        emit({"published": shown})
        return ExitCode.OK
    for row, one in zip(shown, checked, strict=True):
        verb = "published" if row["new"] else "is published already"
        say(f"{row['id']}@{row['version']} {verb}  {row['digest']}")
        for text in one.warnings:
            warn(f"warning: {row['id']}: {text}")
    return ExitCode.OK


@agreement.command("list")
def list_(context: typer.Context, as_json: AsJson = False) -> int:
    """List the newest published version of every agreement.

    JSON keys: agreements, each with id, version, title, digest, valid_from,
    valid_until, review_on, rules, in_force.

    Example: hub agreement list
    """
    now = clock.now()
    with hub_of(context) as hub, hub.reading() as work:
        found = sorted(work.agreements.current(now), key=lambda one: one.id)
    if as_json:
        emit(
            {
                "agreements": [
                    {
                        "id": one.id,
                        "version": one.version,
                        "title": one.title,
                        "digest": one.digest(),
                        "valid_from": one.valid_from.isoformat(),
                        "valid_until": one.valid_until.isoformat() if one.valid_until else None,
                        "review_on": one.review_on.isoformat() if one.review_on else None,
                        "rules": len(one.rules),
                        "in_force": one.in_force(now),
                    }
                    for one in found
                ]
            }
        )
        return ExitCode.OK
    table(
        ("agreement", "version", "rules", "in force", "valid until", "digest"),
        [
            (
                one.id,
                one.version,
                len(one.rules),
                "yes" if one.in_force(now) else "NO",
                f"{one.end_text()}{_soon(one, now)}",
                one.digest(),
            )
            for one in found
        ],
    )
    return ExitCode.OK


def _checked(files: list[Path] | None, settings: Settings | None) -> list[Checked]:
    own = settings.agreements if settings else None
    given = agreement_files(files or ([own] if own else []))
    if not given:
        raise ConfigurationError(
            "No agreement files. Name files or a folder, or set 'agreements' in the settings."
        )
    agencies = settings.agencies if settings else None
    return [check_file(file, agencies, clock.now()) for file in given]


def _as_json(one: Checked) -> dict[str, object]:
    found = one.agreement
    return {
        "file": str(one.file),
        "id": found.id if found else None,
        "version": found.version if found else None,
        "digest": found.digest() if found else None,
        "problem": one.problem,
        "warnings": list(one.warnings),
    }


def _say_checked(one: Checked) -> None:
    if one.agreement is None:
        warn(f"WRONG  {one.problem}")
        return
    found = one.agreement
    say(f"good   {plain(one.file)}: {found.id}@{found.version}, {len(found.rules)} rules")
    for text in one.warnings:
        warn(f"warning: {plain(one.file)}: {text}")


def _soon(agreement: Agreement, now: dt.datetime) -> str:
    """Mark what is in force and about to end."""
    return " (soon)" if agreement.in_force(now) and expiry(agreement, now) else ""


# Once, however often the command is built.
add_what_if(agreement)
add_record(agreement)
