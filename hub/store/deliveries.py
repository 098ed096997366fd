"""The deliveries: for which recipient, whether they went out, and what became of them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, case, func, select, update

from hub.journey.deliveries import DeliveryCard, DeliveryTally, Outgoing, StoredDelivery
from hub.keys.vault import Vault
from hub.store.tables import deliveries
from hub.store.upsert import insert_new
from schemas.times import stamp

VOID = "void"
UNDER_WAY = ("pending", "published", "failed")
"""States in which a delivery is made and not handed over."""
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Secret:
    """A delivery's key and the salt of its commitment, 32 bytes each."""

    key: bytes
    salt: bytes


class Deliveries:
    """Reads and writes deliveries, on one transaction.

    States: pending (recorded, not yet on the bus), published, delivered, failed, withheld (at
    release, wholly), discarded (by a person, out of the dead letters), void (never to be released:
    its child was merged, split or erased). A delivery's body is sealed under its own key; that key
    and the salt of its commitment are sealed under the child's key, so destroying the child's key
    closes all of them.
    """

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def add(
        self, identifier: str, values: dict[str, object], body: bytes, secret: Secret, key: str
    ) -> bool:
        """Add a pending delivery with its sealed bytes; False where it was added before."""
        row = {
            "id": identifier,
            "key": key,
            "secret": self._vault.seal(key, secret.key + secret.salt, f"delivery {identifier}"),
            "body": body,
            "state": "pending",
            "releases": 0,
            **values,
        }
        return insert_new(self._connection, deliveries, row)

    def secret(self, identifier: str) -> Secret:
        """Open a delivery's key and salt; raises Unavailable where they were destroyed."""
        row = self._connection.execute(
            select(deliveries.c.key, deliveries.c.secret).where(deliveries.c.id == identifier)
        ).one()
        plain = self._vault.unseal(row.key, bytes(row.secret or b""), f"delivery {identifier}")
        return Secret(plain[:_KEY_BYTES], plain[_KEY_BYTES:])

    def released(self, identifier: str, sections: Sequence[str]) -> None:
        """Count one more release of a delivery, and note what was given of it this time."""
        self._connection.execute(
            update(deliveries)
            .where(deliveries.c.id == identifier)
            .values(releases=deliveries.c.releases + 1, released=json.dumps(list(sections)))
        )

    def withhold(self, identifier: str) -> bool:
        """Note that nothing of a delivery may be read now; False where that is known already."""
        changed = self._connection.execute(
            update(deliveries)
            .where(
                deliveries.c.id == identifier,
                deliveries.c.state.in_(UNDER_WAY),
            )
            .values(state="withheld")
        )
        return changed.rowcount == 1

    def void(self, child: str) -> list[StoredDelivery]:
        """Void all of a child's deliveries that are not delivered; returns them as they were."""
        chosen = (deliveries.c.child == child) & deliveries.c.state.not_in(("delivered", VOID))
        statement = select(deliveries).where(chosen).order_by(deliveries.c.seq, deliveries.c.id)
        found = [_known(row) for row in self._connection.execute(statement)]
        self._connection.execute(update(deliveries).where(chosen).values(state=VOID, body=None))
        return found

    def pending(self, limit: int) -> list[Outgoing]:
        """Open the oldest pending deliveries, in the order they were recorded."""
        rows = self._connection.execute(
            select(deliveries)
            .where(deliveries.c.state == "pending")
            .order_by(deliveries.c.seq, deliveries.c.recipient)
            .limit(limit)
        )
        return [Outgoing(r.id, r.recipient, bytes(r.body)) for r in rows]

    def published(self, identifiers: list[str], now: dt.datetime) -> None:
        """Mark deliveries as on the bus; their bytes are no longer kept here."""
        self._connection.execute(
            update(deliveries)
            .where(deliveries.c.id.in_(identifiers), deliveries.c.state == "pending")
            .values(state="published", published_at=stamp(now), body=None)
        )

    def find(self, identifier: str) -> StoredDelivery | None:
        """Find one delivery."""
        row = self._connection.execute(
            select(deliveries).where(deliveries.c.id == identifier)
        ).first()
        return _known(row) if row else None

    def open_of(self, child: str) -> list[StoredDelivery]:
        """List a child's deliveries that are not handed over yet, in the order of the events."""
        rows = self._connection.execute(
            select(deliveries)
            .where(deliveries.c.child == child, deliveries.c.state.in_(UNDER_WAY))
            .order_by(deliveries.c.seq, deliveries.c.recipient, deliveries.c.id)
        )
        return [_known(row) for row in rows]

    def receipt(self, identifier: str, state: str, code: str, now: dt.datetime) -> bool:
        """Note what became of a delivery; False where the same was noted before.

        One that was voided after its keys were given stays void.
        """
        kept = case((deliveries.c.state == VOID, VOID), else_=state)
        changed = self._connection.execute(
            update(deliveries)
            .where(
                deliveries.c.id == identifier,
                deliveries.c.state != "delivered",
                (deliveries.c.state != state) | (deliveries.c.code != code),
                (deliveries.c.state != VOID) | deliveries.c.receipt_at.is_(None),
            )
            .values(state=kept, code=code, receipt_at=stamp(now))
        )
        return changed.rowcount == 1

    def cards(
        self, *, state: str = "", recipient: str = "", limit: int = 1000
    ) -> list[DeliveryCard]:
        """List deliveries, newest first, of one state or recipient where these are given."""
        statement = select(deliveries).order_by(deliveries.c.seq.desc(), deliveries.c.recipient)
        if state:
            statement = statement.where(deliveries.c.state == state)
        if recipient:
            statement = statement.where(deliveries.c.recipient == recipient)
        return [_card(row) for row in self._connection.execute(statement.limit(limit))]

    def card(self, identifier: str) -> DeliveryCard | None:
        """Give what the desk shows of one delivery."""
        row = self._connection.execute(
            select(deliveries).where(deliveries.c.id == identifier)
        ).first()
        return _card(row) if row else None

    def sent_again(self, identifier: str, now: dt.datetime) -> None:
        """Note that a failed delivery is put back into its queue: it is waited for anew."""
        self._connection.execute(
            update(deliveries)
            .where(deliveries.c.id == identifier, deliveries.c.state == "failed")
            .values(state="published", published_at=stamp(now), code=None)
        )

    def discard(self, identifier: str) -> None:
        """Note that a person gave a delivery up; one that was handed over stays so."""
        self._connection.execute(
            update(deliveries)
            .where(
                deliveries.c.id == identifier,
                deliveries.c.state.in_(("published", "failed", "withheld")),
            )
            .values(state="discarded")
        )

    def tally(self, child: str) -> list[DeliveryTally]:
        """Count a child's deliveries by recipient and state."""
        grouping = (deliveries.c.recipient, deliveries.c.state)
        rows = self._connection.execute(
            select(*grouping, func.count())
            .where(deliveries.c.child == child)
            .group_by(*grouping)
            .order_by(*grouping)
        )
        return [DeliveryTally(recipient, state, count) for recipient, state, count in rows]

    def counts(self) -> dict[str, int]:
        """Count deliveries by state."""
        rows = self._connection.execute(
            select(deliveries.c.state, func.count()).group_by(deliveries.c.state)
        )
        return dict(rows.all())


def _known(row: Row[tuple[object, ...]]) -> StoredDelivery:
    values = row._mapping  # noqa: SLF001  SQLAlchemy's public name for it
    return StoredDelivery(
        id=values["id"],
        event=values["event"],
        child=values["child"],
        recipient=values["recipient"],
        state=values["state"],
        contents=values["contents"],
        releases=values["releases"],
        made_at=values["made_at"],
    )


def _card(row: Row[tuple[object, ...]]) -> DeliveryCard:
    values = row._mapping  # noqa: SLF001  SQLAlchemy's public name for it
    named: dict[str, Any] = {name: values[name] for name in DeliveryCard.__dataclass_fields__}
    shown: dict[str, Any] = {n: "" if value is None else value for n, value in named.items()}
    return DeliveryCard(**shown)
