"""Re-offering: deliver what was withheld, is still stored and is permitted now.

An explicit, recorded act of a person. Every stored event of the child is decided again, in order,
for every agency that receives such events, with the agreements and directives in force now. What a
recipient has, or may still get from its queue, is not offered again, so a second re-offer adds
nothing. An event whose record was corrected or retracted since is left out: it is known to be
wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import Field

from consent.directive import Directive
from hub.evidence.child_lookup import Sought, the_child
from hub.foundation import clock
from hub.foundation.view_model import ViewModel
from hub.intake.hub import Hub
from hub.intake.record import decision_entry, deliver, open_reviews
from hub.journey.decisions import (
    DecisionContext,
    EventDecisions,
    RecipientDecision,
    decide_with_view,
    delivery_id,
    shared_question,
)
from hub.journey.entries import EntryBody
from hub.journey.entries.access import DataAccessedEntry
from hub.journey.inbox import KeptEvent
from hub.journey.release import Contents, contents_of
from hub.store.disclosures import OPEN, SentDelivery
from hub.store.unit_of_work import UnitOfWork
from schemas import times
from schemas.event import View, parse_event
from schemas.sections import Category


class Offer(ViewModel):
    """One event of which one recipient may see more now."""

    event: str
    type: str
    happened_at: str
    source: str
    recipient: str
    sections: Annotated[tuple[str, ...], Field(description="Categories it does not have yet")]
    delivery: Annotated[str, Field(description="The id of the new delivery")]


class ReofferResult(ViewModel):
    """What a re-offer delivers, or with ``dry_run`` would deliver."""

    child: str
    dry_run: bool
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class _Planned:
    """One event to be offered to one recipient."""

    context: DecisionContext
    given: RecipientDecision
    offer: Offer


def reoffer(hub: Hub, sought: Sought, *, by: str, reason: str, dry_run: bool) -> ReofferResult:
    """Offer a child's withheld events again, in one transaction; raises NotFound.

    It is recorded with who and why, a dry run as an access; and every decision that leads to a
    delivery is recorded as a re-offer.
    """
    with hub.writing() as (work, lines):
        child = the_child(work, sought)
        what = "what a re-offer would deliver" if dry_run else "the stored events, and re-offered"
        lines.append(DataAccessedEntry(by=by, what=what, child=child, reason=reason))
        offers: list[Offer] = []
        for planned in _plan(child, work.directives_of(child), work):
            offers.append(planned.offer)
            if not dry_run:
                lines.extend(_delivered(planned.context, planned.given, work))
        return ReofferResult(child=child, dry_run=dry_run, offers=tuple(offers))


def could_offer(child: str, directives: tuple[Directive, ...], work: UnitOfWork) -> list[Offer]:
    """Return what a re-offer would deliver if these were the child's directives."""
    return [planned.offer for planned in _plan(child, directives, work)]


def _plan(child: str, directives: tuple[Directive, ...], work: UnitOfWork) -> Iterator[_Planned]:
    for ref in work.disclosures.kept_of(child):
        kept = work.inbox.find(ref)
        if kept is not None and kept.body and not work.disclosures.superseded(ref):
            yield from _of_event(_opened(kept, child, directives, work), work)


def _of_event(context: DecisionContext, work: UnitOfWork) -> Iterator[_Planned]:
    ref, event = context.ref, context.event
    shared = shared_question(context, work)
    sent = work.disclosures.sent(ref)
    for recipient in work.directory.receivers(event.kind.key, event.source):
        had = [one for one in sent if one.recipient == recipient]
        given = decide_with_view(shared, recipient, work)
        missing = not_had(given.view, had)
        if given.view is None or not missing:
            continue
        # A new id: the recipient's adapter takes a known id for a repetition.
        again = delivery_id(ref, recipient, len(had) + 1)
        given = replace(given, view=replace(given.view, delivery_id=again))
        yield _Planned(context, given, _offer(context, given, again, missing))


def _opened(
    kept: KeptEvent, child: str, directives: tuple[Directive, ...], work: UnitOfWork
) -> DecisionContext:
    return DecisionContext(parse_event(kept.body), kept.ref, child, directives, work.now)


def not_had(view: View | None, had: list[SentDelivery]) -> tuple[Category, ...]:
    """Return the sections of a view with something that its recipient neither has nor will get.

    Of a delivered delivery the released sections count; of one that may still be released, all.
    """
    if view is None:
        return ()
    now = contents_of(view)
    fields: dict[Category, set[str]] = {}
    known_to_exist: set[Category] = set()
    for one in had:
        _count(one, fields, known_to_exist)
    new = [c for c, names in now.sections.items() if c not in fields or set(names) - fields[c]]
    return (*new, *(c for c in now.existence if c not in known_to_exist and c not in fields))


def _count(
    one: SentDelivery, fields: dict[Category, set[str]], known_to_exist: set[Category]
) -> None:
    if one.state not in {*OPEN, "failed", "delivered"}:
        return
    contents = Contents.model_validate_json(one.contents)
    sections: Mapping[Category, tuple[str, ...]] = contents.sections
    if one.state == "delivered":
        sections = {c: names for c, names in sections.items() if c.value in one.released}
    for category, names in sections.items():
        fields.setdefault(category, set()).update(names)
    known_to_exist.update(contents.existence)


def _delivered(
    context: DecisionContext, given: RecipientDecision, work: UnitOfWork
) -> list[EntryBody]:
    decisions = EventDecisions(context, (given,))
    return [
        decision_entry(decisions, given, reoffer=True),
        *deliver(decisions, given, work, clock.random),
        *open_reviews(decisions, work),
    ]


def _offer(
    context: DecisionContext,
    given: RecipientDecision,
    delivery: str,
    missing: tuple[Category, ...],
) -> Offer:
    event = context.event
    return Offer(
        event=context.ref,
        type=event.kind.key,
        happened_at=times.stamp(event.time),
        source=event.source,
        recipient=given.question.recipient,
        sections=tuple(category.value for category in missing),
        delivery=delivery,
    )
