"""``hub docs``: the pages are listed and printed, and every page that a text names is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hub.cli.docs import find_page, manual_pages
from schemas.errors import ConfigurationError

if TYPE_CHECKING:
    from tests.hub.cli.conftest import Cli

ROOT = Path(__file__).parents[3]
PACKAGES = ("hub", "adapters", "schemas", "consent")
_FILE = re.compile(r"\bdocs/([\w./-]*\w)")
_COMMAND = re.compile(r"\bhub docs ([a-z0-9][\w/-]*)")


def test_every_page_is_listed_with_its_title(bare_cli: Cli) -> None:
    """One line a page; it needs no settings."""
    out = bare_cli.bare("docs").out
    assert re.search(r"^quickstart +Quickstart", out, re.MULTILINE)
    assert re.search(r"^reference/settings +Settings", out, re.MULTILINE)
    pages = bare_cli.bare("docs", "--json").json["pages"]
    assert {page["page"] for page in pages} == set(manual_pages())
    assert all(page["title"] for page in pages)


@pytest.mark.parametrize("name", ["ledger", "docs/ledger.md", "ledger.md"])
def test_a_page_is_printed_as_it_is_written(bare_cli: Cli, name: str) -> None:
    """By its name or by its file."""
    text = (ROOT / "docs" / "ledger.md").read_text(encoding="utf-8")
    assert bare_cli.bare("docs", name).out == text
    assert bare_cli.bare("docs", name, "--json").json["text"] == text


def test_a_page_in_a_folder_is_found_by_its_last_part() -> None:
    """Where only one page has it."""
    assert find_page("settings", manual_pages()) == "reference/settings"


def test_an_unknown_page_is_refused_with_the_nearest(bare_cli: Cli) -> None:
    """Exit code 2, and how to list them."""
    ran = bare_cli.bare("docs", "quikstart")
    assert ran.code == 2
    assert "'quickstart'" in ran.err
    assert "'hub docs'" in ran.err


def test_a_page_is_formatted_on_a_terminal(bare_cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its marks are gone, its words are there."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    out = bare_cli.bare("docs", "why").out
    assert "](" not in out
    assert "consent" in out


@pytest.mark.parametrize("package", PACKAGES)
def test_every_page_that_the_code_names_can_be_printed(package: str) -> None:
    """Errors, help, comments and templates name only pages that ``hub docs`` prints."""
    pages = manual_pages()
    wrong = []
    for file in sorted((ROOT / package).rglob("*")):
        if file.suffix not in {".py", ".html", ".toml"}:
            continue
        # A name may be broken at the end of a comment's line.
        text = re.sub(r"docs/\n\s*(?:# )?", "docs/", file.read_text(encoding="utf-8"))
        for pattern in (_FILE, _COMMAND):
            wrong += [f"{file}: {name}" for name in pattern.findall(text) if not _is(name, pages)]
    assert wrong == []


def _is(name: str, pages: dict[str, Path]) -> bool:
    try:
        find_page(name, pages)
    except ConfigurationError:
        return False
    return True
