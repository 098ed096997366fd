"""The elements of a JSON document: every value that is not an object or an array."""

from __future__ import annotations

import json
from collections.abc import Iterator

from pydantic import JsonValue

from adapters.explain.structure import Edits, Part, PartBuilder, container
from schemas.fhir.resources import parse_json

_GONE = object()


class JsonStructure:
    """A JSON document, or one value to a line; an item of an array has its number, from 0."""

    def __init__(self, body: bytes) -> None:
        text = body.decode(json.detect_encoding(body)).removeprefix("\ufeff")
        try:
            self._values = [parse_json(text)]
            self._lines = False
        except ValueError:
            self._values = [parse_json(line) for line in text.splitlines() if line.strip()]
            self._lines = True
        builder = PartBuilder()
        parts = [
            _part(value, f"line {n}" if self._lines else _root(value), builder)
            for n, value in enumerate(self._values, start=1)
        ]
        self.root = parts[0] if len(parts) == 1 else container("", parts)
        self.values = tuple(builder.values)

    def render(self, edits: Edits) -> bytes:
        """Write the document with these elements changed or removed."""
        numbers = iter(range(len(self.values)))
        made = [_edited(value, edits, numbers) for value in self._values]
        lines = [json.dumps(one, ensure_ascii=False) for one in made if one is not _GONE]
        return "\n".join(lines).encode()


def _root(value: JsonValue) -> str:
    kind = value.get("resourceType") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) and kind.isalnum() else ""


def _part(value: JsonValue, path: str, builder: PartBuilder) -> Part:
    if isinstance(value, dict) and value:
        below = f"{path}." if path else ""
        return container(path, [_part(v, f"{below}{n}", builder) for n, v in value.items()])
    if isinstance(value, list) and value:
        return container(path, [_part(v, f"{path}[{n}]", builder) for n, v in enumerate(value)])
    text = value if isinstance(value, str) else json.dumps(value)
    return builder.element(path, text)


def _edited(value: JsonValue, edits: Edits, numbers: Iterator[int]) -> object:
    """Copy a value with its elements edited; what has nothing left is gone."""
    if isinstance(value, dict) and value:
        kept = {name: _edited(inner, edits, numbers) for name, inner in value.items()}
        return {n: v for n, v in kept.items() if v is not _GONE} or _GONE
    if isinstance(value, list) and value:
        items = [_edited(inner, edits, numbers) for inner in value]
        return [item for item in items if item is not _GONE] or _GONE
    number = next(numbers)
    if number not in edits:
        return value
    new = edits[number]
    return _GONE if new is None else _like(value, new)


def _like(value: JsonValue, new: str) -> JsonValue:
    """Return a new value of the same JSON type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return new
