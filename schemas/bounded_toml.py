"""TOML from people, read at bounded cost: size, nesting and keys are limited before it is parsed.

The standard library's parser takes memory that grows with the square of a dotted key's length, and
recurses once per nested array. So a text is scanned once, without recursion, before it is parsed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

from schemas.errors import ConfigurationError

LARGEST = 512 * 1024
"""Characters. The largest agreement we know of has 60,000."""
DEEPEST = 16
"""Levels of arrays and inline tables, and parts of one dotted key."""
MOST_ENTRIES = 20_000
"""Keys and table headers."""


def read_toml(text: str, name: str) -> dict[str, object]:
    """Parse TOML; raises ConfigurationError that names the file, the line and the limit."""
    if len(text) > LARGEST:
        raise ConfigurationError(f"{name}: larger than {LARGEST:,} characters.")
    _check(text, name)
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigurationError(f"{name}: not TOML: {error}") from None


def _check(text: str, name: str) -> None:
    depth = dots = entries = 0
    line = 1
    for mark in _marks(text):
        if mark == "\n":
            line += 1
            dots = 0
        elif mark == ".":
            dots += 1
        elif mark in "[{":
            depth += 1
            dots = 0
        elif mark in "]}":
            depth = max(0, depth - 1)
        else:
            entries += mark == "="
            dots = 0
        if max(depth, dots) > DEEPEST:
            raise ConfigurationError(f"{name}:{line}: nested deeper than {DEEPEST} levels.")
        if entries > MOST_ENTRIES:
            raise ConfigurationError(f"{name}:{line}: more than {MOST_ENTRIES:,} entries.")


def _marks(text: str) -> Iterator[str]:
    """Yield the punctuation outside of strings and comments, and every end of a line."""
    place, end = 0, len(text)
    while place < end:
        mark = text[place]
        if mark in "\"'":
            closed = _end_of_string(text, place)
            yield from "\n" * text.count("\n", place, closed)
            place = closed
            continue
        if mark == "#":
            place = text.find("\n", place)
            if place < 0:
                return
            continue
        if mark in "\n.[]{}=,":
            yield mark
        place += 1


def _end_of_string(text: str, begin: int) -> int:
    """Find the place behind a string's closing quote; the end of the text where it is missing."""
    quote = text[begin]
    fence = quote * 3 if text.startswith(quote * 3, begin) else quote
    place = begin + len(fence)
    while place < len(text):
        if text.startswith(fence, place):
            return place + len(fence)
        if text[place] == "\n" and len(fence) == 1:
            return place
        place += 2 if text[place] == "\\" and quote == '"' else 1
    return len(text)
