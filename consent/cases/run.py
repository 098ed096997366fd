"""Run a case: turn it into what the decision is given, decide, and compare with what is expected.

The decision is that of production (consent/decide.py). What the hub would read from its store comes
from the case: directives, facts, the child's standing, who takes part.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from consent.agreement import Agreement
from consent.cases.model import NO_REVIEW, Case, CaseExpect, CaseFact, CaseSaid
from consent.decide import decide
from consent.decision import Decision, SectionDecision, Sharing
from consent.directive import Directive
from consent.facts import StandingFact
from consent.question import Question, SectionShape, child_standing
from consent.reasons import ReviewCause
from consent.restrictions import pending_objections
from consent.rulebook import RuleBook
from consent.standing import standings_about
from schemas.agencies import OrganisationType
from schemas.people import Contact
from schemas.sections import Category
from schemas.sharing import Authority, StandingKind

_CHILD = "case"
_PROFESSIONAL = "a professional"


@dataclass(frozen=True, slots=True)
class CaseWorld:
    """What a case gives the decision: agreements that count, directives, facts."""

    agreements: tuple[Agreement, ...]
    directives: tuple[Directive, ...]
    facts: tuple[StandingFact, ...]
    now: dt.datetime


@dataclass(frozen=True, slots=True)
class Came:
    """What the decision gave for one expectation."""

    sharing: Sharing
    reasons: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    reviews: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """One expectation, what came, and where they differ."""

    expected: CaseExpect
    came: Came
    differs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A case with its outcomes and the decisions behind them, by recipient."""

    case: Case
    outcomes: tuple[CaseOutcome, ...]
    questions: dict[str, Question] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether everything came as expected."""
        return not any(outcome.differs for outcome in self.outcomes)


def run_case(case: Case, agreements: Iterable[Agreement]) -> CaseResult:
    """Decide a case for every recipient that it expects something of, and compare."""
    world = world_of(case, agreements)
    book = RuleBook(world.agreements)
    recipients = dict.fromkeys(one.recipient for one in case.expect)
    questions = {name: question_of(case, world, name) for name in recipients}
    decisions = {
        name: decide(question, book, world.directives, world.now)
        for name, question in questions.items()
    }
    outcomes = tuple(
        _outcome(one, questions[one.recipient], decisions[one.recipient], world)
        for one in case.expect
    )
    return CaseResult(case, outcomes, questions, decisions)


def world_of(case: Case, agreements: Iterable[Agreement]) -> CaseWorld:
    """Return what a case gives the decision."""
    return CaseWorld(
        counting(agreements, case.now),
        tuple(_directive(case, one, number) for number, one in enumerate(case.said, 1)),
        tuple(_fact(case, one, number) for number, one in enumerate(case.facts, 1)),
        case.now,
    )


def counting(agreements: Iterable[Agreement], now: dt.datetime) -> tuple[Agreement, ...]:
    """Return the version of each agreement that counts, as the hub chooses it.

    It is the newest whose validity has begun; where none has begun, the newest.
    """
    chosen: dict[str, Agreement] = {}
    for one in sorted(agreements, key=lambda a: (a.id, a.version)):
        begun = one.valid_from <= now
        if begun or one.id not in chosen or chosen[one.id].valid_from > now:
            chosen[one.id] = one
    return tuple(chosen.values())


def question_of(case: Case, world: CaseWorld, recipient: str) -> Question:
    """Return the question that is asked for one recipient."""
    event = case.event
    involved = {one.agency for one in case.involved} | {event.source}
    kinds = {name: agency.kind for name, agency in case.agencies.items()}
    recorders = {directive.recorded_by for directive in world.directives}
    councils = (r for r in recorders if kinds.get(r) is OrganisationType.LOCAL_AUTHORITY)
    return Question(
        event_type=event.type,
        source=event.source,
        recipient=recipient,
        sections=_shapes(case),
        involved=recipient in involved,
        addressed=recipient in event.addressed,
        override=event.override,
        child=child_standing(
            case.child.birth_date,
            world.directives,
            case.now,
            facts=world.facts,
            guarded=case.child.guarded,
        ),
        recipient_kind=kinds.get(recipient),
        councils=tuple(sorted(councils)),
    )


def _shapes(case: Case) -> tuple[SectionShape, ...]:
    """Return the event's shape; an unknown mark hides all of the contact section, to be safe."""
    marked = set(case.event.do_not_disclose)
    known = {name for names in case.event.fields.values() for name in names}
    strange = bool(marked - known - set(Contact.model_fields))
    shapes = []
    for category, names in sorted(case.event.fields.items()):
        fields = tuple(sorted(set(names)))
        everything = strange and category is Category.CONTACT
        hidden = fields if everything else tuple(sorted(marked & set(fields)))
        shapes.append(SectionShape(category=category, fields=fields, do_not_disclose=hidden))
    return tuple(shapes)


