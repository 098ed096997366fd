"""Subject access: assemble a copy of what the hub holds, decided and sent about one child.

UK GDPR Article 15 gives a person a copy of their data, its recipients and the purposes; Article 12
requires plain language. What would tip someone off is left out without a trace and listed for an
officer (``withholding.py``). Fields that may be about others are flagged (``field_subjects.py``).
"""

from __future__ import annotations

from collections.abc import Sequence

from hub.casework.subject_access import report_person
from hub.casework.subject_access.case_file import CaseFile, read_case_file
from hub.casework.subject_access.officer_note import (
    accesses,
    checks,
    flagged_fields,
    withheld_items,
)
from hub.casework.subject_access.plain_english import day
from hub.casework.subject_access.report import AgencyContact, SubjectAccess, SubjectAccessReport
from hub.casework.subject_access.report_events import corrections, shown_event
from hub.casework.subject_access.withholding import Withheld, items, withhold
from hub.evidence.child_lookup import Sought, the_child
from hub.evidence.export import ExportedHead, head_of
from hub.intake.hub import Hub
from hub.journey.entries.access import DataAccessedEntry
from hub.store.unit_of_work import UnitOfWork
from schemas import times
from schemas.errors import ConfigurationError

VIEWED = "everything held about the child, for a subject access request"


def assemble(  # noqa: PLR0913  a request has these sides
    hub: Hub,
    sought: Sought,
    *,
    by: str,
    reason: str,
    disclosed: Sequence[str] = (),
    retention_days: int | None = None,
) -> SubjectAccess:
    """Assemble the report and the officer's note about a child, after recording the access.

    ``disclosed`` are ids of withheld items, from an earlier note, that the officer decided to
    disclose. ``retention_days`` is how long contents are stored. Raises NotFound, and
    ConfigurationError for an unknown item.
    """
    with hub.writing() as (work, lines):
        child = the_child(work, sought)
        lines.append(DataAccessedEntry(by=by, what=VIEWED, child=child, reason=reason))
    # Read in a transaction of its own, so that events do not wait; the report lists the access.
    with hub.reading() as work:
        case = read_case_file(work, child)
        _check_items(case, disclosed)
        withheld = withhold(case, frozenset(disclosed))
        head = head_of(hub, work)
        report = _report(withheld, work, hub.signer.name, head, retention_days)
    found = withheld_items(withheld)
    return SubjectAccess(
        child=child,
        by=by,
        reason=reason,
        report=report,
        withheld=found,
        flags=tuple(flagged_fields(report)),
        checks=tuple(checks(withheld, found)),
        accesses=tuple(accesses(case)),
        entries=len(case.entries),
        disclosures=sum(len(one.deliveries) for event in report.events for one in event.decisions),
        former=case.ids[1:],
        disclosed=tuple(disclosed),
    )


def _report(
    withheld: Withheld,
    work: UnitOfWork,
    hub_name: str,
    head: ExportedHead,
    retention_days: int | None,
) -> SubjectAccessReport:
    shown = [(one, shown_event(one, withheld)) for one in withheld.shown_events()]
    events = tuple(event for _, event in shown)
    agencies = tuple(report_person.involvement(withheld))
    named = {one.agency for one in agencies} | {one.source for one in events}
    named |= {decision.agency for one in events for decision in one.decisions}
    case = withheld.case
    contacts = {case.title(name): contact for name, contact in case.contacts.items()}
    return SubjectAccessReport(
        hub=hub_name,
        made_at=day(times.stamp(work.now)),
        identifiers=tuple(report_person.identifiers(withheld)),
        particulars=tuple(dict.fromkeys(report_person.particulars(withheld))),
        agencies=agencies,
        directives=tuple(report_person.directives(withheld)),
        events=events,
        corrections=tuple(corrections(shown)),
        reviews=tuple(report_person.reviews(withheld)),
        changes=tuple(report_person.changes(withheld)),
        accesses=tuple(report_person.accesses(withheld)),
        contacts=tuple(AgencyContact(one, contacts.get(one, "")) for one in sorted(named)),
        retention_days=retention_days,
        checkpoint=head.note,
    )


def _check_items(case: CaseFile, disclosed: Sequence[str]) -> None:
    if unknown := sorted(set(disclosed) - items(case)):
        raise ConfigurationError(
            f"There is no item {unknown[0]} of this child to hand over. The officer's note lists "
            "the ids."
        )
