"""Step 4, decide: for each recipient the question, the decision and the view it receives. Pure.

What is the same for every recipient is found out once. A release decides again and needs no view.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from types import MappingProxyType

from consent.decide import decide
from consent.decision import Decision
from consent.directive import Directive
from consent.minimise import minimise
from consent.question import (
    ChildStanding,
    Question,
    SectionShape,
    child_standing,
    is_guarded,
    shape_of,
)
from consent.reasons import ReviewCause
from consent.restrictions import is_objection
from hub.journey.ports import Knowledge
from schemas.agencies import OrganisationType
from schemas.event import Event, RecordStatus, View
from schemas.sharing import Authority

_REFERENCE = uuid.UUID("8b6a2f0e-2f3f-5c55-9d0b-0d0f5b1a9a11")


@dataclass(frozen=True, slots=True)
class DecisionContext:
    """One event about one child, with every directive about that child, withdrawn or not.

    ``delivery_scope`` sets the deliveries made now apart from earlier ones of the same event.
    """

    event: Event
    ref: str
    child: str
    directives: tuple[Directive, ...]
    now: dt.datetime
    delivery_scope: str = ""

    @property
    def delivery_ref(self) -> str:
        """What the ids of the event's deliveries are made from."""
        return f"{self.ref}\n{self.delivery_scope}" if self.delivery_scope else self.ref

    @property
    def considered(self) -> tuple[str, ...]:
        """The ids of the directives that the decisions can see."""
        return tuple(sorted(one.id for one in self.directives))


@dataclass(frozen=True, slots=True)
class RecipientDecision:
    """One recipient's question with its decision, and the view if anything is shared.

    A ``notice`` is a view that says only that a record the recipient holds is wrong.
    """

    question: Question
    decision: Decision
    view: View | None = None
    notice: bool = False


def recording_review(directive: Directive) -> ReviewCause | None:
    """Return the review that recording a directive opens, if any."""
    if directive.authority is Authority.COURT:
        return ReviewCause.COURT_ORDER_RECORDED
    return ReviewCause.OBJECTION_MADE if is_objection(directive) else None


@dataclass(frozen=True, slots=True)
class EventDecisions:
    """The decisions about one event, one for each recipient.

    ``directive`` is the directive that the event itself records.
    """

    context: DecisionContext
    answers: tuple[RecipientDecision, ...]
    directive: Directive | None = None

    @property
    def reviews(self) -> tuple[ReviewCause, ...]:
        """The causes of the reviews that follow, each once."""
        causes = {cause for one in self.answers for cause in one.decision.reviews()}
        if self.directive is not None and (cause := recording_review(self.directive)) is not None:
            causes.add(cause)
        return tuple(sorted(causes))


@dataclass(frozen=True, slots=True)
class SharedQuestion:
    """A context with what every recipient's question about it has in common."""

    context: DecisionContext
    shape: tuple[SectionShape, ...]
    involved: frozenset[str]
    child: ChildStanding
    councils: tuple[str, ...] = ()


def shared_question(context: DecisionContext, known: Knowledge) -> SharedQuestion:
    """Find out, once for all recipients, what their questions have in common."""
    event, child = context.event, context.child
    return SharedQuestion(
        context,
        shape=shape_of(event),
        involved=known.involved(child),
        child=standing(context, known),
        councils=councils_among(context.directives, known),
    )


def councils_among(directives: Iterable[Directive], known: Knowledge) -> tuple[str, ...]:
    """Return the local authorities among the agencies that recorded directives."""
    recorders = {directive.recorded_by for directive in directives}
    kind_of = known.directory.kind_of
    council = OrganisationType.LOCAL_AUTHORITY
    return tuple(sorted(name for name in recorders if kind_of(name) is council))


def decide_one(
    shared: SharedQuestion, recipient: str, known: Knowledge
) -> tuple[Question, Decision]:
    """Decide whether one recipient may know of the event, and what of it."""
    context, event = shared.context, shared.context.event
    question = Question(
        event_type=event.kind.key,
        source=event.source,
        recipient=recipient,
        sections=shared.shape,
        involved=recipient in shared.involved,
        addressed=recipient in event.addressed_to,
        override=event.override is not None,
        child=shared.child,
        recipient_kind=known.directory.kind_of(recipient),
        own_favour=known.directory.may_record_for_itself(recipient),
        councils=shared.councils,
    )
    return question, decide(question, known.rules, context.directives, context.now)


