"""Options of a search: agencies, event types, categories, reasons, bases and rules, by code.

Bases and rules are those of the agreements in force. A link from a decision may name others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from consent.agreement import Agreement
from consent.reasons import Reason
from hub.console.views.text import event_type, plain
from hub.intake.hub import Hub
from hub.journey.disclosure_index import IndexReason, IndexRowKind
from schemas.registry import EVENT_TYPES
from schemas.sections import Category
from schemas.sharing import Purpose

# In the order of the form, with the label of each.
FACETS: Mapping[str, str] = {
    "told": "What",
    "agency": "Agency (sender or recipient)",
    "type": "What happened",
    "category": "Category of data",
    "outcome": "Outcome",
    "reason": "Reason",
    "purpose": "Purpose",
    "basis": "Lawful basis",
    "rule": "Rule",
}
SHARED, WITHHELD = "shared", "withheld"


@dataclass(frozen=True, slots=True)
class Choices:
    """The codes of each facet with their names, in the order of the form."""

    words: Mapping[str, Mapping[str, str]]

    def text(self, facet: str, code: str) -> str:
        """Return the name of a code; an unknown code as it is."""
        return self.words[facet].get(code, code)

    def offered(self, facet: str, chosen: str) -> list[dict[str, str]]:
        """Return the items of a select: any, every code, and the chosen code if it is unknown."""
        every = dict(self.words[facet])
        if chosen and chosen not in every:
            every[chosen] = chosen
        return [{"value": "", "text": "Any"}, *({"value": c, "text": t} for c, t in every.items())]


def choices_of(hub: Hub) -> Choices:
    """Return the options for searches of a hub."""
    with hub.reading() as work:
        agreements = work.rules.agreements
    return Choices(
        {
            "told": {
                IndexRowKind.DECISION: "Decisions only",
                IndexRowKind.DISCLOSURE: "Disclosures only",
            },
            "agency": _sorted((one.name, one.title) for one in hub.directory.agencies.values()),
            "type": _sorted((key, event_type(key)) for key in EVENT_TYPES),
            "category": {one.value: _first(plain(one.value)) for one in Category},
            "outcome": {SHARED: "Something was shared", WITHHELD: "Something was withheld"},
            "reason": {one.value: one.sentence for one in (*Reason, *IndexReason)},
            "purpose": _sorted((one.value, _first(plain(one.value))) for one in Purpose),
            "basis": _sorted((one, f"UK GDPR Article {one}") for one in _bases(agreements)),
            "rule": _sorted(_rules(agreements)),
        }
    )


def _bases(agreements: Iterable[Agreement]) -> set[str]:
    return {rule.basis.articles for paper in agreements for rule in paper.rules}


def _rules(agreements: Iterable[Agreement]) -> Iterable[tuple[str, str]]:
    for paper in agreements:
        for rule in paper.rules:
            words = f"{plain(rule.id)}, of {paper.id} version {paper.version}"
            yield f"{paper.id}@{paper.version}/{rule.id}", _first(words)


def _sorted(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    return dict(sorted(pairs, key=lambda pair: pair[1]))


def _first(words: str) -> str:
    return words[:1].upper() + words[1:]
