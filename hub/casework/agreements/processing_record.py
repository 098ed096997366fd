"""The record of processing activities: UK GDPR Article 30(1), from the agreements and the settings.

One activity for each rule of each agreement that applies now or is published for later: who shares
what with whom about whom, for which purpose and on which basis, for how long it is stored, how it
is secured. It is the hub's part of a controller's record; each agency records its own processing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from enum import StrEnum

from consent.agreement import Agreement, Involved, Rule
from consent.basis import LawfulBasis
from hub.foundation.settings import Settings
from hub.foundation.view_model import ViewModel
from hub.intake.hub import Hub
from schemas.agencies import Directory, OrganisationType
from schemas.sections import Category
from schemas.sharing import Purpose

NO_TRANSFER = (
    "None by the hub: it delivers to the recipients named here and sends nothing elsewhere. The "
    "location of its machine, broker and back-ups, and of recipients' copies, belongs in their "
    "own records."
)
SECURITY = (
    (
        "Sealed to the hub on the way in (HPKE, RFC 9180), and section by section on the way out "
        "(AES-256-GCM); keys are released only after a second decision."
    ),
    (
        "At rest, content and identifiers are sealed under one key for each child, and that key "
        "under a master key; destroying a child's key erases what it sealed."
    ),
    "Each recipient gets only the fields that a rule names; nothing is shared without a rule.",
    "One broker account for each agency, with least rights.",
    (
        "Decisions, releases, receipts, changes and accesses are recorded in an append-only, "
        "signed ledger without names or content."
    ),
    "No personal data in logs.",
    "What is protected, and the known limits: SECURITY.md of the Interagency Hub.",
)
_CHILDREN = "children and young people known to the agencies, up to 25 where they have SEND"
_SUBJECTS = {
    Category.CONTACT: "people who share the child's home or telephone",
    Category.FAMILY: "parents, carers and relatives",
    Category.CONSENT: "people with parental responsibility, and others who decided about sharing",
}
_KINDS = {
    OrganisationType.LOCAL_AUTHORITY: "local authority",
    OrganisationType.EDUCATION: "education provider",
    OrganisationType.HEALTH: "health body",
    OrganisationType.POLICE: "police",
    OrganisationType.HOUSING: "housing body",
    OrganisationType.VOLUNTARY: "voluntary organisation",
}
_PROFESSIONALS = frozenset({"author", "worker_name", "worker_role"})
_SPECIAL = frozenset({Category.HEALTH})


class ActivityStatus(StrEnum):
    """Whether an agreement permits anything at the moment of the record."""

    IN_FORCE = "in-force"
    TO_COME = "to-come"
    EXPIRED = "expired"


class Party(ViewModel):
    """One controller: its title, kind, contact and data-protection officer."""

    name: str
    title: str
    kind: str
    contact: str
    dpo: str


class ProcessedData(ViewModel):
    """One category of personal data: the fields, or ``existence``, that there is a record.

    ``special`` marks data concerning health, a special category (Article 9(1)). Other categories
    may contain such data too, as where a rule's basis has an Article 9 condition.
    """

    category: Category
    fields: tuple[str, ...]
    existence: bool
    special: bool


class Activity(ViewModel):
    """One rule of one agreement, as a processing activity."""

    agreement: str
    version: int
    title: str
    rule: str
    status: ActivityStatus
    controllers: tuple[Party, ...]
    recipients: tuple[Party, ...]
    recipient_categories: tuple[str, ...]
    purpose: Purpose
    basis: LawfulBasis
    basis_sentence: str
    needs_consent: bool
    event_types: tuple[str, ...]
    only_involved: bool
    data_subjects: tuple[str, ...]
    data: tuple[ProcessedData, ...]
    dpia: str
    approved_by: str
    approved_on: dt.date
    valid_from: dt.datetime
    valid_until: dt.datetime | None
    review_on: dt.date | None


class ProcessingRecord(ViewModel):
    """The whole record; what is the same for every activity is stated once.

    ``gaps`` name what Article 30(1) requires and the settings lack.
    """

    hub: str
    made_at: dt.datetime
    activities: tuple[Activity, ...]
    transfers: str
    retention: tuple[str, ...]
    security: tuple[str, ...]
    gaps: tuple[str, ...]


def processing_record(hub: Hub, settings: Settings) -> ProcessingRecord:
    """Return the record as of now, from published agreements, the register and the settings."""
    with hub.reading() as work:
        agreements, now, directory = work.agreements.coming(work.now), work.now, work.directory
    activities = tuple(
        _activity(agreement, rule, directory, now)
        for agreement in agreements
        for rule in agreement.rules
    )
    return ProcessingRecord(
        hub=settings.name,
        made_at=now,
        activities=activities,
        transfers=NO_TRANSFER,
        retention=_retention(settings),
        security=SECURITY,
        gaps=tuple(_gaps(activities, directory)),
    )


def _activity(agreement: Agreement, rule: Rule, directory: Directory, now: dt.datetime) -> Activity:
    named = agreement.recipients_of(rule, directory.kind_of)
    recipients = tuple(_party(name, directory) for name in named)
    return Activity(
        agreement=agreement.id,
        version=agreement.version,
        title=agreement.title,
        rule=rule.id,
        status=_status(agreement, now),
        controllers=tuple(_party(name, directory) for name in rule.sources),
        recipients=recipients,
        recipient_categories=tuple(sorted({one.kind for one in recipients if one.kind})),
        purpose=rule.purpose,
        basis=rule.basis,
        basis_sentence=rule.basis.sentence(),
        needs_consent=rule.basis.needs_consent,
        event_types=rule.event_types,
        only_involved=rule.involvement is Involved.REQUIRED,
        data_subjects=tuple(_subjects(rule)),
        data=tuple(_data(rule)),
        dpia=agreement.dpia,
        approved_by=agreement.approved_by,
        approved_on=agreement.approved_on,
        valid_from=agreement.valid_from,
        valid_until=agreement.valid_until,
        review_on=agreement.review_on,
    )


def _status(agreement: Agreement, now: dt.datetime) -> ActivityStatus:
    if agreement.ended(now):
        return ActivityStatus.EXPIRED
    return ActivityStatus.IN_FORCE if agreement.in_force(now) else ActivityStatus.TO_COME


def _party(name: str, directory: Directory) -> Party:
    agency = directory.find(name)
    if agency is None:
        return Party(name=name, title="", kind="", contact="", dpo="")
    kind = _KINDS.get(agency.kind, f"{agency.sector.value} service")
    contact, dpo = agency.contact or "", agency.dpo or ""
    return Party(name=name, title=agency.title, kind=kind, contact=contact, dpo=dpo)


def _data(rule: Rule) -> Iterator[ProcessedData]:
    for category in sorted(rule.categories()):
        yield ProcessedData(
            category=category,
            fields=rule.fields.get(category, ()),
            existence=category in rule.existence,
            special=category in _SPECIAL,
        )


def _subjects(rule: Rule) -> Iterator[str]:
    """Return the categories of data subjects: the child, and others in the rule's fields."""
    yield _CHILDREN
    yield from (text for category, text in _SUBJECTS.items() if category in rule.fields)
    if any(_PROFESSIONALS & set(fields) for fields in rule.fields.values()):
        yield "professionals who work with the child"


def _retention(settings: Settings) -> tuple[str, ...]:
    days = settings.retention_days
    return (
        (
            f"Content of events in the hub: destroyed {days} days after it was decided; "
            "queued deliveries of it are then never released."
        ),
        "Held events and quarantined inputs: until a person decides about them.",
        "Identifiers, involvement and directives: until the child is erased.",
        (
            "The ledger: stored without end, without names or content; the salts of its "
            "commitments are destroyed when a child is erased."
        ),
        "Recipients' copies: by each agency's own retention schedule.",
    )


def _gaps(activities: Iterable[Activity], directory: Directory) -> Iterator[str]:
    parties = {party.name for one in activities for party in (*one.controllers, *one.recipients)}
    for name in sorted(parties):
        agency = directory.find(name)
        if agency is None:
            yield f"{name} is no agency of the settings: its title and contact are not known"
            continue
        if not agency.contact:
            yield f"{name} has no 'contact' in the settings"
        if not agency.dpo:
            yield f"{name} has no 'dpo' in the settings: the data-protection officer's contact"
