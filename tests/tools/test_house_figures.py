"""The figures of the house, measured on a checkout made for the purpose and on this one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools import house_sizes
from tools.house_figures import figures, main, table
from tools.house_words import lines_with_dialect, places

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Make a checkout of four files, of which one name is used twice and one module is loose."""
    files = {
        "hub/__init__.py": "",
        "hub/loose.py": "from hub.store.rows import Row\n\n\nclass Part:\n    pass\n",
        "hub/store/rows.py": "class Row:\n    pass\n\n\nclass Part:\n    pass\n",
        "hub/store/__init__.py": "",
        "docs/page.md": "The agency was told.\nIt was informed.\n",
        "docs/reference/page.md": "told\n",
        "var/test-seconds": "12.5\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_checkout_is_measured_from_its_files(checkout: Path) -> None:
    """Levels, names, store importers, words and recorded seconds."""
    found = figures(checkout)
    assert found["modules of hub at level 0"] == 1
    assert found["modules of hub at level 1"] == 1
    assert found["class names used twice"] == 1
    assert found["modules importing the store outside store and bootstrap"] == 1
    assert found["lines of dialect"] == 1
    assert found["seconds of make test"] == 12.5
    assert found["lines of hub (loose modules)"] == 5


def test_dialect_counts_in_names_and_only_whole_words(checkout: Path) -> None:
    """``_told`` and Told count, toldo does not; each place is listed with its line."""
    (checkout / "hub" / "loose.py").write_text("_told = toldo = Told\n\n\ntoldo = 1\n")
    assert lines_with_dialect(checkout)["told"] == 2
    assert list(places(checkout, "hub/*.py")) == ["hub/loose.py:1: told: _told = toldo = Told"]


def test_a_spread_has_the_value_nine_in_ten_do_not_exceed() -> None:
    """Of ten lengths the ninth is the 90th percentile."""
    found = house_sizes.spread((n, f"f{n}") for n in range(1, 11))
    assert (found.median, found.p90, found.longest, found.longest_name) == (5, 9, 10, "f10")


def test_two_checkouts_are_shown_side_by_side(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What one has and the other has not is a dash."""
    assert main(["--repo", str(checkout), "--against", str(ROOT), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["now"]["class names used twice"] == 1
    assert "| lines of schemas | 5 | - |" in table({"now": {"lines of schemas": 5}, "then": {}})
