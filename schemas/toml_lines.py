"""Line numbers of the keys of a TOML document, for errors that name them. Pure.

TOML parsers do not report where a key was; this scans a document that a parser has accepted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

Location = tuple[str | int, ...]

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*|[\[\]{}\n]',
    re.DOTALL,
)
_PART = re.compile(r'"([^"]*)"|\'([^\']*)\'|([A-Za-z0-9_-]+)')
_KEY = re.compile(r"\s*((?:\"[^\"\n]*\"|'[^'\n]*'|[A-Za-z0-9_.\s-])+?)\s*=")


def key_lines(text: str) -> Mapping[Location, int]:
    """Return the line of every key, and of every string in its array, by its location.

    A location is that of pydantic's errors: ``("rules", 0, "sources", 1)``.
    """
    lines: dict[Location, int] = {}
    arrays: dict[Location, int] = {}
    table: Location = ()
    for line, statement in _statements(text):
        stripped = statement.strip()
        if stripped.startswith("[["):
            *parents, last = _parts(stripped.strip("[] \t"))
            array = (*_resolved(parents, arrays), last)
            arrays[array] = arrays.get(array, -1) + 1
            table = (*array, arrays[array])
            lines.setdefault(array, line)
            lines[table] = line
        elif stripped.startswith("["):
            table = _resolved(_parts(stripped.strip("[] \t")), arrays)
            lines[table] = line
        elif (key := _KEY.match(statement)) is not None:
            location = (*table, *_parts(key[1]))
            lines[location] = line
            lines |= _elements(location, line, statement[key.end() :])
    return lines


def line_of(lines: Mapping[Location, int], location: Location) -> int:
    """Return the line of a location, or of the nearest key around it; 1 for the whole document."""
    for end in range(len(location), 0, -1):
        if (found := lines.get(location[:end])) is not None:
            return found
    return 1


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Split a document into statements, each with the line it begins on and without comments."""
    line, begins, depth, start, parts = 1, 1, 0, 0, list[str]()
    for token in _TOKEN.finditer(text):
        found = token[0]
        if found.startswith("#"):
            parts.append(text[start : token.start()])
            start = token.end()
        elif found in {"[", "{"}:
            depth += 1
        elif found in {"]", "}"}:
            depth -= 1
        elif found == "\n" and depth <= 0:
            yield begins, "".join([*parts, text[start : token.start()]])
            start, begins, depth, parts = token.end(), line + 1, 0, []
        line += found.count("\n")
    yield begins, "".join([*parts, text[start:]])


def _parts(name: str) -> list[str]:
    return [found[1] or found[2] or found[3] for found in _PART.finditer(name)]


def _resolved(parts: list[str], arrays: Mapping[Location, int]) -> Location:
    """Return the location of a table, within the newest element of each array it is in."""
    location: Location = ()
    for part in parts:
        location = (*location, part)
        if location in arrays:
            location = (*location, arrays[location])
    return location


def _elements(location: Location, line: int, value: str) -> Iterator[tuple[Location, int]]:
    """Return the line of each string of an array."""
    depth = index = 0
    for token in _TOKEN.finditer(value):
        found = token[0]
        if found in {"[", "{"}:
            depth += 1
        elif found in {"]", "}"}:
            depth -= 1
        elif depth == 1 and found[0] in "\"'":
            yield (*location, index), line
            index += 1
        line += found.count("\n")
