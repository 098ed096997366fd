"""Read the elements of one FHIR resource held as JSON: children, strings, codes, identifiers.

Nothing here knows what a resource means. An absent element reads as None or as nothing; an element
that is present and too long to hold raises InputRefused with BAD_VALUE.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from schemas.errors import Fault, InputRefused
from schemas.fhir.systems import SNOMED
from schemas.people import Coding

Node = Mapping[str, JsonValue]

SHORT = 200
LONG = 20_000
CODE = 64
RECORD = 120


@dataclass(frozen=True, slots=True)
class FhirIdentifier:
    """An Identifier: its system and its value."""

    system: str
    value: str


def children(node: Node, name: str) -> tuple[Node, ...]:
    """Return the objects under a name, whether the element repeats or not."""
    found = node.get(name)
    every = found if isinstance(found, list) else [found]
    return tuple(item for item in every if isinstance(item, dict))


def child(node: Node, name: str) -> Node:
    """Return the first object under a name, or an empty one."""
    return next(iter(children(node, name)), {})


def string(node: Node, name: str, limit: int | None = None) -> str | None:
    """Return the string under a name, stripped; beyond ``limit`` characters it is truncated."""
    found = node.get(name)
    if isinstance(found, list):
        found = found[0] if found else None
    return truncated(found, limit) if isinstance(found, str) else None


def strings(node: Node, name: str) -> tuple[str, ...]:
    """Return every string under a name, stripped, without the empty ones."""
    found = node.get(name)
    every = found if isinstance(found, list) else [found]
    return tuple(s for item in every if isinstance(item, str) and (s := item.strip()))


def truncated(text: str, limit: int | None = None) -> str | None:
    """Strip a text and cut it to a limit, marked with an ellipsis; None where nothing is left."""
    clean = text.strip()
    if not clean:
        return None
    return clean if limit is None or len(clean) <= limit else clean[: limit - 1].rstrip() + "…"


def boolean(node: Node, name: str) -> bool | None:
    """Return the boolean under a name."""
    found = node.get(name)
    return found if isinstance(found, bool) else None


def extension(node: Node, url: str) -> Node:
    """Return the first extension with a URL, or an empty one."""
    return next((e for e in children(node, "extension") if e.get("url") == url), {})


def identifiers(node: Node) -> tuple[tuple[str | None, str], ...]:
    """Return the system and value of every Identifier that has a value."""
    found = children(node, "identifier")
    return tuple((string(i, "system"), value) for i in found if (value := string(i, "value")))


def codes(node: Node, name: str) -> Iterator[tuple[str | None, str]]:
    """Return the system and code of each CodeableConcept or Coding under a name."""
    for concept in children(node, name):
        for one in (concept, *children(concept, "coding")):
            if code := string(one, "code"):
                yield string(one, "system"), code


def concept_text(concept: Node, limit: int = SHORT) -> str | None:
    """Return a CodeableConcept as text: its text, or its first display, or its first code."""
    codings = children(concept, "coding")
    displays = (string(c, "display", limit) for c in codings)
    values = (string(c, "code", limit) for c in codings)
    return string(concept, "text", limit) or next(filter(None, [*displays, *values]), None)


def concept_coding(concept: Node) -> Coding | None:
    """Read a CodeableConcept as one code, SNOMED CT first; a text alone has no system."""
    every = [c for c in children(concept, "coding") if string(c, "code")]
    every.sort(key=lambda c: c.get("system") != SNOMED)
    text = string(concept, "text", SHORT)
    if not every:
        short = string(concept, "text", CODE)
        return Coding(code=short, display=text) if short else None
    code, system = string(every[0], "code"), string(every[0], "system")
    if code is None or len(code) > CODE:
        raise InputRefused(Fault.BAD_VALUE, "coding/code")
    if system is not None and len(system) > RECORD:
        raise InputRefused(Fault.BAD_VALUE, "coding/system")
    return Coding(code=code, display=string(every[0], "display", SHORT) or text, system=system)


def first_coding(node: Node, *names: str) -> Coding | None:
    """Read the first of the named elements that holds a code."""
    concepts = (concept for name in names for concept in children(node, name))
    return next((c for concept in concepts if (c := concept_coding(concept))), None)
