"""Cases and their decisions in words, and as JSON values."""

from __future__ import annotations

from collections.abc import Iterator

from consent.cases.model import CaseExpect
from consent.cases.run import Came, CaseOutcome, CaseResult
from consent.decision import Decision, SectionDecision


def case_lines(file: str, result: CaseResult) -> Iterator[str]:
    """Write a case with what was expected and what came."""
    yield f"{'pass' if result.passed else 'FAIL'}  {file}"
    yield f"      {result.case.title}"
    for outcome in result.outcomes:
        expected, came = outcome.expected, outcome.came
        yield f"      {expected.recipient}, {expected.category.value}:"
        yield f"        expected {_expected(expected)}"
        yield f"        came     {_came(came, expected)}" + _marked(outcome)


def decision_lines(result: CaseResult) -> Iterator[str]:
    """Write the whole decision for each recipient."""
    for recipient, decision in result.decisions.items():
        yield ""
        yield f"{recipient}: {'delivered' if decision.permitted else 'nothing is delivered'}"
        yield f"  rules version {decision.rules}; agreements {_named(decision)}"
        for section in decision.sections:
            yield from _section(section)


def difference(outcome: CaseOutcome) -> dict[str, object]:
    """Return one difference as JSON values."""
    expected, came = outcome.expected, outcome.came
    wanted = expected.model_dump(mode="json", exclude_none=True)
    return {
        "recipient": wanted.pop("recipient"),
        "category": wanted.pop("category"),
        "differs": list(outcome.differs),
        "expected": wanted,
        "came": {
            "sharing": came.sharing.value,
            "reasons": list(came.reasons),
            "fields": list(came.fields),
            "reviews": list(came.reviews),
        },
    }


def _section(section: SectionDecision) -> Iterator[str]:
    yield f"  {section.category.value}: {section.sharing.value}"
    for finding in section.findings:
        yield f"    {finding.reason.value}: {finding.reason.sentence}"
        if finding.rule:
            terms = (finding.purpose.value if finding.purpose else None, finding.basis)
            yield f"      rule {', '.join(filter(None, (finding.rule, *terms)))}"
        if finding.directives:
            yield f"      directives {', '.join(finding.directives)}"
        if finding.review is not None:
            yield f"      review {finding.review.value}: {finding.review.sentence}"
    if section.fields:
        yield f"    shared: {', '.join(section.fields)}"
    for name, reason in section.refused.items():
        yield f"    not shared: {name} ({reason.value})"


def _named(decision: Decision) -> str:
    return ", ".join(decision.agreements) or "none"


def _expected(expected: CaseExpect) -> str:
    parts = [expected.sharing.value]
    if expected.reason is not None:
        parts.append(f"because {expected.reason}")
    if expected.fields is not None:
        parts.append(f"fields {', '.join(sorted(expected.fields)) or 'none'}")
    if expected.review is not None:
        parts.append(f"review {expected.review or 'none'}")
    return "; ".join(parts)


def _came(came: Came, expected: CaseExpect) -> str:
    parts = [came.sharing.value]
    if came.reasons:
        parts.append(f"because {', '.join(came.reasons)}")
    if expected.fields is not None:
        parts.append(f"fields {', '.join(came.fields) or 'none'}")
    if expected.review is not None or came.reviews:
        parts.append(f"review {', '.join(came.reviews) or 'none'}")
    return "; ".join(parts)


def _marked(outcome: CaseOutcome) -> str:
    return f"  <- {', '.join(outcome.differs)}" if outcome.differs else ""
