"""What commands write to standard output: lines for people, tables, or JSON for programs."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence

from hub.foundation.view_model import ViewModel

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_GAP = "  "


def plain(text: object) -> str:
    """Return a text safe for a terminal: each control character becomes a question mark."""
    return _CONTROL.sub("?", str(text))


def say(text: str = "") -> None:
    """Write one line for people."""
    sys.stdout.write(f"{text}\n")


def warn(text: str) -> None:
    """Write one line for people to standard error."""
    sys.stderr.write(f"{text}\n")


def emit(value: ViewModel | Mapping[str, object]) -> None:
    """Write one JSON object on a line of its own."""
    shown = value.model_dump(mode="json") if isinstance(value, ViewModel) else value
    sys.stdout.write(json.dumps(shown, ensure_ascii=False) + "\n")


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write rows under heads, each column as wide as its longest cell."""
    cells = [[plain("" if cell is None else cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    for row in (heads, *cells):
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        say(_GAP.join(padded).rstrip())


def moment(at: str) -> str:
    """Return a moment of the store without its fraction: 2026-09-01 12:00:00, in UTC."""
    return at[:19].replace("T", " ")
