"""A copy of everything the hub decided and sent about one child, for the child or parent who asks.

UK GDPR Article 15 gives a person a copy of their data and says who got it and why; Article 12 wants
it plain. What would tip somebody off is left out without a trace, and an officer is told of it
(``holding.py``); what may be about others is flagged (``field_subjects.py``).
"""

from __future__ import annotations

from collections.abc import Sequence

from hub.casework.subject_access.events import Sight, corrections, happening
from hub.casework.subject_access.holding import sort
from hub.casework.subject_access.officer import checks, flagged, held_back
from hub.casework.subject_access.parts import Contact, Report, SubjectAccess
from hub.casework.subject_access.person import (
    agencies,
    changes,
    identifiers,
    looked,
    particulars,
    reviews,
)
from hub.casework.subject_access.person import said as said_about
from hub.casework.subject_access.reading import Case, read
from hub.casework.subject_access.words import day
from hub.evidence.child_lookup import Sought, the_child
from hub.evidence.export import ExportedHead, head_of
from hub.intake.hub import Hub
from hub.journey import entries
from hub.ledger.entry import EntryKind
from hub.store.unit_of_work import UnitOfWork
from schemas import times
from schemas.errors import ConfigurationError

LOOKED_AT = "all that is kept about the child, for a subject access request"


def gather(  # noqa: PLR0913  a request has these sides
    hub: Hub,
    sought: Sought,
    *,
    by: str,
    reason: str,
    hand_over: Sequence[str] = (),
    retention_days: int | None = None,
) -> SubjectAccess:
    """Gather all that is held about a child, sorted for whoever asks; the look is recorded first.

    ``hand_over`` are ids of held-back items (from an officer's note) that the officer decided to
    hand over. ``retention_days``: how long contents are kept, to be told. Raises NotFound, and
    ConfigurationError for an id of no item.
    """
    with hub.writing() as (work, lines):
        child = the_child(work, sought)
        lines.append(entries.looked(by, LOOKED_AT, child, reason, work.now))
    # Read apart, so that no event waits while it is read; the look is among what is told.
    with hub.reading() as work:
        case = read(work, child, frozenset(hand_over))
        _check(case, hand_over)
        sight = Sight(case, sort(case.facts))
        head = head_of(hub, work)
        report = _report(sight, work, hub.signer.name, head, retention_days)
        held = held_back(sight)
    return SubjectAccess(
        child=child,
        by=by,
        reason=reason,
        report=report,
        held=held,
        flags=tuple(flagged(report)),
        checks=tuple(checks(sight, held)),
        looks=_looks(case),
        entries=len(case.lines),
        disclosures=sum(len(made.sent) for one in report.events for made in one.decisions),
        former=case.ids[1:],
        handed=tuple(hand_over),
    )


def _report(
    sight: Sight, work: UnitOfWork, hub_name: str, head: ExportedHead, retention_days: int | None
) -> Report:
    standing = {d.id: d.standing(work.now).value for d in sight.case.facts.directives}
    events = tuple(happening(one, sight) for one in sight.events())
    parts = tuple(agencies(sight))
    named = {one.agency for one in parts} | {one.source for one in events}
    named |= {made.agency for one in events for made in one.decisions}
    contacts = {sight.case.title(name): contact for name, contact in sight.case.contacts.items()}
    return Report(
        hub=hub_name,
        made_at=day(times.stamp(work.now)),
        identifiers=tuple(identifiers(sight)),
        particulars=tuple(dict.fromkeys(particulars(sight))),
        agencies=parts,
        said=tuple(said_about(sight, standing)),
        events=events,
        corrections=tuple(corrections(sight)),
        reviews=tuple(reviews(sight)),
        changes=tuple(changes(sight)),
        looks=tuple(looked(sight)),
        contacts=tuple(Contact(one, contacts.get(one, "")) for one in sorted(named)),
        retention_days=retention_days,
        checkpoint=head.note,
    )


def _check(case: Case, hand_over: Sequence[str]) -> None:
    if strange := sorted(set(hand_over) - case.facts.items()):
        raise ConfigurationError(
            f"There is no item {strange[0]} of this child to hand over. Its ids stand in the "
            "officer's note."
        )


def _looks(case: Case) -> tuple[tuple[str, str, str], ...]:
    """Give every look with its reason: free text that the officer must read before telling it."""
    return tuple(
        (day(line.at), str(line.body.get("what")), str(line.body.get("reason")))
        for line in case.lines.values()
        if line.kind == EntryKind.LOOK
    )
