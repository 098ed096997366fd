"""Check agreement files, publish agreements with an entry in the ledger, and list them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from consent.agreement import Agreement
from consent.agreement_file import InvalidAgreement, load_agreement
from hub.casework.agreements.views import AgreementList, AgreementView
from hub.intake.hub import Hub
from hub.journey.entries.directives import AgreementPublishedEntry
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import ConfigurationError, NotFound
from schemas.suggestion import suggestion
from schemas.toml_lines import Location, key_lines, line_of

NOTICE = dt.timedelta(days=60)


@dataclass(frozen=True, slots=True)
class FilePlace:
    """One problem or warning about a file, and the line it is on."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """One agreement file that was checked; ``agreement`` is None where there are problems."""

    file: Path
    agreement: Agreement | None = None
    problems: tuple[FilePlace, ...] = ()
    warnings: tuple[FilePlace, ...] = ()

    def problem_lines(self) -> list[str]:
        """Return every problem as ``file:line: text``."""
        return [f"{self.file}:{one.line}: {one.text}" for one in self.problems]


def agreement_files(given: Sequence[Path]) -> list[Path]:
    """Return the files that are named; a folder means the ``.toml`` files in it."""
    found: list[Path] = []
    for path in given:
        found += sorted(path.glob("*.toml")) if path.is_dir() else [path]
    return found


def check_file(file: Path, agencies: Collection[str] | None, now: dt.datetime) -> CheckedFile:
    """Check one file; ``agencies`` are those of the settings, or None where there are none."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        return CheckedFile(file, problems=(FilePlace(1, f"cannot be read: {reason}"),))
    try:
        agreement = load_agreement(text, name=str(file))
    except InvalidAgreement as error:
        problems = tuple(FilePlace(one.line, one.text) for one in error.problems)
        return CheckedFile(file, problems=problems)
    except ConfigurationError as error:
        return CheckedFile(file, problems=(_unread(file, str(error)),))
    lines = key_lines(text)
    found = (FilePlace(line_of(lines, at), text) for at, text in warnings(agreement, agencies, now))
    return CheckedFile(file, agreement, warnings=tuple(sorted(found, key=lambda one: one.line)))


def _unread(file: Path, text: str) -> FilePlace:
    """Take the line out of an error about a file that is not TOML, where it names one."""
    text = text.removeprefix(f"{file}:").strip()
    number, colon, rest = text.partition(":")
    if colon and number.isdecimal():
        return FilePlace(int(number), rest.strip())
    return FilePlace(1, text)


def warnings(
    agreement: Agreement, agencies: Collection[str] | None, now: dt.datetime
) -> Iterator[tuple[Location, str]]:
    """Return what an operator should know of a valid agreement, each with the key it is about."""
    if (late := expiry(agreement, now)) is not None:
        yield ("valid_until" if agreement.valid_until else "review_on",), late
    if now < agreement.valid_from:
        yield ("valid_from",), f"not in force before {agreement.valid_from.date()}"
    if not agreement.rules:
        yield (), "has no rules: it permits nothing"
    for number, name in enumerate(agreement.parties):
        if agencies is not None and name not in agencies:
            hint = suggestion(name, agencies)
            yield ("parties", number), f"party {name} is no agency of the settings. {hint}"


def expiry(agreement: Agreement, now: dt.datetime) -> str | None:
    """Return that an agreement has expired, will within the notice, or is due for review."""
    until = agreement.valid_until
    if until is None:
        due = agreement.review_on is not None and agreement.review_on <= now.date()
        return f"has no end, and was to be reviewed on {agreement.review_on}" if due else None
    if until <= now:
        return f"expired on {until.date()}: it permits nothing any more"
    if until <= now + NOTICE:
        return f"expires on {until.date()}, in {(until - now).days} days"
    return None


def publish(hub: Hub, agreements: Sequence[Agreement], *, by: str) -> list[bool]:
    """Publish agreements, all or none; returns of each whether it was new.

    Raises ConfigurationError where a version exists with another text, or is not the next.
    """
    new = []
    with hub.writing() as (work, lines):
        for agreement in agreements:
            new.append(work.agreements.publish(agreement, work.now))
            if new[-1]:
                lines.append(AgreementPublishedEntry.of(agreement, by=by))
    return new


def listed(hub: Hub) -> AgreementList:
    """Return every agreement in the version that applies now, by id."""
    with hub.reading() as work:
        current = work.agreements.current(work.now)
        found = [_view(one, work, in_force=one.in_force(work.now)) for one in current]
    return AgreementList(agreements=tuple(sorted(found, key=lambda one: one.agreement.id)))


def version_of(hub: Hub, identifier: str, version: int) -> AgreementView:
    """Return one version of an agreement; raises NotFound."""
    with hub.reading() as work:
        digest = dict(work.agreements.versions(identifier)).get(version)
        agreement = work.agreements.find(digest) if digest else None
        if agreement is None:
            raise NotFound(f"There is no version {version} of an agreement {identifier}.")
        applies = work.agreements.counting(work.now).get(identifier) == digest
        return _view(agreement, work, in_force=applies and agreement.in_force(work.now))


def _view(agreement: Agreement, work: UnitOfWork, *, in_force: bool) -> AgreementView:
    return AgreementView(
        digest=agreement.digest(),
        in_force=in_force,
        versions=tuple(version for version, _ in work.agreements.versions(agreement.id)),
        expiry=expiry(agreement, work.now),
        agreement=agreement,
    )
