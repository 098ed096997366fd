"""The agreement template: a small complete agreement with a comment at every key, to be copied."""

from __future__ import annotations

from pathlib import Path

FILE = Path(__file__).with_suffix(".toml")


def agreement_template() -> str:
    """Return the text of the template."""
    return FILE.read_text(encoding="utf-8")
