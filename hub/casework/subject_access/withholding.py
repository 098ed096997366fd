"""What to withhold from the copy of a child's record because it would tip someone off. Pure.

    1. Directives: every restriction.
    2. Events on their own: overrides, safeguarding data, child protection, the police.
    3. Events that belong to the same record or case as a withheld one.
    4. Decisions on the remaining events: shared for safeguarding, resting on a restriction, for the
       police, or for an agency whose involvement only withheld events show.
    5. For an agency with anything withheld, only what it received is shown and no refusal at all.
       Otherwise the one missing line would stand out among the others.

What cannot be shown to be harmless is withheld. docs/subject-access.md lists the rules in this
order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from consent.decide import PARTICULARS
from consent.decision import Decision, SectionDecision, Sharing
from consent.reasons import Reason
from hub.casework.subject_access.withheld_fields import (
    FIELD_ITEMS,
    WithheldFields,
    WithholdReason,
    item_id,
    withheld_fields,
)
from schemas.event_type import Involvement
from schemas.events.care import CarePlan, CarePlanKind, CaseOpened
from schemas.sections import Category
from schemas.sharing import DirectiveKind, DirectiveRecorded, Purpose

if TYPE_CHECKING:
    from hub.casework.subject_access.case_file import CaseDecision, CaseFile, CaseFileEvent

SAFEGUARDING = frozenset({Purpose.SAFEGUARDING, Purpose.CHILD_PROTECTION})
GUARDS = frozenset({Reason.WHEREABOUTS_GUARDED, Reason.RESTRICTED_ADDRESS, Reason.DO_NOT_DISCLOSE})
RESTRICTED = frozenset({Reason.RESTRICTED_COURT_ORDER, Reason.RESTRICTED_SENSITIVE})
# Children in Need census PrimaryNeedCode: abuse or neglect.
_ABUSE = "N1"
# SSDA903 legal status: police protection, emergency protection order, child assessment order.
_EMERGENCY_PROTECTION = frozenset({"L1", "L2", "L3"})


@dataclass(frozen=True, slots=True)
class InvolvementPeriod:
    """The period of an agency's involvement; ``until`` is empty while it lasts."""

    agency: str
    since: str
    until: str = ""


@dataclass(frozen=True, slots=True)
class Withheld:
    """A case file with what is withheld from the copy, and why.

    ``events`` by reference, ``decisions`` by ledger position, ``sections`` of decisions,
    ``directives`` by id, ``fields`` everywhere. ``shared_only``: agencies of which the copy shows
    only what they received. ``involvement`` is what the events in the copy show of it.
    """

    case: CaseFile
    events: Mapping[str, WithholdReason]
    decisions: Mapping[int, WithholdReason]
    sections: Mapping[tuple[int, Category], WithholdReason]
    directives: Mapping[str, WithholdReason]
    fields: WithheldFields
    shared_only: frozenset[str]
    involvement: tuple[InvolvementPeriod, ...]

    def shown_events(self) -> list[CaseFileEvent]:
        """Return the events that the copy shows, in order of receipt."""
        return [one for one in self.case.events if one.ref not in self.events]

    def sections_of(self, decision: CaseDecision) -> frozenset[Category]:
        """Return the withheld sections of a decision."""
        return frozenset(c for position, c in self.sections if position == decision.position)


def items(case: CaseFile) -> frozenset[str]:
    """Return the id of every item that an officer could decide to disclose."""
    decisions = [decision for one in case.events for decision in one.decisions]
    return frozenset(
        {item_id("event", one.ref) for one in case.events}
        | {item_id("decision", one.position) for one in decisions}
        | {item_id("directive", one.id) for one in case.directives}
        | {item_id("fields", why) for why in FIELD_ITEMS}
    )


def withhold(case: CaseFile, disclosed: frozenset[str] = frozenset()) -> Withheld:
    """Apply the rules; ``disclosed`` are ids of items that the officer decided to disclose."""
    directives = {
        one.id: WithholdReason.RESTRICTION
        for one in case.directives
        if one.kind is DirectiveKind.RESTRICTION and item_id("directive", one.id) not in disclosed
    }
    events = _linked(case, _on_their_own(case, frozenset(directives), disclosed), disclosed)
    fields = withheld_fields(case, disclosed)
    basis = _WithheldBasis(frozenset(directives), fields)
    decisions, sections, involvement = _decisions(case, events, basis, disclosed)
    positions = {*decisions, *(position for position, _ in sections)}
    agencies = {d.recipient for e in case.events for d in e.decisions if d.position in positions}
    return Withheld(
        case=case,
        events=events,
        decisions=decisions,
        sections=sections,
        directives=directives,
        fields=fields,
        shared_only=frozenset(agencies),
        involvement=involvement,
    )


