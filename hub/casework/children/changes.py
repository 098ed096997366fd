"""Merge, split and erase children: each in one transaction, recorded in the ledger.

Deliveries under way about a child whose identity changes are voided: they were sealed for a child
who is no longer the same. After a merge, events that are still stored are decided again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field

from consent.directive import Directive, DirectiveStanding
from hub.casework.settled_events import SettledEvent, settled_events
from hub.foundation import clock
from hub.foundation.view_model import ViewModel
from hub.intake.held_events import flow
from hub.intake.hub import Hub
from hub.intake.record import decision_entry, deliver, open_reviews
from hub.journey.decisions import (
    DecisionContext,
    EventDecisions,
    decide_with_view,
    shared_question,
)
from hub.journey.deliveries import StoredDelivery
from hub.journey.directives import directive_ref
from hub.journey.entries import Attribution, EntryBody
from hub.journey.entries.children import (
    ChildErasedEntry,
    ChildrenMergedEntry,
    ChildSplitEntry,
)
from hub.journey.entries.deliveries import DeliveryMadeEntry, DeliveryVoidedEntry, VoidCause
from hub.journey.entries.directives import DirectiveRecordedEntry
from hub.store.children import child_key
from hub.store.engine import truncate_log
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import ConfigurationError, NotFound
from schemas.event import parse_event
from schemas.identifiers import System, nhs_number, uln, upn
from schemas.sharing import DirectiveKind

_ON_THE_WAY = frozenset({"pending", "published", "failed"})
_NORMAL = {System.NHS_NUMBER: nhs_number, System.UPN: upn, System.ULN: uln}


class MergeResult(ViewModel):
    """What a merge did."""

    child: Annotated[str, Field(description="The id that remains")]
    voided: Annotated[int, Field(description="How many deliveries were voided")]
    made: Annotated[int, Field(description="How many deliveries were made in their place")]
    events: Annotated[tuple[SettledEvent, ...], Field(description="Held events that went on")]


class SplitResult(ViewModel):
    """What a split did."""

    child: Annotated[str, Field(description="The id of the new child")]
    voided: Annotated[int, Field(description="How many deliveries were voided")]
    carried: Annotated[int, Field(description="How many directives now hold for both children")]
    events: Annotated[tuple[SettledEvent, ...], Field(description="Held events that went on")]


class ErasureResult(ViewModel):
    """What an erasure did."""

    child: str
    voided: Annotated[int, Field(description="How many deliveries were voided")]
    identifiers: Annotated[int, Field(description="How many identifiers were erased")]
    events: Annotated[int, Field(description="How many events lost their content")]
    cleared: Annotated[
        bool, Field(description="Whether nothing is left in the store's write-ahead log either")
    ]


def merge(hub: Hub, losing: str, surviving: str, word: Attribution) -> MergeResult:
    """Make two ids one child; raises NotFound and ConfigurationError."""
    with hub.writing() as (work, lines):
        losing, survivor = _known_child(work, losing), _known_child(work, surviving)
        if losing == survivor:
            raise ConfigurationError("Both ids are the same child already.")
        voided = work.deliveries.void(losing)
        moved = work.erasure.merge(losing, survivor)
        work.data_keys.destroy(child_key(losing))
        work.vault.forget()
        counts = {
            "identifiers": moved.identifiers,
            "directives": moved.directives,
            "events": moved.events,
            "voided": len(voided),
        }
        lines.append(
            ChildrenMergedEntry(
                merged=losing, into=survivor, by=word.by, reason=word.reason, counts=counts
            )
        )
        lines.extend(_voided(voided, VoidCause.MERGED))
        made = _decide_again([v for v in voided if v.state in _ON_THE_WAY], survivor, work)
        lines.extend(line for decided in made for line in decided)
        events = settled_events(flow(work, hub.limits, word, lines))
        count = _deliveries(made)
        return MergeResult(child=survivor, voided=len(voided), made=count, events=events)


def split(
    hub: Hub, child: str, identifiers: Sequence[tuple[System, str]], word: Attribution
) -> SplitResult:
    """Give identifiers of a child to a new one; raises NotFound and ConfigurationError.

    Objections, refusals and restrictions hold for both children until a person withdraws them; a
    consent stays with the first.
    """
    with hub.writing() as (work, lines):
        child = _known_child(work, child)
        blinds = _chosen(identifiers, child, work)
        voided = work.deliveries.void(child)
        new = clock.new_id()
        count = work.erasure.split(child, new, blinds, work.now)
        lines.append(
            ChildSplitEntry(split=child, new=new, identifiers=count, by=word.by, reason=word.reason)
        )
        lines.extend(_voided(voided, VoidCause.SPLIT))
        carried = _carry_over(child, new, word, work)
        lines.extend(carried)
        events = settled_events(flow(work, hub.limits, word, lines))
        return SplitResult(child=new, voided=len(voided), carried=len(carried), events=events)


def erase(hub: Hub, child: str, word: Attribution) -> ErasureResult:
    """Destroy a child's key and stored data; raises NotFound and ConfigurationError."""
    with hub.writing() as (work, lines):
        child = _known_child(work, child)
        _check_held_events(child, work)
        former = work.children.former(child)
        voided = work.deliveries.void(child)
        counts = work.erasure.erase(child, work.now)
        work.data_keys.destroy(child_key(child))
        work.vault.forget()
        lines.append(
            ChildErasedEntry(
                child=child, former=former, by=word.by, reason=word.reason, counts=counts
            )
        )
        lines.extend(_voided(voided, VoidCause.ERASED))
    return ErasureResult(
        child=child,
        voided=len(voided),
        identifiers=counts["identifiers"],
        events=counts["events"],
        cleared=truncate_log(hub.engine),
    )


