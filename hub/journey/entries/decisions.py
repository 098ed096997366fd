"""The ledger entry of a decision: one event and one recipient, with all that decided it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import Field

from consent.decision import Decision, SectionDecision, Sharing
from consent.question import Question
from consent.reasons import Reason
from hub.journey.entries.base import (
    ChildId,
    CountKind,
    EntryBody,
    EventRef,
    FoundBy,
    Recipient,
)

Considered = Annotated[
    tuple[str, ...],
    Field(description="the ids of all directives about the child, in force or not"),
]


@dataclass(frozen=True, slots=True)
class DecisionBasis:
    """A decision with what it was made of, so that it can be made again."""

    question: Question
    decision: Decision
    considered: tuple[str, ...]


class DecisionEntry(EntryBody):
    """What one recipient may receive of an event was decided."""

    kind: ClassVar[str] = "decision"
    found_by: ClassVar[FoundBy] = FoundBy(child="child", event="event", agency="recipient")

    event: EventRef
    child: ChildId
    recipient: Recipient
    permitted: Annotated[bool, Field(description="whether the recipient receives any section")]
    notice: Annotated[bool, Field(description="only that the record it holds is wrong is sent")] = (
        False
    )
    reoffer: Annotated[
        bool, Field(description="an earlier event was decided again for a re-offer")
    ] = False
    question: Annotated[
        Question, Field(description="the shape of the event, the recipient's part, the child")
    ]
    decision: Annotated[
        Decision, Field(description="sections, fields, reasons, rules, agreements by digest")
    ]
    considered: Considered

    @property
    def basis(self) -> DecisionBasis:
        """The decision and what it was made of."""
        return DecisionBasis(self.question, self.decision, self.considered)

    def sentence(self) -> str:
        """Describe what the recipient may see, and each reason why it may not see the rest."""
        decision = self.decision
        what = f"{self.question.event_type} from {self.question.source}"
        shared = ", ".join(_share(part) for part in decision.shared())
        first = (
            f"{decision.recipient} may see {shared} of {what}."
            if shared
            else f"{decision.recipient} receives nothing of {what}."
        )
        notice = ["It is notified that the record it holds is wrong."] if self.notice else []
        return " ".join([first, *_withheld(decision), *notice])

    def daily_counts(self) -> Iterator[tuple[str, CountKind]]:
        """Count a decision that sends the recipient nothing."""
        if not self.permitted and not self.notice:
            yield self.recipient, CountKind.WITHHELD


def _share(part: SectionDecision) -> str:
    if part.sharing is Sharing.EXISTENCE:
        return f"that there is a {part.category.value} record"
    return f"{part.category.value} ({', '.join(sorted(part.fields))})"


def _withheld(decision: Decision) -> list[str]:
    """Name each reason once, with the categories it withholds."""
    by_reason: dict[Reason, list[str]] = {}
    for part in decision.sections:
        if part.sharing is Sharing.WITHHELD:
            for reason in dict.fromkeys(finding.reason for finding in part.findings):
                if not reason.permits:
                    by_reason.setdefault(reason, []).append(part.category.value)
    return [f"{', '.join(names)}: {reason.sentence}" for reason, names in by_reason.items()]
