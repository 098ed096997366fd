"""Release held events: once a doubt is resolved, what waited is decided in order of arrival.

A person's decision, a merge or an erasure changes which child an identifier belongs to. Every event
that is certain then is settled in the same transaction; what is still in doubt stays held, and its
review shows the doubt as it is now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import structlog

from hub.foundation import clock
from hub.intake.record import doubt_detail, link_identifiers, record
from hub.journey.entries import Attribution, EntryBody
from hub.journey.entries.reviews import ReviewClosedEntry, ReviewOpenedEntry
from hub.journey.identify import ChildIdentified, Doubt, identify
from hub.journey.inbox import KeptEvent
from hub.journey.pipeline import (
    EventFate,
    Letter,
    Limits,
    RecognisedEvent,
    RefusedInput,
    Verdict,
    recognise,
    settle,
)
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
    word: Attribution,
    lines: list[EntryBody],
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
            verdict, entries = _settle(one, event, found, work)
            fault = verdict.fault if isinstance(verdict, RefusedInput) else None
            settled.append(Settled(ref, verdict.fate, fault, found.child))
            lines.extend(entries)
            lines.extend(_close_reviews(ref, found.child, word, work))
    for one in held:
        if one.event is not None and one.kept.ref not in sure:
            lines.extend(_renew_review(one, one.event, word, work))
    return settled


def link(one: Waiting, child: str, work: UnitOfWork) -> list[EntryBody]:
    """Link an event's usable identifiers to a child, except those of another child."""
    if one.event is None:
        return []
    return link_identifiers(one.event, one.kept.ref, child, work, all_of_them=False)


def quarantine(
    one: Waiting, error: InputRefused, work: UnitOfWork
) -> tuple[Verdict, list[EntryBody]]:
    """Move a held event to the quarantine, where it may be retried."""
    verdict = RefusedInput(one.letter, error.fault, error.where)
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
    lines: list[EntryBody],
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
) -> tuple[Verdict, list[EntryBody]]:
    """Settle and record one event; a fault of ours quarantines it alone, the rest go on."""
    recognised = RecognisedEvent(one.letter, event, one.kept.ref, fingerprint=None)
    try:
        with work.ledger.savepoint():
            verdict = settle(recognised, found, work, work.now)
            if not isinstance(verdict, RefusedInput):
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
    ref: str, child: str, word: Attribution, work: UnitOfWork
) -> Iterator[EntryBody]:
    """Close the reviews that ask which child an event is about: it is known now."""
    for review in work.reviews.about(ref):
        if review.child is None:
            yield close(review, SETTLED, word, work, child=child, event=ref)


def close(  # noqa: PLR0913  a closed review has these sides
    review: Review,
    outcome: str,
    word: Attribution,
    work: UnitOfWork,
    *,
    child: str | None,
    event: str | None,
) -> ReviewClosedEntry:
    """Close a review; returns its ledger entry, about the child and event given."""
    work.reviews.close(review.id, outcome, by=word.by, now=work.now)
    return ReviewClosedEntry(
        review=review.id,
        cause=review.cause,
        child=child,
        event=event,
        outcome=outcome,
        by=word.by,
        reason=word.reason,
    )


def _renew_review(
    one: Waiting, event: Event, word: Attribution, work: UnitOfWork
) -> Iterator[EntryBody]:
    """Let the review of an event that stays held show the doubt as it is now."""
    ref, doubt = one.kept.ref, identify(event, work, "")
    if not isinstance(doubt, Doubt):
        return
    for review in work.reviews.about(ref):
        if review.child is None and review.cause is doubt.cause:
            work.reviews.renew(review.id, doubt_detail(doubt), QUARANTINE_KEY)
            return
        if review.child is None:
            yield close(review, SUPERSEDED, word, work, child=None, event=ref)
    detail = (doubt_detail(doubt), QUARANTINE_KEY)
    reference = work.reviews.open(
        doubt.cause, ref, child=None, event=ref, detail=detail, now=work.now, again=True
    )
    if reference:
        yield ReviewOpenedEntry(review=reference, cause=doubt.cause, child=None, event=ref)
