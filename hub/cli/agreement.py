"""``hub agreement``: data-sharing agreements: check, publish, list."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from consent.agreement import Agreement
from hub.casework.agreements.publishing import (
    CheckedFile,
    agreement_files,
    check_file,
    expiry,
    listed,
)
from hub.casework.agreements.publishing import publish as publish_all
from hub.casework.agreements.views import (
    FileCheck,
    FileChecks,
    LineNote,
    PublishedFile,
    PublishedFiles,
)
from hub.cli.agreement_record import add_to as add_record
from hub.cli.agreement_what_if import add_to as add_what_if
from hub.cli.context import hub_of, settings_if_any, settings_of
from hub.cli.exit_codes import ExitCode
from hub.cli.nouns import group
from hub.cli.output import emit, plain, say, table, warn
from hub.cli.shared_options import AsJson, By, checked_user
from hub.foundation import clock
from hub.foundation.settings import Settings
from schemas.counted import counted
from schemas.errors import ConfigurationError

agreement = group("agreement")

Files = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="FILE...", help="Files, or folders of .toml files. Default: as in the settings."
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add the noun."""
    app.add_typer(agreement)


@agreement.command()
def check(context: typer.Context, files: Files = None, *, as_json: AsJson = False) -> int:
    """Check agreement files: every problem, with its line.

    Problems and warnings are written as FILE:LINE: TEXT. It warns of agreements
    that have expired or will within 60 days and, where there is a settings file,
    of parties that are no agencies. Ends with 1 where a file is wrong; warnings
    alone end with 0.

    JSON keys: files, each with file, id, version, digest, problems (each with
    line, text), warnings (each with line, text).

    Example: hub agreement check agreements/
    """
    checked = _checked(files, settings_if_any(context))
    if as_json:
        emit(FileChecks(files=tuple(map(_view, checked))))
    else:
        for one in checked:
            _report(one)
    return ExitCode.FOUND if any(one.problems for one in checked) else ExitCode.OK


@agreement.command()
def publish(
    context: typer.Context, files: Files = None, *, by: By = None, as_json: AsJson = False
) -> int:
    """Publish agreements: from then on they decide.

    The files are checked first, and all are published or none. A published
    version never changes: another text needs the next version number. Publishing
    the same text again changes nothing. Each publication is recorded in the
    ledger.

    JSON keys: published, each with file, id, version, digest, problems,
    warnings, new.

    Example: hub agreement publish agreements/ehc-needs-assessment.toml --by jmalik
    """
    user = checked_user(by)
    checked = _checked(files, settings_of(context))
    if wrong := [line for one in checked for line in one.problem_lines()]:
        raise ConfigurationError("\n".join(["Nothing was published:", *wrong]))
    agreements = [one.agreement for one in checked if one.agreement]
    with hub_of(context) as hub:
        new = publish_all(hub, agreements, by=user)
    published = [
        PublishedFile(**dict(_view(one)), new=is_new)
        for one, is_new in zip(checked, new, strict=True)
    ]
    if as_json:
        emit(PublishedFiles(published=tuple(published)))
        return ExitCode.OK
    for one in published:
        outcome = "published" if one.new else "was published before"
        say(f"{one.id}@{one.version} {outcome}  {one.digest}")
        _warn(one)
    return ExitCode.OK


@agreement.command("list")
def list_(context: typer.Context, *, as_json: AsJson = False) -> int:
    """List every agreement in the version that applies now.

    JSON keys: agreements, each with digest, in_force, versions, expiry,
    agreement (the whole text).

    Example: hub agreement list
    """
    now = clock.now()
    with hub_of(context) as hub:
        found = listed(hub)
    if as_json:
        emit(found)
        return ExitCode.OK
    rows = [
        (
            one.agreement.id,
            one.agreement.version,
            len(one.agreement.rules),
            "yes" if one.in_force else "NO",
            f"{one.agreement.end_text()}{_soon(one.agreement, now)}",
            one.digest,
        )
        for one in found.agreements
    ]
    table(("agreement", "version", "rules", "in force", "valid until", "digest"), rows)
    return ExitCode.OK


def _checked(files: list[Path] | None, settings: Settings | None) -> list[CheckedFile]:
    own = settings.agreements if settings else None
    given = agreement_files(files or ([own] if own else []))
    if not given:
        raise ConfigurationError(
            "No agreement files. Name files or a folder, or set 'agreements' in the settings."
        )
    agencies = settings.agencies if settings else None
    return [check_file(file, agencies, clock.now()) for file in given]


def _view(one: CheckedFile) -> FileCheck:
    found = one.agreement
    return FileCheck(
        file=str(one.file),
        id=found.id if found else None,
        version=found.version if found else None,
        digest=found.digest() if found else None,
        problems=tuple(LineNote.model_validate(problem) for problem in one.problems),
        warnings=tuple(LineNote.model_validate(warning) for warning in one.warnings),
    )


def _report(one: CheckedFile) -> None:
    view = _view(one)
    for problem in view.problems:
        warn(plain(f"{view.file}:{problem.line}: {problem.text}"))
    if one.agreement is not None:
        rules = counted(len(one.agreement.rules), "rule")
        say(f"{plain(view.file)}: {view.id}@{view.version}, {rules}: no problems")
    _warn(view)


def _warn(one: FileCheck) -> None:
    for warning in one.warnings:
        warn(plain(f"{one.file}:{warning.line}: warning: {warning.text}"))


def _soon(agreement: Agreement, now: dt.datetime) -> str:
    """Return a mark for an agreement in force that is about to end."""
    return " (soon)" if agreement.in_force(now) and expiry(agreement, now) else ""


# Once, however often the command is built.
add_what_if(agreement)
add_record(agreement)
