"""What arrived: events decided or held, and the quarantine; whole, sealed, each once."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid

from sqlalchemy import Connection, Row, delete, func, select, update

from hub.foundation.clock import now
from hub.journey.inbox import KeptEvent, Quarantined
from hub.keys.vault import Vault
from hub.store.tables import events, quarantine
from hub.store.upsert import insert_new
from schemas.errors import Fault
from schemas.times import stamp, unstamp

QUARANTINE_KEY = "quarantine"


class Inbox:
    """Reads and writes events and the quarantine, on one transaction."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def fingerprint(self, ref: str) -> str | None:
        """Give the fingerprint of an event received before."""
        value: str | None = self._connection.scalar(
            select(events.c.fingerprint).where(events.c.ref == ref)
        )
        return value

    def seq(self, ref: str) -> int:
        """Give an event's place in the order of arrival."""
        return self._connection.scalar(select(events.c.seq).where(events.c.ref == ref)) or 0

    def keep(self, ref: str, values: dict[str, object], body: bytes, key: str) -> None:
        """Keep an event's bytes as received, sealed under a data key."""
        sealed = self._vault.seal(key, body, f"event {ref}")
        insert_new(self._connection, events, {"ref": ref, "key": key, "sealed": sealed, **values})

    def settle(self, ref: str, child: str, key: str, body: bytes) -> None:
        """Turn a held event into a decided one, sealed anew under its child's key."""
        self._connection.execute(
            update(events)
            .where(events.c.ref == ref)
            .values(
                state="decided",
                decided_at=stamp(now()),
                child=child,
                key=key,
                sealed=self._vault.seal(key, body, f"event {ref}"),
            )
        )

    def drop_held(self, ref: str) -> None:
        """Take a held event out, because it goes to the quarantine: there it may be retried."""
        self._connection.execute(
            delete(events).where(events.c.ref == ref, events.c.state == "held")
        )

    def find(self, ref: str) -> KeptEvent | None:
        """Open one kept event."""
        row = self._connection.execute(select(events).where(events.c.ref == ref)).first()
        return self._open(row) if row else None

    def held(self) -> list[KeptEvent]:
        """Open the held events in the order they came."""
        rows = self._connection.execute(
            select(events).where(events.c.state == "held").order_by(events.c.seq)
        )
        return [self._open(row) for row in rows]

    def _open(self, row: Row[tuple[object, ...]]) -> KeptEvent:
        values = row._mapping  # noqa: SLF001  SQLAlchemy's public name for it
        body = b""
        if values["sealed"] is not None:
            body = self._vault.unseal(
                values["key"], bytes(values["sealed"]), f"event {values['ref']}"
            )
        return KeptEvent(
            seq=values["seq"],
            ref=values["ref"],
            state=values["state"],
            source=values["source"],
            child=values["child"],
            body=body,
            received_at=unstamp(values["received_at"]),
        )

    def quarantine(
        self, account: str, fault: Fault, place: str, body: bytes, arrived_at: dt.datetime
    ) -> str | None:
        """Keep an input that was not understood; returns its id, or None if it waits already.

        The same bytes from the same account are one input; one that was closed waits again.
        """
        digest = hashlib.sha256(body).hexdigest()
        blind = self._vault.blind("input", account, fault.value, digest)
        reference = str(uuid.UUID(hex=blind[:32]))
        row = {
            "id": reference,
            "account": account,
            "code": fault.value,
            "place": place,
            "fingerprint": self._vault.blind("quarantine", digest),
            "key": QUARANTINE_KEY,
            "sealed": self._vault.seal(QUARANTINE_KEY, body, f"quarantine {reference}"),
            "size": len(body),
            "state": "waiting",
            "arrived_at": stamp(arrived_at),
        }
        if insert_new(self._connection, quarantine, row):
            return reference
        reopened = self._connection.execute(
            update(quarantine)
            .where(quarantine.c.id == reference, quarantine.c.state != "waiting")
            .values(state="waiting", closed_at=None, closed_by=None, sealed=row["sealed"])
        )
        return reference if reopened.rowcount == 1 else None

    def quarantined(self, *, everything: bool = False) -> list[Quarantined]:
        """List what waits, oldest first; with ``everything`` also what was retried or discarded."""
        statement = select(quarantine).order_by(quarantine.c.arrived_at, quarantine.c.id)
        if not everything:
            statement = statement.where(quarantine.c.state == "waiting")
        return [
            Quarantined(r.id, r.account, r.code, r.place, r.state, r.size, r.arrived_at)
            for r in self._connection.execute(statement)
        ]

    def quarantined_body(self, reference: str) -> tuple[Quarantined, bytes] | None:
        """Open one input, with its bytes as received."""
        row = self._connection.execute(
            select(quarantine).where(quarantine.c.id == reference)
        ).first()
        if row is None:
            return None
        item = Quarantined(
            row.id, row.account, row.code, row.place, row.state, row.size, row.arrived_at
        )
        if row.sealed is None:
            return item, b""
        return item, self._vault.unseal(row.key, bytes(row.sealed), f"quarantine {reference}")

    def close(self, reference: str, state: str, *, by: str, reason: str, now: dt.datetime) -> bool:
        """Close a waiting input as retried or discarded; False where it does not wait."""
        changed = self._connection.execute(
            update(quarantine)
            .where(quarantine.c.id == reference, quarantine.c.state == "waiting")
            .values(state=state, closed_at=stamp(now), closed_by=by, reason=reason)
        )
        return changed.rowcount == 1

    def counts(self) -> dict[str, int]:
        """Count events by state, and quarantined inputs as ``quarantined``."""
        rows = self._connection.execute(
            select(events.c.state, func.count()).group_by(events.c.state)
        )
        found = dict(rows.all())
        found["quarantined"] = (
            self._connection.scalar(
                select(func.count()).select_from(quarantine).where(quarantine.c.state == "waiting")
            )
            or 0
        )
        return found
