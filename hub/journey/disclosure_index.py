"""The rows of the disclosure index: one for each reason of a recorded decision or disclosure. Pure.

A row states, for one recipient and one category of data, whether it was shared and why: by which
rule, for which purpose, on which basis, because of which directive. Rows are made from ledger
entries alone: from decisions, and from releases, which are the disclosures. The reasons why single
fields were withheld are included, except the most common, that no rule names the field; the
decision itself has it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from consent.decision import SectionDecision, Sharing
from consent.reasons import Reason
from hub.journey.entries import EntryBody
from hub.journey.entries.decisions import DecisionEntry
from hub.journey.entries.deliveries import ReleaseEntry
from schemas.coded import Coded
from schemas.times import stamp


class IndexRowKind(StrEnum):
    """Which kind of entry a row comes from: a decision, or a release of keys."""

    DECISION = "decision"
    DISCLOSURE = "disclosure"


class IndexReason(Coded):
    """A reason that only the index uses: it comes from the law, not from a rule."""

    CORRECTION_NOTICE = (
        "correction-notice",
        "Told: what the recipient holds of the record is wrong. Nothing else of it.",
    )


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One reason about one category; ``n`` counts the rows of an entry.

    ``category`` is empty for a notice, which is about the whole record.
    """

    position: int
    n: int
    at: str
    kind: str
    child: str | None
    event: str | None
    source: str
    recipient: str
    type: str
    category: str
    sharing: str
    reason: str
    purpose: str | None
    rule: str | None
    basis: str | None
    directive: str | None


# What many rows have in common: together they are a row's pattern.
FACETS = (
    "kind",
    "source",
    "recipient",
    "type",
    "category",
    "sharing",
    "reason",
    "purpose",
    "rule",
    "basis",
)
Facets = tuple[str, ...]


def facets_of(row: IndexRow) -> Facets:
    """Return the values of a row's facets, in the order of ``FACETS``; empty where it has none."""
    return tuple(getattr(row, name) or "" for name in FACETS)


@lru_cache(maxsize=65_536)
def pattern_of(facets: Facets) -> int:
    """Return a pattern's number, from its facets alone: 63 bits of their SHA-256."""
    digest = hashlib.sha256(json.dumps(facets).encode()).digest()
    return int.from_bytes(digest[:8]) >> 1


@dataclass(frozen=True, slots=True)
class _Why:
    """Why a category was shared or withheld, by one directive where it rests on one."""

    reason: str = ""
    purpose: str | None = None
    rule: str | None = None
    basis: str | None = None
    directive: str | None = None


# A category, how much of it was shared, and why.
_Part = tuple[str, Sharing, _Why]


def index_rows_of(position: int, body: EntryBody, at: dt.datetime) -> Iterator[IndexRow]:
    """Return the rows of one entry; none for an entry that is neither decision nor release."""
    if isinstance(body, DecisionEntry):
        kind, parts = IndexRowKind.DECISION, _decided(body)
    elif isinstance(body, ReleaseEntry):
        kind, parts = IndexRowKind.DISCLOSURE, _released(body)
    else:
        return
    question = body.question
    for n, (category, sharing, why) in enumerate(parts):
        yield IndexRow(
            position=position,
            n=n,
            at=stamp(at),
            kind=kind.value,
            child=body.child,
            event=body.event,
            source=question.source if question else "",
            recipient=question.recipient if question else body.recipient,
            type=question.event_type if question else "",
            category=str(category),
            sharing=sharing.value,
            reason=why.reason,
            purpose=why.purpose,
            rule=why.rule,
            basis=why.basis,
            directive=why.directive,
        )


def _decided(body: DecisionEntry) -> Iterator[_Part]:
    """Return every finding of every section, then the notice if there is one."""
    for section in body.decision.sections:
        yield from ((section.category, section.sharing, why) for why in _reasons(section))
    if body.notice:
        yield _NOTICE


def _released(body: ReleaseEntry) -> Iterator[_Part]:
    """Return what permitted each category that was released, and what withheld the others."""
    sections = body.decision.sections if body.decision else ()
    by_category = {section.category: section for section in sections}
    if body.anything and body.decision is None:
        yield _NOTICE
    for category in body.released:
        section = by_category.get(category)
        sharing = section.sharing if section else Sharing.CONTENT
        yield from ((category, sharing, why) for why in _permitting(section))
    for category in body.existence if body.anything else ():
        permitting = _permitting(by_category.get(category))
        yield from ((category, Sharing.EXISTENCE, why) for why in permitting)
    for category, codes in body.withheld.items():
        against = _against(by_category.get(category), codes)
        yield from ((category, Sharing.WITHHELD, why) for why in against)


_NOTICE: _Part = ("", Sharing.EXISTENCE, _Why(IndexReason.CORRECTION_NOTICE.value))


def _permitting(section: SectionDecision | None) -> Sequence[_Why]:
    """Return the findings that permit; one without particulars where there is none."""
    found = _findings(section)
    return [why for reason, why in found if reason.permits] or [_Why()]


def _against(section: SectionDecision | None, codes: Iterable[Reason]) -> Iterator[_Why]:
    """Return the findings with these reasons, and the bare reason where no finding has it."""
    found = _findings(section)
    for code in codes:
        yield from [why for reason, why in found if reason is code] or [_Why(code.value)]


def _reasons(section: SectionDecision) -> Iterator[_Why]:
    """Return the findings of a section, then the reasons of its fields that are not among them."""
    known = {Reason.FIELD_NOT_ALLOWED}
    for reason, why in _findings(section):
        known.add(reason)
        yield why
    for reason in sorted(set(section.refused.values()) - known):
        yield _Why(reason.value)


def _findings(section: SectionDecision | None) -> list[tuple[Reason, _Why]]:
    """Return the findings of a section, one for each directive that a finding rests on."""
    return [
        (
            one.reason,
            _Why(
                reason=one.reason.value,
                purpose=one.purpose.value if one.purpose else None,
                rule=one.rule,
                basis=one.basis,
                directive=directive,
            ),
        )
        for one in (section.findings if section else ())
        for directive in one.directives or (None,)
    ]
