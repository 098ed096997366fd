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

from consent.directive import Directive
from consent.reasons import ReviewCause
from hub.journey.decisions import DecisionContext, RecipientDecision, answers_to
from hub.journey.directives import directive_in, withdrawal_in
from hub.journey.identify import ChildIdentified, Doubt, Stranger, identify
from hub.journey.ports import Knowledge
from hub.ledger.errors import LedgerError
from hub.sealing.hpke import OpeningKey
from hub.sealing.inbound import open_inbound
from schemas.canonical import canonical
from schemas.envelope import agency_of, parse_envelope
from schemas.errors import Fault, InputRefused
from schemas.event import Event, read_event
from schemas.event_type import Involvement
from schemas.sharing import DirectiveKind


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
class Verdict:
    """All that follows from one letter. Which parts are set depends on the fate.

    ``ref`` is the hub's own reference for the event: a sender's id may hold anything, so it is
    never logged or recorded. ``considered`` are the directives the decisions could see.
    ``was_held``: a doubt held the event, and it is gone.
    """

    fate: EventFate
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
    answers: tuple[RecipientDecision, ...] = ()
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
    start = Verdict(
        EventFate.DUPLICATE, letter, event=event, ref=ref, fingerprint=_print(event, known)
    )
    earlier = known.fingerprint(ref)
    if earlier == start.fingerprint:
        return start
    if earlier is not None:
        return _quarantined(letter, Fault.DUPLICATE_CONFLICT, "id")
    # (3) Whose child: a doubt holds the event for a person.
    found = identify(event, known, new_id())
    if isinstance(found, Doubt):
        return replace(start, fate=EventFate.HELD, doubt=found, reviews=(found.cause,))
    if isinstance(found, Stranger):
        return _quarantined(letter, Fault.CHILD_UNKNOWN, "data.sections.identity")
    return settle(start, event, found, known, now)


def settle(
    start: Verdict, event: Event, found: ChildIdentified, known: Knowledge, now: dt.datetime
) -> Verdict:
    """Finish a verdict once the child is certain: what was said, who may know, what they see."""
    try:
        directive = directive_in(event, found.child, known, now)
        withdrawn = withdrawal_in(event, found.child, known)
    except InputRefused as error:
        return _quarantined(start.letter, error.fault, error.where)
    said = _said(known.directives(found.child), directive, withdrawn, now)
    matter = DecisionContext(event, start.ref, found.child, said, now)
    # (4) May each recipient know, and what of it.
    answers = answers_to(matter, known)
    causes = {cause for given in answers for cause in given.decision.reviews()}
    if directive is not None and directive.kind is DirectiveKind.OBJECTION:
        causes.add(ReviewCause.OBJECTION_MADE)
    # (5) All of it as one value, to be recorded in one transaction.
    return replace(
        start,
        fate=EventFate.DECIDED,
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
    return Verdict(EventFate.QUARANTINED, letter, fault=fault, where=where)


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


def _invited(event: Event, answers: Iterable[RecipientDecision]) -> tuple[str, ...]:
    """Name those whom an inviting event makes part of the child's care: addressed and permitted."""
    if event.kind.involvement is not Involvement.INVITES:
        return ()
    return tuple(
        a.question.recipient for a in answers if a.question.addressed and a.view and not a.notice
    )
