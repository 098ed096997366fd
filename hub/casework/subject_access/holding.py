"""What of a child's record would tip somebody off, and so is left out of the copy. Pure.

    1. What people said: every restriction.
    2. Events by themselves: overrides, safeguarding data, child protection, the police.
    3. Events that belong to the same record or case as a held one.
    4. Decisions on the events that are left: shared for safeguarding, resting on a restriction, to
       the police, or to an agency whose part in the child's care only held events tell of.
    5. Of an agency of which something is held back only what it was told is shown, nowhere what it
       was not told: otherwise the one missing line would be seen among the others.

Whatever cannot be told to be harmless is held back. The order of the rules is that of docs/
subject-access.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from consent.decide import PARTICULARS
from consent.decision import Decision, SectionDecision, Sharing
from consent.reasons import Reason
from hub.casework.subject_access.facts import Answered, Arrived, Facts, item
from hub.casework.subject_access.fields import Hidden, hidden_of
from hub.casework.subject_access.reasons import WithholdReason
from schemas.events.care import CarePlan, CarePlanKind, CaseOpened
from schemas.registry import Involvement
from schemas.sections import Category
from schemas.sharing import DirectiveKind, DirectiveRecorded, Purpose

SAFEGUARDING = frozenset({Purpose.SAFEGUARDING, Purpose.CHILD_PROTECTION})
GUARDS = frozenset({Reason.WHEREABOUTS_GUARDED, Reason.RESTRICTED_ADDRESS, Reason.DO_NOT_DISCLOSE})
RESTRICTED = frozenset({Reason.RESTRICTED_COURT_ORDER, Reason.RESTRICTED_SENSITIVE})
# Children in Need census PrimaryNeedCode: abuse or neglect.
_ABUSE = "N1"
# SSDA903 legal status: police protection, emergency protection order, child assessment order.
_PROTECTED = frozenset({"L1", "L2", "L3"})


@dataclass(frozen=True, slots=True)
class Part:
    """An agency's part in the child's care: since when, and until when if it ended."""

    agency: str
    since: str
    until: str = ""


@dataclass(frozen=True, slots=True)
class Sorted:
    """What is held back, and why: events, decisions and their sections, and what people said.

    ``quiet``: agencies of which only what they were told is shown. ``parts``: who takes part, as
    the events that are left tell it. ``hidden``: the fields left out everywhere.
    """

    events: Mapping[str, WithholdReason]
    answers: Mapping[int, WithholdReason]
    sections: Mapping[tuple[int, Category], WithholdReason]
    directives: Mapping[str, WithholdReason]
    quiet: frozenset[str]
    parts: tuple[Part, ...]
    hidden: Hidden


def sort(facts: Facts) -> Sorted:
    """Sort a child's record into what the copy may show and what is held back, with reasons."""
    directives = {
        d.id: WithholdReason.RESTRICTION
        for d in facts.directives
        if d.kind is DirectiveKind.RESTRICTION and item("said", d.id) not in facts.handed
    }
    events = _linked(facts, _by_themselves(facts, frozenset(directives)))
    answers: dict[int, WithholdReason] = {}
    sections: dict[tuple[int, Category], WithholdReason] = {}
    hidden = hidden_of(facts)
    rests = _Rests(frozenset(directives), hidden)
    parts = _decisions(facts, events, rests, answers, sections)
    positions = {*answers, *(position for position, _ in sections)}
    quiet = {a.recipient for one in facts.arrived for a in one.answers if a.position in positions}
    return Sorted(events, answers, sections, directives, frozenset(quiet), parts, hidden)


# -- events


def _by_themselves(facts: Facts, restrictions: frozenset[str]) -> dict[str, WithholdReason]:
    found = {one.ref: _alone(one, facts.police, restrictions) for one in facts.arrived}
    return {
        ref: why
        for ref, why in found.items()
        if why is not None and item("event", ref) not in facts.handed
    }


