"""``hub adapter new``: a package that works at once, and refusals that write nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.hub.cli.conftest import Cli

ROOT = Path(__file__).parents[3]


def test_a_new_adapter_passes_its_own_tests_at_once(bare_cli: Cli) -> None:
    """Outside the checkout, with every behaviour among them."""
    ran = bare_cli.bare("adapter", "new", "borough-leisure", "--into", "adapters of ours")
    assert ran.code == 0, ran.err
    folder = bare_cli.folder / "adapters of ours" / "borough-leisure"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=170,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert "failed" not in done.stdout


def test_it_is_a_small_package_with_an_entry_point(bare_cli: Cli) -> None:
    """One module of about sixty lines of code, samples, a test, and pyproject.toml."""
    assert bare_cli.bare("adapter", "new", "borough-leisure").code == 0
    folder = bare_cli.folder / "borough-leisure"
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["interagency_hub.adapters"] == {
        "borough-leisure": "borough_leisure_adapter.adapter:ADAPTER"
    }
    text = (folder / "borough_leisure_adapter" / "adapter.py").read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert ast.get_docstring(tree)
    code = [line for line in text.splitlines() if line.strip() and '"""' not in line]
    assert len(code) <= 60
    assert not [file for file in folder.rglob("*") if "@" in file.name]
    assert not [f for f in folder.rglob("*.*") if f.is_file() and b"@NAME@" in f.read_bytes()]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("Leisure",), "lower-case letters"),
        (("../leisure",), "lower-case letters"),
        (("a" * 41,), "at most 40"),
        (("care-cin",), "is installed already"),
        (("taken",), "exists already"),
    ],
)
def test_a_wrong_name_or_folder_is_refused(
    bare_cli: Cli, arguments: tuple[str, ...], words: str
) -> None:
    """It ends with 2, says what to do, and writes nothing."""
    (bare_cli.folder / "taken").mkdir()
    before = sorted(bare_cli.folder.rglob("*"))
    ran = bare_cli.bare("adapter", "new", *arguments)
    assert ran.code == 2
    assert words in ran.err
    assert sorted(bare_cli.folder.rglob("*")) == before
