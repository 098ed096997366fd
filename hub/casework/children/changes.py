"""Children merged, split and erased: each one transaction, with its history in the ledger.

Whatever is on its way about a child whose identity changes is voided: it was sealed for a child who
is no longer the same. What is still kept of it is decided again after a merge.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from consent.directive import Directive, DirectiveStanding
from hub.foundation import clock
from hub.intake.held_events import Settled, flow
from hub.intake.hub import Hub
from hub.intake.record import deliver, open_reviews
from hub.journey import entries
from hub.journey.decisions import DecisionContext, answer, asking
from hub.journey.deliveries import StoredDelivery
from hub.journey.directives import directive_ref
from hub.journey.entries import OnWhoseWord, PendingEntry, Subject
from hub.journey.pipeline import EventFate, Letter, Verdict
from hub.store.children import child_key
from hub.store.engine import truncate_log
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import ConfigurationError, NotFound
from schemas.event import parse_event
from schemas.identifiers import System, nhs_number, uln, upn
from schemas.sharing import DirectiveKind

MERGED, SPLIT, ERASED = "merged", "split", "erased"
_ON_THE_WAY = frozenset({"pending", "published", "failed"})
_NORMAL = {System.NHS_NUMBER: nhs_number, System.UPN: upn, System.ULN: uln}


@dataclass(frozen=True, slots=True)
class Changed:
    """What a merge or a split did: the child that is left or new, and what became of the rest."""

    child: str
    voided: int
    made: int = 0
    carried: int = 0
    events: tuple[Settled, ...] = ()


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did; ``cleared``: nothing is left in the store's log either."""

    child: str
    voided: int
    identifiers: int
    events: int
    cleared: bool


def merge(hub: Hub, losing: str, surviving: str, word: OnWhoseWord) -> Changed:
    """Make two ids one child; raises NotFound and ConfigurationError."""
    with hub.writing() as (work, lines):
        losing, survivor = _own(work, losing), _own(work, surviving)
        if losing == survivor:
            raise ConfigurationError("These are one and the same child already.")
        voided = work.deliveries.void(losing)
        moved = work.belongings.merge(losing, survivor)
        work.shelf.destroy(child_key(losing))
        work.vault.forget()
        counts = {
            "identifiers": moved.identifiers,
            "directives": moved.directives,
            "events": moved.events,
            "voided": len(voided),
        }
        lines.append(entries.children_merged(losing, survivor, counts, word, work.now))
        lines.extend(_voided(voided, MERGED, work))
        made = _decide_again([v for v in voided if v.state in _ON_THE_WAY], survivor, work)
        lines.extend(line for said in made for line in said)
        events = flow(work, hub.limits, word, lines)
        return Changed(survivor, len(voided), _deliveries(made), events=tuple(events))


def split(
    hub: Hub, child: str, identifiers: Sequence[tuple[System, str]], word: OnWhoseWord
) -> Changed:
    """Give identifiers of a child to a new one; raises NotFound and ConfigurationError.

    Whatever was said against sharing, and every guard, holds for both until a person withdraws it;
    a consent stays where it is.
    """
    with hub.writing() as (work, lines):
        child = _own(work, child)
        blinds = _named(identifiers, child, work)
        voided = work.deliveries.void(child)
        new = clock.new_id()
        count = work.belongings.split(child, new, blinds, work.now)
        lines.append(entries.child_split(child, new, count, word, work.now))
        lines.extend(_voided(voided, SPLIT, work))
        carried = _carry_over(child, new, word, work)
        lines.extend(carried)
        events = flow(work, hub.limits, word, lines)
        return Changed(new, len(voided), carried=len(carried), events=tuple(events))


def erase(hub: Hub, child: str, word: OnWhoseWord) -> Erased:
    """Destroy a child's key and all that was kept; raises NotFound and ConfigurationError."""
    with hub.writing() as (work, lines):
        child = _own(work, child)
        _nothing_in_doubt(child, work)
        former = work.children.former(child)
        voided = work.deliveries.void(child)
        counts = work.belongings.erase(child, work.now)
        work.shelf.destroy(child_key(child))
        work.vault.forget()
        lines.append(entries.child_erased(child, former, counts, word, work.now))
        lines.extend(_voided(voided, ERASED, work))
    cleared = truncate_log(hub.engine)
    return Erased(child, len(voided), counts["identifiers"], counts["events"], cleared)


