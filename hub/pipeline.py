"""The story of one event: what the hub will do with what arrived, as a value, before it is done.

    1. Receive: the broker vouches for the sender, and the envelope agrees.
    2. Recognise: a registered type, a valid payload, from an agency entitled to send it.
    3. Identify: the hub's own child id; a doubt holds the event for a person.
    4. Decide: for each agency that wants such events, may it know, and what of it.
    5. Record: everything above, as one verdict, for one transaction (hub/record.py).
    6. Seal (hub/record.py), 7. release (hub/release.py), 8. deliver (hub/worker.py).

``judge`` is pure and total: what it is given decides what it returns, and it never raises on what
a sender wrote. The broker, the store, the clock and chance stay outside.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from consent.decide import decide
from consent.decision import Decision
from consent.directive import Directive
from consent.ledger.canonical import canonical
from consent.ledger.errors import LedgerError
from consent.minimise import minimise
from consent.question import ChildStanding, Question, is_guarded, is_young_person, shape_of
from consent.reasons import ReviewCause
from hub.directives import directive_in, withdrawal_in
from hub.identify import Doubt, Found, Stranger, identify
from hub.ports import Knowledge
from schemas.envelope import agency_of, parse_envelope
from schemas.errors import Fault, InputRefused
from schemas.event import Event, RecordStatus, View, read_event
from schemas.registry import Involvement
from schemas.sealed.hpke import OpeningKey
from schemas.sealed.inbound import open_inbound
from schemas.sharing import DirectiveKind

_REFERENCE = uuid.UUID("8b6a2f0e-2f3f-5c55-9d0b-0d0f5b1a9a11")


@dataclass(frozen=True, slots=True)
class Letter:
    """What arrived: bytes, the account the broker vouches for (None: it does not), and when.

    ``sealed`` says that the bytes are still as they travelled, sealed to the hub.
    """

    body: bytes
    account: str | None
    arrived_at: dt.datetime
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """What the hub will take: the largest event in bytes, how far clocks may differ, its keys."""

    max_bytes: int = 1_048_576
    skew: dt.timedelta = dt.timedelta(seconds=300)
    keys: tuple[OpeningKey, ...] = ()


class Fate(StrEnum):
    """What becomes of an event."""

    DECIDED = "decided"
    HELD = "held"
    QUARANTINED = "quarantined"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Answer:
    """One recipient's question with its decision, and the view if anything is shared.

    A ``notice`` is a view of nothing but that a record it was told of is wrong.
    """

    question: Question
    decision: Decision
    view: View | None = None
    notice: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that follows from one letter. Which parts are set depends on the fate.

    ``ref`` is the hub's own reference for the event: a sender's id may hold anything, so it is
    never logged or recorded. ``considered`` are the directives the decisions could see.
    ``was_held``: a doubt held the event, and it is gone.
    """

    fate: Fate
    letter: Letter
    fault: Fault | None = None
    where: str = ""
    event: Event | None = None
    ref: str = ""
    fingerprint: str = ""
    child: str | None = None
    new_child: bool = False
    was_held: bool = False
    doubt: Doubt | None = None
    involvement: Involvement = Involvement.KEEPS
    invited: tuple[str, ...] = ()
    directive: Directive | None = None
    withdrawn: str | None = None
    considered: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    reviews: tuple[ReviewCause, ...] = ()


def judge(
    letter: Letter,
    known: Knowledge,
    now: dt.datetime,
    new_id: Callable[[], str],
    limits: Limits | None = None,
) -> Verdict:
    """Decide what becomes of one letter; see the numbered steps above."""
    limits = limits or Limits()
    try:
        # (1) The broker vouches for the sender, and the envelope agrees.
        letter = unsealed(letter, limits)
        # (2) A registered type, a valid payload, an entitled sender.
        event = recognise(letter, known, now, limits)
    except InputRefused as error:
        return _quarantined(letter, error.fault, error.where)
    ref = reference(event.source, event.id, known.blind)
    start = Verdict(Fate.DUPLICATE, letter, event=event, ref=ref, fingerprint=_print(event, known))
    earlier = known.fingerprint(ref)
    if earlier == start.fingerprint:
        return start
    if earlier is not None:
        return _quarantined(letter, Fault.DUPLICATE_CONFLICT, "id")
    # (3) Whose child: a doubt holds the event for a person.
    found = identify(event, known, new_id())
    if isinstance(found, Doubt):
        return replace(start, fate=Fate.HELD, doubt=found, reviews=(found.cause,))
    if isinstance(found, Stranger):
        return _quarantined(letter, Fault.CHILD_UNKNOWN, "data.sections.identity")
    return settle(start, event, found, known, now)


