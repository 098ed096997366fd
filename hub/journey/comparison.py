"""Decisions held against each other: who would newly see what, and who would no longer. Pure.

Two decisions about one question give its changes, by category; many such pairs are counted by
source, recipient, type of event and category.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from consent.decision import Decision, SectionDecision, Sharing
from consent.question import Question
from schemas.sections import Category

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class VisibilityChange:
    """What a recipient would newly see of one category, or no longer.

    ``gained`` and ``lost`` name fields. ``exists``: it would newly learn that there is a record,
    and nothing of it; ``vanishes``: it would no longer learn even that.
    """

    category: Category
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    exists: bool = False
    vanishes: bool = False

    @property
    def anything(self) -> bool:
        """Whether there is any change at all."""
        return bool(self.gained or self.lost or self.exists or self.vanishes)


def compare(before: Decision, after: Decision) -> tuple[VisibilityChange, ...]:
    """Say, category by category, what another decision about the same question would change."""
    then = {section.category: section for section in before.sections}
    found = (_change(then.get(section.category), section) for section in after.sections)
    return tuple(change for change in found if change.anything)


def _change(before: SectionDecision | None, after: SectionDecision) -> VisibilityChange:
    fields = set(before.fields) if before is not None else set()
    had = before.sharing if before is not None else Sharing.WITHHELD
    has = after.sharing
    return VisibilityChange(
        after.category,
        gained=tuple(sorted(set(after.fields) - fields)),
        lost=tuple(sorted(fields - set(after.fields))),
        exists=had is Sharing.WITHHELD and has is Sharing.EXISTENCE,
        vanishes=had is Sharing.EXISTENCE and has is Sharing.WITHHELD,
    )


@dataclass(frozen=True, slots=True)
class ComparedDecision:
    """One decision of the past, as it was and as it would have been."""

    position: int
    child: str
    question: Question
    before: Decision
    after: Decision


@dataclass(frozen=True, slots=True)
class Group:
    """What would change for one recipient in one category of one type of event from one source.

    ``gained`` and ``lost`` name fields newly seen and no longer seen in any of the ``decisions``;
    ``exists`` and ``vanishes`` count those in which the bare existence of a record would newly be
    known, or no longer; ``begins`` and ``ends`` count deliveries that would newly be made, or no
    longer. ``examples`` are positions of the ledger.
    """

    source: str
    recipient: str
    type: str
    category: Category
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    exists: int
    vanishes: int
    decisions: int
    children: int
    begins: int
    ends: int
    examples: tuple[int, ...]


@dataclass(slots=True)
class _Sum:
    """What has been counted of one group so far."""

    gained: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    children: set[str] = field(default_factory=set)
    examples: list[int] = field(default_factory=list)
    exists: int = 0
    vanishes: int = 0
    decisions: int = 0
    begins: int = 0
    ends: int = 0

    def add(self, case: ComparedDecision, change: VisibilityChange) -> None:
        """Count one category of one case."""
        self.gained |= set(change.gained)
        self.lost |= set(change.lost)
        self.children.add(case.child)
        self.examples = [*self.examples, case.position][-EXAMPLES:]
        self.exists += change.exists
        self.vanishes += change.vanishes
        self.decisions += 1
        self.begins += _begins(case)
        self.ends += _ends(case)


_Key = tuple[str, str, str, Category]


@dataclass(slots=True)
class ComparisonTally:
    """The counts so far; they grow with the number of changes, not with that of decisions."""

    decisions: int = 0
    differing: int = 0
    changed: int = 0
    begins: int = 0
    ends: int = 0
    children: set[str] = field(default_factory=set)
    cited: set[str] = field(default_factory=set)
    sums: dict[_Key, _Sum] = field(default_factory=dict)

    def count(self, case: ComparedDecision) -> None:
        """Count one decision."""
        findings = (finding for section in case.after.sections for finding in section.findings)
        self.cited |= {finding.rule for finding in findings if finding.rule}
        changes = compare(case.before, case.after)
        if not changes:
            return
        self.changed += 1
        self.children.add(case.child)
        self.begins += _begins(case)
        self.ends += _ends(case)
        asked = case.question
        for change in changes:
            key = (asked.source, asked.recipient, asked.event_type, change.category)
            self.sums.setdefault(key, _Sum()).add(case, change)

    def groups(self) -> tuple[Group, ...]:
        """Give what was counted, by source, recipient, type and category."""
        return tuple(_group(key, self.sums[key]) for key in sorted(self.sums))


def _group(key: _Key, found: _Sum) -> Group:
    source, recipient, kind, category = key
    return Group(
        source=source,
        recipient=recipient,
        type=kind,
        category=category,
        gained=tuple(sorted(found.gained)),
        lost=tuple(sorted(found.lost)),
        exists=found.exists,
        vanishes=found.vanishes,
        decisions=found.decisions,
        children=len(found.children),
        begins=found.begins,
        ends=found.ends,
        examples=tuple(reversed(found.examples)),
    )


def _begins(case: ComparedDecision) -> bool:
    return case.after.permitted and not case.before.permitted


def _ends(case: ComparedDecision) -> bool:
    return case.before.permitted and not case.after.permitted
