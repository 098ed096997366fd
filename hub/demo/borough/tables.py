"""The borough's data files: tables that people can read and review, with days relative to today.

A cell may hold ``today``, ``today-14`` or ``today+30``: it is replaced by that date, so that the
story is always recent. A time of day may follow, as in ``today-3T09:30``.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from schemas.times import LONDON

FILES = Path(__file__).with_name("files")
_RELATIVE = re.compile(r"\btoday([+-][0-9]{1,4})?(?![a-z])")

Row = Mapping[str, str]


def data_file(name: str) -> str:
    """Return the text of one data file of the borough."""
    return (FILES / name).read_text(encoding="utf-8")


def dated(text: str, today: dt.date) -> str:
    """Replace the relative days in a text by dates."""

    def day(found: re.Match[str]) -> str:
        return (today + dt.timedelta(days=int(found[1] or 0))).isoformat()

    return _RELATIVE.sub(day, text)


def table(name: str, today: dt.date) -> list[Row]:
    """Read one data file; empty cells are left out of the rows."""
    rows = csv.DictReader(dated(data_file(name), today).splitlines())
    return [{column: cell for column, cell in row.items() if cell} for row in rows]


@dataclass(frozen=True, slots=True)
class Export:
    """One file that a case-management system exports: its wave, its name and its rows."""

    wave: int
    name: str
    rows: tuple[Row, ...]


def exports(name: str, today: dt.date) -> list[Export]:
    """Read a TOML file of exports."""
    files = tomllib.loads(dated(data_file(name), today))["files"]
    return [Export(f["wave"], f["name"], tuple(f["rows"])) for f in files]


def moment(text: str) -> dt.datetime:
    """Read a date, or a date with a time, as a moment in London; a date alone is 08:00."""
    value = text if "T" in text else f"{text}T08:00"
    return dt.datetime.fromisoformat(value).replace(tzinfo=LONDON)
