"""Show, accept and reject reviews; each is recorded with who did it and why.

A review about identity holds an event back; closing it releases the event, and every other event
that waited for the same answer. Any other review is about something already done, and closing it
records a person's judgement; an accepted objection is upheld, and changes later decisions.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, JsonValue

from consent.directive import Directive, DirectiveStanding
from consent.reasons import ReviewCause
from hub.casework.directives.recording import DESK
from hub.casework.settled_events import SettledEvent, settled_events
from hub.foundation import clock
from hub.foundation.view_model import ViewModel
from hub.intake.held_events import (
    Settled,
    Waiting,
    close,
    flow,
    link,
    quarantine,
    stranger,
    waiting,
)
from hub.intake.hub import Hub
from hub.journey.directives import directive_ref
from hub.journey.entries import Attribution, EntryBody
from hub.journey.entries.access import DataAccessedEntry
from hub.journey.entries.directives import DirectiveRecordedEntry
from hub.journey.identify import ChildIdentified, usable_identifiers
from hub.journey.matching import Particulars, likeness, particulars_of
from hub.journey.pipeline import EventFate
from hub.journey.reviews import Review
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import ConfigurationError, Fault, NotFound
from schemas.event import Event
from schemas.identifiers import Assurance, System

IDENTITY = frozenset({ReviewCause.POSSIBLE_MATCH, ReviewCause.IDENTITY_CONFLICT})
ACCEPTED, REJECTED = "accepted", "rejected"


@dataclass(frozen=True, slots=True)
class ChildNumber:
    """One identifier of a child, its assurance, and the agency that asserted it."""

    system: System
    value: str
    assurance: Assurance
    by: str


@dataclass(frozen=True, slots=True)
class Person:
    """The particulars compared: of the child an event names, or of a candidate.

    ``identifiers`` are those used for matching; ``numbers`` include those that fail their check.
    """

    particulars: Particulars
    identifiers: tuple[tuple[str, str], ...]
    child: str | None = None
    score: float | None = None
    numbers: tuple[ChildNumber, ...] = ()


@dataclass(frozen=True, slots=True)
class HeldEvent:
    """The event that a review of identity holds; ``fault``: why it would be refused today."""

    ref: str
    type: str
    source: str
    received_at: dt.datetime
    introduces: bool
    fault: Fault | None


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A review with what a person needs to decide it."""

    review: Review
    detail: dict[str, JsonValue]
    event: Person | None = None
    candidates: tuple[Person, ...] = ()
    held: HeldEvent | None = None


class ReviewClosed(ViewModel):
    """What came of closing a review."""

    review: str
    outcome: str
    child: Annotated[str | None, Field(description="The child that the event is about")] = None
    directive: Annotated[str | None, Field(description="The objection as upheld")] = None
    events: Annotated[
        tuple[SettledEvent, ...], Field(description="Held events, and what became of them")
    ] = ()


def listed(hub: Hub, *, everything: bool = False) -> list[Review]:
    """Return open reviews, oldest first; with ``everything`` also closed ones."""
    with hub.reading() as work:
        return work.reviews.listed(everything=everything)


def find(hub: Hub, reference: str) -> Review:
    """Return a review without its personal data; raises NotFound."""
    with hub.reading() as work:
        return _review(work, reference)


def shown(hub: Hub, reference: str, *, by: str, reason: str) -> ReviewView:
    """Return a review with its personal data, and record the access; raises NotFound."""
    with hub.writing() as (work, lines):
        review = _review(work, reference)
        what = f"review {reference}"
        lines.append(DataAccessedEntry(by=by, what=what, child=review.child, reason=reason))
        detail: dict[str, JsonValue] = json.loads(work.reviews.detail(reference))
        if review.cause not in IDENTITY or review.state != "open":
            return ReviewView(review, detail)
        one = _held(work, review, hub)
        if one.event is None:
            return ReviewView(review, detail, held=_held_event(one))
        who = particulars_of(one.event)
        found = detail.get("candidates")
        children = [str(c) for c in found] if isinstance(found, list) else []
        candidates = tuple(_person(child, who, work) for child in children)
        return ReviewView(review, detail, _named_in(one.event), candidates, _held_event(one))


