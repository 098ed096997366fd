"""Explaining an event's decisions from the ledger: who was told what, why, and what came of it.

What is told is what the ledger cites: the agreements by digest, the directives, the releases and
receipts. No name and no content is needed for it, and none is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consent.agreement import Agreement, Rule
from consent.decision import Decision
from consent.directive import Directive
from hub.intake.hub import Hub
from hub.journey.entries import EntryBody
from hub.journey.entries.decisions import DecisionEntry
from hub.journey.entries.deliveries import DeliveryEntry, DeliveryMadeEntry
from hub.journey.entries.events import EventHeldEntry, EventReceivedEntry
from hub.journey.ledger_rows import LedgerRow
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import NotFound

_Logged = tuple[LedgerRow, EntryBody]


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
    body = row.readable()
    if body is None:
        raise NotFound(f"Entry {position} cannot be read. Run 'hub audit verify'.")
    if isinstance(body, DecisionEntry) and row.subject.event:
        return explained(work, row.subject.event, position=position)
    if isinstance(body, DeliveryEntry) and row.subject.event:
        return explained(work, row.subject.event, delivery=body.delivery, entry=body.sentence())
    subject = row.subject
    return Explained(subject.event or "", "", "", subject.child or "", row.at, (), body.sentence())


def explained(
    work: UnitOfWork,
    event: str,
    *,
    delivery: str | None = None,
    position: int | None = None,
    entry: str = "",
) -> Explained:
    """Explain an event in an open unit of work: all its decisions, or one; raises NotFound."""
    rows = [(row, body) for row in work.ledger.about(event) if (body := row.readable())]
    if not rows:
        raise NotFound(f"The ledger has nothing about an event {event}.")
    made = _deliveries(rows)
    wanted = {made[delivery]} if delivery in made else set() if delivery is not None else None
    if position is not None:
        wanted = {position}
    row, first = _first(rows)
    event_type, source = (
        (first.type, first.source)
        if isinstance(first, EventReceivedEntry | EventHeldEntry)
        else ("", "")
    )
    return Explained(
        event=event,
        type=event_type,
        source=source,
        child=first.child if isinstance(first, EventReceivedEntry) else "",
        at=row.at,
        decisions=tuple(
            _decided(work, row, body, rows, made)
            for row, body in rows
            if isinstance(body, DecisionEntry) and (wanted is None or row.position in wanted)
        ),
        entry=entry,
    )


def _first(rows: Sequence[_Logged]) -> _Logged:
    """Return the entry that the event was received, or the first about it, as that it is held."""
    return next((one for one in rows if isinstance(one[1], EventReceivedEntry)), rows[0])


def _deliveries(rows: Sequence[_Logged]) -> dict[str, int]:
    """Map each delivery to the decision it was made on: the last one about its recipient."""
    last: dict[str, int] = {}
    made: dict[str, int] = {}
    for row, body in rows:
        if isinstance(body, DecisionEntry):
            last[body.recipient] = row.position
        elif isinstance(body, DeliveryMadeEntry):
            made[body.delivery] = last.get(body.recipient, -1)
    return made


def _decided(
    work: UnitOfWork,
    row: LedgerRow,
    body: DecisionEntry,
    rows: Sequence[_Logged],
    made: Mapping[str, int],
) -> Decided:
    decision = body.decision
    said = {one: work.directives.find(one) for one in decision.directives()}
    mine = [number for number, place in made.items() if place == row.position]
    return Decided(
        position=row.position,
        at=row.at,
        decision=decision,
        notice=body.notice,
        reoffer=body.reoffer,
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


def _delivered(number: str, rows: Sequence[_Logged]) -> DeliveryExplanation:
    steps = [
        (row.at, body.sentence())
        for row, body in rows
        if isinstance(body, DeliveryEntry) and body.delivery == number
    ]
    return DeliveryExplanation(number, tuple(steps))