def _known_child(work: UnitOfWork, child: str) -> str:
    """Return the id of a known child; raises ConfigurationError where it was merged."""
    known = work.children.known(child)
    if known is None:
        raise NotFound(f"The hub knows no child {child}. See 'hub child find'.")
    if known != child:
        raise ConfigurationError(f"Child {child} was merged into {known}: name that one.")
    return child


def _voided(voided: Sequence[StoredDelivery], cause: VoidCause) -> Iterator[EntryBody]:
    for one in voided:
        yield DeliveryVoidedEntry(
            delivery=one.id,
            event=one.event,
            child=one.child,
            recipient=one.recipient,
            cause=cause,
            releases=one.releases,
        )


def _decide_again(
    voided: Sequence[StoredDelivery], survivor: str, work: UnitOfWork
) -> list[list[EntryBody]]:
    """Decide again, for the survivor, every event under way that is still stored."""
    by_event: dict[str, list[str]] = {}
    for one in voided:
        by_event.setdefault(one.event, []).append(one.recipient)
    return [_again(ref, recipients, survivor, work) for ref, recipients in by_event.items()]


def _again(ref: str, recipients: list[str], survivor: str, work: UnitOfWork) -> list[EntryBody]:
    stored = work.inbox.find(ref)
    if stored is None or not stored.body:
        return []
    event = parse_event(stored.body)
    # A scope of its own: the new delivery must not have the id of the voided one.
    context = DecisionContext(
        event, ref, survivor, work.directives_of(survivor), work.now, delivery_scope=survivor
    )
    subscribers = work.directory.receivers(event.kind.key, event.source)
    shared = shared_question(context, work)
    decisions = EventDecisions(
        context,
        tuple(decide_with_view(shared, one, work) for one in recipients if one in subscribers),
    )
    entries: list[EntryBody] = []
    for answer in decisions.answers:
        entries.append(decision_entry(decisions, answer))
        entries += deliver(decisions, answer, work, clock.random)
    return entries + open_reviews(decisions, work)


def _deliveries(made: Sequence[Sequence[EntryBody]]) -> int:
    return sum(isinstance(body, DeliveryMadeEntry) for entries in made for body in entries)


def _chosen(identifiers: Sequence[tuple[System, str]], child: str, work: UnitOfWork) -> set[str]:
    """Return the named identifiers among those the child has; some must be left to it."""
    known = work.erasure.bearing(child)
    chosen: set[str] = set()
    for system, text in identifiers:
        read = _NORMAL[system](text) if system in _NORMAL else None
        value = read.value if read else text.strip()
        found = {blind for blind, held in known.items() if held == (system.value, value)}
        if not found:
            raise NotFound(f"The child has no such {system.value}. Nothing was changed.")
        chosen |= found
    if not chosen or len(chosen) == len(known):
        raise ConfigurationError("Name some of the child's identifiers, not all of them.")
    return chosen


def _carry_over(child: str, new: str, word: Attribution, work: UnitOfWork) -> list[EntryBody]:
    """Copy every directive against sharing: it is not known which of the two it is about."""
    lines: list[EntryBody] = []
    for directive in work.directives_of(child):
        lapsed = directive.standing(work.now) in {
            DirectiveStanding.WITHDRAWN,
            DirectiveStanding.EXPIRED,
        }
        if directive.kind is DirectiveKind.CONSENT or lapsed:
            continue
        copy = _copied(directive, new, work)
        work.directives.record(
            copy, work.directives.detail(directive), work.directives.recorder(directive.id)
        )
        lines.append(DirectiveRecordedEntry(directive=copy, recorded_by=word.by, event=None))
    return lines


def _copied(directive: Directive, new: str, work: UnitOfWork) -> Directive:
    """Copy a directive so that its recorder can withdraw it by its original number."""
    number = json.loads(work.directives.detail(directive)).get("directive_id") or clock.new_id()
    reference = directive_ref(work.directives.recorder(directive.id), new, str(number), work)
    return directive.model_copy(update={"id": reference, "child": new})


def _check_held_events(child: str, work: UnitOfWork) -> None:
    """Raise ConfigurationError while a held event may be about the child: it would survive."""
    for review in work.reviews.listed():
        if review.child is None and review.event is not None:
            detail = json.loads(work.reviews.detail(review.id))
            if child in detail.get("candidates", ()):
                raise ConfigurationError(
                    f"Review {review.id} asks whether a held event is about this child. Close it "
                    "first: a held event is not erased with the child."
                )
