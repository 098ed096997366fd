"""View models of an explanation: each decision about an event, why, and what came of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from consent.decision import RuleFinding, SectionDecision
from hub.evidence.event_timeline import Life
from hub.evidence.explanation import Decided, DeliveryExplanation, Explained
from hub.evidence.explanation_text import decision_sentences
from hub.evidence.views import LedgerEntrySummary
from hub.foundation.view_model import ViewModel


class FindingView(ViewModel):
    """One reason, and what it rests on."""

    reason: str
    sentence: str
    rule: Annotated[str | None, Field(description="agreement@version/rule")]
    purpose: str | None
    basis: Annotated[str | None, Field(description="The lawful basis, each part of it")]
    agreement: Annotated[str | None, Field(description="agreement@version")]
    approved_by: str | None
    approved_on: str | None
    dpia: Annotated[str | None, Field(description="The impact assessment's reference")]
    directives: tuple[str, ...]


class SectionView(ViewModel):
    """What became of one category: each field with the rules that permit it, or why not."""

    category: str
    sharing: str
    fields: dict[str, tuple[str, ...]]
    refused: dict[str, str]
    findings: tuple[FindingView, ...]


class DeliveryStep(ViewModel):
    """One thing that happened to a delivery, in a sentence."""

    at: str
    sentence: str


class DeliverySteps(ViewModel):
    """One delivery and what became of it."""

    delivery: str
    steps: tuple[DeliveryStep, ...]


class DecisionView(ViewModel):
    """What was decided for one recipient."""

    position: int
    at: str
    recipient: str
    permitted: bool
    notice: Annotated[
        bool, Field(description="Shared: only that what the recipient holds is wrong")
    ]
    reoffer: Annotated[bool, Field(description="Decided when the event was offered again")]
    sentences: tuple[str, ...]
    sections: tuple[SectionView, ...]
    deliveries: tuple[DeliverySteps, ...]


class ExplanationView(ViewModel):
    """Decisions about one event, explained."""

    event: str
    type: str
    source: str
    child: Annotated[str, Field(description="Empty for an event that is about no known child yet")]
    at: str
    entry: Annotated[
        str, Field(description="The entry asked about in a sentence, where it is no decision")
    ]
    decisions: tuple[DecisionView, ...]


class EventView(ExplanationView):
    """One event: its decisions explained, and every entry about it in order."""

    timeline: tuple[LedgerEntrySummary, ...]


def explanation_view(found: Explained) -> ExplanationView:
    """Return an explanation as it is shown."""
    return ExplanationView(
        event=found.event,
        type=found.type,
        source=found.source,
        child=found.child,
        at=found.at,
        entry=found.entry,
        decisions=tuple(map(decision_view, found.decisions)),
    )


def event_view(life: Life) -> EventView:
    """Return an event with its timeline as it is shown; the child is named by its present id."""
    shown = explanation_view(life.explained).model_dump() | {"child": life.child}
    timeline = tuple(
        LedgerEntrySummary(position=s.position, at=s.at, kind=s.kind, sentence=s.sentence)
        for s in life.steps
    )
    return EventView(**shown, timeline=timeline)


def decision_view(one: Decided) -> DecisionView:
    """Return one recipient's decision as it is shown."""
    return DecisionView(
        position=one.position,
        at=one.at,
        recipient=one.decision.recipient,
        permitted=one.decision.permitted,
        notice=one.notice,
        reoffer=one.reoffer,
        sentences=tuple(line.strip() for line in decision_sentences(one)),
        sections=tuple(_section(section, one) for section in one.decision.sections),
        deliveries=tuple(map(_delivery, one.deliveries)),
    )


def _delivery(one: DeliveryExplanation) -> DeliverySteps:
    steps = tuple(DeliveryStep(at=at, sentence=words) for at, words in one.told)
    return DeliverySteps(delivery=one.id, steps=steps)


def _section(section: SectionDecision, one: Decided) -> SectionView:
    return SectionView(
        category=section.category.value,
        sharing=section.sharing.value,
        fields={name: tuple(rules) for name, rules in sorted(section.fields.items())},
        refused={name: reason.value for name, reason in sorted(section.refused.items())},
        findings=tuple(_finding(finding, one) for finding in section.findings),
    )


def _finding(finding: RuleFinding, one: Decided) -> FindingView:
    cited = one.cited.get(finding.rule or "")
    return FindingView(
        reason=finding.reason.value,
        sentence=finding.reason.sentence,
        rule=finding.rule,
        purpose=finding.purpose.value if finding.purpose else None,
        basis=cited.rule.basis.sentence() if cited else finding.basis,
        agreement=f"{cited.agreement.id}@{cited.agreement.version}" if cited else None,
        approved_by=cited.agreement.approved_by if cited else None,
        approved_on=str(cited.agreement.approved_on) if cited else None,
        dpia=cited.agreement.dpia if cited else None,
        directives=tuple(finding.directives),
    )
