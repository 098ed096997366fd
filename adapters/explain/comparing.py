"""Compare two translations of a document: which fields of which events differ, which faults."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pydantic import JsonValue

from schemas.event import Event

_NUMBERS = frozenset(
    f"identity.{name}" for name in ("nhs_number", "upn", "la_child_id", "local_id")
)


@dataclass(frozen=True, slots=True)
class FlatEvent:
    """An event's type, and its fields with their values as text."""

    type: str
    fields: frozenset[tuple[str, str]]
    child: frozenset[tuple[str, str]]
    record: str | None

    @classmethod
    def of(cls, event: Event) -> FlatEvent:
        """Flatten an event."""
        fields = frozenset(_fields_of(event))
        child = frozenset(one for one in fields if one[0].startswith("identity."))
        return cls(event.kind.key, fields, child, event.record)

    @property
    def numbers(self) -> object:
        """The child's numbers; of a child without a number something that is no other's."""
        return frozenset(one for one in self.child if one[0] in _NUMBERS) or self.fields


@dataclass(frozen=True, slots=True)
class ElementOutcome:
    """A translation to be compared: each event's type and fields, and how often each fault."""

    events: tuple[FlatEvent, ...]
    faults: Counter[str]


@dataclass(slots=True)
class Difference:
    """What an edit changed: fields, types of events lost or gained, faults gone and new."""

    fields: set[str] = field(default_factory=set)
    events: set[str] = field(default_factory=set)
    lost: bool = False
    gone: Counter[str] = field(default_factory=Counter)
    new: Counter[str] = field(default_factory=Counter)

    @property
    def nothing(self) -> bool:
        """Whether the translations are the same."""
        return not (self.fields or self.lost or self.gone or self.new)

    def add(self, other: Difference) -> None:
        """Add what another edit changed."""
        self.fields |= other.fields
        self.events |= other.events
        self.lost = self.lost or other.lost
        self.gone |= other.gone
        self.new |= other.new


def compared(base: ElementOutcome, other: ElementOutcome) -> Difference:
    """Compare two translations; events are paired by all they hold, else by child, record, type."""
    found = Difference(gone=base.faults - other.faults, new=other.faults - base.faults)
    before, after = list(base.events), list(other.events)
    for key in _PAIRED_BY:
        before, after = _paired(before, after, key, found)
    found.lost = bool(before or after)
    found.events |= {event.type for event in (*before, *after)}
    return found


def _paired(
    before: list[FlatEvent],
    after: list[FlatEvent],
    key: Callable[[FlatEvent], object],
    found: Difference,
) -> tuple[list[FlatEvent], list[FlatEvent]]:
    """Compare the events of the same key in order, and return those without a counterpart."""
    waiting: dict[object, deque[FlatEvent]] = {}
    for event in after:
        waiting.setdefault(key(event), deque()).append(event)
    alone = []
    for event in before:
        same = waiting.get(key(event))
        if not same:
            alone.append(event)
            continue
        differ = event.fields ^ same.popleft().fields
        if differ:
            found.fields |= {name for name, _ in differ}
            found.events.add(event.type)
    return alone, [event for left in waiting.values() for event in left]


_PAIRED_BY: tuple[Callable[[FlatEvent], object], ...] = (
    lambda event: event,
    lambda event: (event.type, event.child),
    lambda event: (event.type, event.numbers, event.record),
    lambda event: (event.type, event.numbers),
    lambda event: (event.type, event.record),
    lambda event: event.type,
)


def _fields_of(event: Event) -> Iterator[tuple[str, str]]:
    """Return the fields of an event that its document determines, each as text; never its id."""
    data = event.envelope().data
    members: dict[str, JsonValue] = data if isinstance(data, dict) else {}
    yield "time", event.time.isoformat()
    for name in ("record", "status", "addressed_to", "override"):
        yield name, json.dumps(members.get(name))
    sections = members.get("sections")
    found: dict[str, list[str]] = {}
    for name, text in _leaves("", sections):
        found.setdefault(name, []).append(text)
    yield from ((name, json.dumps(texts)) for name, texts in found.items())


def _leaves(path: str, value: JsonValue) -> Iterator[tuple[str, str]]:
    """Return the single values in a section by path; an identifier is one value."""
    if isinstance(value, dict) and "assurance" not in value:
        for name, inner in value.items():
            yield from _leaves(f"{path}.{name}" if path else name, inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(path, inner)
    else:
        yield path, json.dumps(value)
