"""Step 4, decide: what is asked about one event for each recipient, and what each would see. Pure.

What is the same for every recipient is found out once. A release asks again and needs no view.
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
from hub.journey.ports import Knowledge
from schemas.agencies import OrganisationType
from schemas.event import Event, RecordStatus, View

_REFERENCE = uuid.UUID("8b6a2f0e-2f3f-5c55-9d0b-0d0f5b1a9a11")


@dataclass(frozen=True, slots=True)
class DecisionContext:
    """One event about one child, with all that was ever said about sharing that child's data."""

    event: Event
    ref: str
    child: str
    said: tuple[Directive, ...]
    now: dt.datetime


@dataclass(frozen=True, slots=True)
class RecipientDecision:
    """One recipient's question with its decision, and the view if anything is shared.

    A ``notice`` is a view of nothing but that a record it was told of is wrong.
    """

    question: Question
    decision: Decision
    view: View | None = None
    notice: bool = False


@dataclass(frozen=True, slots=True)
class Asking:
    """A matter with what every recipient's question about it has in common."""

    matter: DecisionContext
    shape: tuple[SectionShape, ...]
    involved: frozenset[str]
    child: ChildStanding
    councils: tuple[str, ...] = ()


def asking(matter: DecisionContext, known: Knowledge) -> Asking:
    """Find out, once for all recipients, what their questions have in common."""
    event, child = matter.event, matter.child
    return Asking(
        matter,
        shape=shape_of(event),
        involved=known.involved(child),
        child=standing(matter, known),
        councils=councils_among(matter.said, known),
    )


def councils_among(said: Iterable[Directive], known: Knowledge) -> tuple[str, ...]:
    """Return the local authorities among the agencies that recorded directives."""
    recorders = {directive.recorded_by for directive in said}
    kind_of = known.directory.kind_of
    council = OrganisationType.LOCAL_AUTHORITY
    return tuple(sorted(name for name in recorders if kind_of(name) is council))


def ask(case: Asking, recipient: str, known: Knowledge) -> tuple[Question, Decision]:
    """Decide whether one recipient may know, and what of it."""
    event = case.matter.event
    question = Question(
        event_type=event.kind.key,
        source=event.source,
        recipient=recipient,
        sections=case.shape,
        involved=recipient in case.involved,
        addressed=recipient in event.addressed_to,
        override=event.override is not None,
        child=case.child,
        recipient_kind=known.directory.kind_of(recipient),
        councils=case.councils,
    )
    return question, decide(question, known.rules, case.matter.said, case.matter.now)


def answer(case: Asking, recipient: str, known: Knowledge) -> RecipientDecision:
    """Decide for one recipient, and make what it would see."""
    question, decision = ask(case, recipient, known)
    matter = case.matter
    view = minimise(
        matter.event,
        decision,
        delivery_id=delivery_id(matter.ref, recipient),
        child=_child_as_known_to(recipient, matter, known),
        record=_record_as_known_to(recipient, matter, known),
    )
    return RecipientDecision(question, decision, view)


def answers_to(matter: DecisionContext, known: Knowledge) -> tuple[RecipientDecision, ...]:
    """Decide for everyone who wants such events, or was told of a record that is wrong now."""
    event = matter.event
    told = told_before(event, known)
    wanting = known.directory.receivers(event.kind.key, event.source)
    more = sorted(told - frozenset(wanting))
    case = asking(matter, known)
    found = (answer(case, recipient, known) for recipient in (*wanting, *more))
    return tuple(_noticed(a, matter, known) if a.question.recipient in told else a for a in found)


def told_before(event: Event, known: Knowledge) -> frozenset[str]:
    """Name the agencies that hold something of the record which this event corrects or retracts."""
    if event.status is RecordStatus.RECORDED or not event.record:
        return frozenset()
    told = known.recipients_of(event.source, event.record)
    return frozenset(name for name in told if known.directory.find(name) is not None)


def _noticed(
    given: RecipientDecision, matter: DecisionContext, known: Knowledge
) -> RecipientDecision:
    """Tell whoever may see nothing of a correction at least that there is one."""
    event, recipient = matter.event, given.question.recipient
    if given.view is not None or not event.record:
        return given
    view = View(
        delivery_id=delivery_id(matter.ref, recipient),
        kind=event.kind,
        source=event.source,
        child=_child_as_known_to(recipient, matter, known),
        time=event.time,
        sections=MappingProxyType({}),
        record=_record_as_known_to(recipient, matter, known),
        status=event.status,
    )
    return replace(given, view=view, notice=True)


def _child_as_known_to(recipient: str, matter: DecisionContext, known: Knowledge) -> str:
    """Give a recipient's own pseudonym for the child."""
    return known.blind("child", recipient, matter.child)[:32]


def _record_as_known_to(recipient: str, matter: DecisionContext, known: Knowledge) -> str | None:
    """Give a recipient's own pseudonym for the record at its source, where there is one."""
    event = matter.event
    if not event.record:
        return None
    return known.blind("record", recipient, event.source, event.record)[:32]


def standing(matter: DecisionContext, known: Knowledge) -> ChildStanding:
    """Return what the decision must know of the child today."""
    event, child = matter.event, matter.child
    return standing_of(
        child,
        matter.said,
        known,
        matter.now,
        born=event.identity.birth_date,
        guarded=is_guarded(event),
    )


def standing_of(  # noqa: PLR0913  what is known of a child has these parts
    child: str,
    said: Iterable[Directive],
    known: Knowledge,
    now: dt.datetime,
    *,
    born: dt.date | None = None,
    guarded: bool = False,
) -> ChildStanding:
    """Return what the decision must know of a child; the register's birth date comes first."""
    found = child_standing(
        known.particulars(child).birth_date or born,
        said,
        now,
        facts=known.facts(child),
        guarded=guarded or known.guarded(child),
    )
    return found.model_copy(update={"competent": known.competent(child)})


def delivery_id(event_ref: str, recipient: str, again: int = 0) -> str:
    """Make the id of one event's delivery to one recipient; always the same one.

    ``again`` counts later deliveries of the same event to the same recipient (reoffer.py).
    """
    more = f"\n{again}" if again else ""
    return str(uuid.uuid5(_REFERENCE, f"delivery\n{event_ref}\n{recipient}{more}"))
