"""One event's decisions, put together for reading: per recipient, per category, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from consent.decision import RuleFinding, SectionDecision, Sharing
from consent.directive import Directive
from hub.console.views.text import plain
from hub.evidence.event_timeline import Life, TimelineStep
from hub.evidence.explanation import Decided
from hub.evidence.explanation_text import refused_by_reason, telling


@dataclass(frozen=True, slots=True)
class GroundView:
    """One reason, the rule it cites, and the directives it rests on.

    ``lost`` are directives that are no longer kept, as after an erasure.
    """

    sentence: str
    agreement: str = ""
    version: str = ""
    rule: str = ""
    title: str = ""
    purpose: str = ""
    basis: str = ""
    said: tuple[Directive, ...] = ()
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CategoryView:
    """What became of one category: fields that were shared, and those that were not, with why."""

    category: str
    sharing: str
    fields: tuple[str, ...]
    rests: tuple[GroundView, ...]
    refused: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery and what became of it."""

    id: str
    steps: tuple[TimelineStep, ...]


@dataclass(frozen=True, slots=True)
class Recipient:
    """What was decided for one recipient, in a sentence and category by category."""

    position: int
    at: str
    name: str
    told: bool
    notice: bool
    reoffer: bool
    categories: str
    existence: str
    parts: tuple[CategoryView, ...]
    deliveries: tuple[Delivery, ...]


def recipients_of(life: Life) -> list[Recipient]:
    """Put an event's decisions together, in the order in which they were made."""
    return [_recipient(one, life) for one in life.explained.decisions]


def _recipient(one: Decided, life: Life) -> Recipient:
    sections = one.decision.sections
    return Recipient(
        position=one.position,
        at=one.at,
        name=one.decision.recipient,
        told=one.decision.permitted and not one.notice,
        notice=one.notice,
        reoffer=one.reoffer,
        categories=_named(sections, Sharing.CONTENT),
        existence=_named(sections, Sharing.EXISTENCE),
        parts=tuple(_part(section, one) for section in sections),
        deliveries=tuple(Delivery(d.id, life.of_delivery(d.id)) for d in one.deliveries),
    )


def _named(sections: tuple[SectionDecision, ...], sharing: Sharing) -> str:
    """List the categories that were shared so, in words."""
    names = [plain(one.category.value) for one in sections if one.sharing is sharing]
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _part(section: SectionDecision, one: Decided) -> CategoryView:
    return CategoryView(
        category=section.category.value,
        sharing=section.sharing.value,
        fields=tuple(map(_field, sorted(section.fields))),
        rests=tuple(_rests(finding, one) for finding in telling(section)),
        refused=tuple(_refused(section)),
    )


def _refused(section: SectionDecision) -> Iterator[tuple[str, str]]:
    for reason, names in refused_by_reason(section).items():
        yield ", ".join(map(_field, names)), reason.sentence


def _field(name: str) -> str:
    """Name a field in words: nhs_number is NHS number."""
    return plain(name.replace("_", "-"))


def _rests(finding: RuleFinding, one: Decided) -> GroundView:
    paper, _, rule = (finding.rule or "").rpartition("/")
    agreement, _, version = paper.partition("@")
    cited = one.cited.get(finding.rule or "")
    return GroundView(
        sentence=finding.reason.sentence,
        agreement=agreement,
        version=version,
        rule=rule,
        title=cited.agreement.title if cited else "",
        purpose=finding.purpose.value if finding.purpose else "",
        basis=cited.rule.basis.sentence() if cited else finding.basis or "",
        said=tuple(one.said[ref] for ref in finding.directives if ref in one.said),
        lost=tuple(ref for ref in finding.directives if ref not in one.said),
    )
