"""The example adapter, which the tutorial leads to, has every behaviour."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest

from adapters.contract import Adapter
from adapters.testing import AdapterContract

FOLDER = Path(__file__).parents[2] / "examples" / "adapter" / "leisure"


def _load() -> Adapter:
    sys.path.append(str(FOLDER))
    adapter = import_module("leisure_adapter.adapter").ADAPTER
    assert isinstance(adapter, Adapter)
    return adapter


class TestLeisure(AdapterContract):
    """The suite, on the samples that the package declares."""

    adapter = _load()

    def test_it_has_about_sixty_lines_of_code(self) -> None:
        """Without blank lines and docstrings."""
        text = (FOLDER / "leisure_adapter" / "adapter.py").read_text(encoding="utf-8")
        code = [line for line in text.splitlines() if line.strip() and '"""' not in line]
        assert len(code) <= 75

    @pytest.mark.parametrize("name", ["pyproject.toml", "leisure_adapter/adapter.py"])
    def test_it_is_the_package_that_the_command_makes(self, name: str) -> None:
        """With its own format in it."""
        assert (FOLDER / name).is_file()
