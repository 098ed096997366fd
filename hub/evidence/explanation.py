"""Explaining an event's decisions from the ledger: who was told what, why, and what came of it.

What is told is what the ledger cites: the agreements by digest, the directives, the releases and
receipts. No name and no content is needed for it, and none is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue, ValidationError

from consent.agreement import Agreement, Rule
from consent.decision import Decision
from consent.directive import Directive
from hub.evidence.entry_text import sentence
from hub.intake.hub import Hub
from hub.journey.ledger_rows import LedgerRow
from hub.ledger.entry import EntryKind, LedgerEntry, decode
from hub.ledger.errors import LedgerError
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import NotFound
from schemas.times import stamp

Body = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Cited:
    """A rule that a decision cites, with its agreement."""

    rule: Rule
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class DeliveryExplanation:
    """One delivery: its id, and in words all that became of it, with when."""

    id: str
    told: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """One recipient's decision, and what it cites; ``cited`` and ``said`` are by reference."""

    position: int
    at: str
    decision: Decision
    notice: bool
    reoffer: bool
    cited: Mapping[str, Cited]
    said: Mapping[str, Directive]
    deliveries: tuple[DeliveryExplanation, ...] = ()


@dataclass(frozen=True, slots=True)
class Explained:
    """One event with its decisions; ``entry`` is what is said of an entry that is no decision."""

    event: str
    type: str
    source: str
    child: str
    at: str
    decisions: tuple[Decided, ...]
    entry: str = ""


def explain(
    hub: Hub,
    *,
    event: str | None = None,
    delivery: str | None = None,
    position: int | None = None,
) -> Explained:
    """Explain an event, a delivery or an entry of the ledger; raises NotFound."""
    with hub.reading() as work:
        if delivery is not None:
            known = work.deliveries.find(delivery)
            if known is None:
                raise NotFound(f"There is no delivery {delivery}. See 'hub delivery list'.")
            return explained(work, known.event, delivery=delivery)
        if position is not None:
            return _of_entry(work, position)
        return explained(work, event or "")


def _of_entry(work: UnitOfWork, position: int) -> Explained:
    row = next(work.ledger.rows(position, position + 1), None)
    if row is None:
        raise NotFound(f"The ledger has no entry {position}.")
    entry = _decoded(row)
    if entry is None:
        raise NotFound(f"Entry {position} cannot be read. Run 'hub audit verify'.")
    if row.kind == EntryKind.DECISION and row.subject.event:
        return explained(work, row.subject.event, position=position)
    named = entry.body.get("delivery")
    if isinstance(named, str) and row.subject.event:
        return explained(work, row.subject.event, delivery=named, entry=sentence(entry))
    subject = row.subject
    return Explained(subject.event or "", "", "", subject.child or "", row.at, (), sentence(entry))


def explained(
    work: UnitOfWork,
    event: str,
    *,
    delivery: str | None = None,
    position: int | None = None,
    entry: str = "",
) -> Explained:
    """Explain an event in an open unit of work: all its decisions, or one; raises NotFound."""
    rows = [(row, found) for row in work.ledger.about(event) if (found := _decoded(row))]
    if not rows:
        raise NotFound(f"The ledger says nothing of an event {event}.")
    made = _deliveries(rows)
    wanted = {made[delivery]} if delivery in made else set() if delivery is not None else None
    if position is not None:
        wanted = {position}
    decisions = [
        _decided(work, row, found, rows, made)
        for row, found in rows
        if row.kind == EntryKind.DECISION and (wanted is None or row.position in wanted)
    ]
    first = next((f for r, f in rows if r.kind == EntryKind.EVENT_RECEIVED), rows[0][1])
    return Explained(
        event=event,
        type=str(first.body.get("type", "")),
        source=str(first.body.get("source", "")),
        child=str(first.body.get("child") or ""),
        at=stamp(first.at),
        decisions=tuple(one for one in decisions if one is not None),
        entry=entry,
    )


def _deliveries(rows: Sequence[tuple[LedgerRow, LedgerEntry]]) -> dict[str, int]:
    """Tell of each delivery on which decision it was made: the last one about its recipient."""
    last: dict[JsonValue, int] = {}
    made: dict[str, int] = {}
    for row, entry in rows:
        if row.kind == EntryKind.DECISION:
            last[entry.body.get("recipient")] = row.position
        elif row.kind == EntryKind.DELIVERY and "voided" not in entry.body:
            made[str(entry.body.get("delivery"))] = last.get(entry.body.get("recipient"), -1)
    return made


def _decided(
    work: UnitOfWork,
    row: LedgerRow,
    entry: LedgerEntry,
    rows: Sequence[tuple[LedgerRow, LedgerEntry]],
    made: Mapping[str, int],
) -> Decided | None:
    try:
        decision = Decision.model_validate(entry.body.get("decision"))
    except ValidationError:
        return None
    said = {one: work.said.find(one) for one in decision.directives()}
    mine = [number for number, place in made.items() if place == row.position]
    return Decided(
        position=row.position,
        at=row.at,
        decision=decision,
        notice=bool(entry.body.get("notice")),
        reoffer=bool(entry.body.get("reoffer")),
        cited=_cited(work, decision),
        said={one: directive for one, directive in said.items() if directive is not None},
        deliveries=tuple(_delivered(number, rows) for number in mine),
    )


def _cited(work: UnitOfWork, decision: Decision) -> dict[str, Cited]:
    """Find the rules of the agreements that a decision looked at, by how they are cited."""
    found: dict[str, Cited] = {}
    for name, digest in decision.agreements.items():
        agreement = work.agreements.find(digest)
        if agreement is not None:
            found |= {f"{name}/{rule.id}": Cited(rule, agreement) for rule in agreement.rules}
    return found


def _delivered(number: str, rows: Sequence[tuple[LedgerRow, LedgerEntry]]) -> DeliveryExplanation:
    told = [
        (row.at, sentence(entry)) for row, entry in rows if entry.body.get("delivery") == number
    ]
    return DeliveryExplanation(number, tuple(told))


def _decoded(row: LedgerRow) -> LedgerEntry | None:
    try:
        return decode(row.entry)
    except LedgerError:
        return None
