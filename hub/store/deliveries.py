"""The deliveries: what was made for whom, whether it went out, and what became of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update

from hub.clock import stamp
from hub.store.tables import deliveries
from hub.store.upsert import insert_new
from hub.vault import Vault


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One delivery that waits to be published: its id, its recipient and its bytes."""

    id: str
    recipient: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one delivery."""

    id: str
    event: str
    child: str
    recipient: str
    state: str


class Deliveries:
    """Reads and writes deliveries, on one transaction.

    States: pending (recorded, not yet on the bus), published, delivered, failed.
    """

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def add(self, identifier: str, values: dict[str, object], body: bytes, key: str) -> bool:
        """Add a pending delivery with its bytes sealed; False where it was added before."""
        row = {
            "id": identifier,
            "key": key,
            "sealed": self._vault.seal(key, body, f"delivery {identifier}"),
            "state": "pending",
            **values,
        }
        return insert_new(self._connection, deliveries, row)

    def pending(self, limit: int) -> list[Outgoing]:
        """Open the oldest pending deliveries, in the order they were recorded."""
        rows = self._connection.execute(
            select(deliveries)
            .where(deliveries.c.state == "pending")
            .order_by(deliveries.c.seq, deliveries.c.recipient)
            .limit(limit)
        )
        return [
            Outgoing(
                r.id,
                r.recipient,
                self._vault.unseal(r.key, bytes(r.sealed), f"delivery {r.id}"),
            )
            for r in rows
        ]

    def published(self, identifiers: list[str], now: dt.datetime) -> None:
        """Mark deliveries as on the bus; their bytes are no longer kept here."""
        self._connection.execute(
            update(deliveries)
            .where(deliveries.c.id.in_(identifiers), deliveries.c.state == "pending")
            .values(state="published", published_at=stamp(now), sealed=None)
        )

    def find(self, identifier: str) -> Known | None:
        """Find one delivery."""
        row = self._connection.execute(
            select(deliveries).where(deliveries.c.id == identifier)
        ).first()
        return Known(row.id, row.event, row.child, row.recipient, row.state) if row else None

    def receipt(self, identifier: str, state: str, code: str, now: dt.datetime) -> bool:
        """Note what became of a delivery; False where the same was noted before."""
        changed = self._connection.execute(
            update(deliveries)
            .where(
                deliveries.c.id == identifier,
                deliveries.c.state != "delivered",
                (deliveries.c.state != state) | (deliveries.c.code != code),
            )
            .values(state=state, code=code, receipt_at=stamp(now))
        )
        return changed.rowcount == 1

    def counts(self) -> dict[str, int]:
        """Count deliveries by state."""
        rows = self._connection.execute(
            select(deliveries.c.state, func.count()).group_by(deliveries.c.state)
        )
        return dict(rows.all())
