"""Whether one version of a schema only grew: what the new one refuses that the old one accepted.

A supplier's events must stay good for as long as their version lives, so a published schema may
gain fields and lose limits, never the other way; a change of meaning is a new version.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

# A JSON Schema may hold any JSON under any keyword; pydantic types it in the same way.
Schema: TypeAlias = dict[str, Any]

REF = "#/$defs/"
_LOWEST = ("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum")
_HIGHEST = ("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum")
_INNER = ("items", "additionalProperties", "propertyNames", "then", "else")
_ANNOTATIONS = frozenset({"title", "description", "default", "examples", "$comment", "$defs"})
_SPECIAL = {"type", "enum", "const", "properties", "required", "anyOf", "handling"}
_KNOWN = _ANNOTATIONS | _SPECIAL | {*_LOWEST, *_HIGHEST, *_INNER}
_NOTHING: Schema = {"not": {}}


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """List what ``new`` refuses or lifts that ``old`` allowed or guarded; empty where it only grew.

    Careful rather than clever: a change it cannot judge, such as another pattern, counts.
    """
    return list(_Growth(old, new).narrowed(old, new, ""))


@dataclass(frozen=True, slots=True)
class _Growth:
    """Two documents side by side, each with its own definitions."""

    old: Schema
    new: Schema

    def narrowed(self, old_side: Schema | bool, new_side: Schema | bool, at: str) -> Iterator[str]:
        """List what the new side refuses at one place."""
        old, new = _flat(old_side, self.old), _flat(new_side, self.new)
        if old == _NOTHING:
            return
        yield from (f"{at or '(whole)'}: {change}" for change in _changes(old, new))
        yield from self._members(old, new, at)
        yield from self._alternatives(old, new, at)
        for word in _INNER:
            if word in new:
                yield from self.narrowed(old.get(word, True), new[word], f"{at}/{word}")

    def _members(self, old: Schema, new: Schema, at: str) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        yield from (f"{at}/{name}: removed" for name in before if name not in after)
        for name, schema in after.items():
            earlier = before.get(name, old.get("additionalProperties", True))
            yield from self.narrowed(earlier, schema, f"{at}/{name}")
        added = set(new.get("required", ())) - set(old.get("required", ()))
        yield from (f"{at}/{name}: newly required" for name in sorted(added))

    def _alternatives(self, old: Schema, new: Schema, at: str) -> Iterator[str]:
        """Each old alternative must still find one that takes it; else tell the nearest miss."""
        if "anyOf" not in old and "anyOf" not in new:
            return
        for choice in old.get("anyOf", [old]):
            misses = [list(self.narrowed(choice, c, at)) for c in new.get("anyOf", [new])]
            yield from min(misses, key=len)


def _flat(side: Schema | bool, document: Schema) -> Schema:
    """Write a schema without its reference; what is beside a reference is added to it."""
    if isinstance(side, bool):
        return {} if side else _NOTHING
    if "$ref" not in side:
        return side
    base = _flat(document["$defs"][side["$ref"].removeprefix(REF)], document)
    beside = {word: value for word, value in side.items() if word != "$ref"}
    joined = {**base, **beside}
    for word in ("properties", "required"):
        if word in base and word in beside:
            joined[word] = (
                {**base[word], **beside[word]}
                if word == "properties"
                else [*base[word], *beside[word]]
            )
    return joined


def _changes(old: Schema, new: Schema) -> Iterator[str]:
    """List the keywords that are narrower."""
    if new == _NOTHING:
        yield "no longer allowed"
        return
    if (lost := _lost(_types(old), _types(new))) is not None:
        yield f"type narrowed{lost}"
    if (lost := _lost(_choices(old), _choices(new))) is not None:
        yield f"values narrowed{lost}"
    yield from _limits(old, new)
    if "handling" in old and new.get("handling") != old["handling"]:
        yield f"handling {old['handling']!r} lifted"
    for word in sorted(new.keys() - _KNOWN):
        if new[word] != old.get(word):
            yield f"{word} changed"


def _limits(old: Schema, new: Schema) -> Iterator[str]:
    for word in _LOWEST:
        if word in new and (word not in old or new[word] > old[word]):
            yield f"{word} raised to {new[word]}"
    for word in _HIGHEST:
        if word in new and (word not in old or new[word] < old[word]):
            yield f"{word} lowered to {new[word]}"


def _types(schema: Schema) -> list[str] | None:
    types = schema.get("type")
    if types is None:
        return None
    listed = [types] if isinstance(types, str) else list(types)
    return [*listed, "integer"] if "number" in listed else listed


def _choices(schema: Schema) -> list[object] | None:
    if "const" in schema:
        return [schema["const"]]
    choices: list[object] | None = schema.get("enum")
    return choices


def _lost(old: Sequence[object] | None, new: Sequence[object] | None) -> str | None:
    """Name the old choices that are gone; None where all are left. No list means any."""
    if new is None:
        return None
    if old is None:
        return " from any"
    gone = [str(choice) for choice in old if choice not in new]
    return f", without {', '.join(gone)}" if gone else None
