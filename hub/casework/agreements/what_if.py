"""What if: the last real decisions, made again as if a proposed agreement had been in force.

Each is asked as it was asked then: the question and the directives as they stood at its place of
the ledger, and the agreements that counted then, with the proposed one in the place of its id, or
beside them. The proposed one is taken as in force at that moment, whatever its own dates say. What
comes out is held against the decision with the agreements of then. Nothing is changed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from consent.agreement import Agreement, Rule
from consent.decide import decide
from consent.rulebook import RuleBook
from hub.casework.agreements.publishing import warnings
from hub.evidence.history import Past, family, with_their_past
from hub.intake.hub import Hub
from hub.journey.comparison import ComparedDecision, ComparisonTally, Group
from hub.journey.entries.decisions import DecisionEntry
from hub.store.unit_of_work import UnitOfWork
from schemas.agencies import Directory

LAST = 1000
_EARLIEST = dt.datetime.min.replace(tzinfo=dt.UTC)
_LATEST = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a proposed agreement would have changed in the last decisions.

    ``replaces`` is the version that counts now, if there is one; ``decisions`` how many were made
    again, from position ``first`` on; ``changed`` in how many something would change, for how many
    ``children``; ``differing`` how many do not come out as logged even without the proposal, or
    cannot be read: then 'hub audit replay' comes first. ``untouched`` are rules of the proposal
    that spoke about none of them.
    """

    agreement: Agreement
    replaces: int | None
    decisions: int
    first: int | None
    since: str
    changed: int
    children: int
    begins: int
    ends: int
    differing: int
    groups: tuple[Group, ...]
    untouched: tuple[Rule, ...]
    warnings: tuple[str, ...]


def what_if(hub: Hub, agreement: Agreement, *, last: int = LAST) -> WhatIf:
    """Make the last decisions again with a proposed agreement; nothing is changed or recorded."""
    with hub.reading() as work:
        return _what_if(work, agreement, last)


def _what_if(work: UnitOfWork, agreement: Agreement, last: int) -> WhatIf:
    tally = ComparisonTally()
    newest: tuple[int, str] | None = None
    children = set[str]()
    for row in work.ledger.newest_of_kinds([DecisionEntry], last):
        newest = (row.position, row.at)
        children |= {row.subject.child} if row.subject.child else set()
    first, since = newest or (None, "")
    if first is not None:
        for case in _cases(work, agreement, first, family(work, children), tally):
            tally.count(case)
    counting = [one for one in work.rules.agreements if one.id == agreement.id]
    return WhatIf(
        agreement=agreement,
        replaces=counting[0].version if counting else None,
        decisions=tally.decisions,
        first=first,
        since=since,
        changed=tally.changed,
        children=len(tally.children),
        begins=tally.begins,
        ends=tally.ends,
        differing=tally.differing,
        groups=tally.groups(),
        untouched=_untouched(agreement, tally.cited),
        warnings=tuple(_warnings(agreement, work)),
    )


def _cases(
    work: UnitOfWork, agreement: Agreement, first: int, ids: frozenset[str], tally: ComparisonTally
) -> Iterator[ComparedDecision]:
    """Make the decisions from a position on again, as they were and as they would have been."""
    size = work.ledger.size()
    past, proposed = Past(work.agreements), _Proposed(agreement)
    rows = work.ledger.of_kinds([DecisionEntry], size, first)
    for row in with_their_past(work, rows, ids, size):
        if row.kind != DecisionEntry.kind:
            past.learn(row)
            continue
        tally.decisions += 1
        logged = row.readable()
        if not isinstance(logged, DecisionEntry):
            tally.differing += 1
            continue
        case = _case(row.position, logged, past, proposed)
        tally.differing += case.before != logged.decision
        yield case


def _case(
    position: int, logged: DecisionEntry, past: Past, proposed: _Proposed
) -> ComparedDecision:
    known, now = past.directives(logged.child), logged.decision.decided_at
    directives = [known[one] for one in logged.considered if one in known]
    counted = past.counting(now)
    before = decide(logged.question, past.book(counted.values()), directives, now)
    after = decide(logged.question, proposed.book(past, counted), directives, now)
    return ComparedDecision(position, logged.child, logged.question, before, after)


@dataclass(slots=True)
class _Proposed:
    """The proposed agreement among those that counted at some moment, always in force."""

    agreement: Agreement
    _work: dict[frozenset[str], RuleBook] = field(default_factory=dict)

    def book(self, past: Past, counted: dict[str, str]) -> RuleBook:
        """Make the rule book of a moment with the proposal in the place of its id."""
        others = frozenset(d for name, d in counted.items() if name != self.agreement.id)
        if others not in self._work:
            always = {"valid_from": _EARLIEST, "valid_until": _LATEST}
            texts = (past.text(digest) for digest in sorted(others))
            kept = [text for text in texts if text is not None]
            self._work[others] = RuleBook([*kept, self.agreement.model_copy(update=always)])
        return self._work[others]


def _untouched(agreement: Agreement, cited: set[str]) -> tuple[Rule, ...]:
    name = f"{agreement.id}@{agreement.version}"
    return tuple(rule for rule in agreement.rules if f"{name}/{rule.id}" not in cited)


def _warnings(agreement: Agreement, work: UnitOfWork) -> Iterator[str]:
    """Say what a check of the file says, and what past decisions cannot show."""
    yield from warnings(agreement, work.directory.agencies, work.now)
    yield from _taken(agreement, work.agreements.versions(agreement.id))
    for rule in agreement.rules:
        yield from _never_asked(rule, work.directory)


def _taken(agreement: Agreement, versions: Sequence[tuple[int, str]]) -> Iterator[str]:
    newest = max((version for version, _ in versions), default=0)
    published = any(digest == agreement.digest() for _, digest in versions)
    if not published and agreement.version <= newest:
        yield f"version {newest} is published already: publish this as version {newest + 1}"


def _never_asked(rule: Rule, directory: Directory) -> Iterator[str]:
    """Name what a rule permits and the settings never ask about: nothing is decided about it."""
    for kind in rule.event_types:
        senders = [name for name in rule.sources if directory.may_send(name, kind)]
        if not senders:
            yield f"rule {rule.id}: none of its sources may send {kind} by the settings"
            continue
        wanting = {name for one in senders for name in directory.receivers(kind, one)}
        deaf = [name for name in rule.recipients if name not in wanting and directory.find(name)]
        if deaf:
            whom = ", ".join(deaf)
            yield f"rule {rule.id}: by the settings {kind} is never decided about for {whom}"
