"""The hub in memory: its knowledge of the demo borough, event by event, without a store."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
from collections.abc import Iterable, Mapping, Sequence

from consent.agreement_file import load_agreement
from consent.directive import Directive
from consent.facts import StandingFact
from consent.question import is_guarded
from consent.rulebook import RuleBook
from hub.demo.borough import agreements
from hub.journey.identify import usable_identifiers
from hub.journey.matching import Particulars, blocks, particulars_of
from hub.journey.pipeline import DecidedEvent, Letter, UnidentifiedEvent, Verdict, judge
from hub.journey.ports import LookupIdentifier
from schemas.agencies import Directory
from schemas.event import Event
from schemas.event_type import Involvement
from schemas.identifiers import System


class World:
    """The hub's knowledge in plain dictionaries: the ``Knowledge`` that ``judge`` uses."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        texts = [(p.name, p.read_text(encoding="utf-8")) for p in agreements()]
        self._rules = RuleBook(load_agreement(text, name=name) for name, text in texts)
        self._fingerprints: dict[str, str] = {}
        self._numbers: dict[tuple[System, str, str], str] = {}
        self._particulars: dict[str, Particulars] = {}
        self._guarded: set[str] = set()
        self._involved: dict[str, set[str]] = {}
        self._directives: dict[str, list[Directive]] = {}
        self._ids = (f"child-{n:03d}" for n in itertools.count(1))

    @property
    def directory(self) -> Directory:
        """The register of agencies."""
        return self._directory

    @property
    def rules(self) -> RuleBook:
        """The demo's agreements."""
        return self._rules

    def fingerprint(self, event_ref: str) -> str | None:
        """The fingerprint of an event taken before."""
        return self._fingerprints.get(event_ref)

    def children_named(self, named: Sequence[LookupIdentifier]) -> frozenset[str]:
        """The children who bear any of these numbers."""
        keys = [(n.system, n.issuer, n.value) for n in named]
        return frozenset(self._numbers[k] for k in keys if k in self._numbers)

    def children_like(self, who: Particulars) -> frozenset[str]:
        """The children in the same blocks."""
        wanted = set(blocks(who))
        return frozenset(c for c, p in self._particulars.items() if wanted & set(blocks(p)))

    def faces(self, child: str) -> tuple[Particulars, ...]:
        """A child's id; here no children were merged."""
        return (self.particulars(child),)

    def former(self, child: str) -> tuple[str, ...]:
        """The ids that were merged into this child: here none."""
        del child
        return ()

    def recipients_of(self, source: str, record: str) -> frozenset[str]:
        """The recipients of a record; here none are remembered."""
        del source, record
        return frozenset()

    def particulars(self, child: str) -> Particulars:
        """A child's comparable particulars."""
        return self._particulars.get(child, Particulars())

    def numbers(self, child: str) -> Mapping[System, frozenset[str]]:
        """A child's numbers by system."""
        found: dict[System, set[str]] = {}
        for (system, _, value), owner in self._numbers.items():
            if owner == child:
                found.setdefault(system, set()).add(value)
        return {system: frozenset(values) for system, values in found.items()}

    def guarded(self, child: str) -> bool:
        """Whether any event flagged the whereabouts."""
        return child in self._guarded

    def competent(self, child: str) -> bool:
        """Whether the child was assessed as competent; no child in the story was."""
        del child
        return False

    def facts(self, child: str) -> tuple[StandingFact, ...]:
        """The facts about who may decide for the child: none."""
        del child
        return ()

    def involved(self, child: str) -> frozenset[str]:
        """The agencies that take part in the child's care."""
        return frozenset(self._involved.get(child, ()))

    def directives_of(self, child: str) -> tuple[Directive, ...]:
        """All directives about the child."""
        return tuple(self._directives.get(child, ()))

    def blind(self, *parts: str) -> str:
        """A hash: nothing here is secret."""
        return hashlib.sha256("\x00".join(parts).encode()).hexdigest()

    def take(self, event: Event, now: dt.datetime) -> Verdict:
        """Judge one event and remember what follows from it."""
        letter = Letter(event.to_json(), event.source, now)
        verdict = judge(letter, self, now, lambda: next(self._ids))
        if isinstance(verdict, DecidedEvent | UnidentifiedEvent):
            recognised = verdict.recognised
            self._fingerprints[recognised.ref] = recognised.fingerprint or ""
        if isinstance(verdict, DecidedEvent):
            self._remember(event, verdict, now)
        return verdict

    def _remember(self, event: Event, verdict: DecidedEvent, now: dt.datetime) -> None:
        child = verdict.decisions.context.child
        for named in usable_identifiers(event.identity, event.source):
            self._numbers[named.system, named.issuer, named.value] = child
        known = particulars_of(event).filled_from(self.particulars(child))
        self._particulars[child] = known
        if is_guarded(event):
            self._guarded.add(child)
        circle = self._involved.setdefault(child, set())
        circle |= set(verdict.invited)
        if event.kind.involvement is Involvement.BEGINS:
            circle.add(event.source)
        if event.kind.involvement is Involvement.ENDS:
            circle.discard(event.source)
        directives = self._directives.setdefault(child, [])
        if verdict.decisions.directive:
            directives.append(verdict.decisions.directive)
        self._directives[child] = list(_withdrawn(directives, verdict.withdrawn, now))


def _withdrawn(
    directives: Iterable[Directive], which: str | None, now: dt.datetime
) -> Iterable[Directive]:
    for directive in directives:
        ended = directive.id == which and directive.withdrawn_at is None
        yield directive.model_copy(update={"withdrawn_at": now}) if ended else directive