def accept(
    hub: Hub, reference: str, word: Attribution, *, child: str | None = None, new: bool = False
) -> ReviewClosed:
    """Accept a review; one about identity takes the child, or ``new`` for an unknown one.

    Raises NotFound and ConfigurationError.
    """
    with hub.writing() as (work, lines):
        review = _open(work, reference)
        matter = _Matter(hub, work, lines, review, word)
        if review.cause in IDENTITY:
            return _accept_identity(matter, child, new=new)
        if child is not None or new:
            raise ConfigurationError("Only a review about identity takes a child.")
        upheld = None
        if review.cause is ReviewCause.OBJECTION_MADE:
            upheld = _uphold(review, word, work, lines)
        if review.cause is ReviewCause.CONSENT_TO_CONFIRM:
            _confirm(matter)
        return _closed(matter, ACCEPTED).model_copy(update={"directive": upheld})


def reject(hub: Hub, reference: str, word: Attribution) -> ReviewClosed:
    """Reject a review; for one about identity, the event is about none of the candidates."""
    with hub.writing() as (work, lines):
        matter = _Matter(hub, work, lines, _open(work, reference), word)
        if matter.review.cause in IDENTITY:
            return _reject_identity(matter)
        return _closed(matter, REJECTED)


@dataclass(frozen=True, slots=True)
class _Matter:
    """One open review while it is being closed."""

    hub: Hub
    work: UnitOfWork
    lines: list[EntryBody]
    review: Review
    word: Attribution


def _closed(matter: _Matter, outcome: str) -> ReviewClosed:
    review = matter.review
    matter.lines.append(
        close(review, outcome, matter.word, matter.work, child=review.child, event=review.event)
    )
    return ReviewClosed(review=review.id, outcome=outcome, child=review.child)


def _accept_identity(matter: _Matter, child: str | None, *, new: bool) -> ReviewClosed:
    if (child is None) is not new:
        raise ConfigurationError("Name the child that the event is about: --child ID, or --new.")
    one = _held(matter.work, matter.review, matter.hub)
    if one.event is None:
        code = one.fault.code if one.fault else ""
        raise ConfigurationError(
            f"The event would be refused today ({code}). Reject the review: it is quarantined."
        )
    if child is not None:
        known = matter.work.children.known(child)
        if known is None:
            raise NotFound("The hub knows no such child. See 'hub child find'.")
        return _go_on(matter, one, ACCEPTED, ChildIdentified(known))
    if not one.event.kind.introduces_child:
        raise ConfigurationError(
            f"An event of type {one.event.kind.key} introduces no child. Reject the review: "
            "it then waits in the quarantine until the child is registered."
        )
    return _go_on(matter, one, ACCEPTED, ChildIdentified(clock.new_id(), new=True))


def _reject_identity(matter: _Matter) -> ReviewClosed:
    one = _held(matter.work, matter.review, matter.hub)
    if one.event is not None and one.event.kind.introduces_child:
        return _go_on(matter, one, REJECTED, ChildIdentified(clock.new_id(), new=True))
    error = one.fault or stranger()
    closed = _closed(matter, REJECTED)
    _, added = quarantine(one, error, matter.work)
    matter.lines.extend(added)
    gone = settled_events([Settled(one.kept.ref, EventFate.QUARANTINED, error.fault, "")])
    return closed.model_copy(update={"events": gone})


def _go_on(matter: _Matter, one: Waiting, outcome: str, found: ChildIdentified) -> ReviewClosed:
    """Link the event's identifiers to the child, and decide every event that is certain now."""
    work, lines = matter.work, matter.lines
    if found.new:
        work.children.introduce(found.child, work.now)
    lines.append(
        close(matter.review, outcome, matter.word, work, child=found.child, event=one.kept.ref)
    )
    lines.extend(link(one, found.child, work))
    given = {one.kept.ref: found}
    events = settled_events(flow(work, matter.hub.limits, matter.word, lines, given))
    return ReviewClosed(review=matter.review.id, outcome=outcome, child=found.child, events=events)


