"""The ledger on disk: entries, tree nodes and signed checkpoints, appended in one transaction."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

from sqlalchemy import Connection, NestedTransaction, Select, and_, insert, or_, select

from hub.journey.entries import MODELS, EntryBody, EntrySubject, body_of
from hub.journey.ledger_rows import LedgerRow
from hub.ledger.checkpoint import Checkpoint, sign_checkpoint
from hub.ledger.entry import encode
from hub.ledger.errors import LedgerError
from hub.ledger.keys import SignerKey
from hub.ledger.merkle import Frontier, NodeId, leaf_hash
from hub.store.index import DatedBody, Index, Indexed
from hub.store.tables import checkpoints, ledger, ledger_nodes
from hub.store.time_search import size_of
from schemas.times import stamp

_NAMED_PER_QUERY = 400
_ROWS_PER_INDEXING = 1000


class Ledger:
    """Appends to and reads the ledger, on one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def savepoint(self) -> NestedTransaction:
        """Begin a part of the transaction that can be undone alone, as a context manager."""
        return self._connection.begin_nested()

    def size(self) -> int:
        """Count the entries."""
        return size_of(self._connection)

    def newest_at(self) -> str:
        """Tell the moment of the newest entry; empty for an empty ledger."""
        newest = select(ledger.c.at).order_by(ledger.c.position.desc()).limit(1)
        return self._connection.scalar(newest) or ""

    def append(self, bodies: Sequence[EntryBody], now: dt.datetime, signer: SignerKey) -> int:
        """Append entries and sign the new head; returns the new size. Nothing for no entries."""
        size = self.size()
        if not bodies:
            return size
        encoded = [encode(body.as_entry(now)) for body in bodies]
        frontier = Frontier.load(size, self.nodes)
        frontier, nodes = frontier.extend([leaf_hash(e) for e in encoded])
        at = stamp(now)
        self._connection.execute(
            insert(ledger),
            [
                _row(size + offset, at, body, data)
                for offset, (body, data) in enumerate(zip(bodies, encoded, strict=True))
            ],
        )
        self._connection.execute(
            insert(ledger_nodes),
            [{"level": n.level, "position": n.index, "hash": n.hash} for n in nodes],
        )
        Index(self._connection).add([(size + n, now, body) for n, body in enumerate(bodies)])
        self._sign(frontier, signer, at)
        return frontier.size

    def _sign(self, frontier: Frontier, signer: SignerKey, at: str) -> None:
        head = Checkpoint(signer.name, frontier.size, frontier.root())
        note = sign_checkpoint(head, signer).decode()
        self._connection.execute(
            insert(checkpoints).values(size=frontier.size, note=note, made_at=at)
        )

    def nodes(self, wanted: Sequence[NodeId]) -> Mapping[NodeId, bytes]:
        """Read tree nodes by level and position."""
        found: dict[NodeId, bytes] = {}
        for start in range(0, len(wanted), _NAMED_PER_QUERY):
            part = wanted[start : start + _NAMED_PER_QUERY]
            named = or_(
                *(
                    and_(ledger_nodes.c.level == level, ledger_nodes.c.position == position)
                    for level, position in part
                )
            )
            rows = self._connection.execute(
                select(ledger_nodes.c.level, ledger_nodes.c.position, ledger_nodes.c.hash).where(
                    named
                )
            )
            found |= {(level, position): bytes(digest) for level, position, digest in rows}
        return found

    def rows(self, start: int = 0, end: int | None = None) -> Iterator[LedgerRow]:
        """Read entries from ``start`` up to but without ``end``, in order."""
        statement = select(ledger).where(ledger.c.position >= start).order_by(ledger.c.position)
        if end is not None:
            statement = statement.where(ledger.c.position < end)
        yield from self._read(statement)

    def of_kinds(
        self, kinds: Collection[type[EntryBody]], end: int, start: int = 0
    ) -> Iterator[LedgerRow]:
        """Read the entries of some kinds from ``start`` up to but without ``end``, in order."""
        # Kind by kind, each in its order, so that nothing is sorted: entries are large.
        streams = [
            self._read(
                select(ledger)
                .where(ledger.c.kind == kind, ledger.c.position.between(start, end - 1))
                .order_by(ledger.c.position)
            )
            for kind in sorted({model.kind for model in kinds})
        ]
        yield from heapq.merge(*streams, key=lambda row: row.position)

    def newest_of_kinds(
        self, kinds: Collection[type[EntryBody]], limit: int, before: int | None = None
    ) -> Iterator[LedgerRow]:
        """Read the newest entries of some kinds, before a place if one is given, newest first."""
        wanted = [model.kind for model in kinds]
        statement = select(ledger).where(ledger.c.kind.in_(wanted))
        if before is not None:
            statement = statement.where(ledger.c.position < before)
        yield from self._read(statement.order_by(ledger.c.position.desc()).limit(limit))

    def of_children(
        self,
        children: Collection[str],
        kinds: Collection[type[EntryBody]] = tuple(MODELS.values()),
    ) -> list[LedgerRow]:
        """Read the entries of some kinds, or of all, about some children, in order."""
        # Not the bare column: a child has few entries, and they are to be found by the child.
        of_kind = (ledger.c.kind + "").in_([model.kind for model in kinds])
        wanted, found = sorted(children), list[LedgerRow]()
        for start in range(0, len(wanted), _NAMED_PER_QUERY):
            named = ledger.c.child.in_(wanted[start : start + _NAMED_PER_QUERY])
            found.extend(self._read(select(ledger).where(named, of_kind)))
        return sorted(found, key=lambda row: row.position)

    def reindex(self) -> Indexed:
        """Make the index anew; returns how much it holds. An entry that cannot be read is left out.

        ``hub audit verify`` names such an entry.
        """
        index, done = Index(self._connection), Indexed()
        index.clear()
        rows = self.rows()
        while some := list(islice(rows, _ROWS_PER_INDEXING)):
            done += index.add(list(_readable(some)))
        return done

    def about(self, event: str) -> Iterator[LedgerRow]:
        """Read the entries about one event, in order."""
        statement = select(ledger).where(ledger.c.event == event).order_by(ledger.c.position)
        yield from self._read(statement)

    def _read(self, statement: Select[Any]) -> Iterator[LedgerRow]:
        # On the statement: on a connection the option would stay for all that follows.
        for row in self._connection.execute(statement.execution_options(yield_per=1000)):
            subject = EntrySubject(row.child, row.event, row.agency)
            yield LedgerRow(row.position, row.kind, row.at, subject, bytes(row.entry))

    def checkpoints(self) -> Iterator[tuple[int, str]]:
        """Read every signed checkpoint, smallest first."""
        statement = select(checkpoints.c.size, checkpoints.c.note).order_by(checkpoints.c.size)
        for size, note in self._connection.execute(statement.execution_options(yield_per=1000)):
            yield int(size), note

    def checkpoint_at(self, size: int) -> str | None:
        """Read the signed checkpoint of exactly this many entries; None where none was signed."""
        chosen = select(checkpoints.c.note).where(checkpoints.c.size == size)
        return self._connection.scalar(chosen)

    def newest_checkpoint(self) -> tuple[int, str] | None:
        """Read the newest signed checkpoint; None for an empty ledger."""
        row = self._connection.execute(
            select(checkpoints.c.size, checkpoints.c.note)
            .order_by(checkpoints.c.size.desc())
            .limit(1)
        ).first()
        return (int(row.size), row.note) if row else None


def _readable(rows: Iterable[LedgerRow]) -> Iterator[DatedBody]:
    for row in rows:
        with suppress(LedgerError):
            entry = row.decoded()
            yield row.position, entry.at, body_of(entry)


def _row(position: int, at: str, body: EntryBody, data: bytes) -> dict[str, object]:
    subject = body.subject()
    return {
        "position": position,
        "kind": body.kind,
        "at": at,
        "child": subject.child,
        "event": subject.event,
        "agency": subject.agency,
        "entry": data,
    }
