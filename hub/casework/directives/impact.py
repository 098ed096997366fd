"""Preview what recording or withdrawing a directive would change.

Nothing is changed or recorded. Queued deliveries are decided as at their release, once without and
once with the change; future events are assumed to be like the newest decisions about the child;
what recipients already have is counted, because it cannot be undone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from consent.decide import decide
from consent.decision import Decision
from consent.directive import Directive, DirectiveStanding
from consent.question import ChildStanding
from consent.reasons import Reason
from hub.casework.deliveries.reoffer import could_offer
from hub.casework.directives.precedence import PrecedenceCode, PrecedenceNote, precedence_notes
from hub.casework.directives.queue_impact import Counts, Queue, Queued, counts, queue_of
from hub.casework.directives.recording import directive_of, withdrawable
from hub.evidence.child_lookup import Sought, the_child
from hub.evidence.history import family
from hub.intake.hub import Hub
from hub.journey.comparison import VisibilityChange, compare
from hub.journey.decisions import standing_of
from hub.journey.entries.decisions import DecisionEntry
from hub.journey.entries.deliveries import ReleaseEntry
from hub.journey.release import Contents
from hub.store.unit_of_work import UnitOfWork
from schemas.sections import Category
from schemas.sharing import DirectiveKind, DirectiveRecorded

_CONSENTING = frozenset(r for r in Reason if r.value.startswith("consent-")) | {Reason.NO_CONSENT}


@dataclass(frozen=True, slots=True)
class FutureChange:
    """What would change for events like the one decided at ``position``.

    ``begins`` and ``ends``: the recipient would start or stop receiving such events.
    """

    source: str
    recipient: str
    type: str
    position: int
    changes: tuple[VisibilityChange, ...]
    begins: bool
    ends: bool


@dataclass(frozen=True, slots=True)
class AlreadyShared:
    """What one recipient has of what it would no longer be sent."""

    recipient: str
    deliveries: int
    categories: Counts


@dataclass(frozen=True, slots=True)
class Impact:
    """What recording or withdrawing one directive would change.

    ``compared`` is how many kinds of sharing were compared; ``offers`` counts, for each recipient,
    stored events that could then be offered again.
    """

    child: str
    directive: Directive
    withdraws: bool
    queued: tuple[Queued, ...]
    future: tuple[FutureChange, ...]
    compared: int
    offers: tuple[tuple[str, int], ...]
    already_shared: tuple[AlreadyShared, ...]
    notes: tuple[PrecedenceNote, ...]

    @property
    def has_effect(self) -> bool:
        """Whether anything queued, future or offered would change."""
        changed = (q.unreadable or q.readable or q.withheld or q.released for q in self.queued)
        return bool(any(changed) or self.future or self.offers)


def impact_of_recording(hub: Hub, sought: Sought | str, statement: DirectiveRecorded) -> Impact:
    """Return what recording a directive would change; raises NotFound and ConfigurationError.

    A directive that begins later is treated as begun; an objection as not upheld.
    """
    with hub.reading() as work:
        child = the_child(work, Sought(sought) if isinstance(sought, str) else sought)
        directive = directive_of(statement, child, work)
        before = work.directives_of(child)
        begun = {"valid_from": min(directive.valid_from, work.now)}
        after = (*before, directive.model_copy(update=begun))
        found = _compare_all(work, directive, before, after)
        notes = [*precedence_notes(directive, before, _standing(work, child), work.now)]
        return _impact(directive, found, notes, withdraws=False)


def impact_of_withdrawing(hub: Hub, reference: str) -> Impact:
    """Return what withdrawing a directive would change; raises NotFound."""
    with hub.reading() as work:
        directive = withdrawable(reference, work)
        before = work.directives_of(directive.child)
        gone = directive.model_copy(update={"withdrawn_at": work.now})
        after = tuple(gone if one.id == gone.id else one for one in before)
        found = _compare_all(work, directive, before, after)
        lapsed = directive.standing(work.now) is not DirectiveStanding.IN_FORCE
        notes = [PrecedenceNote(PrecedenceCode.LAPSED)] if lapsed else []
        return _impact(directive, found, notes, withdraws=True)


@dataclass(frozen=True, slots=True)
class _Comparison:
    """What differs between before and after."""

    queued: tuple[Queued, ...]
    future: tuple[FutureChange, ...]
    compared: int
    rests_on_consent: bool
    offers: tuple[tuple[str, int], ...]
    already_shared: tuple[AlreadyShared, ...]


def _impact(
    directive: Directive, found: _Comparison, notes: list[PrecedenceNote], *, withdraws: bool
) -> Impact:
    decides = directive.kind in {DirectiveKind.CONSENT, DirectiveKind.REFUSAL}
    if decides and found.compared and not found.rests_on_consent:
        notes.append(PrecedenceNote(PrecedenceCode.WITHOUT_CONSENT))
    return Impact(
        child=directive.child,
        directive=directive,
        withdraws=withdraws,
        queued=found.queued,
        future=found.future,
        compared=found.compared,
        offers=found.offers,
        already_shared=found.already_shared,
        notes=tuple(notes),
    )


def _compare_all(
    work: UnitOfWork,
    directive: Directive,
    before: tuple[Directive, ...],
    after: tuple[Directive, ...],
) -> _Comparison:
    child = directive.child
    queued = queue_of(work, child, before, after)
    cases = _newest(work, child)
    future, rests = [], False
    for position, case in cases:
        then = decide(case.question, work.rules, before, work.now)
        now = decide(case.question, work.rules, after, work.now)
        rests = rests or _rests_on_consent(then, directive) or _rests_on_consent(now, directive)
        if changes := compare(then, now):
            future.append(_future(position, case, changes, then.permitted, now.permitted))
    return _Comparison(
        queued=tuple(one.queued() for one in queued),
        future=tuple(future),
        compared=len(cases),
        rests_on_consent=rests,
        offers=_offers(work, child, before, after),
        already_shared=tuple(_already_shared(work, child, _lost(queued, future))),
    )


def _future(
    position: int,
    case: DecisionEntry,
    changes: tuple[VisibilityChange, ...],
    shared: bool,
    shares: bool,
) -> FutureChange:
    asked = case.question
    return FutureChange(
        source=asked.source,
        recipient=asked.recipient,
        type=asked.event_type,
        position=position,
        changes=changes,
        begins=shares and not shared,
        ends=shared and not shares,
    )


def _rests_on_consent(decision: Decision, directive: Directive) -> bool:
    """Return whether anything that a directive covers is decided by consent."""
    return any(
        finding.reason in _CONSENTING
        and finding.purpose is not None
        and directive.covers(section.category, decision.recipient, finding.purpose)
        for section in decision.sections
        for finding in section.findings
    )


def _newest(work: UnitOfWork, child: str) -> list[tuple[int, DecisionEntry]]:
    """Return the newest decision about a child for each source, recipient and event type."""
    found: dict[tuple[str, str, str], tuple[int, DecisionEntry]] = {}
    for row in work.ledger.of_children(family(work, {child}), [DecisionEntry]):
        case = row.readable()
        if isinstance(case, DecisionEntry):
            asked = case.question
            found[asked.source, asked.recipient, asked.event_type] = (row.position, case)
    return [found[key] for key in sorted(found)]


def _offers(
    work: UnitOfWork, child: str, before: tuple[Directive, ...], after: tuple[Directive, ...]
) -> tuple[tuple[str, int], ...]:
    """Count, by recipient, the stored events of which more could be offered than now."""
    now = {(one.event, one.recipient, one.sections) for one in could_offer(child, before, work)}
    then = {(one.event, one.recipient, one.sections) for one in could_offer(child, after, work)}
    return tuple(sorted(Counter(recipient for _, recipient, _ in then - now).items()))


def _lost(queued: Iterable[Queue], future: Iterable[FutureChange]) -> Mapping[str, set[Category]]:
    """Return, by recipient, the categories of which it would be sent less."""
    lost: dict[str, set[Category]] = {}
    for queue in queued:
        lost.setdefault(queue.recipient, set()).update(queue.lost)
    for one in future:
        less = {change.category for change in one.changes if change.lost or change.vanishes}
        lost.setdefault(one.recipient, set()).update(less)
    return lost


def _already_shared(
    work: UnitOfWork, child: str, lost: Mapping[str, set[Category]]
) -> Iterator[AlreadyShared]:
    """Count, by recipient, the deliveries with categories that it would no longer be sent."""
    released = _released(work, child)
    deliveries: Counter[str] = Counter()
    categories: dict[str, Counter[Category]] = {}
    for sent in work.disclosures.given_of(child):
        existence = Contents.model_validate_json(sent.contents).existence
        given = {c for c in Category if c.value in released.get(sent.id, sent.released)} | {
            *existence
        }
        if gone := given & lost.get(sent.recipient, set()):
            deliveries[sent.recipient] += 1
            categories.setdefault(sent.recipient, Counter()).update(gone)
    for recipient in sorted(deliveries):
        yield AlreadyShared(recipient, deliveries[recipient], counts(categories[recipient]))


def _released(work: UnitOfWork, child: str) -> Mapping[str, frozenset[str]]:
    """Return, by delivery, the sections that the ledger records as released."""
    found: dict[str, frozenset[str]] = {}
    for row in work.ledger.of_children(family(work, {child}), [ReleaseEntry]):
        body = row.readable()
        if isinstance(body, ReleaseEntry):
            sections = frozenset(category.value for category in body.released)
            found[body.delivery] = found.get(body.delivery, frozenset()) | sections
    return found


def _standing(work: UnitOfWork, child: str) -> ChildStanding:
    return standing_of(child, work.directives_of(child), work, work.now)
