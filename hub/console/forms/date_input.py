"""A day in three fields, as in the GOV.UK date input."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from hub.console.security.guard import Visit

_EARLIEST, _LATEST = 1900, 2199
_LONGEST = 10


@dataclass(frozen=True, slots=True)
class TypedDay:
    """A day as typed."""

    day: str = ""
    month: str = ""
    year: str = ""

    def __bool__(self) -> bool:
        return bool(self.day or self.month or self.year)

    @property
    def date(self) -> dt.date | None:
        """The day; None if it is empty or not a real date."""
        try:
            read = dt.date(int(self.year), int(self.month), int(self.day))
        except ValueError:
            return None
        return read if _EARLIEST <= read.year <= _LATEST else None

    @property
    def problem(self) -> str:
        """The problem with it; empty for a real date or no input."""
        if not self or self.date is not None:
            return ""
        return "Enter a real date, such as 31 3 2026"


NO_DAY = TypedDay()


def day_in(visit: Visit, name: str) -> TypedDay:
    """Read the three fields of a day from a form."""
    return TypedDay(
        *(visit.field(f"{name}-{part}")[:_LONGEST] for part in ("day", "month", "year"))
    )
