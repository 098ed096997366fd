"""What if: make the last decisions again as if a proposed agreement had been in force.

Each is asked as it was asked then: the question and the directives as they were at its entry, and
the agreements that applied then, with the proposed one instead of those with its id. The proposed
one is taken as in force at that moment, whatever its own dates. The outcome is compared with the
decision under the agreements of that time. Nothing is changed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from consent.agreement import Agreement, Rule
from consent.decide import decide
from consent.rulebook import RuleBook
from hub.casework.agreements.publishing import warnings
from hub.casework.agreements.views import WhatIfGroup, WhatIfReport
from hub.evidence.history import Past, family, with_their_past
from hub.intake.hub import Hub
from hub.journey.comparison import ComparedDecision, ComparisonTally
from hub.journey.entries.decisions import DecisionEntry
from hub.store.unit_of_work import UnitOfWork
from schemas.agencies import Directory

LAST = 1000
_EARLIEST = dt.datetime.min.replace(tzinfo=dt.UTC)
_LATEST = dt.datetime.max.replace(tzinfo=dt.UTC)


def what_if(hub: Hub, agreement: Agreement, *, last: int = LAST) -> WhatIfReport:
    """Return what a proposed agreement would have changed in the last decisions."""
    with hub.reading() as work:
        return _what_if(work, agreement, last)


def _what_if(work: UnitOfWork, agreement: Agreement, last: int) -> WhatIfReport:
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
    return WhatIfReport(
        agreement=agreement.id,
        version=agreement.version,
        title=agreement.title,
        digest=agreement.digest(),
        replaces=counting[0].version if counting else None,
        decisions=tally.decisions,
        first=first,
        since=since,
        changed=tally.changed,
        children=len(tally.children),
        begins=tally.begins,
        ends=tally.ends,
        differing=tally.differing,
        groups=tuple(WhatIfGroup.model_validate(group) for group in tally.groups()),
        untouched=_untouched(agreement, tally.cited),
        warnings=tuple(_warnings(agreement, work)),
    )


def _cases(
    work: UnitOfWork, agreement: Agreement, first: int, ids: frozenset[str], tally: ComparisonTally
) -> Iterator[ComparedDecision]:
    """Make the decisions from a position on again, without and with the proposal."""
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
    """The proposed agreement, always in force, among those that applied at some moment."""

    agreement: Agreement
    _work: dict[frozenset[str], RuleBook] = field(default_factory=dict)

    def book(self, past: Past, counted: dict[str, str]) -> RuleBook:
        """Return the rule book of a moment with the proposal instead of agreements with its id."""
        others = frozenset(d for name, d in counted.items() if name != self.agreement.id)
        if others not in self._work:
            always = {"valid_from": _EARLIEST, "valid_until": _LATEST}
            texts = (past.text(digest) for digest in sorted(others))
            kept = [text for text in texts if text is not None]
            self._work[others] = RuleBook([*kept, self.agreement.model_copy(update=always)])
        return self._work[others]


def _untouched(agreement: Agreement, cited: set[str]) -> tuple[str, ...]:
    name = f"{agreement.id}@{agreement.version}"
    return tuple(rule.id for rule in agreement.rules if f"{name}/{rule.id}" not in cited)


def _warnings(agreement: Agreement, work: UnitOfWork) -> Iterator[str]:
    """Return the warnings of a check of the file, and what past decisions cannot show."""
    found = warnings(agreement, work.directory.agencies, work.now)
    yield from (text for _, text in found)
    yield from _published(agreement, work.agreements.versions(agreement.id))
    for rule in agreement.rules:
        yield from _never_asked(rule, work.directory)


def _published(agreement: Agreement, versions: Sequence[tuple[int, str]]) -> Iterator[str]:
    newest = max((version for version, _ in versions), default=0)
    same = any(digest == agreement.digest() for _, digest in versions)
    if not same and agreement.version <= newest:
        yield f"version {newest} is published already: publish this as version {newest + 1}"


def _never_asked(rule: Rule, directory: Directory) -> Iterator[str]:
    """Return what a rule permits but the settings exclude: no decision is ever made about it."""
    for kind in rule.event_types:
        senders = [name for name in rule.sources if directory.may_send(name, kind)]
        if not senders:
            yield f"rule {rule.id}: none of its sources may send {kind} by the settings"
            continue
        wanting = {name for one in senders for name in directory.receivers(kind, one)}
        excluded = [
            name for name in rule.recipients if name not in wanting and directory.find(name)
        ]
        if excluded:
            names = ", ".join(excluded)
            yield f"rule {rule.id}: by the settings, {kind} is never sent to {names}"
