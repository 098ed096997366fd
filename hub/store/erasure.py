"""All that belongs to a child: moved to another child, or destroyed, whole and in one transaction.

What is sealed under one child's key is sealed anew under the other's, so that destroying a child's
key always reaches all there is about that child.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Row, Table, delete, insert, select, update

from consent.directive import Directive
from hub.journey.matching import blocks
from hub.keys.vault import Vault
from hub.store.children import Children, child_key
from hub.store.tables import (
    children,
    deliveries,
    directives,
    events,
    identifiers,
    involvements,
    match_keys,
    reviews,
)
from hub.store.upsert import insert_new
from schemas.times import stamp


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A table of what is about a child: the column of its id, its sealed columns with a word."""

    table: Table
    id: str
    columns: Mapping[str, str]


_SEALED = (
    _Sealed(directives, "id", {"detail": "directive", "withdrawal": "withdrawal"}),
    _Sealed(events, "ref", {"sealed": "event"}),
    _Sealed(deliveries, "id", {"secret": "delivery"}),
    _Sealed(reviews, "id", {"detail": "review"}),
)


@dataclass(frozen=True, slots=True)
class Moved:
    """How many of each went from one child to another."""

    identifiers: int
    directives: int
    events: int


class ChildErasure:
    """Moves and destroys what belongs to a child, on one transaction."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault
        self._children = Children(connection, vault)

    def merge(self, losing: str, survivor: str) -> Moved:
        """Give all of one child to another; from now on both ids mean the survivor."""
        linked = self._move_identifiers(losing, survivor)
        self._merge_child(losing, survivor)
        self._merge_involvements(losing, survivor)
        rekeyed = self._rekey_directives(losing, survivor)
        moved = {one.table.name: self._move(one, losing, survivor) for one in _SEALED}
        return Moved(linked, rekeyed, moved[events.name])

    def split(self, child: str, new: str, blinds: Collection[str], now: dt.datetime) -> int:
        """Give some identifiers of a child to a new one, as guarded as the first; how many."""
        self._children.introduce(new, now)
        guards = self._row(child).guarded_by
        self._connection.execute(
            update(children).where(children.c.child == new).values(guarded_by=guards)
        )
        return self._move_identifiers(child, new, blinds)

    def bearing(self, child: str) -> dict[str, tuple[str, str]]:
        """Open a child's identifiers: by blind index, the system and the value."""
        rows = self._connection.execute(select(identifiers).where(identifiers.c.child == child))
        return {row.blind: (row.system, self._number(row).decode()) for row in rows}

    def erase(self, child: str, now: dt.datetime) -> dict[str, int]:
        """Delete what tells who a child is, and all that was sealed; how many rows of each.

        The key itself is the shelf's. Deliveries and events stay as opaque rows, so that what
        arrives once more is known as a repeat, and what is asked for is answered as erased.
        """
        gone = {
            table.name: self._connection.execute(delete(table).where(table.c.child == child))
            for table in (identifiers, match_keys, involvements, directives)
        }
        counts = {name: result.rowcount for name, result in gone.items()}
        self._connection.execute(
            delete(children).where((children.c.child == child) | (children.c.merged_into == child))
        )
        counts["events"] = self._set(events, child, {"sealed": None, "record": None})
        empty = {"body": None, "secret": None, "record": None}
        counts["deliveries"] = self._set(deliveries, child, empty)
        self._set(reviews, child, {"detail": None})
        self._connection.execute(
            update(reviews)
            .where(reviews.c.child == child, reviews.c.state == "open")
            .values(state="closed", outcome="erased", closed_at=stamp(now))
        )
        return counts

    # -- the parts

    def _row(self, child: str) -> Row[tuple[object, ...]]:
        return self._connection.execute(select(children).where(children.c.child == child)).one()

    def _set(self, table: Table, child: str, values: Mapping[str, object]) -> int:
        statement = update(table).where(table.c.child == child).values(**values)
        return self._connection.execute(statement).rowcount

    def _number(self, row: Row[tuple[object, ...]]) -> bytes:
        child = str(row._mapping["child"])  # noqa: SLF001  SQLAlchemy's public name for it
        value = bytes(row._mapping["value"])  # noqa: SLF001  likewise
        return self._vault.unseal(child_key(child), value, f"number {child}")

    def _move_identifiers(
        self, child: str, other: str, blinds: Collection[str] | None = None
    ) -> int:
        statement = select(identifiers).where(identifiers.c.child == child)
        moved = 0
        for row in self._connection.execute(statement).all():
            if blinds is not None and row.blind not in blinds:
                continue
            value = self._vault.seal(child_key(other), self._number(row), f"number {other}")
            fields = {**row._mapping, "child": other, "value": value}  # noqa: SLF001  likewise
            self._connection.execute(
                delete(identifiers).where(
                    identifiers.c.blind == row.blind, identifiers.c.child == child
                )
            )
            moved += insert_new(self._connection, identifiers, fields)
        return moved

    def _merge_child(self, losing: str, survivor: str) -> None:
        """Join particulars, blocks, guards and competence; the losing id leads to the survivor."""
        lost, kept = self._row(losing), self._row(survivor)
        self._children.learn(survivor, self._children.particulars(losing))
        for block in blocks(self._children.particulars(losing)):
            blind = self._vault.blind("likeness", *block)
            insert_new(self._connection, match_keys, {"blind": blind, "child": survivor})
        self._connection.execute(delete(match_keys).where(match_keys.c.child == losing))
        guards = {*json.loads(lost.guarded_by), *json.loads(kept.guarded_by)}
        until = max(filter(None, (lost.competent_until, kept.competent_until)), default=None)
        values = {"guarded_by": json.dumps(sorted(guards)), "competent_until": until}
        self._connection.execute(
            update(children).where(children.c.child == survivor).values(**values)
        )
        self._children.merge(losing, survivor)

    def _merge_involvements(self, losing: str, survivor: str) -> None:
        """Whoever takes part in the care of either takes part; the earlier beginning counts."""
        held = {r.agency: r for r in self._involvements(survivor)}
        for row in self._involvements(losing):
            own = held.get(row.agency)
            if own is None:
                fields = {**row._mapping, "child": survivor}  # noqa: SLF001  likewise
                self._connection.execute(insert(involvements).values(**fields))
                continue
            ended = row.until and own.until and max(row.until, own.until)
            self._connection.execute(
                update(involvements)
                .where(involvements.c.child == survivor, involvements.c.agency == row.agency)
                .values(since=min(row.since, own.since), until=ended or None)
            )
        self._connection.execute(delete(involvements).where(involvements.c.child == losing))

    def _involvements(self, child: str) -> list[Row[tuple[object, ...]]]:
        statement = select(involvements).where(involvements.c.child == child)
        return list(self._connection.execute(statement))

    def _rekey_directives(self, losing: str, survivor: str) -> int:
        """Say of each directive that it is about the survivor; nothing else of it changes."""
        statement = select(directives.c.id, directives.c.body).where(directives.c.child == losing)
        rows = self._connection.execute(statement).all()
        for reference, body in rows:
            directive = Directive.model_validate_json(body).model_copy(update={"child": survivor})
            self._connection.execute(
                update(directives)
                .where(directives.c.id == reference)
                .values(body=directive.model_dump_json(exclude={"withdrawn_at"}))
            )
        return len(rows)

    def _move(self, one: _Sealed, losing: str, survivor: str) -> int:
        """Seal one table's rows under the survivor's key."""
        table, number = one.table, one.table.c[one.id]
        old, new = child_key(losing), child_key(survivor)
        rows = self._connection.execute(select(table).where(table.c.child == losing)).all()
        for row in rows:
            fields = row._mapping  # noqa: SLF001  likewise
            values: dict[str, object] = {"child": survivor}
            if "key" in table.c:
                values["key"] = new
            for column, word in one.columns.items():
                if fields[column] is not None:
                    about = f"{word} {fields[one.id]}"
                    key = str(fields.get("key", old))
                    plain = self._vault.unseal(key, bytes(fields[column]), about)
                    values[column] = self._vault.seal(new, plain, about)
            self._connection.execute(update(table).where(number == fields[one.id]).values(**values))
        return len(rows)
