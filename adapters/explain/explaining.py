"""For each element of a document: which fields of events it became, or why it was left out.

1. The document is translated as it is.
2. Each element is changed to another value of its shape, and removed, and the document translated
   again: the fields of the events that differ are what the element became.
3. An element that changes nothing is refused where its record is, ignored where the adapter states
   a reason, required where the format needs it and reads no value, and otherwise unknown.

A document of many elements is done by path: all elements of a path at once.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from adapters.contract import Adapter, AgencySystem, Document, translate
from adapters.explain.comparing import Difference, ElementOutcome, FlatEvent, compared
from adapters.explain.json_structure import JsonStructure
from adapters.explain.structure import Edits, Part, Structure, pattern_of, variants
from adapters.explain.text_structure import Hl7Structure, LineStructure, TableStructure
from adapters.explain.xml_structure import XmlStructure
from schemas.errors import Fault, InputRefused

ONE_BY_ONE = 600
"""The most elements that are explained one by one."""

EVENT = "event"
"""Stands for the event itself: the element decides whether there is one, or of which type."""

_NOT_CARRIED = "Its value is checked and not carried."
_REQUIRED = "The format requires it; its value is not read."


class Status(StrEnum):
    """What became of an element."""

    MAPPED = "mapped"
    IGNORED = "ignored"
    UNKNOWN = "unknown"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ElementResult:
    """One element: its path, and its fields (``section.field``) or the reason it is left out."""

    path: str
    status: Status
    fields: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """All elements of a document, each once. ``one_by_one``: not by path."""

    elements: tuple[ElementResult, ...]
    refused: tuple[str, ...]
    one_by_one: bool = True

    def counts(self) -> dict[str, int]:
        """Count the elements by status."""
        found = Counter(one.status for one in self.elements)
        return {status.value: found[status] for status in Status}


def explain(
    adapter: Adapter, document: Document, system: AgencySystem, limit: int, most: int = ONE_BY_ONE
) -> Explanation:
    """Explain a document; raises InputRefused where it has no elements to speak of."""
    if len(document.body) > limit:
        raise InputRefused(Fault.TOO_LARGE)
    structure = structure_of(document.body)
    one_by_one = len(structure.values) <= most
    found = _Explaining(adapter, document, system, limit, structure)
    groups = [[part] for part in structure.root.elements()]
    results = found.run(groups if one_by_one else _by_path(structure.root))
    faults = tuple(sorted(found.base.faults.elements()))
    return Explanation(tuple(results), faults, one_by_one)


def structure_of(body: bytes) -> Structure:
    """Parse a document as what it looks like; raises InputRefused."""
    head = body.lstrip(b"\xef\xbb\xbf\xff\xfe\x0b \t\r\n")[:4].replace(b"\x00", b"")
    if not head:
        raise InputRefused(Fault.EMPTY_INPUT)
    try:
        if head.startswith(b"<"):
            return XmlStructure(body)
        if head.startswith((b"{", b"[")):
            return JsonStructure(body)
        if head[:3] in (b"MSH", b"FHS", b"BHS"):
            return Hl7Structure(body)
        if any(mark in body.splitlines()[0] for mark in (b",", b";", b"\t", b"|")):
            return TableStructure(body)
        return LineStructure(body)
    except (ValueError, IndexError, RecursionError, StopIteration):
        raise InputRefused(Fault.UNSUPPORTED) from None


def _by_path(root: Part) -> list[list[Part]]:
    groups: dict[str, list[Part]] = {}
    for part in root.elements():
        groups.setdefault(pattern_of(part.path), []).append(part)
    return list(groups.values())


_WIDE = 50
"""The most parts of a container that are tried one by one for being unused as a whole."""


class _Explaining:
    def __init__(
        self,
        adapter: Adapter,
        document: Document,
        system: AgencySystem,
        limit: int,
        structure: Structure,
    ) -> None:
        self._adapter, self._document, self._system = adapter, document, system
        self._limit, self._structure = 2 * limit, structure
        self.base = self._outcome({})

    def run(self, groups: Sequence[Sequence[Part]]) -> list[ElementResult]:
        """Explain every group of elements, and return the elements in document order."""
        if not self.base.events:
            reason = ", ".join(sorted(self.base.faults))
            every = [part for group in groups for part in group]
            return [ElementResult(p.path, Status.REFUSED, reason=reason) for p in every]
        unused = self._unused()
        refused = self._refused()
        found: dict[int, ElementResult] = {}
        for group in groups:
            left = [p for p in group if p.start not in unused and p.start not in refused]
            changed, removed = self._effects(left) if left else (Difference(), Difference())
            for part in group:
                if part.start in refused:
                    reason = refused[part.start]
                    result = ElementResult(part.path, Status.REFUSED, reason=reason)
                elif part.start in unused:
                    result = self._result(part, Difference(), Difference())
                else:
                    result = self._result(part, changed, removed)
                found[part.start] = result
        return [found[number] for number in sorted(found)]

    def _result(self, part: Part, changed: Difference, removed: Difference) -> ElementResult:
        fields = sorted(changed.fields | removed.fields)
        events = tuple(sorted(changed.events | removed.events))
        if fields:
            return ElementResult(part.path, Status.MAPPED, tuple(fields), events)
        if changed.lost:
            named = self._field_of(self._structure.values[part.start])
            return ElementResult(part.path, Status.MAPPED, (EVENT, *named), events)
        if gone := ", ".join(sorted(removed.gone)):
            return ElementResult(part.path, Status.REFUSED, reason=gone)
        pattern = pattern_of(part.path)
        for glob, reason in self._adapter.ignored.items():
            if fnmatchcase(pattern, glob):
                return ElementResult(part.path, Status.IGNORED, reason=reason)
        if removed.lost or (removed.new and not changed.new):
            return ElementResult(part.path, Status.IGNORED, reason=_REQUIRED)
        if changed.new:
            return ElementResult(part.path, Status.IGNORED, reason=_NOT_CARRIED)
        return ElementResult(part.path, Status.UNKNOWN)

    def _field_of(self, value: str) -> tuple[str, ...]:
        """Name the field that holds an element's value as it is, where there is only one."""
        text = json.dumps([json.dumps(value.strip())])
        named = {name for event in self.base.events for name, held in event.fields if held == text}
        return tuple(named) if len(named) == 1 else ()

    def _effects(self, parts: Sequence[Part]) -> tuple[Difference, Difference]:
        """Compare the document with other values of the elements, and without the elements."""
        changed = self._difference(self._with_variant(parts, 0))
        if not changed.fields and (changed.lost or changed.new):
            changed.add(self._difference(self._with_variant(parts, 1)))
        removed = self._difference({part.start: None for part in parts})
        return changed, removed

    def _with_variant(self, parts: Iterable[Part], which: int) -> Edits:
        edits: dict[int, str | None] = {}
        for part in parts:
            found = variants(self._structure.values[part.start])
            edits[part.start] = found[min(which, len(found) - 1)]
        return edits

    def _unused(self) -> set[int]:
        """Find the containers of which nothing is used: whole parts at once, from the top."""
        found: set[int] = set()
        waiting = [self._structure.root]
        while waiting:
            part = waiting.pop()
            if not part.parts:
                continue
            elements = list(part.elements())
            if (
                self._difference(dict.fromkeys(part.numbers)).nothing
                and self._difference(self._with_variant(elements, 0)).nothing
            ):
                found.update(part.numbers)
            elif len(part.parts) <= _WIDE:
                waiting += part.parts
        return found

    def _refused(self) -> dict[int, str]:
        """Find the elements of refused records: a fault goes away with them, and no event does."""
        found: dict[int, str] = {}
        waiting: list[tuple[Part, ...]] = [(self._structure.root,)] if self.base.faults else []
        while waiting:
            parts = waiting.pop()
            numbers = [number for part in parts for number in part.numbers]
            difference = self._difference(dict.fromkeys(numbers))
            if not difference.gone:
                continue
            if len(parts) > 1:
                half = len(parts) // 2
                waiting += [parts[:half], parts[half:]]
            elif not (difference.fields or difference.lost or difference.new):
                found.update(dict.fromkeys(numbers, ", ".join(sorted(difference.gone))))
            elif parts[0].parts:
                waiting.append(parts[0].parts)
        return found

    def _difference(self, edits: Edits) -> Difference:
        return compared(self.base, self._outcome(edits))

    def _outcome(self, edits: Edits) -> ElementOutcome:
        body = self._structure.render(edits)
        document = Document(body, self._document.received_at, self._document.suffix)
        made = translate(self._adapter.format, document, self._system, self._limit)
        return ElementOutcome(
            tuple(FlatEvent.of(event) for event in made.events),
            Counter(refusal.fault.value for refusal in made.refused),
        )