def settle(
    start: Verdict, event: Event, found: Found, known: Knowledge, now: dt.datetime
) -> Verdict:
    """Finish a verdict once the child is certain: what was said, who may know, what they see."""
    try:
        directive = directive_in(event, found.child, known, now)
        withdrawn = withdrawal_in(event, found.child, known)
    except InputRefused as error:
        return _quarantined(start.letter, error.fault, error.where)
    said = _said(known.directives(found.child), directive, withdrawn, now)
    matter = Matter(event, start.ref, found.child, said, now)
    # (4) May each recipient know, and what of it.
    answers = answers_to(matter, known)
    causes = {cause for given in answers for cause in given.decision.reviews()}
    if directive is not None and directive.kind is DirectiveKind.OBJECTION:
        causes.add(ReviewCause.OBJECTION_MADE)
    # (5) All of it as one value, to be recorded in one transaction.
    return replace(
        start,
        fate=Fate.DECIDED,
        child=found.child,
        new_child=found.new,
        involvement=event.kind.involvement,
        invited=_invited(event, answers),
        directive=directive,
        withdrawn=withdrawn,
        considered=tuple(sorted(d.id for d in said)),
        answers=answers,
        reviews=tuple(sorted(causes)),
    )


def unsealed(letter: Letter, limits: Limits) -> Letter:
    """Open what travelled sealed to the hub; raises InputRefused where it was not, or is broken."""
    if not letter.sealed:
        return letter
    if letter.account is None:
        raise InputRefused(Fault.SENDER_UNVERIFIED)
    body = open_inbound(limits.keys, letter.account, letter.body)
    return replace(letter, body=body, sealed=False)


def recognise(letter: Letter, known: Knowledge, now: dt.datetime, limits: Limits) -> Event:
    """Steps 1 and 2: read a letter into an event, or raise InputRefused with the fault."""
    if len(letter.body) > limits.max_bytes:
        raise InputRefused(Fault.TOO_LARGE)
    if letter.account is None:
        raise InputRefused(Fault.SENDER_UNVERIFIED)
    agency = known.directory.find(letter.account)
    if agency is None:
        raise InputRefused(Fault.SENDER_UNKNOWN)
    envelope = parse_envelope(letter.body)
    if agency_of(envelope.source) != agency.name:
        raise InputRefused(Fault.SENDER_MISMATCH, "source")
    event = read_event(envelope)
    if not known.directory.may_send(agency.name, event.kind.key):
        raise InputRefused(Fault.TYPE_NOT_ALLOWED, "type")
    if event.override is not None and not agency.may_override:
        raise InputRefused(Fault.OVERRIDE_NOT_ALLOWED, "data.override")
    if event.kind.sector == "consent" and not agency.may_record_directives:
        raise InputRefused(Fault.DIRECTIVE_NOT_ALLOWED, "type")
    if event.time > now + limits.skew:
        raise InputRefused(Fault.FROM_THE_FUTURE, "time")
    return event


def reference(source: str, event_id: str, blind: Callable[..., str]) -> str:
    """Make the hub's own reference for an event; the same source and id give the same one.

    It is keyed: a sender's id may hold a number that names a child, and nobody outside may find
    out which by trying.
    """
    return str(uuid.UUID(hex=blind("event", source, event_id)[:32]))


def delivery_id(event_ref: str, recipient: str, again: int = 0) -> str:
    """Make the id of one event's delivery to one recipient; always the same one.

    ``again`` counts later deliveries of the same event to the same recipient (hub/reoffer.py).
    """
    more = f"\n{again}" if again else ""
    return str(uuid.uuid5(_REFERENCE, f"delivery\n{event_ref}\n{recipient}{more}"))


