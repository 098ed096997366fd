"""What a logged decision found, one row for each reason, so that decisions can be searched. Pure.

A row says of one recipient and one category of data what became of it and why: by which rule, for
which purpose, on which basis, because of which directive. Rows are made of the ledger's entries and
of nothing else. The reasons why single fields were withheld are among them, but for the plainest:
that no rule names the field; that stands in the decision.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from consent.ledger.entry import EntryKind, LedgerEntry
from consent.reasons import Reason
from hub.clock import stamp

Body = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Found:
    """One reason of one decision about one category; ``n`` counts the rows of an entry."""

    position: int
    n: int
    at: str
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


def findings_of(position: int, entry: LedgerEntry) -> Iterator[Found]:
    """Give what one entry found; nothing for an entry that is no decision."""
    if entry.kind is not EntryKind.DECISION:
        return
    question, decision = _map(entry.body.get("question")), _map(entry.body.get("decision"))
    reasons = (
        (section, reason)
        for section in _maps(decision.get("sections"))
        for reason in _reasons(section)
    )
    for n, (section, reason) in enumerate(reasons):
        yield Found(
            position=position,
            n=n,
            at=stamp(entry.at),
            child=_text(entry.body, "child"),
            event=_text(entry.body, "event"),
            source=str(question.get("source", "")),
            recipient=str(question.get("recipient", "")),
            type=str(question.get("event_type", "")),
            category=str(section.get("category", "")),
            sharing=str(section.get("sharing", "")),
            reason=str(reason.get("reason", "")),
            purpose=_text(reason, "purpose"),
            rule=_text(reason, "rule"),
            basis=_text(reason, "basis"),
            directive=_text(reason, "directive"),
        )


def _reasons(section: Body) -> Iterator[Body]:
    """Give the findings of a section, one for each directive, then the reasons of its fields."""
    told = {Reason.FIELD_NOT_ALLOWED.value}
    for finding in _maps(section.get("findings")):
        told.add(str(finding.get("reason")))
        directives = finding.get("directives")
        if not isinstance(directives, list) or not directives:
            yield finding
            continue
        for directive in directives:
            yield {**finding, "directive": directive}
    refused = {str(reason) for reason in _map(section.get("refused")).values()}
    for reason in sorted(refused - told):
        yield {"reason": reason}


def _map(value: JsonValue) -> Body:
    return value if isinstance(value, dict) else {}


def _maps(value: JsonValue) -> list[Body]:
    return [_map(one) for one in value] if isinstance(value, list) else []


def _text(body: Body, name: str) -> str | None:
    value = body.get(name)
    return value if isinstance(value, str) else None
