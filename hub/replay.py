"""Replaying: every logged decision is made again, and must come out the same.

All that a decision looked at is taken from what cannot be altered unseen: the question, the
agreements and the directives it considered are in the ledger, each agreement's text is found by its
digest, and a directive is taken as it stood at that place of the ledger. (Not as it stood at that
moment by the clock: events of one batch have the same moment, and a later one may withdraw what an
earlier one still rested on.) So a replay agrees after a withdrawal, a new version of an agreement,
a merge and an erasure.

What a decision left out would change it as well. So the ledger must not have an agreement that
counted then and was not looked at, nor a directive about the child that was not considered.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue, ValidationError

from consent.agreement import Agreement
from consent.decide import RuleBook, decide
from consent.decision import Decision
from consent.directive import Directive
from consent.ledger.entry import EntryKind, LedgerEntry, decode
from consent.ledger.errors import LedgerError
from consent.question import Question
from hub.audit import verify_head, verify_ledger
from hub.child_desk import NotFound
from hub.knowledge import Books
from hub.office import Office
from hub.store.agreements import Agreements

_READ = (EntryKind.AGREEMENT, EntryKind.DIRECTIVE, EntryKind.IDENTITY, EntryKind.DECISION)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which decisions are made again; with nothing named, all."""

    event: str | None = None
    child: str | None = None
    position: int | None = None

    @property
    def everything(self) -> bool:
        """Whether nothing is named."""
        return self.event is None and self.child is None and self.position is None


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where the logged decision and the one made again are not the same."""

    field: str
    logged: JsonValue
    replayed: JsonValue


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One logged decision that does not come out the same."""

    position: int
    event: str
    recipient: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of it; ``problem`` is why the ledger itself does not verify."""

    entries: int
    replayed: int
    disagreements: tuple[Disagreement, ...]
    problem: str | None

    @property
    def verified(self) -> bool:
        """Whether the ledger verifies and every decision came out the same."""
        return not self.disagreements and self.problem is None


def replay(office: Office, chosen: Chosen) -> Replay:
    """Make logged decisions again; raises NotFound where there is none of what is named.

    With everything the whole ledger is verified first, otherwise only its head.
    """
    checked = verify_ledger(office) if chosen.everything else verify_head(office)
    with office.reading() as books:
        size, count, found = books.ledger.size(), 0, list[Disagreement]()
        wanted = _Wanted.of(chosen, books)
        past = _Past(books.agreements)
        for row in books.ledger.of_kinds(_READ, size):
            entry = _decoded(row.entry)
            if row.kind != EntryKind.DECISION:
                if entry is not None:
                    past.learn(entry)
                continue
            if wanted.has(row.position, row.subject.event, row.subject.child):
                count += 1
                differences = tuple(past.differences(entry))
                if differences:
                    event, whom = row.subject.event or "", row.subject.agency or ""
                    found.append(Disagreement(row.position, event, whom, differences))
    if not count and not chosen.everything:
        raise NotFound("The ledger has no such decision. See 'hub audit tail'.")
    return Replay(size, count, tuple(found), checked.problem)


@dataclass(frozen=True, slots=True)
class _Wanted:
    event: str | None
    children: frozenset[str] | None
    position: int | None

    @classmethod
    def of(cls, chosen: Chosen, books: Books) -> _Wanted:
        """Tell what is meant; a child's former ids mean the child."""
        children = None
        if chosen.child is not None:
            child = books.children.known(chosen.child) or chosen.child
            children = frozenset({chosen.child, child, *books.former(child)})
        return cls(chosen.event, children, chosen.position)

    def has(self, position: int, event: str | None, child: str | None) -> bool:
        """Whether an entry is meant."""
        return (
            self.event in {None, event}
            and (self.children is None or child in self.children)
            and self.position in {None, position}
        )


def _decoded(data: bytes) -> LedgerEntry | None:
    try:
        return decode(data)
    except LedgerError:
        return None


