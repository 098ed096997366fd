"""The officer's note: everything withheld from the copy, and what the officer must check.

Each withheld item comes with its ledger entries, so that every entry about the child is either in
the report or listed here. Works on values only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hub.casework.subject_access.case_file import CaseDecision, CaseEntry, CaseFile, CaseFileEvent
from hub.casework.subject_access.field_subjects import About
from hub.casework.subject_access.plain_english import (
    CATEGORIES,
    SYSTEMS,
    day,
    label,
    shown_section,
)
from hub.casework.subject_access.report import (
    FlaggedField,
    NotedAccess,
    NotedEntry,
    ShownField,
    ShownSection,
    SubjectAccessReport,
    WithheldItem,
)
from hub.casework.subject_access.report_events import content_sections, shown_decision
from hub.casework.subject_access.report_person import (
    access_reason,
    change_reason,
    identifier_origin,
    postcode_reason,
    review_reason,
    shown_directive,
    shown_ids,
)
from hub.casework.subject_access.withheld_fields import WithholdReason, item_id
from hub.casework.subject_access.withholding import Withheld
from hub.journey.entries.access import DataAccessedEntry, KeyReplacedEntry, KeysRetiredEntry
from hub.journey.entries.children import ChildrenMergedEntry, ChildSplitEntry
from hub.journey.entries.decisions import DecisionEntry
from hub.journey.entries.directives import AgreementPublishedEntry
from hub.journey.entries.reviews import ReviewEntry
from schemas.sections import Category
from schemas.sharing import Authority

_UNREPORTED = (AgreementPublishedEntry, KeyReplacedEntry, KeysRetiredEntry)


def withheld_items(withheld: Withheld) -> tuple[WithheldItem, ...]:
    """List everything that the copy leaves out, with the reason."""
    found = [
        *_events(withheld),
        *_decisions(withheld),
        *_fields(withheld),
        *_refusals(withheld),
        *_directives(withheld),
        *_identity(withheld),
        *_involvement(withheld),
        *_reviews(withheld),
        *_accesses(withheld),
    ]
    return (*found, *_remaining(withheld, found))


def _noted(entries: Iterable[CaseEntry]) -> tuple[NotedEntry, ...]:
    return tuple(NotedEntry(one.position, day(one.at), one.sentence) for one in entries)


def _title(event: CaseFileEvent, case: CaseFile) -> str:
    kind = event.registered.title if event.registered else event.type
    return f"{case.title(event.source)}: {kind}"


def _decision_entries(decision: CaseDecision, case: CaseFile) -> list[CaseEntry]:
    entries = [case.entries[decision.position]]
    for delivery in decision.deliveries:
        entries += case.about_delivery(delivery.id)
    return entries


def _events(withheld: Withheld) -> Iterator[WithheldItem]:
    for one in withheld.case.events:
        if why := withheld.events.get(one.ref):
            yield WithheldItem(
                id=item_id("event", one.ref),
                kind="Event",
                at=day(one.at),
                what=_title(one, withheld.case),
                why=why,
                content=content_sections(one.content, one.type, None) if one.content else (),
                entries=_noted(withheld.case.about_event(one.ref)),
            )


def _decisions(withheld: Withheld) -> Iterator[WithheldItem]:
    """List withheld decisions, and withheld parts of decisions, about events that are shown."""
    case = withheld.case
    for event in withheld.shown_events():
        for one in event.decisions:
            item, at = item_id("decision", one.position), day(one.at)
            what = f"{_title(event, case)}, decided for {case.title(one.recipient)}"
            entries = _noted(_decision_entries(one, case))
            why = withheld.decisions.get(one.position)
            unexplained = why is None and one.recipient not in withheld.shared_only
            if unexplained and shown_decision(one, event, withheld) is None:
                why = WithholdReason.WHEREABOUTS
            if why is not None:
                yield WithheldItem(item, "Decision", at, what, why, entries=entries)
            for (position, category), each in withheld.sections.items():
                if position == one.position:
                    part = f"{what}: {CATEGORIES[category]}"
                    kind = "Part of a decision"
                    yield WithheldItem(item, kind, at, part, each, entries=entries[:1])


def _fields(withheld: Withheld) -> Iterator[WithheldItem]:
    for event in withheld.shown_events():
        for why, names in withheld.fields.withheld(event).items():
            fields = [(Category(c), field) for c, _, field in (n.partition(".") for n in names)]
            named = ", ".join(f"{CATEGORIES[c]}: {label(field)}" for c, field in fields)
            sections = event.content.sections if event.content else {}
            yield WithheldItem(
                id=item_id("fields", why),
                kind="Fields",
                at=day(event.at),
                what=f"{_title(event, withheld.case)}. Left out: {named}",
                why=why,
                content=tuple(
                    shown_section(c, sections[c], [field]) for c, field in fields if c in sections
                ),
            )


def _refusals(withheld: Withheld) -> Iterator[WithheldItem]:
    """List the refusals that are left out so that a missing line does not stand out."""
    case = withheld.case
    for agency in sorted(withheld.shared_only):
        entries = [
            entry
            for event in withheld.shown_events()
            for one in event.decisions
            if one.recipient == agency and one.position not in withheld.decisions
            for entry in _decision_entries(one, case)
        ]
        if entries:
            what = f"What {case.title(agency)} did not receive, and why"
            why = WithholdReason.CONTRAST
            yield WithheldItem("", "Refusals", "", what, why, entries=_noted(entries))


def _directives(withheld: Withheld) -> Iterator[WithheldItem]:
    case = withheld.case
    for one in case.directives:
        if why := withheld.directives.get(one.id):
            shown = shown_directive(one, withheld)
            kind = one.restriction.value.replace("-", " ") if one.restriction else ""
            yield WithheldItem(
                id=item_id("directive", one.id),
                kind="Directive",
                at=shown.recorded,
                what=f"{shown.title}: {kind}",
                why=why,
                content=(ShownSection("Particulars", shown.fields),),
                entries=_noted(e for e in case.entries.values() if e.directive == one.id),
            )


def _identity(withheld: Withheld) -> Iterator[WithheldItem]:
    """List numbers, names and changes of identity that only withheld events show."""
    case = withheld.case
    for one in case.identifiers:
        if why := identifier_origin(one, withheld).why:
            value = (ShownSection("Number", (ShownField(SYSTEMS[one.system], one.value),)),)
            what = f"{SYSTEMS[one.system]}, sent by {case.title(one.asserted_by)}"
            yield WithheldItem("", "Number", day(one.seen_at), what, why, value)
    for child, found in case.particulars.items():
        if child not in shown_ids(withheld):
            what = "Names and birth date under one id"
            yield WithheldItem("", "Names", "", what, WithholdReason.LINKED)
        elif found.postcode and (why := postcode_reason(child, withheld)):
            yield WithheldItem("", "Postcode", "", "The postcode used to match records", why)
    for entry, merge in case.of_kind(ChildrenMergedEntry):
        if why := change_reason(merge, withheld):
            yield _entry_item("Identity change", entry, entry.sentence, why)


def _involvement(withheld: Withheld) -> Iterator[WithheldItem]:
    shown = {one.agency for one in withheld.involvement if not one.until}
    for agency in sorted(withheld.case.involved - shown):
        what = f"{withheld.case.title(agency)} is involved in the child's care"
        yield WithheldItem("", "Involvement", "", what, WithholdReason.INVOLVEMENT)


def _reviews(withheld: Withheld) -> Iterator[WithheldItem]:
    entries = [
        (one, one.body)
        for one in withheld.case.entries.values()
        if isinstance(one.body, ReviewEntry)
    ]
    for one in withheld.case.reviews.values():
        if why := review_reason(one, withheld):
            own = _noted(entry for entry, body in entries if body.review == one.id)
            at, what = day(one.opened_at), one.cause.sentence
            yield WithheldItem("", "Review", at, what, why, entries=own)


def _accesses(withheld: Withheld) -> Iterator[WithheldItem]:
    for entry, access in withheld.case.of_kind(DataAccessedEntry):
        if why := access_reason(access, withheld):
            yield _entry_item("Access", entry, entry.sentence, why)


def _remaining(withheld: Withheld, found: Iterable[WithheldItem]) -> Iterator[WithheldItem]:
    """List entries that neither the copy nor another item covers, so that none is lost."""
    known = {entry.position for one in found for entry in one.entries}
    decisions = [one for event in withheld.case.events for one in event.decisions]
    known |= {one.position for one in decisions}
    deliveries = {made.id for one in decisions for made in one.deliveries}
    for entry in withheld.case.entries.values():
        unmatched = isinstance(entry.body, DecisionEntry) or (
            entry.delivery is not None and entry.delivery not in deliveries
        )
        unreported = entry.body is None or isinstance(entry.body, _UNREPORTED)
        if entry.position not in known and (unreported or unmatched):
            what = "An entry of a kind that the copy does not show"
            yield _entry_item("Entry", entry, what, WithholdReason.CANNOT_TELL)


def _entry_item(kind: str, entry: CaseEntry, what: str, why: WithholdReason) -> WithheldItem:
    return WithheldItem("", kind, day(entry.at), what, why, entries=_noted([entry]))


# -- fields about others


def flagged_fields(report: SubjectAccessReport) -> Iterator[FlaggedField]:
    """List every field of the copy that may be about someone else, with its place."""
    for one in report.directives:
        yield from _flags(f"{one.title}, recorded {one.recorded}", one.fields)
    for event in report.events:
        place = f"{event.title}, from {event.source}, received {event.received}"
        yield from _in_sections(place, event.content or ())
        for decision in event.decisions:
            for made in decision.deliveries:
                yield from _in_sections(f"{place}; sent to {decision.agency}", made.content or ())


def _in_sections(place: str, sections: Iterable[ShownSection]) -> Iterator[FlaggedField]:
    for section in sections:
        yield from _flags(f"{place}: {section.title}", section.fields)


def _flags(place: str, fields: Iterable[ShownField]) -> Iterator[FlaggedField]:
    for one in fields:
        if one.flag is not None and one.flag is not About.CHILD:
            yield FlaggedField(place, one.name, one.value, one.flag)


def accesses(case: CaseFile) -> Iterator[NotedAccess]:
    """List every access with its reason: free text to read before it is disclosed."""
    for entry, access in case.of_kind(DataAccessedEntry):
        yield NotedAccess(day(entry.at), access.what, access.reason)


# -- checks

_ALWAYS = (
    (
        "Are you sure who asks, and that they have the right? A child who understands asks for "
        "themselves. A parent asks only for a child who cannot (UK GDPR Article 12(6))."
    ),
    (
        "Answer within one month of the request. You can take two more months if it is complex, "
        "and must say so within the first month (UK GDPR Article 12(3))."
    ),
    (
        "If a parent asks: did the child expect that something would not be disclosed to the "
        "parent (DPA 2018 Schedule 3 paragraphs 4 and 10)?"
    ),
    (
        "Social work and education data: would disclosure be likely to cause serious harm to "
        "anyone (Schedule 3 paragraphs 11 and 19)?"
    ),
    (
        "Adoption records and the papers of an education, health and care plan have rules of their "
        "own (Schedule 4)."
    ),
    "Free text in the copy may mention what is withheld. Read every entry marked as free text.",
    "Quarantined inputs are not linked to a child. Search the quarantine for this child's.",
    (
        "Disclose the report and nothing else from this folder. Read it once more as the requester "
        "will read it."
    ),
)


def checks(withheld: Withheld, found: Sequence[WithheldItem]) -> Iterator[str]:
    """List what software cannot decide and the officer must, for this child."""
    case = withheld.case
    yield from _ALWAYS
    if any(Category.HEALTH in one.fields() for one in withheld.shown_events()):
        yield (
            "There is health data. A health professional must first confirm that disclosure would "
            "not be likely to cause serious harm, unless the requester already knows the data "
            "(Schedule 3 paragraph 6)."
        )
    if withheld.fields.guarded:
        yield (
            "The child's whereabouts are or were guarded. Fields that locate the child are left "
            "out. Names of agencies, schools and services may still locate the child: read them."
        )
    if any(one.authority is Authority.COURT for one in case.directives):
        yield "There is a court order. Does it allow disclosure to the requester?"
    if withheld.shared_only:
        yield (
            "For some agencies the copy shows only what they received. Does it show that they "
            "received such events earlier and not later?"
        )
    for review in case.open_reviews:
        yield f"Review {review}: a held event may be about this child. Close it, then start again."
    if case.of_kind(ChildSplitEntry):
        yield "Numbers were moved to another child. Earlier records may be about that child."
    if any(one.why is WithholdReason.CANNOT_TELL for one in found):
        yield "Some items are withheld only because their content is destroyed. Ask the senders."
