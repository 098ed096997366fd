"""The decisions about one event: by recipient and category, with reasons. Pure."""

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
    """One reason, the rule it cites, and the directives it is based on.

    ``lost`` are references of directives that are no longer stored, as after an erasure.
    """

    sentence: str
    agreement: str = ""
    version: str = ""
    rule: str = ""
    title: str = ""
    purpose: str = ""
    basis: str = ""
    directives: tuple[Directive, ...] = ()
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CategoryView:
    """The outcome for one category: fields shared, and fields refused with the reason."""

    category: str
    sharing: str
    fields: tuple[str, ...]
    grounds: tuple[GroundView, ...]
    refused: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DeliveryTimeline:
    """One delivery and its steps."""

    id: str
    steps: tuple[TimelineStep, ...]


@dataclass(frozen=True, slots=True)
class RecipientView:
    """The decision for one recipient, in summary and by category."""

    position: int
    at: str
    name: str
    shared: bool
    notice: bool
    reoffer: bool
    categories: str
    existence: str
    parts: tuple[CategoryView, ...]
    deliveries: tuple[DeliveryTimeline, ...]


def recipients_of(life: Life) -> list[RecipientView]:
    """Return the decisions about an event, in the order they were made."""
    return [_recipient(one, life) for one in life.explained.decisions]


def _recipient(one: Decided, life: Life) -> RecipientView:
    sections = one.decision.sections
    return RecipientView(
        position=one.position,
        at=one.at,
        name=one.decision.recipient,
        shared=one.decision.permitted and not one.notice,
        notice=one.notice,
        reoffer=one.reoffer,
        categories=_named(sections, Sharing.CONTENT),
        existence=_named(sections, Sharing.EXISTENCE),
        parts=tuple(_part(section, one) for section in sections),
        deliveries=tuple(DeliveryTimeline(d.id, life.of_delivery(d.id)) for d in one.deliveries),
    )


def _named(sections: tuple[SectionDecision, ...], sharing: Sharing) -> str:
    """Return the names of the categories with this sharing, in a sentence."""
    names = [plain(one.category.value) for one in sections if one.sharing is sharing]
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _part(section: SectionDecision, one: Decided) -> CategoryView:
    return CategoryView(
        category=section.category.value,
        sharing=section.sharing.value,
        fields=tuple(map(_field, sorted(section.fields))),
        grounds=tuple(_ground(finding, one) for finding in telling(section)),
        refused=tuple(_refused(section)),
    )


def _refused(section: SectionDecision) -> Iterator[tuple[str, str]]:
    for reason, names in refused_by_reason(section).items():
        yield ", ".join(map(_field, names)), reason.sentence


def _field(name: str) -> str:
    """Return the name of a field: nhs_number is NHS number."""
    return plain(name.replace("_", "-"))


def _ground(finding: RuleFinding, one: Decided) -> GroundView:
    name, _, rule = (finding.rule or "").rpartition("/")
    agreement, _, version = name.partition("@")
    cited = one.cited.get(finding.rule or "")
    return GroundView(
        sentence=finding.reason.sentence,
        agreement=agreement,
        version=version,
        rule=rule,
        title=cited.agreement.title if cited else "",
        purpose=finding.purpose.value if finding.purpose else "",
        basis=cited.rule.basis.sentence() if cited else finding.basis or "",
        directives=tuple(one.said[ref] for ref in finding.directives if ref in one.said),
        lost=tuple(ref for ref in finding.directives if ref not in one.said),
    )
