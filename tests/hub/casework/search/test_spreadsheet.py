"""Rows as CSV: line by line, and never as formulas."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import pytest

from hub.casework.search.spreadsheet import csv_lines
from hub.journey.access_log import Access


def looks(reason: str = "CASE-9") -> Iterator[Access]:
    """Two looks."""
    for position in (1, 2):
        yield Access(position, "2026", "jmalik", 'a "quoted", text', None, reason)


def test_lines_are_read_back_as_they_were() -> None:
    """Under a row of names; what is missing is empty."""
    rows = list(csv.DictReader(csv_lines(Access, looks())))
    assert [row["position"] for row in rows] == ["1", "2"]
    assert (rows[0]["what"], rows[0]["child"]) == ('a "quoted", text', "")


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_what_a_spreadsheet_would_take_for_a_formula_is_text(first: str) -> None:
    """An apostrophe stands before it."""
    rows = list(csv.DictReader(csv_lines(Access, looks(f"{first}1+1"))))
    assert rows[0]["reason"] == f"'{first}1+1"


def test_no_row_is_read_before_its_line_is_wanted() -> None:
    """So that a file of any size needs little memory."""
    read: list[int] = []

    def watched() -> Iterator[Access]:
        for look in looks():
            read.append(look.position)
            yield look

    lines = csv_lines(Access, watched())
    next(lines)
    next(lines)
    assert read == [1]
