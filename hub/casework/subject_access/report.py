"""The values of a subject access request: the report for the requester, and the officer's note.

``SubjectAccessReport`` is what the child or parent receives. It holds no reference, number or code
that would reveal a missing entry. ``SubjectAccess`` adds what only the officer sees. Texts are in
plain English, and times are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass

from hub.casework.subject_access.field_subjects import About
from hub.casework.subject_access.withheld_fields import WithholdReason


@dataclass(frozen=True, slots=True)
class ShownField:
    """One field and its value in words; ``flag`` if it may be about someone else."""

    name: str
    value: str
    flag: About | None = None


@dataclass(frozen=True, slots=True)
class ShownSection:
    """The fields of one category of data."""

    title: str
    fields: tuple[ShownField, ...]


@dataclass(frozen=True, slots=True)
class ShownIdentifier:
    """One identifier of the child: how it was checked, its source, and the date it was received."""

    system: str
    value: str
    assurance: str
    source: str
    since: str


@dataclass(frozen=True, slots=True)
class ShownInvolvement:
    """One agency that is or was involved in the child's care."""

    agency: str
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class ShownDirective:
    """One consent, refusal or objection, its status today, and its particulars."""

    title: str
    recorded: str
    status: str
    fields: tuple[ShownField, ...]


@dataclass(frozen=True, slots=True)
class ShownGround:
    """Why a section was shared or not: the reason, and the rule behind it where one is cited."""

    reason: str
    purpose: str = ""
    basis: str = ""
    agreement: str = ""
    directives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldsLeftOut:
    """Fields that were not shared, with the reason."""

    fields: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class ShownOutcome:
    """One category of data in one decision: what was shared of it, and why or why not."""

    category: str
    sharing: str
    fields: tuple[str, ...]
    grounds: tuple[ShownGround, ...]
    left_out: tuple[FieldsLeftOut, ...]


@dataclass(frozen=True, slots=True)
class DatedStep:
    """One thing that happened, and when."""

    at: str
    what: str


@dataclass(frozen=True, slots=True)
class ShownDelivery:
    """One delivery: what the agency received, when, and what followed.

    ``content`` is None once it is destroyed. ``exact``: the content was rebuilt and opens the
    ledger's commitment; None if it could not be rebuilt.
    """

    state: str
    content: tuple[ShownSection, ...] | None
    exact: bool | None
    steps: tuple[DatedStep, ...]


@dataclass(frozen=True, slots=True)
class ShownDecision:
    """The decision for one agency about one event, and what the agency was sent."""

    agency: str
    at: str
    outcome: str
    sections: tuple[ShownOutcome, ...]
    deliveries: tuple[ShownDelivery, ...]


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """One event about the child: its source, times, content, and the decisions about it.

    ``content`` is None once it is destroyed; ``field_names`` then names the fields it had.
    """

    title: str
    source: str
    received: str
    happened: str
    status: str
    content: tuple[ShownSection, ...] | None
    field_names: tuple[str, ...]
    decisions: tuple[ShownDecision, ...]


@dataclass(frozen=True, slots=True)
class ShownCorrection:
    """One record that was corrected or retracted, and the agencies that were notified."""

    what: str
    at: str
    notified: tuple[DatedStep, ...]


@dataclass(frozen=True, slots=True)
class ShownReview:
    """One review by a person: its cause and its outcome."""

    cause: str
    opened: str
    outcome: str
    closed: str


@dataclass(frozen=True, slots=True)
class AgencyContact:
    """An agency and its contact for data protection."""

    agency: str
    contact: str


@dataclass(frozen=True, slots=True)
class SubjectAccessReport:
    """The copy that the child or parent receives."""

    hub: str
    made_at: str
    identifiers: tuple[ShownIdentifier, ...]
    particulars: tuple[ShownField, ...]
    agencies: tuple[ShownInvolvement, ...]
    directives: tuple[ShownDirective, ...]
    events: tuple[ShownEvent, ...]
    corrections: tuple[ShownCorrection, ...]
    reviews: tuple[ShownReview, ...]
    changes: tuple[DatedStep, ...]
    accesses: tuple[DatedStep, ...]
    contacts: tuple[AgencyContact, ...]
    retention_days: int | None
    checkpoint: str


# -- for the officer


@dataclass(frozen=True, slots=True)
class NotedEntry:
    """One ledger entry in the officer's note."""

    position: int
    at: str
    sentence: str


@dataclass(frozen=True, slots=True)
class NotedAccess:
    """One access to the child's record, with its reason, which is free text."""

    at: str
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class WithheldItem:
    """One thing left out of the copy; ``id`` is empty if it cannot be disclosed on its own."""

    id: str
    kind: str
    at: str
    what: str
    why: WithholdReason
    content: tuple[ShownSection, ...] = ()
    entries: tuple[NotedEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class FlaggedField:
    """One field of the copy that may be about someone else, and its place in the copy."""

    place: str
    name: str
    value: str
    about: About


@dataclass(frozen=True, slots=True)
class SubjectAccess:
    """The report, and what the officer must decide before disclosing it.

    ``entries`` counts the ledger entries about the child; each of them is in the report or
    withheld. ``child`` is the hub's id. ``disclosed`` are ids of items that the officer disclosed.
    """

    child: str
    by: str
    reason: str
    report: SubjectAccessReport
    withheld: tuple[WithheldItem, ...]
    flags: tuple[FlaggedField, ...]
    checks: tuple[str, ...]
    accesses: tuple[NotedAccess, ...]
    entries: int
    disclosures: int
    former: tuple[str, ...] = ()
    disclosed: tuple[str, ...] = ()
