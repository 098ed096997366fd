"""The story of one event: what the hub will do with what arrived, as a value, before it is done.

    1. Receive: the broker vouches for the sender, and the envelope agrees.
    2. Recognise: a registered type, a valid payload, from an agency entitled to send it.
    3. Identify: the hub's own child id; a doubt holds the event for a person.
    4. Decide: for each agency that wants such events, may it know, and what of it (decisions.py).
    5. Record: everything above, as one verdict, for one transaction (hub/intake/record.py).
    6. Seal (intake/record.py), 7. release (release.py), 8. deliver (runtime/worker.py).

``judge`` is pure and total: what it is given decides what it returns, and it never raises on what
a sender wrote. The broker, the store, the clock and chance stay outside.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar

from consent.directive import Directive
from hub.journey.decisions import (
    DecisionContext,
    EventDecisions,
    RecipientDecision,
    decide_for_all,
)
from hub.journey.directives import check_right_to_record, directive_in, withdrawal_in
from hub.journey.identify import ChildIdentified, Doubt, Stranger, identify
from hub.journey.ports import Knowledge
from hub.sealing.hpke import OpeningKey
from hub.sealing.inbound import open_inbound
from schemas.canonical import NotCanonical, canonical
from schemas.envelope import agency_of, parse_envelope
from schemas.errors import Fault, InputRefused
from schemas.event import Event, read_event
from schemas.event_type import Involvement


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


class EventFate(StrEnum):
    """What becomes of an event."""

    DECIDED = "decided"
    HELD = "held"
    QUARANTINED = "quarantined"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class RecognisedEvent:
    """An event after step 2, with the hub's own reference for it and the letter it came in.

    A sender's id may hold anything, so only ``ref`` is logged or recorded. ``fingerprint`` is None
    for an event that was held: it is stored already.
    """

    letter: Letter
    event: Event
    ref: str
    fingerprint: str | None


@dataclass(frozen=True, slots=True)
class DecidedEvent:
    """The event is accepted: whose it is, what was decided for each recipient, what follows.

    ``invited`` are the agencies that the event makes part of the child's care. ``withdrawn`` is the
    id of the directive that it withdraws.
    """

    recognised: RecognisedEvent
    decisions: EventDecisions
    new_child: bool = False
    invited: tuple[str, ...] = ()
    withdrawn: str | None = None
    fate: ClassVar[EventFate] = EventFate.DECIDED


@dataclass(frozen=True, slots=True)
class UnidentifiedEvent:
    """The event waits until a person has decided which child it is about."""

    recognised: RecognisedEvent
    fingerprint: str
    doubt: Doubt
    fate: ClassVar[EventFate] = EventFate.HELD


@dataclass(frozen=True, slots=True)
class RefusedInput:
    """The letter is not accepted, for a fault, at a place in it that is never a value."""

    letter: Letter
    fault: Fault
    where: str = ""
    fate: ClassVar[EventFate] = EventFate.QUARANTINED


@dataclass(frozen=True, slots=True)
class DuplicateEvent:
    """The same event with the same content was accepted before: nothing is done."""

    recognised: RecognisedEvent
    fate: ClassVar[EventFate] = EventFate.DUPLICATE


Verdict = DecidedEvent | UnidentifiedEvent | RefusedInput | DuplicateEvent
"""All that follows from one letter: one class per fate."""


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
        return RefusedInput(letter, error.fault, error.where)
    ref, fingerprint = reference(event.source, event.id, known.blind), _fingerprint(event, known)
    recognised = RecognisedEvent(letter, event, ref, fingerprint)
    earlier = known.fingerprint(ref)
    if earlier == fingerprint:
        return DuplicateEvent(recognised)
    if earlier is not None:
        return RefusedInput(letter, Fault.DUPLICATE_CONFLICT, "id")
    # (3) Whose child: a doubt holds the event for a person.
    found = identify(event, known, new_id())
    if isinstance(found, Doubt):
        return UnidentifiedEvent(recognised, fingerprint, found)
    if isinstance(found, Stranger):
        return RefusedInput(letter, Fault.CHILD_UNKNOWN, "data.sections.identity")
    return settle(recognised, found, known, now)


def settle(
    recognised: RecognisedEvent, found: ChildIdentified, known: Knowledge, now: dt.datetime
) -> DecidedEvent | RefusedInput:
    """Finish a verdict once the child is certain: directives, decisions, and what each may see."""
    event, child = recognised.event, found.child
    try:
        directive = directive_in(event, child, known, now)
        withdrawn = withdrawal_in(event, child, known)
    except InputRefused as error:
        return RefusedInput(recognised.letter, error.fault, error.where)
    directives = _directives_after(known.directives_of(child), directive, withdrawn, now)
    context = DecisionContext(event, recognised.ref, child, directives, now)
    # (4) May each recipient know, and what of it.
    decisions = EventDecisions(context, decide_for_all(context, known), directive)
    # (5) All of it as one value, to be recorded in one transaction.
    return DecidedEvent(
        recognised,
        decisions,
        new_child=found.new,
        invited=_invited(event, decisions.answers),
        withdrawn=withdrawn,
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
    if event.kind.sector == "consent":
        check_right_to_record(event, agency)
    if event.time > now + limits.skew:
        raise InputRefused(Fault.FROM_THE_FUTURE, "time")
    return event


def reference(source: str, event_id: str, blind: Callable[..., str]) -> str:
    """Make the hub's own reference for an event; the same source and id give the same one.

    It is keyed: a sender's id may hold a number that names a child, and nobody outside may find
    out which by trying.
    """
    return str(uuid.UUID(hex=blind("event", source, event_id)[:32]))


def _fingerprint(event: Event, known: Knowledge) -> str:
    """Compute the keyed fingerprint of an event's content, by which a repeat is recognised.

    The time is left out: a document handed in again may carry a new one and nothing else.
    """
    try:
        content = canonical(
            event.envelope().model_dump(mode="json", exclude_none=True, exclude={"time"})
        )
    except NotCanonical:
        content = event.to_json()
    return known.blind("fingerprint", content.decode())


def _directives_after(
    earlier: Iterable[Directive],
    directive: Directive | None,
    withdrawn: str | None,
    now: dt.datetime,
) -> tuple[Directive, ...]:
    """Return the child's directives once this event counts: with its own, without the withdrawn."""
    held = tuple(
        d.model_copy(update={"withdrawn_at": now})
        if d.id == withdrawn and d.withdrawn_at is None
        else d
        for d in earlier
    )
    return (*held, directive) if directive else held


def _invited(event: Event, answers: Iterable[RecipientDecision]) -> tuple[str, ...]:
    """Name the agencies that an inviting event makes part of the child's care.

    They are those addressed and permitted.
    """
    if event.kind.involvement is not Involvement.INVITES:
        return ()
    return tuple(
        a.question.recipient for a in answers if a.question.addressed and a.view and not a.notice
    )
