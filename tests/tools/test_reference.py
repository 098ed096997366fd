"""The reference pages say what the code says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tools.page_blocks import BLOCKS, BlockMissingError, filled
from tools.reference import pages, write

FOLDER = Path(__file__).parents[2] / "docs" / "reference"


@pytest.mark.parametrize(
    "name",
    ["commands.md", "settings.md", "codes.md", "changing.md", "audit-api.json", "events.md"],
)
def test_a_page_has_not_drifted(name: str) -> None:
    """Write them again with ``python -m tools.reference``."""
    assert (FOLDER / name).read_text(encoding="utf-8") == pages()[name]


@pytest.mark.parametrize("page", BLOCKS)
def test_a_block_has_not_drifted(page: str) -> None:
    """Tables in hand-written pages are those of the code."""
    text = (FOLDER.parents[1] / page).read_text(encoding="utf-8")
    assert filled(page, text) == text


def test_a_page_without_its_marks_is_refused() -> None:
    """Nothing is written where a mark was deleted."""
    page = next(iter(BLOCKS))
    with pytest.raises(BlockMissingError, match=page):
        filled(page, "# A page without marks\n")


def test_pages_can_be_written_elsewhere(tmp_path: Path) -> None:
    """All of them, into a folder that is made."""
    write(tmp_path / "new")
    assert {f.name for f in (tmp_path / "new").iterdir()} == set(pages())


def test_every_option_says_what_it_is_for() -> None:
    """No parameter is without a sentence."""
    empty = [line for line in pages()["commands.md"].splitlines() if line.rstrip().endswith("`:")]
    assert empty == []


def test_every_setting_says_what_it_is_for() -> None:
    """No setting is without a sentence."""
    rows = [line for line in pages()["settings.md"].splitlines() if line.startswith("| `")]
    assert len(rows) > 30
    assert [row for row in rows if row.endswith("|  |")] == []


def test_every_reference_in_the_audit_api_leads_to_a_schema() -> None:
    """A client generated from the document finds each schema that is named."""
    made = json.loads(pages()["audit-api.json"])
    named = set(re.findall(r'"#/components/schemas/(\w+)"', pages()["audit-api.json"]))
    assert named <= set(made["components"]["schemas"])
