"""What a review about a known child turns on: what people said, what was shared, what would stop.

It is read for a person who has said why they look (closing.py records that look). Who was
told what is taken from the ledger; who spoke, from what is sealed with each directive.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from consent.agreement import Involved, Rule
from consent.directive import Directive, DirectiveStanding
from consent.reasons import Reason, ReviewCause
from consent.restrictions import OBJECTIONABLE
from hub.casework.reviews.closing import ReviewView
from hub.evidence.explanation import Decided, DeliveryExplanation, explain
from hub.intake.hub import Hub
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import KeyDestroyed
from schemas.sections import Category
from schemas.sharing import Purpose


@dataclass(frozen=True, slots=True)
class EvidenceDirective:
    """One directive, whether it holds, who wrote it down, and what was sealed with it."""

    directive: Directive
    standing: DirectiveStanding
    recorded_by: str
    name: str
    obtained: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Overridden:
    """What one agency was told because of an override: categories with fields, and its ways."""

    recipient: str
    position: int
    shared: tuple[tuple[Category, tuple[str, ...]], ...]
    deliveries: tuple[DeliveryExplanation, ...]


@dataclass(frozen=True, slots=True)
class Stopped:
    """What an upheld objection would keep from one agency, and under which rules it goes now."""

    recipient: str
    purpose: Purpose
    categories: tuple[Category, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Turns:
    """All that a review turns on; what does not concern its cause is empty."""

    spoken: tuple[EvidenceDirective, ...] = ()
    overridden: tuple[Overridden, ...] = ()
    stopped: tuple[Stopped, ...] = ()


def turns_on(hub: Hub, found: ReviewView) -> Turns:
    """Read what a review turns on; nothing for one about who a child is."""
    review = found.review
    if review.cause is ReviewCause.OBJECTION_MADE:
        return _objected(hub, str(found.detail.get("directive")))
    if review.child is None or review.event is None:
        return Turns()
    decisions = explain(hub, event=review.event).decisions
    if review.cause is ReviewCause.OVERRIDE_USED:
        return Turns(overridden=tuple(_overridden(decisions)))
    said = {d.id: d for one in decisions for d in _disputed(one, review.cause)}
    with hub.reading() as work:
        return Turns(spoken=_spoken(said.values(), work))


def _objected(hub: Hub, reference: str) -> Turns:
    with hub.reading() as work:
        objection = work.said.find(reference)
        if objection is None:
            return Turns()
        return Turns(spoken=_spoken([objection], work), stopped=_stopped(objection, work))


def _disputed(one: Decided, cause: ReviewCause) -> list[Directive]:
    """Give the directives for which a decision opened a review of a cause."""
    return [
        one.said[directive]
        for section in one.decision.sections
        for finding in section.findings
        if finding.review is cause
        for directive in finding.directives
        if directive in one.said
    ]


def _spoken(directives: Iterable[Directive], work: UnitOfWork) -> tuple[EvidenceDirective, ...]:
    found = sorted(directives, key=lambda one: (one.recorded_at, one.id))
    return tuple(_one_spoken(directive, work) for directive in found)


def _one_spoken(directive: Directive, work: UnitOfWork) -> EvidenceDirective:
    try:
        detail = json.loads(work.said.detail(directive))
    except KeyDestroyed:
        detail = {}
    return EvidenceDirective(
        directive=directive,
        standing=directive.standing(work.now),
        recorded_by=work.said.recorder(directive.id),
        name=str(detail.get("decider_name") or ""),
        obtained=str(detail.get("obtained") or ""),
        evidence=str(detail.get("evidence") or ""),
    )


def _overridden(decisions: Iterable[Decided]) -> Iterator[Overridden]:
    """Tell who was told what on the strength of an override, alone or besides."""
    for one in decisions:
        shared = tuple(
            (section.category, tuple(sorted(section.fields)))
            for section in one.decision.shared()
            if any(finding.reason is Reason.OVERRIDE for finding in section.findings)
        )
        if shared:
            yield Overridden(one.decision.recipient, one.position, shared, one.deliveries)


def _stopped(objection: Directive, work: UnitOfWork) -> tuple[Stopped, ...]:
    """List what goes without consent now, is in the objection's scope, and would go no more."""
    involved = work.involved(objection.child)
    found: dict[tuple[str, Purpose], tuple[set[Category], set[str]]] = {}
    for cite, rule, recipients in _going(work):
        for recipient in recipients:
            if rule.involvement is Involved.REQUIRED and recipient not in involved:
                continue
            covered = {c for c in rule.categories() if objection.covers(c, recipient, rule.purpose)}
            if covered:
                categories, rules = found.setdefault((recipient, rule.purpose), (set(), set()))
                categories |= covered
                rules.add(cite)
    return tuple(
        Stopped(recipient, purpose, tuple(sorted(categories)), tuple(sorted(rules)))
        for (recipient, purpose), (categories, rules) in sorted(found.items())
    )


def _going(work: UnitOfWork) -> Iterator[tuple[str, Rule, tuple[str, ...]]]:
    """Return the rules in force that an upheld objection would stop, with their recipients."""
    for agreement in work.rules.agreements:
        if agreement.in_force(work.now):
            for rule in agreement.rules:
                if rule.basis.article_6 in OBJECTIONABLE:
                    recipients = agreement.recipients_of(rule, work.directory.kind_of)
                    yield f"{agreement.id}@{agreement.version}/{rule.id}", rule, recipients
