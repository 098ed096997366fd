"""Explanations in plain sentences: names of fields, never their content."""

from __future__ import annotations

from collections.abc import Iterator

from consent.decision import RuleFinding, SectionDecision, Sharing
from consent.directive import Directive
from consent.reasons import Reason
from hub.evidence.explanation import Cited, Decided, Explained
from schemas.times import stamp


def sentences(found: Explained) -> Iterator[str]:
    """Say an explanation line by line."""
    if found.entry:
        yield found.entry
    if found.type:
        what = f"{found.source} sent {found.type} about child {found.child}"
        yield f"{what}, {_when(found.at)} (event {found.event})."
    for one in found.decisions:
        yield ""
        yield from decision_sentences(one)


def decision_sentences(one: Decided) -> Iterator[str]:
    """Return one decision in sentences, line by line, indented."""
    again = " when it was offered again" if one.reoffer else ""
    yield f"{one.decision.recipient}, decided {_when(one.at)}{again} (entry {one.position}):"
    for section in one.decision.sections:
        yield from (f"  {line}" for line in _section(section, one))
    if one.notice:
        yield "  It was told that what it holds of the record is wrong, and nothing else."
    if not one.decision.permitted and not one.notice:
        yield "  It was told nothing, not even that there is such an event."
    for delivery in one.deliveries:
        yield f"  What became of delivery {delivery.id}:"
        yield from (f"    {_when(at)}: {words}" for at, words in delivery.told)


def _section(section: SectionDecision, one: Decided) -> Iterator[str]:
    name = section.category.value
    if section.sharing is Sharing.WITHHELD:
        yield f"{name} was withheld."
    elif section.sharing is Sharing.EXISTENCE:
        yield f"Of {name} it was told only that there is a record."
    else:
        yield f"Of {name} it was told: {', '.join(sorted(section.fields))}."
    for finding in telling(section):
        yield from (f"  {line}" for line in _finding(finding, one))
    for reason, fields in refused_by_reason(section).items():
        yield f"  Not told: {', '.join(fields)}. {reason.sentence}"


def telling(section: SectionDecision) -> tuple[RuleFinding, ...]:
    """Give the findings that account for a section's outcome.

    Of rules that say otherwise nothing came; a guard of single fields cites no rule.
    """
    shared = section.sharing is not Sharing.WITHHELD
    return tuple(f for f in section.findings if f.reason.permits is shared or not f.rule)


def refused_by_reason(section: SectionDecision) -> dict[Reason, list[str]]:
    """Name the fields that were not shared, under the reason of each."""
    by_reason: dict[Reason, list[str]] = {}
    for name, reason in sorted(section.refused.items()):
        by_reason.setdefault(reason, []).append(name)
    return by_reason


def _finding(finding: RuleFinding, one: Decided) -> Iterator[str]:
    yield finding.reason.sentence
    cited = one.cited.get(finding.rule or "")
    if cited is not None:
        yield _rule(cited)
    elif finding.rule:
        yield f"Rule {finding.rule} for {finding.purpose}, basis {finding.basis}."
    for reference in finding.directives:
        directive = one.said.get(reference)
        yield _directive(directive) if directive else f"Directive {reference} (no longer kept)."


def _rule(cited: Cited) -> str:
    rule, paper = cited.rule, cited.agreement
    purpose = rule.purpose.value.replace("-", " ")
    named = f'rule {rule.id} of agreement {paper.id}, version {paper.version}, "{paper.title}"'
    approved = f"approved by {paper.approved_by} on {paper.approved_on}; {paper.dpia}"
    return f"By {named}, for {purpose} ({approved}). Basis: {rule.basis.sentence()}."


def _directive(said: Directive) -> str:
    who = said.authority.value.replace("-", " ")
    first = f"Directive {said.id}: {said.kind.value} by {said.decider} ({who})"
    ended = f", withdrawn {_when(stamp(said.withdrawn_at))}" if said.withdrawn_at else ""
    return f"{first}, recorded {_when(stamp(said.recorded_at))}{ended}."


def _when(at: str) -> str:
    return f"{at[:10]} {at[11:19]} UTC"