def _alone(
    one: Arrived, police: frozenset[str], restrictions: frozenset[str]
) -> WithholdReason | None:
    """Tell why an event is held back for what it is itself."""
    if one.override:
        return WithholdReason.OVERRIDE
    if Category.SAFEGUARDING in one.filled():
        return WithholdReason.SAFEGUARDING
    if one.source in police:
        return WithholdReason.POLICE
    if one.sector == "care":
        return _care(one)
    if one.sector == "consent":
        return _spoken(one, restrictions)
    return None


def _care(one: Arrived) -> WithholdReason | None:
    if one.content is None:
        return WithholdReason.CANNOT_TELL
    plan, opened = one.content.section(CarePlan), one.content.section(CaseOpened)
    if plan is not None:
        kinds = {CarePlanKind.CHILD_PROTECTION}
        if plan.plan_kind in kinds or (plan.legal_status or "").strip().upper() in _PROTECTED:
            return WithholdReason.CHILD_PROTECTION
    if opened is not None and (opened.primary_need or "").strip().upper() == _ABUSE:
        return WithholdReason.CHILD_PROTECTION
    unclear = one.type.startswith("care.plan-changed.") and (plan is None or not plan.plan_kind)
    return WithholdReason.CANNOT_TELL if unclear else None


def _spoken(one: Arrived, restrictions: frozenset[str]) -> WithholdReason | None:
    if one.said is not None:
        return WithholdReason.RESTRICTION if one.said.id in restrictions else None
    said = one.content.section(DirectiveRecorded) if one.content else None
    if said is None or said.kind is DirectiveKind.RESTRICTION:
        return WithholdReason.CANNOT_TELL
    return None


def _linked(facts: Facts, held: dict[str, WithholdReason]) -> dict[str, WithholdReason]:
    """Add what belongs to the record or the case of something held, until nothing more does."""
    found = dict(held)
    while True:
        bad = [one for one in facts.arrived if one.ref in found]
        records = {one.record for one in bad if one.record}
        cases = {case for one in bad if (case := _case(one))}
        more = {
            one.ref: WithholdReason.LINKED
            for one in facts.arrived
            if one.ref not in found
            and item("event", one.ref) not in facts.handed
            and (one.record in records or _of_case(one, cases))
        }
        if not more:
            return found
        found |= more


def _case(one: Arrived) -> tuple[str, str] | None:
    """Name the case of a social-care event: its source, and its number or nothing."""
    if one.sector != "care":
        return None
    sections = one.content.sections.values() if one.content else ()
    numbers = (getattr(section, "case_id", None) for section in sections)
    return one.source, next((str(number) for number in numbers if number), "")


def _of_case(one: Arrived, cases: set[tuple[str, str]]) -> bool:
    """Whether an event is of one of these cases; one without a number may be of any."""
    own = _case(one)
    if own is None:
        return False
    return own in cases or (not own[1] and any(source == own[0] for source, _ in cases))


# -- decisions


def _decisions(
    facts: Facts,
    events: Mapping[str, WithholdReason],
    rests: _Rests,
    answers: dict[int, WithholdReason],
    sections: dict[tuple[int, Category], WithholdReason],
) -> tuple[Part, ...]:
    """Sort the decisions in the order they were made, following who takes part by then."""
    parts: dict[str, Part] = {}
    for one, batch in _timeline(facts, events):
        for answer in batch:
            if item("decision", answer.position) in facts.handed:
                continue
            why = _answer(answer, facts.police, parts)
            resting = rests.sections(answer)
            if why is None and resting and len(resting) == len(answer.decision.sections):
                why = next(iter(resting.values()))
            if why is not None:
                answers[answer.position] = why
            else:
                sections |= {(answer.position, c): held for c, held in resting.items()}
        if one is not None:
            _take_part(one, parts, answers, facts.police)
    return tuple(sorted(parts.values(), key=lambda part: (part.since, part.agency)))


