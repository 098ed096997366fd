"""What people said about sharing: directives are added and withdrawn, never changed or removed."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, insert, select, update

from consent.directive import Directive
from hub.keys.vault import Vault
from hub.store.children import child_key
from hub.store.tables import directives
from schemas.times import stamp, unstamp


class Directives:
    """Reads and writes directives, on one transaction. ``detail`` holds the names and evidence."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def of(self, child: str) -> tuple[Directive, ...]:
        """Give all that was ever said about a child, lapsed or not, in order of their ids."""
        rows = self._connection.execute(
            select(directives.c.body, directives.c.withdrawn_at)
            .where(directives.c.child == child)
            .order_by(directives.c.id)
        )
        return tuple(_read(body, withdrawn) for body, withdrawn in rows)

    def find(self, reference: str) -> Directive | None:
        """Find one directive by its id."""
        row = self._connection.execute(
            select(directives.c.body, directives.c.withdrawn_at).where(directives.c.id == reference)
        ).first()
        return _read(*row) if row else None

    def record(self, directive: Directive, detail: bytes, recorded_by: str) -> None:
        """Add a directive with its sealed detail."""
        self._connection.execute(
            insert(directives).values(
                id=directive.id,
                child=directive.child,
                body=directive.model_dump_json(exclude={"withdrawn_at"}),
                detail=self._vault.seal(
                    child_key(directive.child), detail, f"directive {directive.id}"
                ),
                recorded_by=recorded_by,
                recorded_at=stamp(directive.recorded_at),
            )
        )

    def recorder(self, reference: str) -> str:
        """Name who recorded a directive: an agency, or somebody at the desk."""
        return str(
            self._connection.scalar(
                select(directives.c.recorded_by).where(directives.c.id == reference)
            )
        )

    def detail(self, directive: Directive) -> bytes:
        """Open what was sealed with a directive: who spoke, and where the evidence is."""
        sealed = self._connection.scalar(
            select(directives.c.detail).where(directives.c.id == directive.id)
        )
        return self._vault.unseal(
            child_key(directive.child), bytes(sealed or b""), f"directive {directive.id}"
        )

    def withdrawal(self, directive: Directive) -> bytes:
        """Open what was sealed with a directive's withdrawal; nothing where it still stands."""
        sealed = self._connection.scalar(
            select(directives.c.withdrawal).where(directives.c.id == directive.id)
        )
        if sealed is None:
            return b"{}"
        key = child_key(directive.child)
        return self._vault.unseal(key, bytes(sealed), f"withdrawal {directive.id}")

    def withdraw(self, directive: Directive, detail: bytes, now: dt.datetime) -> bool:
        """End a directive from now; False where it was withdrawn before."""
        sealed = self._vault.seal(child_key(directive.child), detail, f"withdrawal {directive.id}")
        statement = update(directives).where(
            directives.c.id == directive.id, directives.c.withdrawn_at.is_(None)
        )
        changed = self._connection.execute(
            statement.values(withdrawn_at=stamp(now), withdrawal=sealed)
        )
        return changed.rowcount == 1


def _read(body: str, withdrawn: str | None) -> Directive:
    directive = Directive.model_validate_json(body)
    if withdrawn is None:
        return directive
    return directive.model_copy(update={"withdrawn_at": unstamp(withdrawn)})
