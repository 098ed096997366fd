"""The threat model and the attacks in the tests name each other, completely."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "threat-model.md"
ATTACKS = ROOT / "tests" / "attacks"
_NAMED = re.compile(r"`(test_\w+\.py)::(test_\w+)`")


def _tests() -> set[tuple[str, str]]:
    """Every test in tests/attacks, as file and name."""
    return {
        (file.name, node.name)
        for file in ATTACKS.glob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def _named() -> set[tuple[str, str]]:
    """Every test that the page names."""
    return set(_NAMED.findall(PAGE.read_text(encoding="utf-8")))


def test_every_attack_in_the_tests_is_in_the_threat_model() -> None:
    """An attack that is tested is one that a reader can find."""
    assert _tests() - _named() == set()


def test_every_attack_in_the_threat_model_is_tested() -> None:
    """A line of the page without a test would be a promise without proof."""
    assert _named() - _tests() == set()
