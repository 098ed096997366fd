"""A FHIR element that knows what of it was taken, so that nothing of it is dropped unsaid."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from consent.fhir.resource import Node


class FhirElement:
    """One JSON object of a resource. What is asked for counts as taken; ``left`` names the rest."""

    def __init__(self, node: Node, place: str) -> None:
        self.place = place
        self._node = node
        self._taken: set[str] = set()
        self._inner: dict[str, tuple[FhirElement, ...]] = {}

    def has(self, name: str) -> bool:
        """Whether there is anything of a name; it does not count as taken by this."""
        return name in self._node

    def peek(self, name: str) -> JsonValue:
        """See what there is of a name, without taking it."""
        return self._node.get(name)

    def text(self, name: str) -> str | None:
        """Take a text."""
        value = self._node.get(name)
        if not isinstance(value, str):
            return None
        self._taken.add(name)
        return value

    def true(self, name: str) -> bool:
        """Take a boolean, and tell whether it is true."""
        value = self._node.get(name)
        if isinstance(value, bool):
            self._taken.add(name)
        return value is True

    def child(self, name: str) -> FhirElement | None:
        """Take the one element of a name."""
        value = self._node.get(name)
        if isinstance(value, dict) and name not in self._inner:
            self._inner[name] = (FhirElement(value, f"{self.place}.{name}"),)
        return next(iter(self._inner.get(name, ())), None)

    def children(self, name: str) -> tuple[FhirElement, ...]:
        """Take the elements of a name, in their order; none where not all of them are elements."""
        value = self._node.get(name)
        if isinstance(value, list) and all(isinstance(one, dict) for one in value):
            made = [
                FhirElement(one, f"{self.place}.{name}[{n}]")
                for n, one in enumerate(value)
                if isinstance(one, dict)
            ]
            self._inner.setdefault(name, tuple(made))
        return self._inner.get(name, ())

    def skip(self, *names: str) -> None:
        """Take what says nothing that could be lost."""
        self._taken.update(names)

    def take_all(self) -> None:
        """Take everything of it."""
        self._taken.update(self._node)

    @property
    def untouched(self) -> bool:
        """Whether nothing of it was taken."""
        return not self._taken and not self._inner

    def left(self) -> Iterator[str]:
        """Name the places of what was not taken, as high up as they can be named."""
        for name in self._node:
            if name in self._inner:
                for one in self._inner[name]:
                    if one.untouched:
                        yield one.place
                    else:
                        yield from one.left()
            elif name not in self._taken:
                yield f"{self.place}.{name}"

    def left_here(self) -> list[str]:
        """Name only what was not taken of the element itself."""
        return [n for n in self._node if n not in self._taken and n not in self._inner]


def codings(concept: FhirElement | None) -> list[tuple[str, str]]:
    """Take the codes of a CodeableConcept, each with its system."""
    if concept is None:
        return []
    return [coded(one) for one in concept.children("coding")]


def coded(coding: FhirElement) -> tuple[str, str]:
    """Take the code of a Coding, with its system."""
    coding.skip("display", "userSelected", "id")
    return coding.text("system") or "", coding.text("code") or ""
