"""The elements of a native document as a tree of parts, and the document with some of them changed.

An element is what holds a value: an XML element or attribute, a JSON value, an HL7 v2 component, a
cell. Elements are numbered in document order; a part covers a range of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

Edits = Mapping[int, str | None]
"""New values by element number; None removes the element, and what is empty without it."""

_NUMBER = re.compile(r"\[[0-9]+\]|(?<=row )[0-9]+|(?<=line )[0-9]+")


@dataclass(frozen=True, slots=True)
class Part:
    """An element, or a container of parts; its elements are numbered ``start`` to ``stop``."""

    path: str
    start: int
    stop: int
    parts: tuple[Part, ...] = ()

    @property
    def numbers(self) -> range:
        """The numbers of the elements in it."""
        return range(self.start, self.stop)

    def elements(self) -> Iterator[Part]:
        """Return the elements in it, in document order."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.elements()


class Structure(Protocol):
    """A parsed document."""

    root: Part
    values: tuple[str, ...]

    def render(self, edits: Edits) -> bytes:
        """Write the document with these elements changed or removed."""


class PartBuilder:
    """Numbers elements while a document is walked."""

    def __init__(self) -> None:
        self.values: list[str] = []

    def element(self, path: str, value: str) -> Part:
        """Add the next element."""
        self.values.append(value)
        return Part(path, len(self.values) - 1, len(self.values))


def container(path: str, parts: list[Part]) -> Part:
    """Make a part of the parts that follow one another in a document."""
    return Part(path, parts[0].start, parts[-1].stop, tuple(parts))


def pattern_of(path: str) -> str:
    """Return a path without the numbers of repeated elements, rows and lines."""
    return re.sub(r" +", " ", _NUMBER.sub("", path)).replace(" /", "/").strip()


def variants(value: str) -> tuple[str, ...]:
    """Return other values of the same shape: no for yes, or another last digit or letter."""
    lower = value.strip().lower()
    if lower in _OPPOSITES:
        other = _OPPOSITES[lower]
        return (other.upper() if value.isupper() else other,)
    found = list(re.finditer(r"[0-9A-Za-z]", value))
    if not found:
        return (f"{value}x",)
    at = found[-1].start()
    swapped = (_NEAR[0].get(value[at]), _NEAR[1].get(value[at]))
    return tuple(value[:at] + one + value[at + 1 :] for one in swapped if one)


_OPPOSITES = {"true": "false", "false": "true", "yes": "no", "no": "yes", "y": "n", "n": "y"}


def _near(step: int) -> dict[str, str]:
    """Map each digit and letter to a neighbour; none becomes 0, which no day or month is."""
    found: dict[str, str] = {}
    for alphabet in ("123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
        for n, character in enumerate(alphabet):
            found[character] = alphabet[(n + step) % len(alphabet)]
    return found | {"0": "1" if step > 0 else "2", "1": "2", "9": "8"}


_NEAR = (_near(-1), _near(1))