# -- events


def _on_their_own(
    case: CaseFile, restrictions: frozenset[str], disclosed: frozenset[str]
) -> dict[str, WithholdReason]:
    found = {one.ref: _event_reason(one, case.police, restrictions) for one in case.events}
    return {
        ref: why
        for ref, why in found.items()
        if why is not None and item_id("event", ref) not in disclosed
    }


def _event_reason(
    event: CaseFileEvent, police: frozenset[str], restrictions: frozenset[str]
) -> WithholdReason | None:
    """Return the reason to withhold an event for what it is itself."""
    if event.override:
        return WithholdReason.OVERRIDE
    if Category.SAFEGUARDING in event.fields():
        return WithholdReason.SAFEGUARDING
    if event.source in police:
        return WithholdReason.POLICE
    if event.sector == "care":
        return _social_care(event)
    if event.sector == "consent":
        return _directive(event, restrictions)
    return None


def _social_care(event: CaseFileEvent) -> WithholdReason | None:
    if event.content is None:
        return WithholdReason.CANNOT_TELL
    plan, opened = event.content.section(CarePlan), event.content.section(CaseOpened)
    if plan is not None:
        emergency = (plan.legal_status or "").strip().upper() in _EMERGENCY_PROTECTION
        if plan.plan_kind == CarePlanKind.CHILD_PROTECTION or emergency:
            return WithholdReason.CHILD_PROTECTION
    if opened is not None and (opened.primary_need or "").strip().upper() == _ABUSE:
        return WithholdReason.CHILD_PROTECTION
    unclear = event.type.startswith("care.plan-changed.") and (plan is None or not plan.plan_kind)
    return WithholdReason.CANNOT_TELL if unclear else None


def _directive(event: CaseFileEvent, restrictions: frozenset[str]) -> WithholdReason | None:
    if event.directive is not None:
        return WithholdReason.RESTRICTION if event.directive.id in restrictions else None
    recorded = event.content.section(DirectiveRecorded) if event.content else None
    if recorded is None or recorded.kind is DirectiveKind.RESTRICTION:
        return WithholdReason.CANNOT_TELL
    return None


def _linked(
    case: CaseFile, withheld: dict[str, WithholdReason], disclosed: frozenset[str]
) -> dict[str, WithholdReason]:
    """Add the events of the same record or case as a withheld one, until no more are found."""
    found = dict(withheld)
    while True:
        bad = [one for one in case.events if one.ref in found]
        records = {one.record for one in bad if one.record}
        cases = {number for one in bad if (number := _case_number(one))}
        more = {
            one.ref: WithholdReason.LINKED
            for one in case.events
            if one.ref not in found
            and item_id("event", one.ref) not in disclosed
            and (one.record in records or _of_case(one, cases))
        }
        if not more:
            return found
        found |= more


def _case_number(event: CaseFileEvent) -> tuple[str, str] | None:
    """Return the source of a social-care event with its case number, which may be empty."""
    if event.sector != "care":
        return None
    sections = event.content.sections.values() if event.content else ()
    numbers = (getattr(section, "case_id", None) for section in sections)
    return event.source, next((str(number) for number in numbers if number), "")


def _of_case(event: CaseFileEvent, cases: set[tuple[str, str]]) -> bool:
    """Whether an event belongs to one of these cases; without a number it may be of any."""
    own = _case_number(event)
    if own is None:
        return False
    return own in cases or (not own[1] and any(source == own[0] for source, _ in cases))


# -- decisions

_Decisions = dict[int, WithholdReason]
_Sections = dict[tuple[int, Category], WithholdReason]


def _decisions(
    case: CaseFile,
    events: Mapping[str, WithholdReason],
    basis: _WithheldBasis,
    disclosed: frozenset[str],
) -> tuple[_Decisions, _Sections, tuple[InvolvementPeriod, ...]]:
    """Apply the rules to decisions in the order they were made, following who is involved."""
    decisions: _Decisions = {}
    sections: _Sections = {}
    involved: dict[str, InvolvementPeriod] = {}
    for event, batch in _timeline(case, events):
        for one in batch:
            if item_id("decision", one.position) in disclosed:
                continue
            found = basis.sections(one)
            why = _decision_reason(one, case.police, involved)
            if why is None and found and len(found) == len(one.decision.sections):
                why = next(iter(found.values()))
            if why is not None:
                decisions[one.position] = why
            else:
                sections |= {(one.position, category): each for category, each in found.items()}
        if event is not None:
            _follow_involvement(event, involved, decisions, case.police)
    periods = sorted(involved.values(), key=lambda one: (one.since, one.agency))
    return decisions, sections, tuple(periods)


