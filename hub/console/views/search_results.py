"""Search results: index rows grouped by decision, category and reason. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hub.journey.disclosure_index import IndexRow


@dataclass(frozen=True, slots=True)
class ReasonView:
    """One reason, with its rule and directive, which may be empty."""

    reason: str
    agreement: str
    version: str
    rule: str
    basis: str
    purpose: str
    directive: str


@dataclass(frozen=True, slots=True)
class CategoryResult:
    """The outcome for one category of data; empty for a notice about the whole record."""

    category: str
    sharing: str
    whys: tuple[ReasonView, ...]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One decision or disclosure, with the categories that match the search."""

    position: int
    at: str
    told: str
    event: str
    source: str
    recipient: str
    type: str
    data: tuple[CategoryResult, ...]


def results_of(rows: Iterable[IndexRow]) -> list[SearchResult]:
    """Group index rows by ledger entry, newest first."""
    entries: dict[int, list[IndexRow]] = {}
    for row in rows:
        entries.setdefault(row.position, []).append(row)
    return [_result(entries[position]) for position in sorted(entries, reverse=True)]


def _result(rows: list[IndexRow]) -> SearchResult:
    first = rows[0]
    parts: dict[tuple[str, str], list[ReasonView]] = {}
    for row in sorted(rows, key=lambda one: one.n):
        whys = parts.setdefault((row.category, row.sharing), [])
        whys.append(_why(row))
    return SearchResult(
        position=first.position,
        at=first.at,
        told=first.kind,
        event=first.event or "",
        source=first.source,
        recipient=first.recipient,
        type=first.type,
        data=tuple(
            CategoryResult(category, sharing, tuple(dict.fromkeys(whys)))
            for (category, sharing), whys in parts.items()
        ),
    )


def _why(row: IndexRow) -> ReasonView:
    paper, _, rule = (row.rule or "").rpartition("/")
    agreement, _, version = paper.partition("@")
    return ReasonView(
        reason=row.reason,
        agreement=agreement,
        version=version,
        rule=rule,
        basis=row.basis or "",
        purpose=row.purpose or "",
        directive=row.directive or "",
    )
