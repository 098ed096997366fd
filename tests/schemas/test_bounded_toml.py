"""TOML of hostile shape is refused before it costs anything; honest TOML is read as it is."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from schemas.bounded_toml import LARGEST, MOST_ENTRIES, read_toml
from schemas.errors import ConfigurationError

ROOT = Path(__file__).parents[2]
FILES = sorted(p for p in ROOT.rglob("*.toml") if not {".venv", "var"} & set(p.parts))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_toml_file_of_the_project_is_within_the_limits(file: Path) -> None:
    """It is read as the standard library reads it."""
    text = file.read_text(encoding="utf-8")
    assert read_toml(text, file.name) == tomllib.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        ".".join("a" * 200) + " = 1",
        "[" + ".".join("a" * 200) + "]",
        "x = { " + ".".join("a" * 200) + " = 1 }",
        "a = " + "[" * 200 + "]" * 200,
        "a = " + "{a=" * 200,
        'a = "\\""\nb = ' + "[" * 50,
        "\n".join(f"k{n} = 1" for n in range(MOST_ENTRIES + 1)),
        "a" * (LARGEST + 1),
    ],
)
def test_a_text_beyond_a_limit_is_refused(text: str) -> None:
    """The error names the file and the limit, not the content."""
    with pytest.raises(ConfigurationError, match=r"agreement\.toml.*(levels|entries|characters)"):
        read_toml(text, "agreement.toml")


@pytest.mark.parametrize(
    "text",
    [
        'a = "[[[[[[[[[[[[[[[[[[[[[[[["\nb = 1',
        "a = '''\n[[[[[[[[[[[[[[[[[[[[[[[[\n'''",
        'a = """x\\""" + """"[[[[[[[[[[[[[[[[[[[[[[[["""',
        "# [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
        "a = [1, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5]",
    ],
)
def test_punctuation_in_strings_comments_and_numbers_does_not_count(text: str) -> None:
    """Only structure is limited; what is not TOML is refused as that."""
    try:
        expected = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        with pytest.raises(ConfigurationError, match="not TOML"):
            read_toml(text, "f")
    else:
        assert read_toml(text, "f") == expected


def test_an_error_names_the_line() -> None:
    """Also behind a string of several lines."""
    with pytest.raises(ConfigurationError, match=r"f:5: nested"):
        read_toml('a = """\n\n"""\nb = 1\nc = ' + "[" * 40, "f")