def _timeline(
    case: CaseFile, events: Mapping[str, WithholdReason]
) -> Iterator[tuple[CaseFileEvent | None, tuple[CaseDecision, ...]]]:
    """Yield shown events with the decisions made on receipt, and later decisions on their own."""
    steps: list[tuple[int, CaseFileEvent | None, tuple[CaseDecision, ...]]] = []
    for event in case.events:
        if event.ref not in events:
            first = tuple(one for one in event.decisions if not one.reoffered)
            steps.append((event.position, event, first))
            steps += [(one.position, None, (one,)) for one in event.decisions if one.reoffered]
    for _, received, batch in sorted(steps, key=lambda step: step[0]):
        yield received, batch


def _decision_reason(
    decision: CaseDecision, police: frozenset[str], involved: Mapping[str, InvolvementPeriod]
) -> WithholdReason | None:
    """Return the reason to withhold a whole decision."""
    if decision.recipient in police:
        return WithholdReason.POLICE
    later = (one.decision for made in decision.deliveries for one in made.responses)
    if any(_for_safeguarding(one) for one in (decision.decision, *later) if one is not None):
        return WithholdReason.PURPOSE
    period = involved.get(decision.recipient)
    known = period is not None and not period.until
    if decision.question.involved and not decision.question.addressed and not known:
        return WithholdReason.INVOLVEMENT
    return None


def _for_safeguarding(decision: Decision) -> bool:
    return any(
        finding.reason.permits
        and (finding.purpose in SAFEGUARDING or finding.reason is Reason.OVERRIDE)
        for section in decision.shared()
        for finding in section.findings
    )


@dataclass(frozen=True, slots=True)
class _WithheldBasis:
    """What a decision may rest on that the copy does not show: restrictions and fields."""

    directives: frozenset[str]
    fields: WithheldFields

    def sections(self, decision: CaseDecision) -> dict[Category, WithholdReason]:
        """Return the sections whose outcome rests on it, at the decision or at a release."""
        found: dict[Category, WithholdReason] = {}
        for section in decision.decision.sections:
            why = self._why(section, decision)
            if why is not None:
                found[section.category] = why
        responses = [one for made in decision.deliveries for one in made.responses]
        for one in responses:
            for category, reasons in one.withheld.items():
                if RESTRICTED & set(reasons):
                    found[category] = WithholdReason.RESTRICTION
                elif GUARDS & set(reasons) and self._visible(decision, category):
                    found[category] = WithholdReason.WHEREABOUTS
        if found:
            # A section withheld because only particulars remained is withheld for the same reason.
            why, alone = next(iter(found.values())), Reason.PARTICULARS_ONLY
            more = {s.category for s in decision.decision.sections if alone in _reasons(s)}
            more |= {c for one in responses for c, codes in one.withheld.items() if alone in codes}
            found = dict.fromkeys(sorted(more), why) | found
        released = {category for one in responses for category in one.released}
        return {category: why for category, why in found.items() if category not in released}

    def _why(self, section: SectionDecision, decision: CaseDecision) -> WithholdReason | None:
        if section.sharing is not Sharing.WITHHELD:
            return None
        if RESTRICTED & _reasons(section):
            return WithholdReason.RESTRICTION
        if any(one in self.directives for f in section.findings for one in f.directives):
            return WithholdReason.RESTRICTION
        guarded = GUARDS & set(section.refused.values())
        if guarded and self._visible(decision, section.category):
            return WithholdReason.WHEREABOUTS
        return None

    def _visible(self, decision: CaseDecision, category: Category) -> bool:
        """Whether the copy shows the section, or shows by another that it existed."""
        question = decision.question
        present = [s.fields for s in question.sections if s.category is category]
        shown = any(self.fields.shown(question.event_type, category, names) for names in present)
        return shown or category not in PARTICULARS


def _reasons(section: SectionDecision) -> set[Reason]:
    return {finding.reason for finding in section.findings}


def _follow_involvement(
    event: CaseFileEvent,
    involved: dict[str, InvolvementPeriod],
    decisions: Mapping[int, WithholdReason],
    police: frozenset[str],
) -> None:
    """Begin or end the involvement of agencies, as a shown event does."""
    effect = event.registered.involvement if event.registered else Involvement.KEEPS
    begins = {event.source} if effect is Involvement.BEGINS else set()
    if effect is Involvement.INVITES:
        begins = {
            one.recipient
            for one in event.decisions
            if one.question.addressed
            and (one.decision.permitted and not one.notice)
            and one.position not in decisions
        }
    for agency in sorted(begins - police):
        if agency not in involved or involved[agency].until:
            involved[agency] = InvolvementPeriod(agency, event.at)
    period = involved.get(event.source)
    if effect is Involvement.ENDS and period is not None and not period.until:
        involved[event.source] = InvolvementPeriod(event.source, period.since, event.at)