def _uphold(review: Review, word: Attribution, work: UnitOfWork, lines: list[EntryBody]) -> str:
    """Record the objection again, as upheld: a recorded directive never changes."""
    detail = json.loads(work.reviews.detail(review.id))
    objection = work.directives.find(str(detail.get("directive")))
    if objection is None:
        raise NotFound("The objection is no longer stored. Record it again, or reject the review.")
    if objection.standing(work.now) in {DirectiveStanding.WITHDRAWN, DirectiveStanding.EXPIRED}:
        raise ConfigurationError("The objection is no longer in force: reject the review.")
    upheld = _upheld(objection, work)
    work.directives.record(upheld, work.directives.detail(objection), word.by)
    lines.append(DirectiveRecordedEntry(directive=upheld, recorded_by=word.by, event=review.event))
    return upheld.id


def _confirm(matter: _Matter) -> None:
    """Record the consents of a review again, as confirmed by the hub's own officer.

    Each keeps its moment, so that what the person said since goes on counting.
    """
    work, review, by = matter.work, matter.review, matter.word.by
    detail = json.loads(work.reviews.detail(review.id))
    found = [work.directives.find(str(one)) for one in detail.get("directives", [])]
    waiting = [
        one
        for one in found
        if one is not None and one.standing(work.now) is DirectiveStanding.IN_FORCE
    ]
    if not waiting:
        raise ConfigurationError("The consent is no longer in force: reject the review.")
    for one in waiting:
        reference = directive_ref(DESK, one.child, clock.new_id(), work)
        update = {"id": reference, "recorded_by": "", "confirmed": True}
        confirmed = one.model_copy(update=update)
        work.directives.record(confirmed, work.directives.detail(one), by)
        matter.lines.append(
            DirectiveRecordedEntry(directive=confirmed, recorded_by=by, event=review.event)
        )


def _upheld(objection: Directive, work: UnitOfWork) -> Directive:
    reference = directive_ref(DESK, objection.child, clock.new_id(), work)
    begins = max(objection.valid_from, work.now)
    return objection.model_copy(
        update={
            "id": reference,
            "upheld": True,
            "recorded_at": work.now,
            "valid_from": begins,
        }
    )


def _review(work: UnitOfWork, reference: str) -> Review:
    found = work.reviews.find(reference)
    if found is None:
        raise NotFound(f"There is no review {reference}. See 'hub review list'.")
    return found


def _open(work: UnitOfWork, reference: str) -> Review:
    review = _review(work, reference)
    if review.state != "open":
        raise NotFound(f"Review {reference} is closed already; nothing was changed.")
    return review


def _held(work: UnitOfWork, review: Review, hub: Hub) -> Waiting:
    for one in waiting(work, hub.limits):
        if one.kept.ref == review.event:
            return one
    raise NotFound("The event of this review is no longer held.")


def _held_event(one: Waiting) -> HeldEvent:
    kept, event = one.kept, one.event
    return HeldEvent(
        ref=kept.ref,
        type=event.kind.key if event else "",
        source=kept.source,
        received_at=kept.received_at,
        introduces=event is not None and event.kind.introduces_child,
        fault=one.fault.fault if one.fault else None,
    )


def _named_in(event: Event) -> Person:
    """Return the particulars of the child that an event names."""
    identity, source = event.identity, event.source
    counting = tuple((n.system.value, n.value) for n in usable_identifiers(identity, source))
    given = (
        (System.NHS_NUMBER, identity.nhs_number),
        (System.UPN, identity.upn),
        (System.UPN, identity.former_upn),
        (System.ULN, identity.uln),
        (System.LA_CHILD_ID, identity.la_child_id),
        (System.LOCAL_ID, identity.local_id),
    )
    numbers = tuple(ChildNumber(s, n.value, n.assurance, source) for s, n in given if n is not None)
    return Person(particulars_of(event), counting, numbers=numbers)


def _person(child: str, who: Particulars, work: UnitOfWork) -> Person:
    own, held = work.particulars(child), work.children.held(child)
    counting = tuple((h.system.value, h.value) for h in held)
    numbers = tuple(ChildNumber(h.system, h.value, h.assurance, h.asserted_by) for h in held)
    return Person(own, counting, child, round(likeness(who, own), 3), numbers)