def decide_with_view(shared: SharedQuestion, recipient: str, known: Knowledge) -> RecipientDecision:
    """Decide for one recipient, and make the view it would receive."""
    question, decision = decide_one(shared, recipient, known)
    context = shared.context
    view = minimise(
        context.event,
        decision,
        delivery_id=delivery_id(context.delivery_ref, recipient),
        child=_child_pseudonym(recipient, context, known),
        record=_record_pseudonym(recipient, context, known),
    )
    return RecipientDecision(question, decision, view)


def decide_for_all(context: DecisionContext, known: Knowledge) -> tuple[RecipientDecision, ...]:
    """Decide for every subscriber, and for every agency that holds a record that is wrong now."""
    event = context.event
    holders = holders_of(event, known)
    subscribers = known.directory.receivers(event.kind.key, event.source)
    others = sorted(holders - frozenset(subscribers))
    shared = shared_question(context, known)
    found = (decide_with_view(shared, one, known) for one in (*subscribers, *others))
    return tuple(
        _with_notice(one, context, known) if one.question.recipient in holders else one
        for one in found
    )


def holders_of(event: Event, known: Knowledge) -> frozenset[str]:
    """Name the agencies that hold something of the record which this event corrects or retracts."""
    if event.status is RecordStatus.RECORDED or not event.record:
        return frozenset()
    holders = known.recipients_of(event.source, event.record)
    return frozenset(name for name in holders if known.directory.find(name) is not None)


def _with_notice(
    one: RecipientDecision, context: DecisionContext, known: Knowledge
) -> RecipientDecision:
    """Add a notice of the correction for a recipient that may see nothing of it."""
    event, recipient = context.event, one.question.recipient
    if one.view is not None or not event.record:
        return one
    view = View(
        delivery_id=delivery_id(context.delivery_ref, recipient),
        kind=event.kind,
        source=event.source,
        child=_child_pseudonym(recipient, context, known),
        time=event.time,
        sections=MappingProxyType({}),
        record=_record_pseudonym(recipient, context, known),
        status=event.status,
    )
    return replace(one, view=view, notice=True)


def _child_pseudonym(recipient: str, context: DecisionContext, known: Knowledge) -> str:
    """Return a recipient's own pseudonym for the child."""
    return known.blind("child", recipient, context.child)[:32]


def _record_pseudonym(recipient: str, context: DecisionContext, known: Knowledge) -> str | None:
    """Return a recipient's own pseudonym for the record at its source, if the event has one."""
    event = context.event
    if not event.record:
        return None
    return known.blind("record", recipient, event.source, event.record)[:32]


def standing(context: DecisionContext, known: Knowledge) -> ChildStanding:
    """Return what the decision must know of the child today."""
    event, child = context.event, context.child
    return standing_of(
        child,
        context.directives,
        known,
        context.now,
        born=event.identity.birth_date,
        guarded=is_guarded(event),
    )


def standing_of(  # noqa: PLR0913  what is known of a child has these parts
    child: str,
    directives: Iterable[Directive],
    known: Knowledge,
    now: dt.datetime,
    *,
    born: dt.date | None = None,
    guarded: bool = False,
) -> ChildStanding:
    """Return what the decision must know of a child; the register's birth date comes first."""
    found = child_standing(
        known.particulars(child).birth_date or born,
        directives,
        now,
        facts=known.facts(child),
        guarded=guarded or known.guarded(child),
    )
    return found.model_copy(update={"competent": known.competent(child)})


def delivery_id(event_ref: str, recipient: str, again: int = 0) -> str:
    """Return the id of one event's delivery to one recipient; the same arguments give the same id.

    ``again`` counts later deliveries of the same event to the same recipient (reoffer.py).
    """
    more = f"\n{again}" if again else ""
    return str(uuid.uuid5(_REFERENCE, f"delivery\n{event_ref}\n{recipient}{more}"))
