"""What is known of a child's events before it is sorted: plain values, read from the store. Pure.

An event's content may be gone; what it held is then known from the shape that its decisions asked
about, which the ledger keeps.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from consent.decision import Decision
from consent.directive import Directive
from consent.question import Question
from consent.reasons import Reason
from schemas.event import Event
from schemas.registry import EVENT_TYPES, EventType
from schemas.sections import Category

FIELD_ITEMS = ("whereabouts", "marked")
"""Kinds of fields that an officer can hand over, each as a whole."""


@dataclass(frozen=True, slots=True)
class Given:
    """One answer to a request for a delivery's keys: what was released, and what not and why."""

    position: int
    at: str
    sections: tuple[Category, ...]
    withheld: Mapping[Category, tuple[Reason, ...]]
    anything: bool
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class DeliveryFacts:
    """One delivery: its id, and every answer to a request for its keys."""

    id: str
    given: tuple[Given, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """One recipient's decision about an event; ``again``: made later than the event's own."""

    position: int
    at: str
    question: Question
    decision: Decision
    notice: bool = False
    again: bool = False
    deliveries: tuple[DeliveryFacts, ...] = ()

    @property
    def recipient(self) -> str:
        """Whom it is about."""
        return self.decision.recipient


@dataclass(frozen=True, slots=True)
class Arrived:
    """One event about the child, as the ledger and what is still kept of it tell it.

    ``child`` is the id it was decided under; ``said`` is the directive it recorded or withdrew;
    ``record`` is the blind index of the record it is about.
    """

    ref: str
    position: int
    at: str
    child: str
    type: str
    source: str
    status: str = "recorded"
    override: bool = False
    record: str | None = None
    content: Event | None = None
    said: Directive | None = None
    answers: tuple[Answered, ...] = field(default=())

    @property
    def kind(self) -> EventType | None:
        """The registered type, if it is still one."""
        return EVENT_TYPES.get(self.type)

    @property
    def sector(self) -> str:
        """The first word of its type."""
        return self.type.partition(".")[0]

    def filled(self) -> Mapping[Category, tuple[str, ...]]:
        """Name the fields that it held, by category: from its content, or as was asked about."""
        if self.content is not None:
            return {c: tuple(sorted(s.present())) for c, s in self.content.sections.items()}
        return {s.category: s.fields for a in self.answers for s in a.question.sections}

    def marks(self) -> frozenset[str]:
        """Name the fields of the contact section that its sender marked do-not-disclose."""
        shapes = (s for a in self.answers for s in a.question.sections)
        return frozenset(name for shape in shapes for name in shape.do_not_disclose)


def item(kind: str, reference: object) -> str:
    """Give the id by which an officer names something held back; it tells nothing by itself.

    ``kind`` is event, decision, said or fields: what can be handed over apart from the rest.
    """
    return hashlib.sha256(f"{kind}\n{reference}".encode()).hexdigest()[:10]


@dataclass(frozen=True, slots=True)
class Facts:
    """All that sorting looks at. ``police``: agencies that are police forces.

    ``handed``: ids of held-back items that the officer decided to hand over.
    """

    arrived: tuple[Arrived, ...]
    directives: tuple[Directive, ...] = ()
    police: frozenset[str] = frozenset()
    guarded: bool = False
    handed: frozenset[str] = frozenset()

    def items(self) -> frozenset[str]:
        """Give the id of everything that an officer could hand over."""
        answers = [answer for one in self.arrived for answer in one.answers]
        return frozenset(
            {item("event", one.ref) for one in self.arrived}
            | {item("decision", answer.position) for answer in answers}
            | {item("said", directive.id) for directive in self.directives}
            | {item("fields", why) for why in FIELD_ITEMS}
        )
