"""The evidence for a review about a known child: directives, what was shared, what would stop.

It is read for a user who has given a reason (closing.py records the access). What was shared comes
from the ledger; who decided, from the detail sealed with each directive.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from consent.agreement import Involved, Rule
from consent.directive import Directive
from consent.reasons import Reason, ReviewCause
from consent.restrictions import OBJECTIONABLE
from hub.casework.directives.views import DirectiveView, directive_view
from hub.casework.reviews.closing import ReviewView
from hub.evidence.explanation import Decided, DeliveryExplanation, explain
from hub.intake.hub import Hub
from hub.store.unit_of_work import UnitOfWork
from schemas.sections import Category
from schemas.sharing import Purpose


@dataclass(frozen=True, slots=True)
class Overridden:
    """What was shared with one agency because of an override, and its deliveries."""

    recipient: str
    position: int
    shared: tuple[tuple[Category, tuple[str, ...]], ...]
    deliveries: tuple[DeliveryExplanation, ...]


@dataclass(frozen=True, slots=True)
class Stopped:
    """What an upheld objection would withhold from one agency, and the rules that share it now."""

    recipient: str
    purpose: Purpose
    categories: tuple[Category, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReviewEvidence:
    """The evidence for a review; what does not concern its cause is empty."""

    directives: tuple[DirectiveView, ...] = ()
    overridden: tuple[Overridden, ...] = ()
    stopped: tuple[Stopped, ...] = ()


def review_evidence(hub: Hub, found: ReviewView) -> ReviewEvidence:
    """Return the evidence for a review; nothing for one about identity."""
    review = found.review
    if review.cause is ReviewCause.OBJECTION_MADE:
        return _objected(hub, str(found.detail.get("directive")))
    if review.child is None or review.event is None:
        return ReviewEvidence()
    decisions = explain(hub, event=review.event).decisions
    if review.cause is ReviewCause.OVERRIDE_USED:
        return ReviewEvidence(overridden=tuple(_overridden(decisions)))
    disputed = {d.id: d for one in decisions for d in _disputed(one, review.cause)}
    with hub.reading() as work:
        return ReviewEvidence(directives=_views(disputed.values(), work))


def _objected(hub: Hub, reference: str) -> ReviewEvidence:
    with hub.reading() as work:
        objection = work.directives.find(reference)
        if objection is None:
            return ReviewEvidence()
        return ReviewEvidence(
            directives=_views([objection], work), stopped=_stopped(objection, work)
        )


def _disputed(one: Decided, cause: ReviewCause) -> list[Directive]:
    """Return the directives for which a decision opened a review of a cause."""
    return [
        one.said[directive]
        for section in one.decision.sections
        for finding in section.findings
        if finding.review is cause
        for directive in finding.directives
        if directive in one.said
    ]


def _views(directives: Iterable[Directive], work: UnitOfWork) -> tuple[DirectiveView, ...]:
    found = sorted(directives, key=lambda one: (one.recorded_at, one.id))
    return tuple(directive_view(directive, work) for directive in found)


def _overridden(decisions: Iterable[Decided]) -> Iterator[Overridden]:
    """Return what was shared because of an override, alone or with other reasons."""
    for one in decisions:
        shared = tuple(
            (section.category, tuple(sorted(section.fields)))
            for section in one.decision.shared()
            if any(finding.reason is Reason.OVERRIDE for finding in section.findings)
        )
        if shared:
            yield Overridden(one.decision.recipient, one.position, shared, one.deliveries)


def _stopped(objection: Directive, work: UnitOfWork) -> tuple[Stopped, ...]:
    """Return what is shared without consent now and would stop if the objection is upheld."""
    involved = work.involved(objection.child)
    found: dict[tuple[str, Purpose], tuple[set[Category], set[str]]] = {}
    for cite, rule, recipients in _stoppable(work):
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


def _stoppable(work: UnitOfWork) -> Iterator[tuple[str, Rule, tuple[str, ...]]]:
    """Return the rules in force that an upheld objection would stop, with their recipients."""
    for agreement in work.rules.agreements:
        if agreement.in_force(work.now):
            for rule in agreement.rules:
                if rule.basis.article_6 in OBJECTIONABLE:
                    recipients = agreement.recipients_of(rule, work.directory.kind_of)
                    yield f"{agreement.id}@{agreement.version}/{rule.id}", rule, recipients
