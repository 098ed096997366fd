"""The past as the ledger tells it: which agreements counted, and what had been said, at one place.

It is made of the ledger's own entries, in their order, and of nothing else; an agreement's text is
found by its digest. Whoever asks about one child needs only the agreements' entries and those about
that child under all its ids: the past is then the same as after reading the whole ledger.
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue, ValidationError

from consent.agreement import Agreement
from consent.directive import Directive
from consent.rulebook import RuleBook
from hub.journey.ledger_rows import LedgerRow
from hub.ledger.entry import EntryKind, LedgerEntry, decode
from hub.ledger.errors import LedgerError
from hub.store.agreements import Agreements
from hub.store.unit_of_work import UnitOfWork

ABOUT_ALL = (EntryKind.AGREEMENT,)
ABOUT_CHILD = (EntryKind.DIRECTIVE, EntryKind.IDENTITY)


@dataclass(slots=True)
class Past:
    """What the ledger has said so far: agreements, directives, and about whom these are.

    It grows with agreements and directives, not with the ledger.
    """

    store: Agreements
    _published: dict[str, list[str]] = field(default_factory=dict)
    _said: dict[str, Directive] = field(default_factory=dict)
    _about: dict[str, set[str]] = field(default_factory=dict)
    _texts: dict[str, Agreement | None] = field(default_factory=dict)
    _work: dict[frozenset[str], RuleBook] = field(default_factory=dict)

    def learn(self, entry: LedgerEntry) -> None:
        """Take in one more entry; one that tells nothing of the past changes nothing."""
        body = entry.body
        if entry.kind is EntryKind.AGREEMENT:
            versions = self._published.setdefault(str(body.get("agreement")), [])
            versions.append(str(body.get("digest")))
        elif entry.kind is EntryKind.DIRECTIVE:
            self._hear(body, entry.at)
        elif entry.kind is EntryKind.IDENTITY and "merged" in body:
            survivor = self._about.setdefault(str(body.get("into")), set())
            survivor |= self._about.pop(str(body["merged"]), set())

    def _hear(self, body: Mapping[str, JsonValue], at: dt.datetime) -> None:
        if "withdrawn" in body:
            known = self._said.get(str(body["withdrawn"]))
            if known is not None and known.withdrawn_at is None:
                self._said[known.id] = known.model_copy(update={"withdrawn_at": at})
            return
        try:
            directive = Directive.model_validate(body.get("directive"))
        except ValidationError:
            return
        self._said[directive.id] = directive
        self._about.setdefault(directive.child, set()).add(directive.id)

    def said(self, child: str) -> dict[str, Directive]:
        """Give, by their ids, all directives about a child as they stand at this place."""
        return {one: self._said[one] for one in sorted(self._about.get(child, ()))}

    def text(self, digest: str) -> Agreement | None:
        """Find the agreement whose text has this digest."""
        if digest not in self._texts:
            found = self.store.find(digest)
            sound = found is not None and found.digest() == digest
            self._texts[digest] = found if sound else None
        return self._texts[digest]

    def book(self, digests: Iterable[str]) -> RuleBook:
        """Make the rule book of some versions."""
        wanted = frozenset(digests)
        if wanted not in self._work:
            self._work[wanted] = RuleBook(filter(None, map(self.text, sorted(wanted))))
        return self._work[wanted]

    def counting(self, now: dt.datetime) -> dict[str, str]:
        """Name, of every agreement published by then, the version that counted at a moment.

        It is the newest begun; where none has begun, the newest (as hub/store/agreements.py has
        it for the present).
        """
        found = {}
        for name, digests in self._published.items():
            versions = [(text, digest) for digest in digests if (text := self.text(digest))]
            begun = [one for one in versions if one[0].valid_from <= now] or versions
            if begun:
                found[name] = max(begun, key=lambda one: one[0].version)[1]
        return found


def family(work: UnitOfWork, children: Collection[str]) -> frozenset[str]:
    """Name every id under which the ledger has something about children: merged ids, too."""
    found: set[str] = set()
    new = {*children, *(work.children.known(child) or child for child in children)}
    while new:
        found |= new
        rows = work.ledger.of_children(new, [EntryKind.IDENTITY])
        entries = (decoded(row) for row in rows)
        new = {str(e.body["merged"]) for e in entries if e and "merged" in e.body} - found
    return frozenset(found)


def with_their_past(
    work: UnitOfWork, rows: Iterable[LedgerRow], children: Collection[str], end: int
) -> Iterator[LedgerRow]:
    """Put rows, in the order of the ledger, among all that tells what was before each of them.

    ``children`` are all whom the rows are about, under every id of theirs.
    """
    agreements = work.ledger.of_kinds(ABOUT_ALL, end)
    said = (row for row in work.ledger.of_children(children, ABOUT_CHILD) if row.position < end)
    return heapq.merge(agreements, said, rows, key=lambda row: row.position)


def decoded(row: LedgerRow) -> LedgerEntry | None:
    """Read a row's entry; None for what is none."""
    try:
        return decode(row.entry)
    except LedgerError:
        return None
