"""What the ledger logged of one decision: what was asked, considered, decided and delivered.

A decision when an event came stands in an entry of kind decision, one when keys were asked for in
an entry of kind release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue, ValidationError

from consent.decision import Decision
from consent.question import Question
from hub.journey.release import Contents, contents_decided
from hub.ledger.entry import EntryKind, LedgerEntry, decode
from hub.ledger.errors import LedgerError
from hub.store.ledger import Ledger

DECIDING = (EntryKind.DECISION, EntryKind.RELEASE)
Body = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Logged:
    """One logged decision; ``considered`` are the ids of the directives that were looked at."""

    kind: EntryKind
    child: str
    question: Question
    decision: Decision
    considered: tuple[str, ...]
    body: Body


def logged(entry: LedgerEntry | None) -> Logged | None:
    """Read the decision of an entry; None where it has none that can be read."""
    if entry is None or entry.kind not in DECIDING:
        return None
    body = entry.body
    try:
        question = Question.model_validate(body.get("question"))
        decision = Decision.model_validate(body.get("decision"))
    except ValidationError:
        return None
    listed = body.get("considered")
    considered = tuple(map(str, listed)) if isinstance(listed, list) else ()
    return Logged(entry.kind, str(body.get("child")), question, decision, considered, body)


def contents_logged(ledger: Ledger, event: str, delivery: str) -> Contents | None:
    """Tell what a delivery holds, from the ledger alone: what was decided when it was made.

    That is the last decision about its recipient before the entry that says it was made: what is
    offered again is decided again. None where the ledger has no such delivery or decision.
    """
    decisions: dict[JsonValue, Body] = {}
    for row in ledger.about(event):
        if row.kind not in {EntryKind.DECISION, EntryKind.DELIVERY}:
            continue
        try:
            body: Body = decode(row.entry).body
        except LedgerError:
            continue
        if row.kind == EntryKind.DECISION:
            decisions[body.get("recipient")] = body
        elif body.get("delivery") == delivery and "commitment" in body:
            return _contents(decisions.get(body.get("recipient"), {}))
    return None


def _contents(body: Body) -> Contents | None:
    try:
        decision = Decision.model_validate(body.get("decision"))
    except ValidationError:
        return None
    return contents_decided(decision, notice=bool(body.get("notice")))
