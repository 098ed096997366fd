"""Agreements at the desk: files are checked, and published into the store with a ledger entry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from consent.agreement import Agreement, load_agreement
from hub.intake.hub import Hub
from hub.journey.entries.directives import AgreementPublishedEntry
from schemas.errors import ConfigurationError, NotFound

NOTICE = dt.timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Checked:
    """One agreement file as it was checked: the agreement if it is one, problems, warnings."""

    file: Path
    agreement: Agreement | None = None
    problem: str | None = None
    warnings: tuple[str, ...] = ()


def agreement_files(given: Sequence[Path]) -> list[Path]:
    """List the files meant: a folder stands for the ``.toml`` files in it."""
    found: list[Path] = []
    for path in given:
        found += sorted(path.glob("*.toml")) if path.is_dir() else [path]
    return found


def check_file(file: Path, agencies: Collection[str] | None, now: dt.datetime) -> Checked:
    """Check one file; ``agencies`` are those of the settings, or None where there are none."""
    try:
        agreement = load_agreement(file.read_text(encoding="utf-8"), name=str(file))
    except ConfigurationError as error:
        return Checked(file, problem=str(error))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        return Checked(file, problem=f"{file}: cannot be read: {reason}.")
    return Checked(file, agreement, warnings=tuple(warnings(agreement, agencies, now)))


def warnings(agreement: Agreement, agencies: Collection[str] | None, now: dt.datetime) -> list[str]:
    """Say what an operator should know of a valid agreement."""
    found = []
    if (late := expiry(agreement, now)) is not None:
        found.append(late)
    if now < agreement.valid_from:
        found.append(f"not in force before {agreement.valid_from.date()}")
    if not agreement.rules:
        found.append("has no rules: it permits nothing")
    strangers = sorted(set(agreement.parties) - set(agencies)) if agencies is not None else []
    found += [f"party {name} is no agency of the settings" for name in strangers]
    return found


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


def publish(hub: Hub, agreements: Sequence[Agreement]) -> list[bool]:
    """Publish agreements, all or none; tells of each whether it was new.

    Raises ConfigurationError where a version is taken by another text, or is not the next.
    """
    new = []
    with hub.writing() as (work, lines):
        for agreement in agreements:
            new.append(work.agreements.publish(agreement, work.now))
            if new[-1]:
                lines.append(AgreementPublishedEntry.of(agreement))
    return new


@dataclass(frozen=True, slots=True)
class AgreementStanding:
    """One agreement as it stands: the version that counts, all versions, and what is amiss."""

    agreement: Agreement
    in_force: bool
    versions: tuple[int, ...]
    late: str | None


def agreement_standings(hub: Hub) -> list[AgreementStanding]:
    """List how every agreement stands now, by its title."""
    with hub.reading() as work:
        found = [
            AgreementStanding(
                agreement=one,
                in_force=one.in_force(work.now),
                versions=tuple(version for version, _ in work.agreements.versions(one.id)),
                late=expiry(one, work.now),
            )
            for one in work.agreements.current(work.now)
        ]
    return sorted(found, key=lambda one: (one.agreement.title, one.agreement.id))


def version_of(hub: Hub, identifier: str, version: int) -> AgreementStanding:
    """Give one version of an agreement; raises NotFound."""
    with hub.reading() as work:
        versions = dict(work.agreements.versions(identifier))
        digest = versions.get(version)
        agreement = work.agreements.find(digest) if digest else None
        if agreement is None:
            raise NotFound(f"There is no version {version} of an agreement {identifier}.")
        counts = work.agreements.counting(work.now).get(identifier) == digest
        return AgreementStanding(
            agreement=agreement,
            in_force=counts and agreement.in_force(work.now),
            versions=tuple(versions),
            late=expiry(agreement, work.now),
        )
