"""What witnesses signed, on disk: their lines, each for one signed head of ours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from hub.store.cosignature_table import cosignatures
from hub.store.tables import checkpoints
from schemas.times import stamp


@dataclass(frozen=True, slots=True)
class CosignedHead:
    """A signed head with the lines of witnesses under it.

    ``witnesses`` are their verifier keys as lines; ``signed_at`` is when the last of them signed.
    """

    size: int
    note: str
    witnesses: tuple[str, ...]
    signed_at: str


class CosignedHeads:
    """Adds and reads cosignatures, on one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, size: int, witness: str, line: str, signed: dt.datetime, now: dt.datetime
    ) -> bool:
        """Add a witness's line under the head of a size; False where it is there already."""
        chosen = (cosignatures.c.size == size) & (cosignatures.c.witness == witness)
        if self._connection.scalar(select(func.count()).select_from(cosignatures).where(chosen)):
            return False
        self._connection.execute(
            insert(cosignatures).values(
                size=size,
                witness=witness,
                line=line,
                signed_at=stamp(signed),
                taken_at=stamp(now),
            )
        )
        return True

    def at(self, size: int) -> CosignedHead | None:
        """Give the head of a size with every line there is; None without a line."""
        return next(self.heads(size, size), None)

    def newest(self) -> CosignedHead | None:
        """Give the newest head that a witness signed."""
        size = self._connection.scalar(select(func.max(cosignatures.c.size)))
        return None if size is None else self.at(int(size))

    def last_of_each(self) -> dict[str, tuple[int, str]]:
        """Give the newest size that each witness signed, and when it signed last, by its key."""
        rows = self._connection.execute(
            select(
                cosignatures.c.witness,
                func.max(cosignatures.c.size),
                func.max(cosignatures.c.signed_at),
            ).group_by(cosignatures.c.witness)
        )
        return {witness: (int(size), signed_at) for witness, size, signed_at in rows}

    def heads(self, start: int = 0, end: int | None = None) -> Iterator[CosignedHead]:
        """Give every cosigned head, smallest first; its note is lines alone where ours is lost."""
        rows = select(
            cosignatures.c.size,
            cosignatures.c.witness,
            cosignatures.c.line,
            cosignatures.c.signed_at,
            checkpoints.c.note,
        ).select_from(
            cosignatures.outerjoin(checkpoints, checkpoints.c.size == cosignatures.c.size)
        )
        rows = rows.where(cosignatures.c.size >= start).order_by(
            cosignatures.c.size, cosignatures.c.witness
        )
        if end is not None:
            rows = rows.where(cosignatures.c.size <= end)
        found: CosignedHead | None = None
        for size, witness, line, signed_at, note in self._connection.execute(rows):
            if found is not None and found.size == size:
                found = CosignedHead(
                    size,
                    found.note + line,
                    (*found.witnesses, witness),
                    max(found.signed_at, signed_at),
                )
                continue
            if found is not None:
                yield found
            found = CosignedHead(int(size), (note or "") + line, (witness,), signed_at)
        if found is not None:
            yield found