def _own(work: UnitOfWork, child: str) -> str:
    """Check that a child is known and was not merged."""
    known = work.children.known(child)
    if known is None:
        raise NotFound(f"The hub knows no child {child}. Look with 'hub child find'.")
    if known != child:
        raise ConfigurationError(f"Child {child} was merged into {known}: name that one.")
    return child


def _voided(voided: Sequence[StoredDelivery], cause: str, work: UnitOfWork) -> list[PendingEntry]:
    return [
        entries.delivery_voided(
            v.id, cause, v.releases, Subject(v.child, v.event, v.recipient), work.now
        )
        for v in voided
    ]


def _decide_again(
    voided: Sequence[StoredDelivery], survivor: str, work: UnitOfWork
) -> list[list[PendingEntry]]:
    """Decide anew, under the survivor, whatever was on its way and is still kept."""
    by_event: dict[str, list[str]] = {}
    for one in voided:
        by_event.setdefault(one.event, []).append(one.recipient)
    return [_again(ref, recipients, survivor, work) for ref, recipients in by_event.items()]


def _again(ref: str, recipients: list[str], survivor: str, work: UnitOfWork) -> list[PendingEntry]:
    kept = work.inbox.find(ref)
    if kept is None or not kept.body:
        return []
    event = parse_event(kept.body)
    said = work.directives(survivor)
    # A reference of its own, so that the new delivery has another id than the one that is void.
    matter = DecisionContext(event, f"{ref}\n{survivor}", survivor, said, work.now)
    wanting = work.directory.receivers(event.kind.key, event.source)
    case = asking(matter, work)
    answers = tuple(answer(case, one, work) for one in recipients if one in wanting)
    causes = {cause for given in answers for cause in given.decision.reviews()}
    verdict = Verdict(
        EventFate.DECIDED,
        Letter(kept.body, kept.source, kept.received_at),
        event=event,
        ref=ref,
        child=survivor,
        considered=tuple(sorted(d.id for d in said)),
        answers=answers,
        reviews=tuple(sorted(causes)),
    )
    lines: list[PendingEntry] = []
    for given in answers:
        lines.append(entries.decided(verdict, given, work.now))
        lines += deliver(verdict, given, work, clock.random)
    return lines + open_reviews(verdict, event, survivor, work)


def _deliveries(made: Sequence[Sequence[PendingEntry]]) -> int:
    return sum("commitment" in entry.body for said in made for entry, _ in said)


def _named(identifiers: Sequence[tuple[System, str]], child: str, work: UnitOfWork) -> set[str]:
    """Find the identifiers that are meant among those the child bears; some must be left."""
    borne = work.belongings.bearing(child)
    chosen: set[str] = set()
    for system, text in identifiers:
        read = _NORMAL[system](text) if system in _NORMAL else None
        value = read.value if read else text.strip()
        found = {blind for blind, held in borne.items() if held == (system.value, value)}
        if not found:
            raise NotFound(f"The child bears no such {system.value}. Nothing was changed.")
        chosen |= found
    if not chosen or len(chosen) == len(borne):
        raise ConfigurationError("Name some of the child's identifiers, not all of them.")
    return chosen


def _carry_over(child: str, new: str, word: OnWhoseWord, work: UnitOfWork) -> list[PendingEntry]:
    """Let what was said against sharing hold for the new child too: whose it was is not known."""
    lines = []
    for directive in work.directives(child):
        lapsed = directive.standing(work.now) in {
            DirectiveStanding.WITHDRAWN,
            DirectiveStanding.EXPIRED,
        }
        if directive.kind is DirectiveKind.CONSENT or lapsed:
            continue
        copy = _copied(directive, new, work)
        work.said.record(copy, work.said.detail(directive), work.said.recorder(directive.id))
        lines.append(entries.directive_recorded(copy, word.by, "", work.now))
    return lines


def _copied(directive: Directive, new: str, work: UnitOfWork) -> Directive:
    """Copy a directive so that its recorder can withdraw it by the number it always had."""
    number = json.loads(work.said.detail(directive)).get("directive_id") or clock.new_id()
    reference = directive_ref(work.said.recorder(directive.id), new, str(number), work)
    return directive.model_copy(update={"id": reference, "child": new})


def _nothing_in_doubt(child: str, work: UnitOfWork) -> None:
    """Refuse while a held event may be about the child: it would outlive the erasure."""
    for review in work.reviews.listed():
        if review.child is None and review.event is not None:
            detail = json.loads(work.reviews.detail(review.id))
            if child in detail.get("candidates", ()):
                raise ConfigurationError(
                    f"Review {review.id} asks whether a held event is about this child. Close it "
                    "first: what is held is not erased with the child."
                )