def _authority(case: Case, person: str | None) -> Authority:
    found = case.people.get(person) if person is not None else None
    return found.authority if found else Authority.PROFESSIONAL


def _directive(case: Case, said: CaseSaid, number: int) -> Directive:
    person = said.person or _PROFESSIONAL
    return Directive(
        id=f"{number:03}-{said.kind.value}-{person}"[:64],
        child=_CHILD,
        kind=said.kind,
        authority=_authority(case, said.person),
        decider=person,
        scope=said.scope,
        valid_from=said.begins or said.at,
        valid_until=said.until,
        recorded_at=said.at,
        recorded_by=said.recorded_by or case.event.source,
        withdrawn_at=said.withdrawn,
        restriction=said.restriction,
        allowed_purposes=said.allowed_purposes,
        upheld=said.upheld,
    )


def _fact(case: Case, fact: CaseFact, number: int) -> StandingFact:
    """Turn a fact into what the decision takes: about the child, or about who decides."""
    person = fact.person
    own = person is not None and person in case.people
    if fact.kind is StandingKind.COMPETENCE:
        person = None
    elif fact.kind is StandingKind.LACK_OF_CAPACITY:
        about_child = not own or _authority(case, person) is Authority.YOUNG_PERSON
        person = None if about_child else person
    return StandingFact(
        id=f"{number:03}-{fact.kind.value}",
        kind=fact.kind,
        person=person,
        valid_from=fact.begins,
        valid_until=fact.until,
        scope=fact.scope,
    )


def _outcome(
    expected: CaseExpect, question: Question, decision: Decision, world: CaseWorld
) -> CaseOutcome:
    sections = [s for s in decision.sections if s.category is expected.category]
    came = _came(sections[0], question, world) if sections else Came(Sharing.WITHHELD)
    return CaseOutcome(expected, came, tuple(_differences(expected, came)))


def _came(section: SectionDecision, question: Question, world: CaseWorld) -> Came:
    shared = section.sharing is not Sharing.WITHHELD
    reasons = [f.reason.value for f in section.findings if f.reason.permits is shared]
    reasons += [reason.value for reason in section.refused.values()]
    reviews = {f.review.value for f in section.findings if f.review is not None}
    if _objection_waits(section, question, world):
        reviews.add(ReviewCause.OBJECTION_MADE.value)
    return Came(
        section.sharing,
        tuple(dict.fromkeys(reasons)),
        tuple(sorted(section.fields)),
        tuple(sorted(reviews)),
    )


def _objection_waits(section: SectionDecision, question: Question, world: CaseWorld) -> bool:
    """Whether an objection about this section was made that nobody has upheld.

    The hub opens that review when the objection is recorded, not with each decision.
    """
    clauses = RuleBook(world.agreements).clauses(question)
    for permission in clauses.permissions:
        about = (section.category, question.recipient, permission.rule.purpose)
        in_scope = [d for d in world.directives if d.covers(*about)]
        standings = standings_about(question.child, world.now, about)
        if pending_objections(in_scope, permission.rule, standings):
            return True
    return False


def _differences(expected: CaseExpect, came: Came) -> Sequence[str]:
    found = []
    if expected.sharing is not came.sharing:
        found.append("sharing")
    if expected.reason is not None and expected.reason not in came.reasons:
        found.append("reason")
    if expected.fields is not None and set(expected.fields) != set(came.fields):
        found.append("fields")
    if expected.review is not None:
        wanted = {expected.review} - NO_REVIEW
        if not wanted <= set(came.reviews) or (not wanted and came.reviews):
            found.append("review")
    return found
