"""What recording or withdrawing a directive would change, told before it is done.

Nothing is changed and nothing recorded. What is queued is decided as at its release, with what is
known now, once without and once with the change; what comes later is taken to be like the newest
decisions about the child; what recipients have already got is counted, for it cannot be undone.
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
from hub.casework.directives.precedence import Bearing, PrecedenceNote, bearings
from hub.casework.directives.queue_impact import Counts, Queue, Queued, counts, queue_of
from hub.casework.directives.recording import directive_of, standing_directive
from hub.evidence.child_lookup import Sought, the_child
from hub.evidence.history import decoded, family
from hub.evidence.logged_decisions import Logged, logged
from hub.intake.hub import Hub
from hub.journey.comparison import VisibilityChange, compare
from hub.journey.decisions import standing_of
from hub.journey.release import Contents
from hub.ledger.entry import EntryKind
from hub.store.unit_of_work import UnitOfWork
from schemas.sections import Category
from schemas.sharing import DirectiveKind, DirectiveRecorded

_CONSENTING = frozenset(r for r in Reason if r.value.startswith("consent-")) | {Reason.NO_CONSENT}


@dataclass(frozen=True, slots=True)
class Coming:
    """What events to come would change: the newest like them, at ``position``, decided anew.

    ``begins`` and ``ends``: the recipient would newly be told of such events, or no longer.
    """

    source: str
    recipient: str
    type: str
    position: int
    changes: tuple[VisibilityChange, ...]
    begins: bool
    ends: bool


@dataclass(frozen=True, slots=True)
class Had:
    """What one recipient has been given of what it would no longer be given, in how many times."""

    recipient: str
    deliveries: int
    categories: Counts


@dataclass(frozen=True, slots=True)
class Effect:
    """What recording or withdrawing one directive would change.

    ``asked`` is how many kinds of sharing were looked at for ``coming``; ``offers`` counts, for
    each recipient, kept events that could newly be offered again.
    """

    child: str
    directive: Directive
    withdraws: bool
    queued: tuple[Queued, ...]
    coming: tuple[Coming, ...]
    asked: int
    offers: tuple[tuple[str, int], ...]
    had: tuple[Had, ...]
    notes: tuple[PrecedenceNote, ...]

    @property
    def anything(self) -> bool:
        """Whether it would change anything that is queued, comes, or could be offered."""
        changed = (q.unreadable or q.readable or q.withheld or q.released for q in self.queued)
        return bool(any(changed) or self.coming or self.offers)


def effect_of_recording(hub: Hub, sought: Sought | str, said: DirectiveRecorded) -> Effect:
    """Tell what recording a directive would change; raises NotFound and ConfigurationError.

    One that begins later is shown as if it had begun; an objection as it is until it is upheld.
    """
    with hub.reading() as work:
        child = the_child(work, Sought(sought) if isinstance(sought, str) else sought)
        directive = directive_of(said, child, work)
        before = work.directives(child)
        begun = {"valid_from": min(directive.valid_from, work.now)}
        after = (*before, directive.model_copy(update=begun))
        found = _look(work, directive, before, after)
        notes = [*bearings(directive, before, _standing(work, child), work.now)]
        return _effect(directive, found, notes, withdraws=False)


def effect_of_withdrawing(hub: Hub, reference: str) -> Effect:
    """Tell what withdrawing a directive would change; raises NotFound."""
    with hub.reading() as work:
        directive = standing_directive(reference, work)
        before = work.directives(directive.child)
        gone = directive.model_copy(update={"withdrawn_at": work.now})
        after = tuple(gone if one.id == gone.id else one for one in before)
        found = _look(work, directive, before, after)
        lapsed = directive.standing(work.now) is not DirectiveStanding.IN_FORCE
        notes = [PrecedenceNote(Bearing.LAPSED)] if lapsed else []
        return _effect(directive, found, notes, withdraws=True)


@dataclass(frozen=True, slots=True)
class _Seen:
    """All that was looked at for an effect."""

    queued: tuple[Queued, ...]
    coming: tuple[Coming, ...]
    asked: int
    rests_on_consent: bool
    offers: tuple[tuple[str, int], ...]
    had: tuple[Had, ...]


def _effect(
    directive: Directive, seen: _Seen, notes: list[PrecedenceNote], *, withdraws: bool
) -> Effect:
    speaks = directive.kind in {DirectiveKind.CONSENT, DirectiveKind.REFUSAL}
    if speaks and seen.asked and not seen.rests_on_consent:
        notes.append(PrecedenceNote(Bearing.WITHOUT_CONSENT))
    return Effect(
        child=directive.child,
        directive=directive,
        withdraws=withdraws,
        queued=seen.queued,
        coming=seen.coming,
        asked=seen.asked,
        offers=seen.offers,
        had=seen.had,
        notes=tuple(notes),
    )


def _look(
    work: UnitOfWork,
    directive: Directive,
    before: tuple[Directive, ...],
    after: tuple[Directive, ...],
) -> _Seen:
    child = directive.child
    queued = queue_of(work, child, before, after)
    cases = _newest(work, child)
    coming, rests = [], False
    for position, case in cases:
        then = decide(case.question, work.rules, before, work.now)
        now = decide(case.question, work.rules, after, work.now)
        rests = rests or _rests_on_consent(then, directive) or _rests_on_consent(now, directive)
        if changes := compare(then, now):
            coming.append(_coming(position, case, changes, then.permitted, now.permitted))
    return _Seen(
        queued=tuple(one.queued() for one in queued),
        coming=tuple(coming),
        asked=len(cases),
        rests_on_consent=rests,
        offers=_offers(work, child, before, after),
        had=tuple(_had(work, child, _lost(queued, coming))),
    )


def _coming(
    position: int, case: Logged, changes: tuple[VisibilityChange, ...], told: bool, tells: bool
) -> Coming:
    asked = case.question
    return Coming(
        source=asked.source,
        recipient=asked.recipient,
        type=asked.event_type,
        position=position,
        changes=changes,
        begins=tells and not told,
        ends=told and not tells,
    )


def _rests_on_consent(decision: Decision, directive: Directive) -> bool:
    """Whether anything that a directive speaks about rests on what somebody consented to."""
    return any(
        finding.reason in _CONSENTING
        and finding.purpose is not None
        and directive.covers(section.category, decision.recipient, finding.purpose)
        for section in decision.sections
        for finding in section.findings
    )


def _newest(work: UnitOfWork, child: str) -> list[tuple[int, Logged]]:
    """Find the newest decision of each kind about a child: by source, recipient and type."""
    found: dict[tuple[str, str, str], tuple[int, Logged]] = {}
    for row in work.ledger.of_children(family(work, {child}), [EntryKind.DECISION]):
        case = logged(decoded(row))
        if case is not None:
            asked = case.question
            found[asked.source, asked.recipient, asked.event_type] = (row.position, case)
    return [found[key] for key in sorted(found)]


def _offers(
    work: UnitOfWork, child: str, before: tuple[Directive, ...], after: tuple[Directive, ...]
) -> tuple[tuple[str, int], ...]:
    """Count, by recipient, the kept events of which more could be offered than now."""
    now = {(one.event, one.recipient, one.sections) for one in could_offer(child, before, work)}
    then = {(one.event, one.recipient, one.sections) for one in could_offer(child, after, work)}
    return tuple(sorted(Counter(recipient for _, recipient, _ in then - now).items()))


def _lost(queued: Iterable[Queue], coming: Iterable[Coming]) -> Mapping[str, set[Category]]:
    """Tell, by recipient, of which categories it would be given less."""
    lost: dict[str, set[Category]] = {}
    for queue in queued:
        lost.setdefault(queue.recipient, set()).update(queue.lost)
    for one in coming:
        less = {change.category for change in one.changes if change.lost or change.vanishes}
        lost.setdefault(one.recipient, set()).update(less)
    return lost


def _had(work: UnitOfWork, child: str, lost: Mapping[str, set[Category]]) -> Iterator[Had]:
    """Count what recipients were given, of what they would no longer be given."""
    released = _released(work, child)
    deliveries: Counter[str] = Counter()
    categories: dict[str, Counter[Category]] = {}
    for sent in work.trail.given_of(child):
        told = Contents.model_validate_json(sent.contents).existence
        given = {c for c in Category if c.value in released.get(sent.id, sent.released)} | {*told}
        if gone := given & lost.get(sent.recipient, set()):
            deliveries[sent.recipient] += 1
            categories.setdefault(sent.recipient, Counter()).update(gone)
    for recipient in sorted(deliveries):
        yield Had(recipient, deliveries[recipient], counts(categories[recipient]))


def _released(work: UnitOfWork, child: str) -> Mapping[str, frozenset[str]]:
    """Read from the ledger which sections of which delivery were ever released."""
    found: dict[str, frozenset[str]] = {}
    for row in work.ledger.of_children(family(work, {child}), [EntryKind.RELEASE]):
        body = entry.body if (entry := decoded(row)) else {}
        sections, delivery = body.get("released"), str(body.get("delivery"))
        if isinstance(sections, list):
            found[delivery] = found.get(delivery, frozenset()) | frozenset(map(str, sections))
    return found


def _standing(work: UnitOfWork, child: str) -> ChildStanding:
    return standing_of(child, work.directives(child), work, work.now)
