"""Held events flow: once a doubt is gone, what waited for it is decided in its original order.

A person's word, a merge or an erasure changes who bears which identifier. Whatever is certain then
is settled in the order in which it came, in the same transaction; what is still doubtful waits on,
and its review shows the doubt as it is now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import structlog

from hub.foundation import clock
from hub.intake.record import doubt_detail, record
from hub.journey import entries
from hub.journey.entries import OnWhoseWord, PendingEntry, Subject
from hub.journey.identify import ChildIdentified, Doubt, identify, usable_identifiers
from hub.journey.inbox import KeptEvent
from hub.journey.pipeline import EventFate, Letter, Limits, Verdict, recognise, settle
from hub.journey.reviews import Review
from hub.store.engine import StoreFailed, StoreRefused
from hub.store.inbox import QUARANTINE_KEY
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import Fault, InputRefused, Unavailable
from schemas.event import Event

log = structlog.get_logger()

SETTLED = "settled"
SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One held event, read again; ``fault`` where it would not be taken today."""

    kept: KeptEvent
    letter: Letter
    event: Event | None = None
    fault: InputRefused | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one event that was held: its reference, its fate, whose it is."""

    ref: str
    fate: EventFate
    fault: Fault | None
    child: str


def waiting(work: UnitOfWork, limits: Limits) -> list[Waiting]:
    """Read every held event again, in the order they came."""
    return [_read(kept, work, limits) for kept in work.inbox.held()]


def flow(
    work: UnitOfWork,
    limits: Limits,
    word: OnWhoseWord,
    lines: list[PendingEntry],
    given: Mapping[str, ChildIdentified] | None = None,
) -> list[Settled]:
    """Settle all held events about whom there is no doubt any more; returns what became of them.

    ``given`` says of some events, by reference, who they are about.
    """
    held = waiting(work, limits)
    sure = _sure(held, dict(given or {}), work, lines)
    settled = []
    for one in held:
        ref, event, found = one.kept.ref, one.event, sure.get(one.kept.ref)
        if event is not None and found is not None:
            verdict, said = _settle(one, event, found, work)
            settled.append(Settled(ref, verdict.fate, verdict.fault, found.child))
            lines.extend(said)
            lines.extend(_close_reviews(ref, found.child, word, work))
    for one in held:
        if one.event is not None and one.kept.ref not in sure:
            lines.extend(_renew_review(one, one.event, word, work))
    return settled


def link(one: Waiting, child: str, work: UnitOfWork) -> list[PendingEntry]:
    """Link an event's usable identifiers to a child, but none that is another's."""
    event = one.event
    if event is None:
        return []
    named = usable_identifiers(event.identity, event.source)
    free = [n for n in named if work.children.named([n]) <= {child}]
    count = work.children.name(child, free, event.source, work.now)
    verdict = Verdict(EventFate.HELD, one.letter, event=event, ref=one.kept.ref, child=child)
    return [entries.identity_learned(verdict, count, work.now)] if count else []


def quarantine(
    one: Waiting, error: InputRefused, work: UnitOfWork
) -> tuple[Verdict, list[PendingEntry]]:
    """Put a held event into the quarantine, out of which it may be retried."""
    verdict = Verdict(EventFate.QUARANTINED, one.letter, fault=error.fault, where=error.where)
    work.inbox.drop_held(one.kept.ref)
    return verdict, record(verdict, work, clock.random)


def stranger() -> InputRefused:
    """Give the fault of an event about a child that nobody has registered."""
    return InputRefused(Fault.CHILD_UNKNOWN, "data.sections.identity")


def _read(kept: KeptEvent, work: UnitOfWork, limits: Limits) -> Waiting:
    letter = Letter(kept.body, kept.source, kept.received_at)
    try:
        return Waiting(kept, letter, recognise(letter, work, work.now, limits))
    except InputRefused as error:
        return Waiting(kept, letter, fault=error)


def _sure(
    held: list[Waiting],
    sure: dict[str, ChildIdentified],
    work: UnitOfWork,
    lines: list[PendingEntry],
) -> dict[str, ChildIdentified]:
    """Find all that is certain now, by reference; each certainty may bring about another.

    Identifiers are linked before anything is decided: what came first must not wait for what it
    takes a later event to know.
    """
    changed = True
    while changed:
        changed = False
        for one in held:
            ref, event = one.kept.ref, one.event
            if event is None or ref in sure:
                continue
            found = identify(event, work, "")
            if isinstance(found, ChildIdentified) and not found.new:
                sure[ref] = found
                lines.extend(link(one, found.child, work))
                changed = True
    return sure


def _settle(
    one: Waiting, event: Event, found: ChildIdentified, work: UnitOfWork
) -> tuple[Verdict, list[PendingEntry]]:
    """Settle and record one event; a fault of ours quarantines it alone, the rest go on."""
    start = Verdict(EventFate.HELD, one.letter, event=event, ref=one.kept.ref, was_held=True)
    try:
        with work.ledger.savepoint():
            verdict = settle(start, event, found, work, work.now)
            if verdict.fate is not EventFate.QUARANTINED or verdict.fault is None:
                return verdict, record(verdict, work, clock.random)
            error = InputRefused(verdict.fault, verdict.where)
    except Exception as failed:
        if isinstance(failed, (StoreFailed, Unavailable)) and not isinstance(failed, StoreRefused):
            raise
        log.error("event.unreadable", error=type(failed).__name__)  # noqa: TRY400  may quote it
        work.vault.forget()
        error = InputRefused(Fault.UNREADABLE)
    return quarantine(one, error, work)


def _close_reviews(
    ref: str, child: str, word: OnWhoseWord, work: UnitOfWork
) -> Iterator[PendingEntry]:
    """Close what asked who an event is about: it is known now."""
    for review in work.reviews.about(ref):
        if review.child is None:
            yield close(review, SETTLED, Subject(child, ref), word, work)


def close(
    review: Review, outcome: str, subject: Subject, word: OnWhoseWord, work: UnitOfWork
) -> PendingEntry:
    """Close a review on somebody's word."""
    work.reviews.close(review.id, outcome, by=word.by, now=work.now)
    return entries.review_closed(review.id, review.cause, outcome, subject, word, work.now)


def _renew_review(
    one: Waiting, event: Event, word: OnWhoseWord, work: UnitOfWork
) -> Iterator[PendingEntry]:
    """Let the review of what is still held show the doubt as it is now."""
    ref, doubt = one.kept.ref, identify(event, work, "")
    if not isinstance(doubt, Doubt):
        return
    for review in work.reviews.about(ref):
        if review.child is None and review.cause is doubt.cause:
            work.reviews.renew(review.id, doubt_detail(doubt), QUARANTINE_KEY)
            return
        if review.child is None:
            yield close(review, SUPERSEDED, Subject(event=ref), word, work)
    detail = (doubt_detail(doubt), QUARANTINE_KEY)
    reference = work.reviews.open(
        doubt.cause, ref, child=None, event=ref, detail=detail, now=work.now, again=True
    )
    if reference:
        yield entries.review_opened(reference, doubt.cause, None, ref, work.now)
