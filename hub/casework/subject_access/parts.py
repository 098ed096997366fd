"""The parts of a copy of a child's record, as values: what is shown, and what is told an officer.

``Report`` is what the child or parent gets, and holds no reference, number or code by which a
missing entry could be noticed. ``SubjectAccess`` is what the officer gets. Times are UTC text.
"""

from __future__ import annotations

from dataclasses import dataclass

from hub.casework.subject_access.field_subjects import About
from hub.casework.subject_access.reasons import WithholdReason


@dataclass(frozen=True, slots=True)
class Shown:
    """One field with what it holds, in words; ``flag`` where it may be about somebody else."""

    name: str
    value: str
    flag: About | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """The fields of one category of data."""

    title: str
    fields: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Number:
    """One identifier of the child: how far it is trusted, on whose word, since when."""

    system: str
    value: str
    trusted: str
    source: str
    since: str


@dataclass(frozen=True, slots=True)
class Takes:
    """One agency that takes or took part in the child's care."""

    agency: str
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """What one person said about sharing, where it stands today, and its particulars."""

    what: str
    at: str
    standing: str
    particulars: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """Why a section was told or not: the reason, and the rule behind it where one is cited."""

    reason: str
    purpose: str = ""
    basis: str = ""
    agreement: str = ""
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Untold:
    """Fields that were not told, with the reason."""

    fields: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One category of data in one decision: what was told of it, and why or why not."""

    category: str
    told: str
    fields: tuple[str, ...]
    grounds: tuple[Ground, ...]
    untold: tuple[Untold, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that became of something sent, and when."""

    at: str
    what: str


@dataclass(frozen=True, slots=True)
class Sent:
    """One disclosure: exactly what an agency got, when, and what became of it.

    ``content`` is None where the content is no longer kept; ``exact``: it was made again and is
    what the ledger's commitment binds (None: it could not be tried).
    """

    state: str
    content: tuple[Section, ...] | None
    exact: bool | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided for one agency about one event, and what it was sent."""

    agency: str
    at: str
    outcome: str
    sections: tuple[Outcome, ...]
    sent: tuple[Sent, ...]


@dataclass(frozen=True, slots=True)
class Happening:
    """One event about the child: from whom, when, what it held, and who was told.

    ``content`` is None where it is no longer kept.
    """

    title: str
    source: str
    received: str
    happened: str
    status: str
    content: tuple[Section, ...] | None
    held: tuple[str, ...]
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Correction:
    """One record that was corrected or taken back, and how it stands with those told of it."""

    what: str
    at: str
    told: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter that needed a person: why, and what came of it."""

    cause: str
    opened: str
    outcome: str
    closed: str


@dataclass(frozen=True, slots=True)
class Contact:
    """An agency, and whom to ask there."""

    agency: str
    contact: str


@dataclass(frozen=True, slots=True)
class Report:
    """The copy that the child or parent gets."""

    hub: str
    made_at: str
    identifiers: tuple[Number, ...]
    particulars: tuple[Shown, ...]
    agencies: tuple[Takes, ...]
    said: tuple[Spoken, ...]
    events: tuple[Happening, ...]
    corrections: tuple[Correction, ...]
    reviews: tuple[Matter, ...]
    changes: tuple[Step, ...]
    looks: tuple[Step, ...]
    contacts: tuple[Contact, ...]
    retention_days: int | None
    checkpoint: str


@dataclass(frozen=True, slots=True)
class HeldBack:
    """One thing left out of the copy, for the officer: what, why, the ledger's words about it."""

    id: str
    kind: str
    at: str
    what: str
    why: WithholdReason
    content: tuple[Section, ...] = ()
    entries: tuple[tuple[int, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Flagged:
    """One field of the copy that may be about somebody else, and where it stands."""

    place: str
    name: str
    value: str
    about: About


@dataclass(frozen=True, slots=True)
class SubjectAccess:
    """A child's record, sorted: the copy, and what the officer must decide before handing it over.

    ``entries``: how many entries of the ledger about the child were read; every one of them is
    either told in the report or held back. ``child`` is the hub's id, for the officer only.
    """

    child: str
    by: str
    reason: str
    report: Report
    held: tuple[HeldBack, ...]
    flags: tuple[Flagged, ...]
    checks: tuple[str, ...]
    looks: tuple[tuple[str, str, str], ...]
    entries: int
    disclosures: int
    former: tuple[str, ...] = ()
    handed: tuple[str, ...] = ()
