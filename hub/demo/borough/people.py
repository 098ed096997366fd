"""The children of the demo borough, all invented, with the numbers that their agencies know.

No number can be a real child's: NHS numbers in 999 000 0000 to 999 999 9999, which are
never issued; UPNs of local authority 899, which does not exist; postcodes in ZZ99, the area of the
Office for National Statistics' pseudo postcodes; telephone numbers in 01632 960, for fiction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hub.demo.borough.tables import Row, table

AUTHORITY = "899"
TOWN = "Northmoor"
_FIRST_OF_SCHOOL_YEAR = 9  # September


@dataclass(frozen=True, slots=True)
class School:
    """A school on the bus, as its files name it."""

    agency: str
    name: str
    estab: str
    urn: str


SCHOOLS: Mapping[str, School] = {
    s.agency: s
    for s in (
        School("oakfield-primary", "Oakfield Primary School", "2001", "999201"),
        School("elm-park-academy", "Elm Park Academy", "4001", "999401"),
    )
}


@dataclass(frozen=True, slots=True)
class Parent:
    """A person with parental responsibility for a child, as the agencies recorded it."""

    given_name: str
    family_name: str
    relation: str


@dataclass(frozen=True, slots=True)
class InventedChild:
    """One invented child. A number that no agency knows is empty."""

    key: str
    given_name: str
    family_name: str
    sex: str
    birth_date: dt.date
    school: str
    nhs_number: str
    upn: str
    la_child_id: str
    hospital_number: str
    ethnicity: str
    address: str
    postcode: str
    telephone: str
    sen_provision: str
    needs: tuple[str, ...]
    parents: tuple[Parent, ...]

    def school_year(self, today: dt.date) -> str:
        """Return the national curriculum year: N1, N2, R, or 1 to 14."""
        start = today.year - int(today.month < _FIRST_OF_SCHOOL_YEAR)
        last_day = dt.date(start, 8, 31)
        born = self.birth_date
        age = last_day.year - born.year - int((born.month, born.day) > (8, 31))
        return {2: "N1", 3: "N2", 4: "R"}.get(age, str(age - 4))


def children(today: dt.date) -> Mapping[str, InventedChild]:
    """Return the children by their keys; each has the same age on any day."""
    found = (_child(row, today) for row in table("children.csv", today))
    return {child.key: child for child in found}


def _child(row: Row, today: dt.date) -> InventedChild:
    return InventedChild(
        key=row["key"],
        given_name=row["given_name"],
        family_name=row["family_name"],
        sex=row["sex"],
        birth_date=born(today, int(row["age"]), int(row["days_since_birthday"])),
        school=row.get("school", ""),
        nhs_number=row.get("nhs_number", ""),
        upn=row.get("upn", ""),
        la_child_id=row["la_child_id"],
        hospital_number=row["hospital_number"],
        ethnicity=row["ethnicity"],
        address=row["address"],
        postcode=row["postcode"],
        telephone=row["telephone"],
        sen_provision=row["sen_provision"],
        needs=tuple(row["needs"].split(";")),
        parents=tuple(_parents(row)),
    )


def born(today: dt.date, age: int, days: int) -> dt.date:
    """Return the birth date of a person who turned ``age`` so many days ago."""
    birthday = today - dt.timedelta(days=days)
    try:
        return birthday.replace(year=birthday.year - age)
    except ValueError:  # 29 February
        return birthday.replace(year=birthday.year - age, day=28)


def _parents(row: Row) -> Iterator[Parent]:
    for number in ("1", "2"):
        if name := row.get(f"parent_{number}"):
            given, _, family = name.partition(" ")
            yield Parent(given, family, row[f"relation_{number}"])
