"""A FHIR element that records what of it was read, so that nothing is dropped without a report."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from schemas.fhir.reading import Node


class TrackedElement:
    """One JSON object of a resource. ``unread`` names the parts that nothing has asked for.

    Reading is strict: a value of another JSON type than the one asked for stays unread.
    """

    def __init__(self, node: Node, place: str) -> None:
        self.place = place
        self._node = node
        self._read: set[str] = set()
        self._inner: dict[str, tuple[TrackedElement, ...]] = {}

    def has(self, name: str) -> bool:
        """Whether there is an element of a name; this does not count as reading it."""
        return name in self._node

    def peek(self, name: str) -> JsonValue:
        """Return the element of a name; this does not count as reading it."""
        return self._node.get(name)

    def string(self, name: str) -> str | None:
        """Read a string."""
        value = self._node.get(name)
        if not isinstance(value, str):
            return None
        self._read.add(name)
        return value

    def is_true(self, name: str) -> bool:
        """Read a boolean, and return whether it is true."""
        value = self._node.get(name)
        if isinstance(value, bool):
            self._read.add(name)
        return value is True

    def child(self, name: str) -> TrackedElement | None:
        """Read the one object of a name."""
        value = self._node.get(name)
        if isinstance(value, dict) and name not in self._inner:
            self._inner[name] = (TrackedElement(value, f"{self.place}.{name}"),)
        return next(iter(self._inner.get(name, ())), None)

    def children(self, name: str) -> tuple[TrackedElement, ...]:
        """Read the objects of a name, in order; nothing where not all of them are objects."""
        value = self._node.get(name)
        if isinstance(value, list) and all(isinstance(one, dict) for one in value):
            made = [
                TrackedElement(one, f"{self.place}.{name}[{n}]")
                for n, one in enumerate(value)
                if isinstance(one, dict)
            ]
            self._inner.setdefault(name, tuple(made))
        return self._inner.get(name, ())

    def skip(self, *names: str) -> None:
        """Count elements as read whose loss changes nothing."""
        self._read.update(names)

    def skip_all(self) -> None:
        """Count everything in it as read."""
        self._read.update(self._node)

    @property
    def untouched(self) -> bool:
        """Whether nothing of it was read."""
        return not self._read and not self._inner

    def unread(self) -> Iterator[str]:
        """Return the places of what was not read, the outermost place where all of it was not."""
        for name in self._node:
            if name in self._inner:
                for one in self._inner[name]:
                    if one.untouched:
                        yield one.place
                    else:
                        yield from one.unread()
            elif name not in self._read:
                yield f"{self.place}.{name}"

    def unread_here(self) -> list[str]:
        """Return the names of what was not read of the element itself."""
        return [n for n in self._node if n not in self._read and n not in self._inner]


def concept_codes(concept: TrackedElement | None) -> list[tuple[str, str]]:
    """Read the system and code of each Coding of a CodeableConcept."""
    if concept is None:
        return []
    return [coding_code(one) for one in concept.children("coding")]


def coding_code(coding: TrackedElement) -> tuple[str, str]:
    """Read the system and code of a Coding."""
    coding.skip("display", "userSelected", "id")
    return coding.string("system") or "", coding.string("code") or ""