def _print(event: Event, known: Knowledge) -> str:
    """Fingerprint an event's content under the hub's key, so that a repeat can be told.

    The time is left out: a document handed in again may carry a new one and nothing else.
    """
    try:
        content = canonical(
            event.envelope().model_dump(mode="json", exclude_none=True, exclude={"time"})
        )
    except LedgerError:
        content = event.to_json()
    return known.blind("fingerprint", content.decode())


def _quarantined(letter: Letter, fault: Fault, where: str) -> Verdict:
    return Verdict(Fate.QUARANTINED, letter, fault=fault, where=where)


def _said(
    earlier: Iterable[Directive],
    directive: Directive | None,
    withdrawn: str | None,
    now: dt.datetime,
) -> tuple[Directive, ...]:
    """Give what has been said once this event counts: its own directive too, its withdrawal too."""
    kept = tuple(
        d.model_copy(update={"withdrawn_at": now})
        if d.id == withdrawn and d.withdrawn_at is None
        else d
        for d in earlier
    )
    return (*kept, directive) if directive else kept


@dataclass(frozen=True, slots=True)
class Matter:
    """One event about one child, with all that was ever said about sharing that child's data."""

    event: Event
    ref: str
    child: str
    said: tuple[Directive, ...]
    now: dt.datetime


def answer(matter: Matter, recipient: str, known: Knowledge) -> Answer:
    """Decide for one recipient, and make what it would see."""
    event, child = matter.event, matter.child
    question = Question(
        event_type=event.kind.key,
        source=event.source,
        recipient=recipient,
        sections=shape_of(event),
        involved=recipient in known.involved(child),
        addressed=recipient in event.addressed_to,
        override=event.override is not None,
        child=standing(event, child, known, matter.now),
    )
    decision = decide(question, known.rules, matter.said, matter.now)
    record = event.record
    view = minimise(
        event,
        decision,
        delivery_id=delivery_id(matter.ref, recipient),
        child=known.blind("child", recipient, child)[:32],
        record=known.blind("record", recipient, event.source, record)[:32] if record else None,
    )
    return Answer(question, decision, view)


def answers_to(matter: Matter, known: Knowledge) -> tuple[Answer, ...]:
    """Decide for everyone who wants such events, or was told of a record that is wrong now."""
    event = matter.event
    told = told_before(event, known)
    wanting = known.directory.receivers(event.kind.key, event.source)
    more = sorted(told - frozenset(wanting))
    found = (answer(matter, recipient, known) for recipient in (*wanting, *more))
    return tuple(_noticed(a, matter, known) if a.question.recipient in told else a for a in found)


def told_before(event: Event, known: Knowledge) -> frozenset[str]:
    """Name the agencies that hold something of the record which this event corrects or retracts."""
    if event.status is RecordStatus.RECORDED or not event.record:
        return frozenset()
    told = known.recipients_of(event.source, event.record)
    return frozenset(name for name in told if known.directory.find(name) is not None)


def _noticed(given: Answer, matter: Matter, known: Knowledge) -> Answer:
    """Tell whoever may see nothing of a correction at least that there is one."""
    event, recipient = matter.event, given.question.recipient
    if given.view is not None or not event.record:
        return given
    view = View(
        delivery_id=delivery_id(matter.ref, recipient),
        kind=event.kind,
        source=event.source,
        child=known.blind("child", recipient, matter.child)[:32],
        time=event.time,
        sections=MappingProxyType({}),
        record=known.blind("record", recipient, event.source, event.record)[:32],
        status=event.status,
    )
    return replace(given, view=view, notice=True)


def standing(event: Event, child: str, known: Knowledge, now: dt.datetime) -> ChildStanding:
    """Tell what the decision must know of the child today."""
    born = known.particulars(child).birth_date or event.identity.birth_date
    return ChildStanding(
        young_person=is_young_person(born, now.date()),
        competent=known.competent(child),
        guarded=is_guarded(event) or known.guarded(child),
    )


def _invited(event: Event, answers: Iterable[Answer]) -> tuple[str, ...]:
    """Name those whom an inviting event makes part of the child's care: addressed and permitted."""
    if event.kind.involvement is not Involvement.INVITES:
        return ()
    return tuple(
        a.question.recipient for a in answers if a.question.addressed and a.view and not a.notice
    )
