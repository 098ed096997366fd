"""A large document of the adapter's own kind, made of its samples by repeating what may repeat."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from adapters.testing.subject import Subject

Grower = Callable[[int], bytes]
_CANDIDATES = 40


def large_document(subject: Subject, size: int) -> bytes:
    """Make a document of about ``size`` bytes with as many events as can be made."""
    best: tuple[int, Grower] | None = None
    for body in subject.samples.accepted.values():
        for grow in _growers(body):
            events = len(subject.read(grow(3)).events)
            if best is None or events > best[0]:
                best = (events, grow)
    grow = best[1] if best else lambda times: b"x" * times
    each = max(1, len(grow(2)) - len(grow(1)))
    return grow(max(1, (size - len(grow(1))) // each))[:size]


def _growers(body: bytes) -> Iterator[Grower]:
    yield lambda times: (body if body.endswith((b"\n", b"\r")) else body + b"\n") * times
    head, end, rest = body.partition(b"\n")
    if rest.strip():
        yield lambda times: head + end + (rest if rest.endswith(b"\n") else rest + end) * times
    yield from _json_growers(body)
    yield from _xml_growers(body)


def _json_growers(body: bytes) -> Iterator[Grower]:
    try:
        value = json.loads(body)
    except ValueError:
        return
    if isinstance(value, dict):
        yield lambda times: json.dumps([value] * times).encode()
    for number in range(min(len(list(_lists(value))), _CANDIDATES)):
        yield lambda times, number=number: _json_grown(value, number, times)  # type: ignore[misc]


def _json_grown(value: Any, number: int, times: int) -> bytes:  # noqa: ANN401  JSON
    grown = copy.deepcopy(value)
    chosen = list(_lists(grown))[number]
    chosen[:] = chosen * times
    return json.dumps(grown).encode()


def _lists(value: Any) -> Iterator[list[Any]]:  # noqa: ANN401  JSON
    if isinstance(value, list):
        yield value
    for inner in value if isinstance(value, list) else getattr(value, "values", list)():
        if isinstance(inner, list | dict):
            yield from _lists(inner)


def _xml_growers(body: bytes) -> Iterator[Grower]:
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return
    holders = [number for number, element in enumerate(root.iter()) if len(element)]
    for number in holders[:_CANDIDATES]:
        yield lambda times, number=number: _xml_grown(root, number, times)  # type: ignore[misc]


def _xml_grown(root: etree._Element, number: int, times: int) -> bytes:
    grown = copy.deepcopy(root)
    chosen = list(grown.iter())[number]
    parts = b"".join(etree.tostring(child) for child in chosen) * times
    for child in list(chosen):
        chosen.remove(child)
    chosen.text = "GROW-HERE"
    return etree.tostring(grown).replace(b"GROW-HERE", parts)
