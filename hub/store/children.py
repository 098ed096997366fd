"""The children the hub knows: their identifiers, particulars, and who takes part in their care."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, select, update

from hub.journey.matching import Particulars, blocks
from hub.journey.ports import LookupIdentifier
from hub.keys.vault import Vault
from hub.store.tables import children, identifiers, involvements, match_keys
from hub.store.upsert import insert_new
from schemas.identifiers import Assurance, System
from schemas.times import stamp


def child_key(child: str) -> str:
    """Name the data key of a child."""
    return f"child:{child}"


@dataclass(frozen=True, slots=True)
class StoredIdentifier:
    """One identifier of a child as the store holds it."""

    system: System
    value: str
    assurance: Assurance
    asserted_by: str
    seen_at: str


@dataclass(frozen=True, slots=True)
class StoredInvolvement:
    """An agency's part in a child's care: since when, and until when where it ended."""

    agency: str
    since: str
    until: str | None


class Children:
    """Reads and writes the children, on one transaction."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def _blind(self, named: LookupIdentifier) -> str:
        return self._vault.blind("identifier", named.system.value, named.issuer, named.value)

    def named(self, named: Sequence[LookupIdentifier]) -> frozenset[str]:
        """Find the children who bear any of these identifiers; a merged child is its survivor."""
        wanted = [self._blind(n) for n in named]
        if not wanted:
            return frozenset()
        rows = self._connection.execute(
            select(children.c.child, children.c.merged_into)
            .join(identifiers, identifiers.c.child == children.c.child)
            .where(identifiers.c.blind.in_(wanted))
        )
        return frozenset(merged or child for child, merged in rows)

    def like(self, who: Particulars) -> frozenset[str]:
        """Find the children in the same blocks: same birth date, or same name."""
        wanted = [self._vault.blind("likeness", *block) for block in blocks(who)]
        if not wanted:
            return frozenset()
        rows = self._connection.execute(
            select(match_keys.c.child).where(match_keys.c.blind.in_(wanted))
        )
        return frozenset(child for (child,) in rows)

    def particulars(self, child: str) -> Particulars:
        """Open a child's comparable particulars; nothing is known of an unknown child."""
        row = self._connection.execute(
            select(children.c.particulars, children.c.merged_into).where(children.c.child == child)
        ).first()
        if row is None:
            return Particulars()
        key = child_key(row.merged_into or child)
        plain = json.loads(self._vault.unseal(key, bytes(row[0]), f"who {child}"))
        born = plain.pop("birth_date")
        return Particulars(**plain, birth_date=dt.date.fromisoformat(born) if born else None)

    def faces(self, child: str) -> tuple[Particulars, ...]:
        """Open a child's particulars, and those of every id that was merged into it."""
        return tuple(self.particulars(one) for one in (child, *self.former(child)))

    def merge(self, losing: str, survivor: str) -> None:
        """Make an id mean another child; what it was known by is kept, under the survivor's key."""
        for one in (losing, *self.former(losing)):
            sealed = self._sealed(one, self.particulars(one), child_key(survivor))
            self._connection.execute(
                update(children)
                .where(children.c.child == one)
                .values(merged_into=survivor, particulars=sealed)
            )

    def numbers(self, child: str) -> Mapping[System, frozenset[str]]:
        """Open a child's identifiers, by system."""
        rows = self._connection.execute(
            select(identifiers.c.system, identifiers.c.value).where(identifiers.c.child == child)
        )
        found: dict[System, set[str]] = {}
        for system, sealed in rows:
            value = self._vault.unseal(child_key(child), bytes(sealed), f"number {child}").decode()
            found.setdefault(System(system), set()).add(value)
        return {system: frozenset(values) for system, values in found.items()}

    def known(self, child: str) -> str | None:
        """Give the child of an id, or of a merged one its survivor; None for no child of ours."""
        row = self._connection.execute(
            select(children.c.child, children.c.merged_into).where(children.c.child == child)
        ).first()
        return (row.merged_into or row.child) if row else None

    def former(self, child: str) -> tuple[str, ...]:
        """Name the ids that were merged into a child."""
        rows = self._connection.execute(
            select(children.c.child).where(children.c.merged_into == child)
        )
        return tuple(sorted(former for (former,) in rows))

    def held(self, child: str) -> list[StoredIdentifier]:
        """Open a child's identifiers one by one, with how far and on whose word each is trusted."""
        rows = self._connection.execute(
            select(identifiers)
            .where(identifiers.c.child == child)
            .order_by(identifiers.c.system, identifiers.c.seen_at, identifiers.c.blind)
        )
        return [
            StoredIdentifier(
                System(r.system),
                self._vault.unseal(child_key(child), bytes(r.value), f"number {child}").decode(),
                Assurance(r.assurance),
                r.asserted_by,
                r.seen_at,
            )
            for r in rows
        ]

    def guarded(self, child: str) -> bool:
        """Whether any source has flagged the child's whereabouts as restricted."""
        return bool(self._guards(child))

    def _guards(self, child: str) -> list[str]:
        row = self._connection.execute(
            select(children.c.guarded_by).where(children.c.child == child)
        ).first()
        return list(json.loads(row[0])) if row else []

    def guard(self, child: str, source: str, *, on: bool) -> None:
        """Set or lift one source's flag on a child's whereabouts."""
        guards = set(self._guards(child))
        changed = guards | {source} if on else guards - {source}
        if changed != guards:
            self._connection.execute(
                update(children)
                .where(children.c.child == child)
                .values(guarded_by=json.dumps(sorted(changed)))
            )

    def competent(self, child: str, now: dt.datetime) -> bool:
        """Whether an assessment that the child may decide is in force."""
        row = self._connection.execute(
            select(children.c.competent_until).where(children.c.child == child)
        ).first()
        return bool(row and row[0] and row[0] > stamp(now))

    def involved(self, child: str) -> frozenset[str]:
        """Name the agencies that take part in the child's care."""
        rows = self._connection.execute(
            select(involvements.c.agency).where(
                involvements.c.child == child, involvements.c.until.is_(None)
            )
        )
        return frozenset(agency for (agency,) in rows)

    def parts(self, child: str) -> list[StoredInvolvement]:
        """List every agency's part in the child's care, those that ended too, oldest first."""
        rows = self._connection.execute(
            select(involvements.c.agency, involvements.c.since, involvements.c.until)
            .where(involvements.c.child == child)
            .order_by(involvements.c.since, involvements.c.agency)
        )
        return [StoredInvolvement(agency, since, until) for agency, since, until in rows]

    def involve(self, child: str, agency: str, now: dt.datetime) -> bool:
        """Make an agency take part from now; False where it does already."""
        row = {"child": child, "agency": agency, "since": stamp(now), "until": None}
        if insert_new(self._connection, involvements, row):
            return True
        statement = update(involvements).where(
            involvements.c.child == child,
            involvements.c.agency == agency,
            involvements.c.until.is_not(None),
        )
        changed = self._connection.execute(statement.values(since=stamp(now), until=None))
        return changed.rowcount == 1

    def release(self, child: str, agency: str, now: dt.datetime) -> bool:
        """End an agency's part from now; False where it had none."""
        statement = update(involvements).where(
            involvements.c.child == child,
            involvements.c.agency == agency,
            involvements.c.until.is_(None),
        )
        return self._connection.execute(statement.values(until=stamp(now))).rowcount == 1

    def introduce(self, child: str, now: dt.datetime) -> bool:
        """Make a new child of whom nothing is known yet; False where it was made before."""
        row = {
            "child": child,
            "particulars": self._sealed(child, Particulars()),
            "guarded_by": "[]",
            "made_at": stamp(now),
        }
        return insert_new(self._connection, children, row)

    def learn(self, child: str, who: Particulars) -> None:
        """Fill in what was not known of a child; what is known stays."""
        before = self.particulars(child)
        after = before.filled_from(who)
        if after == before:
            return
        self._connection.execute(
            update(children)
            .where(children.c.child == child)
            .values(particulars=self._sealed(child, after))
        )
        for block in blocks(after):
            blind = self._vault.blind("likeness", *block)
            insert_new(self._connection, match_keys, {"blind": blind, "child": child})

    def name(
        self, child: str, named: Sequence[LookupIdentifier], source: str, now: dt.datetime
    ) -> int:
        """Link identifiers to a child; returns how many were new."""
        new = 0
        for one in named:
            row = {
                "blind": self._blind(one),
                "child": child,
                "system": one.system.value,
                "value": self._vault.seal(child_key(child), one.value.encode(), f"number {child}"),
                "assurance": one.identifier.assurance.value,
                "asserted_by": source,
                "seen_at": stamp(now),
            }
            new += insert_new(self._connection, identifiers, row)
        return new

    def _sealed(self, child: str, who: Particulars, key: str = "") -> bytes:
        plain = asdict(who)
        plain["birth_date"] = who.birth_date.isoformat() if who.birth_date else None
        data = json.dumps(plain).encode()
        return self._vault.seal(key or child_key(child), data, f"who {child}")
