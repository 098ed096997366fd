"""What a logged decision or disclosure found, one row for each reason, so that it is found again.

A row says of one recipient and one category of data what became of it and why: by which rule, for
which purpose, on which basis, because of which directive. Rows are made of the ledger's entries and
of nothing else: of decisions, and of releases, which are the disclosures. The reasons why single
fields were withheld are among them, but for the plainest: that no rule names the field; that stands
in the decision. Pure.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from pydantic import JsonValue

from consent.decision import Sharing
from consent.reasons import Reason
from hub.ledger.entry import EntryKind, LedgerEntry
from schemas.coded import Coded
from schemas.times import stamp

Body = Mapping[str, JsonValue]


class IndexRowKind(StrEnum):
    """What kind of entry a row is of: what was decided, or what was decided as keys were given."""

    DECISION = "decision"
    DISCLOSURE = "disclosure"


class IndexReason(Coded):
    """A reason that stands in the index alone: no rule gives it, the law does."""

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
    told: str
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
    "told",
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


def facets_of(found: IndexRow) -> Facets:
    """Give the values of a row's facets, in the order of ``FACETS``; empty for what it has not."""
    return tuple(getattr(found, name) or "" for name in FACETS)


@lru_cache(maxsize=65_536)
def pattern_of(facets: Facets) -> int:
    """Number a pattern by its facets alone: 63 bits of their SHA-256, the same everywhere."""
    digest = hashlib.sha256(json.dumps(facets).encode()).digest()
    return int.from_bytes(digest[:8]) >> 1


# A category, how much of it was shared, and the finding that says why.
_Said = tuple[str, str, Body]


def findings_of(position: int, entry: LedgerEntry) -> Iterator[IndexRow]:
    """Give what one entry found; nothing for an entry that is neither decision nor release."""
    if entry.kind is EntryKind.DECISION:
        told, said = IndexRowKind.DECISION, _decided(entry.body)
    elif entry.kind is EntryKind.RELEASE:
        told, said = IndexRowKind.DISCLOSURE, _released(entry.body)
    else:
        return
    body, question = entry.body, _map(entry.body.get("question"))
    recipient = question.get("recipient") or body.get("recipient") or ""
    for n, (category, sharing, reason) in enumerate(said):
        yield IndexRow(
            position=position,
            n=n,
            at=stamp(entry.at),
            told=told.value,
            child=_text(body, "child"),
            event=_text(body, "event"),
            source=str(question.get("source", "")),
            recipient=str(recipient),
            type=str(question.get("event_type", "")),
            category=category,
            sharing=sharing,
            reason=str(reason.get("reason", "")),
            purpose=_text(reason, "purpose"),
            rule=_text(reason, "rule"),
            basis=_text(reason, "basis"),
            directive=_text(reason, "directive"),
        )


def _decided(body: Body) -> Iterator[_Said]:
    """Give every finding of every section, then that a notice was given."""
    for section in _maps(_map(body.get("decision")).get("sections")):
        for reason in _reasons(section):
            yield str(section.get("category", "")), str(section.get("sharing", "")), reason
    if body.get("notice") is True:
        yield _NOTICE


def _released(body: Body) -> Iterator[_Said]:
    """Give what permitted each category that was given, and what withheld the others."""
    sections = _maps(_map(body.get("decision")).get("sections"))
    by_category = {str(section.get("category", "")): section for section in sections}
    given = body.get("anything") is True
    if given and "question" not in body:
        yield _NOTICE
    for category in _texts(body.get("released")):
        section = by_category.get(category, {})
        sharing = str(section.get("sharing", Sharing.CONTENT.value))
        yield from ((category, sharing, reason) for reason in _permitting(section))
    for category in _existing(body, by_category) if given else ():
        section = by_category.get(category, {})
        yield from ((category, Sharing.EXISTENCE.value, reason) for reason in _permitting(section))
    for category, codes in _map(body.get("withheld")).items():
        section = by_category.get(category, {})
        for reason in _against(section, _texts(codes)):
            yield category, Sharing.WITHHELD.value, reason


def _existing(body: Body, sections: Mapping[str, Body]) -> list[str]:
    """Name the categories of which it was told that there is a record, and no more.

    Early entries do not say; with no section given it must have been all that was permitted.
    """
    if "existence" in body or body.get("released"):
        return _texts(body.get("existence"))
    withheld = Sharing.WITHHELD.value
    return [name for name, one in sections.items() if one.get("sharing") != withheld]


_PERMITS = frozenset(reason.value for reason in Reason if reason.permits)
_NOTICE: _Said = (
    "",
    Sharing.EXISTENCE.value,
    {"reason": IndexReason.CORRECTION_NOTICE.value},
)


def _permitting(section: Body) -> list[Body]:
    """Give the findings that permit; one without particulars where none is there."""
    found = [one for one in _spread(section) if str(one.get("reason")) in _PERMITS]
    return found or [{}]


def _against(section: Body, codes: Iterable[str]) -> Iterator[Body]:
    """Give the findings with these reasons, and the bare reason where no finding has it."""
    found = list(_spread(section))
    for code in codes:
        yield from [one for one in found if one.get("reason") == code] or [{"reason": code}]


def _reasons(section: Body) -> Iterator[Body]:
    """Give the findings of a section, then the reasons of its fields that are not among them."""
    told = {Reason.FIELD_NOT_ALLOWED.value}
    for finding in _spread(section):
        told.add(str(finding.get("reason")))
        yield finding
    refused = {str(reason) for reason in _map(section.get("refused")).values()}
    for reason in sorted(refused - told):
        yield {"reason": reason}


def _spread(section: Body) -> Iterator[Body]:
    """Give the findings of a section, one for each directive that a finding rests on."""
    for finding in _maps(section.get("findings")):
        directives = _texts(finding.get("directives"))
        if not directives:
            yield finding
        for directive in directives:
            yield {**finding, "directive": directive}


def _map(value: JsonValue) -> Body:
    return value if isinstance(value, dict) else {}


def _maps(value: JsonValue) -> list[Body]:
    return [_map(one) for one in value] if isinstance(value, list) else []


def _texts(value: JsonValue) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def _text(body: Body, name: str) -> str | None:
    value = body.get(name)
    return value if isinstance(value, str) else None
