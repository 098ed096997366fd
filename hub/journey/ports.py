"""What the pipeline reads, as interfaces: the store implements them, and so do plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from consent.directive import Directive
from consent.facts import StandingFact
from consent.rulebook import RuleBook
from hub.journey.matching import Particulars
from schemas.agencies import Directory
from schemas.identifiers import Identifier, System


@dataclass(frozen=True, slots=True)
class LookupIdentifier:
    """One usable identifier as it is looked up: its system, its issuer (if local), its value."""

    system: System
    issuer: str
    value: str
    identifier: Identifier


class Knowledge(Protocol):
    """The state of the hub at one moment; reading it changes nothing."""

    @property
    def directory(self) -> Directory:
        """The register of agencies."""

    @property
    def rules(self) -> RuleBook:
        """The current version of every published agreement."""

    def fingerprint(self, event_ref: str) -> str | None:
        """The keyed hash of an event received before, or None."""

    def children_named(self, named: Sequence[LookupIdentifier]) -> frozenset[str]:
        """The children who bear any of these identifiers."""

    def children_like(self, who: Particulars) -> frozenset[str]:
        """The children in the same blocks: same birth date, or same name."""

    def particulars(self, child: str) -> Particulars:
        """A child's comparable particulars."""

    def numbers(self, child: str) -> Mapping[System, frozenset[str]]:
        """A child's identifiers by system."""

    def guarded(self, child: str) -> bool:
        """Whether any source has flagged the child's whereabouts as restricted."""

    def competent(self, child: str) -> bool:
        """Whether the child is assessed as competent to decide about sharing."""

    def facts(self, child: str) -> tuple[StandingFact, ...]:
        """The facts about who may decide for the child, whether or not they hold now."""

    def involved(self, child: str) -> frozenset[str]:
        """The agencies that take part in the child's care."""

    def faces(self, child: str) -> tuple[Particulars, ...]:
        """A child's particulars, and those of every id that was merged into it."""

    def former(self, child: str) -> tuple[str, ...]:
        """The ids that were merged into this child."""

    def directives_of(self, child: str) -> tuple[Directive, ...]:
        """Every directive about the child, in force or not."""

    def recipients_of(self, source: str, record: str) -> frozenset[str]:
        """The agencies that were sent, or are being sent, something about a record of a source."""

    def blind(self, *parts: str) -> str:
        """A keyed hash of 64 hexadecimal digits: pseudonyms and opaque references."""
