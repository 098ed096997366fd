"""Re-offering: what was withheld, is still kept and is permitted now is delivered after all.

An explicit, recorded act of a person. For every kept event of the child, in order, and everyone who
wants such events, it is decided again with what is in force now: nobody gets what the present
agreements and directives would not give. What the recipient has, or may still get from its queue,
is not offered again; so doing it twice makes nothing twice. An event whose record was corrected or
retracted since is left out: it would deliver what is known to be wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from consent.directive import Directive
from hub.evidence.child_lookup import Sought, the_child
from hub.foundation import clock
from hub.intake.hub import Hub
from hub.intake.record import deliver, open_reviews
from hub.journey import entries
from hub.journey.decisions import DecisionContext, RecipientDecision, answer, asking, delivery_id
from hub.journey.entries import PendingEntry
from hub.journey.inbox import KeptEvent
from hub.journey.pipeline import EventFate, Letter, Verdict
from hub.journey.release import Contents, contents_of
from hub.store.disclosures import OPEN, SentDelivery
from hub.store.unit_of_work import UnitOfWork
from schemas import times
from schemas.event import Event, View, parse_event
from schemas.sections import Category


@dataclass(frozen=True, slots=True)
class Offer:
    """One event that one recipient may see more of now: ``sections`` are what it has not got."""

    event: str
    type: str
    happened_at: str
    source: str
    recipient: str
    sections: tuple[str, ...]
    delivery: str


@dataclass(frozen=True, slots=True)
class _ReofferCase:
    """One kept event, opened, with the verdict it belongs to."""

    event: Event
    verdict: Verdict
    matter: DecisionContext


@dataclass(frozen=True, slots=True)
class _Planned:
    """One event that may be offered to one recipient."""

    case: _ReofferCase
    given: RecipientDecision
    offer: Offer


def reoffer(
    hub: Hub, sought: Sought, *, by: str, reason: str, dry_run: bool
) -> tuple[str, list[Offer]]:
    """Offer a child's withheld events again; returns the child and what goes, or would go.

    One transaction. The look or the act is recorded with who and why, and every decision that
    leads to a delivery is recorded as one about an event of before.
    """
    with hub.writing() as (work, lines):
        child = the_child(work, sought)
        what = "what a re-offer would deliver" if dry_run else "the kept events, and re-offered"
        lines.append(entries.looked(by, what, child, reason, work.now))
        offers: list[Offer] = []
        for planned in _plan(child, work.directives(child), work):
            offers.append(planned.offer)
            if not dry_run:
                lines.extend(_delivered(planned.case, planned.given, work))
        return child, offers


def could_offer(child: str, said: tuple[Directive, ...], work: UnitOfWork) -> list[Offer]:
    """Tell what a re-offer would deliver if ``said`` were all that was said about the child."""
    return [planned.offer for planned in _plan(child, said, work)]


def _plan(child: str, said: tuple[Directive, ...], work: UnitOfWork) -> Iterator[_Planned]:
    for ref in work.trail.kept_of(child):
        kept = work.inbox.find(ref)
        if kept is not None and kept.body and not work.trail.superseded(ref):
            yield from _of_event(_opened(kept, child, said, work), work)


def _of_event(case: _ReofferCase, work: UnitOfWork) -> Iterator[_Planned]:
    ref, event = case.verdict.ref, case.event
    asked = asking(case.matter, work)
    sent = work.trail.sent(ref)
    for recipient in work.directory.receivers(event.kind.key, event.source):
        had = [one for one in sent if one.recipient == recipient]
        given = answer(asked, recipient, work)
        missing = not_had(given.view, had)
        if given.view is None or not missing:
            continue
        # Another id than any before: the recipient's adapter takes an id it knows for a repeat.
        again = delivery_id(ref, recipient, len(had) + 1)
        given = replace(given, view=replace(given.view, delivery_id=again))
        yield _Planned(case, given, _offer(case, given, again, missing))


def _opened(
    kept: KeptEvent, child: str, said: tuple[Directive, ...], work: UnitOfWork
) -> _ReofferCase:
    event = parse_event(kept.body)
    verdict = Verdict(
        EventFate.DECIDED,
        Letter(kept.body, kept.source, kept.received_at),
        event=event,
        ref=kept.ref,
        child=child,
        considered=tuple(sorted(directive.id for directive in said)),
    )
    return _ReofferCase(event, verdict, DecisionContext(event, kept.ref, child, said, work.now))


def not_had(view: View | None, had: list[SentDelivery]) -> tuple[Category, ...]:
    """Name the sections of a view that hold something its recipient has not got and will not get.

    What was handed over counts as far as it was released; what may still be released, wholly.
    """
    if view is None:
        return ()
    now = contents_of(view)
    fields: dict[Category, set[str]] = {}
    told: set[Category] = set()
    for one in had:
        _count(one, fields, told)
    new = [c for c, names in now.sections.items() if c not in fields or set(names) - fields[c]]
    return (*new, *(c for c in now.existence if c not in told and c not in fields))


def _count(one: SentDelivery, fields: dict[Category, set[str]], told: set[Category]) -> None:
    if one.state not in {*OPEN, "failed", "delivered"}:
        return
    contents = Contents.model_validate_json(one.contents)
    sections: Mapping[Category, tuple[str, ...]] = contents.sections
    if one.state == "delivered":
        sections = {c: names for c, names in sections.items() if c.value in one.released}
    for category, names in sections.items():
        fields.setdefault(category, set()).update(names)
    told.update(contents.existence)


def _delivered(
    case: _ReofferCase, given: RecipientDecision, work: UnitOfWork
) -> list[PendingEntry]:
    verdict = replace(case.verdict, answers=(given,), reviews=given.decision.reviews())
    lines = [entries.decided(verdict, given, work.now, reoffer=True)]
    lines += deliver(verdict, given, work, clock.random)
    return lines + open_reviews(verdict, case.event, case.matter.child, work)


def _offer(
    case: _ReofferCase, given: RecipientDecision, delivery: str, missing: tuple[Category, ...]
) -> Offer:
    return Offer(
        event=case.verdict.ref,
        type=case.event.kind.key,
        happened_at=times.stamp(case.event.time),
        source=case.event.source,
        recipient=given.question.recipient,
        sections=tuple(category.value for category in missing),
        delivery=delivery,
    )
