"""The lines of keys in a TOML document."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

import pytest

from schemas.toml_lines import Location, key_lines, line_of

TEXT = """\
id = "x"
parties = [  # who
  "a",
  "b",  # "c",
]

[bases.duty]
article_6 = "6(1)(e)"

[[rules]]
id = "one"
event_types = ["x", "y"]
fields.identity = [
  "upn",
  'name',
]
[rules.basis]
article_6 = "q"

[[rules]]
id = "two # [[rules]]"
text = \"\"\"
[[rules]]
id = 1
\"\"\"
basis = { a = 1, b = ["x"] }

[[rules.parts]]
name = "p"

[[rules.parts]]
name = "q"
"""


@pytest.mark.parametrize(
    ("location", "line"),
    [
        (("id",), 1),
        (("parties",), 2),
        (("parties", 1), 4),
        (("bases", "duty", "article_6"), 8),
        (("rules", 0), 10),
        (("rules", 0, "event_types", 1), 12),
        (("rules", 0, "fields", "identity", 1), 15),
        (("rules", 0, "basis", "article_6"), 18),
        (("rules", 1, "id"), 21),
        (("rules", 1, "basis"), 26),
        (("rules", 1, "parts", 1, "name"), 32),
    ],
)
def test_a_key_has_its_line(location: Location, line: int) -> None:
    """Of tables, arrays of tables, dotted keys, and single strings of an array."""
    assert key_lines(TEXT)[location] == line


def test_what_has_no_line_of_its_own_has_that_of_the_key_around_it() -> None:
    """A key that is missing, or lies in an inline table."""
    lines = key_lines(TEXT)
    assert line_of(lines, ("rules", 1, "basis", "b", 0)) == 26
    assert line_of(lines, ("rules", 1, "purpose")) == 20
    assert line_of(lines, ("title",)) == 1
    assert line_of(lines, ()) == 1


def test_every_value_of_a_document_is_found() -> None:
    """As a parser reads it: nothing in a string or a comment is taken for a key."""
    lines = key_lines(TEXT)
    places = [place for place, value in _values((), tomllib.loads(TEXT)) if value != 1]
    inline = {("rules", 1, "basis", "b", 0)}
    assert {place for place in places if place not in lines} <= inline
    assert max(lines.values()) <= len(TEXT.splitlines())


def _values(at: Location, value: object) -> Iterator[tuple[Location, object]]:
    parts = value.items() if isinstance(value, dict) else None
    if isinstance(value, list):
        parts = dict(enumerate(value)).items()
    if parts is None:
        yield at, value
        return
    for key, one in parts:
        yield from _values((*at, key), one)
