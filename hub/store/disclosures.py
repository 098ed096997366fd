"""Who was sent what: about a record, of an event, and what of it they were given."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Row, or_, select

from hub.store.tables import deliveries, events

OPEN = ("pending", "published")
"""States in which a delivery may still reach its recipient."""


@dataclass(frozen=True, slots=True)
class SentDelivery:
    """One delivery of an event: what was sealed into it, what was released, what became of it."""

    id: str
    recipient: str
    state: str
    code: str
    contents: str
    released: tuple[str, ...]
    releases: int
    receipt_at: str | None


@dataclass(frozen=True, slots=True)
class RecordChange:
    """One event that corrects or retracts a record."""

    ref: str
    seq: int
    type: str
    source: str
    status: str
    child: str | None
    record: str | None
    received_at: str


class Disclosures:
    """Reads what went to whom, on one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def recipients_of(self, record: str, before: int | None = None) -> frozenset[str]:
        """Name who was given something about a record, or may still get it from a queue.

        ``before`` leaves out what belongs to events from that place in the order on.
        """
        given = or_(deliveries.c.releases > 0, deliveries.c.state.in_(OPEN))
        statement = select(deliveries.c.recipient).where(deliveries.c.record == record, given)
        if before is not None:
            statement = statement.where(deliveries.c.seq < before)
        return frozenset(self._connection.scalars(statement.distinct()))

    def was_given(self, delivery: str) -> bool:
        """Whether a delivery's recipient was ever given keys of another about the same record."""
        own = select(deliveries.c.record, deliveries.c.recipient).where(deliveries.c.id == delivery)
        row = self._connection.execute(own).first()
        if row is None or row.record is None:
            return False
        other = select(deliveries.c.id).where(
            deliveries.c.record == row.record,
            deliveries.c.recipient == row.recipient,
            deliveries.c.id != delivery,
            deliveries.c.releases > 0,
        )
        return self._connection.execute(other.limit(1)).first() is not None

    def sent(self, event: str) -> list[SentDelivery]:
        """List an event's deliveries, by recipient."""
        rows = self._connection.execute(
            select(deliveries)
            .where(deliveries.c.event == event)
            .order_by(deliveries.c.recipient, deliveries.c.made_at, deliveries.c.id)
        )
        return [_sent(row) for row in rows]

    def given_of(self, child: str) -> list[SentDelivery]:
        """List the deliveries about a child whose keys were given at least once, by recipient."""
        rows = self._connection.execute(
            select(deliveries)
            .where(deliveries.c.child == child, deliveries.c.releases > 0)
            .order_by(deliveries.c.recipient, deliveries.c.made_at, deliveries.c.id)
        )
        return [_sent(row) for row in rows]

    def kept_of(self, child: str) -> list[str]:
        """List a child's decided events whose content is still kept, in the order they came."""
        return list(
            self._connection.scalars(
                select(events.c.ref)
                .where(
                    events.c.child == child,
                    events.c.state == "decided",
                    events.c.sealed.is_not(None),
                )
                .order_by(events.c.seq)
            )
        )

    def record_of(self, event: str) -> str | None:
        """Give the blind index of the record that an event is about, if it names one."""
        return self._connection.scalar(select(events.c.record).where(events.c.ref == event))

    def superseded(self, event: str) -> bool:
        """Whether a later event corrected or retracted the record that an event is about."""
        own = select(events.c.record, events.c.seq).where(events.c.ref == event)
        row = self._connection.execute(own).first()
        if row is None or row.record is None:
            return False
        later = select(events.c.seq).where(
            events.c.record == row.record, events.c.seq > row.seq, events.c.status != "recorded"
        )
        return self._connection.execute(later.limit(1)).first() is not None

    def changes(self) -> Iterator[RecordChange]:
        """Read every decided event that corrects or retracts a record, in order."""
        rows = self._connection.execute(
            select(events)
            .where(events.c.status != "recorded", events.c.state == "decided")
            .order_by(events.c.seq)
        )
        for row in rows:
            values = row._mapping  # noqa: SLF001  SQLAlchemy's public name for it
            yield RecordChange(**{name: values[name] for name in RecordChange.__dataclass_fields__})


def _sent(row: Row[tuple[object, ...]]) -> SentDelivery:
    values = row._mapping  # noqa: SLF001  SQLAlchemy's public name for it
    return SentDelivery(
        id=values["id"],
        recipient=values["recipient"],
        state=values["state"],
        code=values["code"] or "",
        contents=values["contents"],
        released=tuple(json.loads(values["released"] or "[]")),
        releases=values["releases"],
        receipt_at=values["receipt_at"],
    )
