"""The reference page of ledger entries, written from their models (hub/journey/entries)."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from hub.journey.entries import MODELS, EntryBody

_HEAD = (
    "One section for each file of `hub/journey/entries`, one heading for each kind. Members are "
    "written in canonical JSON; a member marked *optional* is left out where it has its default. "
    "[The ledger's own page](../ledger.md) has the rest of the format."
)
_TYPES = {"string": "text", "integer": "number", "boolean": "true or false", "array": "list"}


def ledger_entries() -> list[str]:
    """Return the parts of the page: an index, then every kind with its members."""
    nouns = list(dict.fromkeys(model.__module__ for model in MODELS.values()))
    parts = ["# Ledger entries", _HEAD, _index()]
    for noun in nouns:
        parts.append(f"## {noun.rpartition('.')[2].capitalize()}")
        parts.append(_first(sys.modules[noun].__doc__))
        for kind, model in MODELS.items():
            if model.__module__ == noun:
                parts += _section(kind, model)
    return parts


def _index() -> str:
    rows = [(f"[`{kind}`](#{kind})", _first(MODELS[kind].__doc__)) for kind in sorted(MODELS)]
    return _table(("kind", "recorded when"), rows)


def _section(kind: str, model: type[EntryBody]) -> Iterator[str]:
    yield f"### `{kind}`"
    yield " ".join((model.__doc__ or "").split())
    found_by = [f"{name} (`{path}`)" for name, path in asdict(model.found_by).items() if path]
    yield f"Found by: {', '.join(found_by)}." if found_by else "Found by its kind and position."
    schema = model.model_json_schema(mode="serialization")
    rows = [
        (
            f"`{name}`",
            _type(schema["properties"][name], schema.get("$defs", {})),
            (field.description or "") + ("" if field.is_required() else " (*optional*)"),
        )
        for name, field in model.model_fields.items()
    ]
    yield _table(("member", "type", "meaning"), rows)


def _type(schema: dict[str, Any], named: dict[str, Any]) -> str:
    if "$ref" in schema:
        return _type(named[schema["$ref"].rpartition("/")[2]], named)
    if "allOf" in schema:
        return _type(schema["allOf"][0], named)
    if "anyOf" in schema:
        return " or ".join(_type(one, named) for one in schema["anyOf"])
    name = str(schema.get("type", "object"))
    return _TYPES.get(name, name)


def _first(text: str | None) -> str:
    return (text or "").strip().splitlines()[0]


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
