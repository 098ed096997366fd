"""What the hub knows, as a plain value in memory: the same questions, no store."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from consent.directive import Directive
from consent.facts import StandingFact
from consent.rulebook import RuleBook
from hub.journey.matching import Particulars, blocks
from hub.journey.pipeline import DecidedEvent
from hub.journey.ports import LookupIdentifier
from schemas.agencies import Agency, Directory
from schemas.identifiers import System
from tests.configuration import agencies, agreement


@dataclass
class Memory:
    """Knowledge held in dictionaries; a test fills in what it needs."""

    directory: Directory = field(
        default_factory=lambda: Directory(Agency(name=n, **a) for n, a in agencies().items())
    )
    rules: RuleBook = field(default_factory=lambda: RuleBook([agreement()]))
    fingerprints: dict[str, str] = field(default_factory=dict)
    names: dict[tuple[System, str, str], str] = field(default_factory=dict)
    people: dict[str, Particulars] = field(default_factory=dict)
    said: dict[str, tuple[Directive, ...]] = field(default_factory=dict)
    parts: dict[str, frozenset[str]] = field(default_factory=dict)
    guards: frozenset[str] = frozenset()
    competences: frozenset[str] = frozenset()
    told: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    def fingerprint(self, event_ref: str) -> str | None:
        """The fingerprint of an event received before."""
        return self.fingerprints.get(event_ref)

    def children_named(self, named: Sequence[LookupIdentifier]) -> frozenset[str]:
        """The children who bear any of these identifiers."""
        keys = [(n.system, n.issuer, n.value) for n in named]
        return frozenset(self.names[k] for k in keys if k in self.names)

    def children_like(self, who: Particulars) -> frozenset[str]:
        """The children in the same blocks."""
        wanted = set(blocks(who))
        return frozenset(c for c, known in self.people.items() if wanted & set(blocks(known)))

    def particulars(self, child: str) -> Particulars:
        """A child's comparable particulars."""
        return self.people.get(child, Particulars())

    def numbers(self, child: str) -> Mapping[System, frozenset[str]]:
        """A child's identifiers by system."""
        found: dict[System, set[str]] = {}
        for (system, _, value), bearer in self.names.items():
            if bearer == child:
                found.setdefault(system, set()).add(value)
        return {system: frozenset(values) for system, values in found.items()}

    def guarded(self, child: str) -> bool:
        """Whether the child's whereabouts are guarded."""
        return child in self.guards

    def competent(self, child: str) -> bool:
        """Whether the child is assessed as competent."""
        return child in self.competences

    def facts(self, child: str) -> tuple[StandingFact, ...]:
        """The facts about who may decide for the child: none."""
        del child
        return ()

    def involved(self, child: str) -> frozenset[str]:
        """The agencies that take part."""
        return self.parts.get(child, frozenset())

    def faces(self, child: str) -> tuple[Particulars, ...]:
        """A child's particulars; here nobody was merged."""
        return (self.particulars(child),)

    def former(self, child: str) -> tuple[str, ...]:
        """The ids that were merged into this child: here none."""
        del child
        return ()

    def directives_of(self, child: str) -> tuple[Directive, ...]:
        """All that was said about sharing."""
        return self.said.get(child, ())

    def recipients_of(self, source: str, record: str) -> frozenset[str]:
        """The agencies that were sent something about a record."""
        return self.told.get((source, record), frozenset())

    def blind(self, *parts: str) -> str:
        """A hash that stands for a keyed one."""
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()

    def learn(
        self, verdict: DecidedEvent, named: Sequence[LookupIdentifier], now: dt.datetime
    ) -> None:
        """Take in what a verdict says, as recording it would."""
        recognised, directive = verdict.recognised, verdict.decisions.directive
        child = verdict.decisions.context.child
        self.fingerprints[recognised.ref] = recognised.fingerprint or ""
        self.names |= {(n.system, n.issuer, n.value): child for n in named}
        if directive is not None:
            self.said[child] = (*self.directives_of(child), directive)
        if verdict.withdrawn is not None:
            self.said[child] = tuple(
                d.model_copy(update={"withdrawn_at": now}) if d.id == verdict.withdrawn else d
                for d in self.directives_of(child)
            )
