"""Rows as CSV for spreadsheets: a header row, then each row as it is read.

A cell that a spreadsheet would take for a formula is prefixed with an apostrophe (CWE-1236).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import astuple, fields
from pathlib import Path

from hub.journey.access_log import Access
from hub.journey.disclosure_index import IndexRow

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Line:
    """Receives the output of a CSV writer, one line at a time."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        """Store a line."""
        self.text = text
        return len(text)


def csv_lines(kind: type[IndexRow | Access], rows: Iterable[IndexRow | Access]) -> Iterator[str]:
    """Return CSV line by line (RFC 4180), each with its end; rows are read as they are needed."""
    line = _Line()
    writer = csv.writer(line)
    writer.writerow([one.name for one in fields(kind)])
    yield line.text
    for row in rows:
        writer.writerow([_escaped(cell) for cell in astuple(row)])
        yield line.text


def _escaped(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def write_csv(file: Path, kind: type[IndexRow | Access], rows: Iterable[IndexRow | Access]) -> int:
    """Write rows into a file; returns how many."""
    count = -1
    with file.open("w", encoding="utf-8", newline="") as out:
        for line in csv_lines(kind, rows):
            out.write(line)
            count += 1
    return count