def _timeline(
    facts: Facts, events: Mapping[str, WithholdReason]
) -> Iterator[tuple[Arrived | None, tuple[Answered, ...]]]:
    """Give events with the decisions of their moment, and later decisions alone, in order."""
    steps: list[tuple[int, Arrived | None, tuple[Answered, ...]]] = []
    for one in facts.arrived:
        if one.ref not in events:
            steps.append((one.position, one, tuple(a for a in one.answers if not a.again)))
            steps += [(a.position, None, (a,)) for a in one.answers if a.again]
    for _, arrived, batch in sorted(steps, key=lambda step: step[0]):
        yield arrived, batch


def _answer(
    answer: Answered, police: frozenset[str], parts: Mapping[str, Part]
) -> WithholdReason | None:
    """Tell why a whole decision is held back."""
    if answer.recipient in police:
        return WithholdReason.POLICE
    later = (given.decision for made in answer.deliveries for given in made.given)
    if any(_for_safeguarding(d) for d in (answer.decision, *later) if d is not None):
        return WithholdReason.PURPOSE
    part = parts.get(answer.recipient)
    known = part is not None and not part.until
    if answer.question.involved and not answer.question.addressed and not known:
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
class _Rests:
    """What a decision may rest on that the copy does not tell: restrictions, and hidden fields."""

    directives: frozenset[str]
    hidden: Hidden

    def sections(self, answer: Answered) -> dict[Category, WithholdReason]:
        """Give the sections whose outcome rests on it, at the decision or at a release."""
        found: dict[Category, WithholdReason] = {}
        for section in answer.decision.sections:
            why = self._why(section, answer)
            if why is not None:
                found[section.category] = why
        given = [one for made in answer.deliveries for one in made.given]
        for one in given:
            for category, reasons in one.withheld.items():
                if RESTRICTED & set(reasons):
                    found[category] = WithholdReason.RESTRICTION
                elif GUARDS & set(reasons) and self._seen(answer, category):
                    found[category] = WithholdReason.WHEREABOUTS
        if found:
            # What is withheld because only particulars were left is withheld for the same reason.
            why, alone = next(iter(found.values())), Reason.PARTICULARS_ONLY
            more = {s.category for s in answer.decision.sections if alone in _reasons(s)}
            more |= {c for one in given for c, reasons in one.withheld.items() if alone in reasons}
            found = dict.fromkeys(sorted(more), why) | found
        released = {category for one in given for category in one.sections}
        return {c: why for c, why in found.items() if c not in released}

    def _why(self, section: SectionDecision, answer: Answered) -> WithholdReason | None:
        if section.sharing is not Sharing.WITHHELD:
            return None
        if RESTRICTED & _reasons(section):
            return WithholdReason.RESTRICTION
        if any(said in self.directives for f in section.findings for said in f.directives):
            return WithholdReason.RESTRICTION
        if GUARDS & set(section.refused.values()) and self._seen(answer, section.category):
            return WithholdReason.WHEREABOUTS
        return None

    def _seen(self, answer: Answered, category: Category) -> bool:
        """Whether the copy shows the section at all, or shows by another that it was there."""
        filled = [s.fields for s in answer.question.sections if s.category is category]
        kind = answer.question.event_type
        shown = any(self.hidden.left(kind, category, fields) for fields in filled)
        return shown or category not in PARTICULARS


def _reasons(section: SectionDecision) -> set[Reason]:
    return {finding.reason for finding in section.findings}


def _take_part(
    one: Arrived,
    parts: dict[str, Part],
    answers: Mapping[int, WithholdReason],
    police: frozenset[str],
) -> None:
    """Follow whose part begins or ends with an event, as the events that are left tell it."""
    how = one.kind.involvement if one.kind else Involvement.KEEPS
    begins = {one.source} if how is Involvement.BEGINS else set()
    if how is Involvement.INVITES:
        begins = {
            a.recipient
            for a in one.answers
            if a.question.addressed
            and (a.decision.permitted and not a.notice)
            and a.position not in answers
        }
    for agency in sorted(begins - police):
        if agency not in parts or parts[agency].until:
            parts[agency] = Part(agency, one.at)
    if how is Involvement.ENDS and one.source in parts and not parts[one.source].until:
        parts[one.source] = Part(one.source, parts[one.source].since, one.at)
