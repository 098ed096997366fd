"""What commands write on standard output: lines for people, tables, or JSON for programs."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_GAP = "  "


def plain(text: object) -> str:
    """Make a text safe for a terminal: control characters become a question mark."""
    return _CONTROL.sub("?", str(text))


def say(text: str = "") -> None:
    """Write one line for people."""
    sys.stdout.write(f"{text}\n")


def warn(text: str) -> None:
    """Write one line for people on standard error."""
    sys.stderr.write(f"{text}\n")


def emit(value: Mapping[str, object]) -> None:
    """Write one JSON object on a line of its own."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write rows under heads, in columns as wide as they need to be; never cut."""
    cells = [[plain("" if cell is None else cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    for row in (heads, *cells):
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        say(_GAP.join(padded).rstrip())