@dataclass(slots=True)
class _Past:
    """What the ledger has said so far: agreements, directives, and about whom these are."""

    store: Agreements
    published: dict[str, list[str]] = field(default_factory=dict)
    said: dict[str, Directive] = field(default_factory=dict)
    about: dict[str, set[str]] = field(default_factory=dict)
    _texts: dict[str, Agreement | None] = field(default_factory=dict)
    _books: dict[frozenset[str], RuleBook] = field(default_factory=dict)

    def learn(self, entry: LedgerEntry) -> None:
        """Take in an entry that is no decision."""
        body = entry.body
        if entry.kind is EntryKind.AGREEMENT:
            versions = self.published.setdefault(str(body.get("agreement")), [])
            versions.append(str(body.get("digest")))
        elif entry.kind is EntryKind.DIRECTIVE:
            self._hear(body, entry.at)
        elif "merged" in body:
            survivor = self.about.setdefault(str(body.get("into")), set())
            survivor |= self.about.pop(str(body["merged"]), set())

    def _hear(self, body: Mapping[str, JsonValue], at: dt.datetime) -> None:
        if "withdrawn" in body:
            known = self.said.get(str(body["withdrawn"]))
            if known is not None and known.withdrawn_at is None:
                self.said[known.id] = known.model_copy(update={"withdrawn_at": at})
            return
        try:
            directive = Directive.model_validate(body.get("directive"))
        except ValidationError:
            return
        self.said[directive.id] = directive
        self.about.setdefault(directive.child, set()).add(directive.id)

    def differences(self, entry: LedgerEntry | None) -> Iterator[Difference]:
        """Make one decision again and give what is not the same."""
        try:
            case = _Case.of(entry)
        except ValidationError:
            yield Difference("entry", "cannot be read as a decision", None)
            return
        logged, body = case.logged, case.body
        texts = [self._text(digest) for digest in logged.agreements.values()]
        directives = [self.said[d] for d in case.considered if d in self.said]
        book = self._book(frozenset(logged.agreements.values()))
        made = decide(case.question, book, directives, logged.decided_at)
        again = made.model_dump(mode="json", exclude_defaults=True)
        yield from _compared("decision", body.get("decision"), again)
        yield from _compared("recipient", body.get("recipient"), made.recipient)
        told = made.permitted and not body.get("notice")
        yield from _compared("permitted", body.get("permitted"), told)
        # What was left out must not have been there.
        then = dict(self._counting(case.question, logged.decided_at))
        if not all(texts) or then.items() - logged.agreements.items():
            yield from _compared("agreements", dict(logged.agreements), {**then})
        known = sorted(self.about.get(str(body.get("child")), set()))
        yield from _compared("considered", [*sorted(case.considered)], [*known])

    def _text(self, digest: str) -> Agreement | None:
        """Find an agreement whose text has this digest."""
        if digest not in self._texts:
            found = self.store.find(digest)
            sound = found is not None and found.digest() == digest
            self._texts[digest] = found if sound else None
        return self._texts[digest]

    def _book(self, digests: frozenset[str]) -> RuleBook:
        if digests not in self._books:
            self._books[digests] = RuleBook(filter(None, map(self._text, sorted(digests))))
        return self._books[digests]

    def _counting(self, question: Question, now: dt.datetime) -> Iterator[tuple[str, str]]:
        """Name the agreements that spoke about a question then: of each, the newest begun."""
        counting = set()
        for digests in self.published.values():
            versions = [(text, digest) for digest in digests if (text := self._text(digest))]
            begun = [one for one in versions if one[0].valid_from <= now] or versions
            counting |= {max(begun, key=lambda one: one[0].version)[1]} if begun else set()
        for clause in self._book(frozenset(counting)).clauses(question):
            yield f"{clause.agreement.id}@{clause.agreement.version}", clause.digest


@dataclass(frozen=True, slots=True)
class _Case:
    """What one entry logged of a decision."""

    question: Question
    logged: Decision
    considered: tuple[str, ...]
    body: Mapping[str, JsonValue]

    @classmethod
    def of(cls, entry: LedgerEntry | None) -> _Case:
        """Read an entry; raises ValidationError for what is no decision."""
        body = entry.body if entry is not None else {}
        question = Question.model_validate(body.get("question"))
        logged = Decision.model_validate(body.get("decision"))
        considered = body.get("considered")
        ids = tuple(map(str, considered)) if isinstance(considered, list) else ()
        return cls(question, logged, ids, body)


def _compared(name: str, logged: JsonValue, made: JsonValue) -> Iterator[Difference]:
    """Compare two values field by field."""
    if isinstance(logged, dict) and isinstance(made, dict):
        for key in sorted({*logged, *made}):
            yield from _compared(f"{name}.{key}", logged.get(key), made.get(key))
    elif isinstance(logged, list) and isinstance(made, list) and len(logged) == len(made):
        for place, (one, other) in enumerate(zip(logged, made, strict=True)):
            yield from _compared(f"{name}.{place}", one, other)
    elif logged != made:
        yield Difference(name, logged, made)
