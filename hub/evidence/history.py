"""The past according to the ledger: agreements in force and directives recorded, at one place.

It is made from the ledger's own entries, in their order; an agreement's text is found by its
digest. For one child, the entries about agreements and those about the child under all its ids are
enough: the result is the same as after reading the whole ledger.
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from consent.agreement import Agreement
from consent.directive import Directive
from consent.rulebook import RuleBook
from hub.journey.entries import body_of
from hub.journey.entries.children import ChildrenMergedEntry
from hub.journey.entries.directives import (
    AgreementPublishedEntry,
    DirectiveRecordedEntry,
    DirectiveWithdrawnEntry,
)
from hub.journey.ledger_rows import LedgerRow
from hub.ledger.errors import LedgerError
from hub.store.agreements import Agreements
from hub.store.unit_of_work import UnitOfWork

ABOUT_ALL = (AgreementPublishedEntry,)
ABOUT_CHILD = (DirectiveRecordedEntry, DirectiveWithdrawnEntry, ChildrenMergedEntry)


@dataclass(slots=True)
class Past:
    """The state of agreements and directives at one place of the ledger, from its entries so far.

    It grows with agreements and directives, not with the ledger.
    """

    store: Agreements
    _published: dict[str, list[str]] = field(default_factory=dict)
    _directives: dict[str, Directive] = field(default_factory=dict)
    _about: dict[str, set[str]] = field(default_factory=dict)
    _texts: dict[str, Agreement | None] = field(default_factory=dict)
    _books: dict[frozenset[str], RuleBook] = field(default_factory=dict)

    def learn(self, row: LedgerRow) -> None:
        """Take in one more entry; one that is unreadable or irrelevant changes nothing."""
        try:
            entry = row.decoded()
            body = body_of(entry)
        except LedgerError:
            return
        if isinstance(body, AgreementPublishedEntry):
            self._published.setdefault(body.agreement, []).append(body.digest)
        elif isinstance(body, DirectiveRecordedEntry):
            self._directives[body.directive.id] = body.directive
            self._about.setdefault(body.directive.child, set()).add(body.directive.id)
        elif isinstance(body, DirectiveWithdrawnEntry):
            self._withdraw(body.withdrawn, entry.at)
        elif isinstance(body, ChildrenMergedEntry):
            survivor = self._about.setdefault(body.into, set())
            survivor |= self._about.pop(body.merged, set())

    def _withdraw(self, directive: str, at: dt.datetime) -> None:
        known = self._directives.get(directive)
        if known is not None and known.withdrawn_at is None:
            self._directives[known.id] = known.model_copy(update={"withdrawn_at": at})

    def directives(self, child: str) -> dict[str, Directive]:
        """Return, by their ids, all directives about a child, each as it was at this place."""
        return {one: self._directives[one] for one in sorted(self._about.get(child, ()))}

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
        if wanted not in self._books:
            self._books[wanted] = RuleBook(filter(None, map(self.text, sorted(wanted))))
        return self._books[wanted]

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
    """Name every id under which the ledger has entries about children, with those merged."""
    found: set[str] = set()
    new = {*children, *(work.children.known(child) or child for child in children)}
    while new:
        found |= new
        bodies = [row.readable() for row in work.ledger.of_children(new, [ChildrenMergedEntry])]
        new = {body.merged for body in bodies if isinstance(body, ChildrenMergedEntry)} - found
    return frozenset(found)


def with_their_past(
    work: UnitOfWork, rows: Iterable[LedgerRow], children: Collection[str], end: int
) -> Iterator[LedgerRow]:
    """Merge rows, in ledger order, with every entry that states what was before each of them.

    ``children`` are the children the rows are about, under every id.
    """
    agreements = work.ledger.of_kinds(ABOUT_ALL, end)
    own = (row for row in work.ledger.of_children(children, ABOUT_CHILD) if row.position < end)
    return heapq.merge(agreements, own, rows, key=lambda row: row.position)
