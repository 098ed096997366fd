"""The documents of the demo, wave by wave, as each agency's system hands them over.

Each wave needs the ones before it; within a wave the order of the agencies does not matter, so the
outcome is always the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from hub.demo.borough.cin import census
from hub.demo.borough.ctf import common_transfer_file
from hub.demo.borough.extract import COUNCIL, SOCIAL_CARE, extract, register
from hub.demo.borough.fhir import bundle
from hub.demo.borough.hl7 import message
from hub.demo.borough.mishaps import mishaps
from hub.demo.borough.people import AUTHORITY, SCHOOLS, InventedChild, children
from hub.demo.borough.tables import exports, moment, table

CTF_ADAPTERS = {"oakfield-primary": "oakfield-ctf", "elm-park-academy": "elm-park-ctf"}
CENSUS_WAVE = 5
LAST_WAVE = 9
_GUARDED = frozenset({"noah", "keira"})  # flagged in the trust's records too

People = Mapping[str, InventedChild]


@dataclass(frozen=True, slots=True)
class Drop:
    """One native document for one adapter.

    ``adapter`` is the adapter's name in hub.toml; ``name`` is a file name without personal data;
    waves are handed over one after the other.
    """

    adapter: str
    name: str
    body: bytes
    wave: int


def drops(today: dt.date) -> list[Drop]:
    """Return all documents of the agencies in order; the same day gives the same bytes."""
    people = children(today)
    made = [
        *_register(people, today),
        *_extracts(people, today),
        *_schools(people, today),
        *_messages(people, today),
        *_bundles(people, today),
        *_census(people, today),
        *(Drop(m.adapter, m.name, m.body, LAST_WAVE) for m in mishaps(people, today)),
    ]
    return sorted(made, key=lambda drop: drop.wave)


def _register(people: People, today: dt.date) -> Iterator[Drop]:
    notes = {row["child"]: row for row in table("register-notes.csv", today)}
    recorded_at = f"{today - dt.timedelta(days=14)}T07:00"
    body = register(people, notes, recorded_at)
    yield Drop("northmoor-send-extract", "register.csv", body, 1)


def _extracts(people: People, today: dt.date) -> Iterator[Drop]:
    for file, adapter, knows in (
        ("council.toml", "northmoor-send-extract", COUNCIL),
        ("social-care.toml", "northmoor-care-extract", SOCIAL_CARE),
    ):
        for export in exports(file, today):
            body = extract(export.rows, people, knows)
            yield Drop(adapter, export.name, body, export.wave)


def _schools(people: People, today: dt.date) -> Iterator[Drop]:
    rows = table("schools.csv", today)
    for wave in sorted({row["wave"] for row in rows}):
        for number, school in enumerate(SCHOOLS.values(), start=1):
            pupils = [
                (people[row["child"]], row)
                for row in rows
                if row["wave"] == wave and people[row["child"]].school == school.agency
            ]
            at = moment(f"{today - dt.timedelta(days=13 - int(wave))}T06:30")
            body = common_transfer_file(school, pupils, today, at)
            name = f"{AUTHORITY}{school.estab}_CTF_{AUTHORITY}LLLL_{wave}{number:02d}.xml"
            yield Drop(CTF_ADAPTERS[school.agency], name, body, int(wave))


def _messages(people: People, today: dt.date) -> Iterator[Drop]:
    for row in table("hl7.csv", today):
        body = message(row, people[row["child"]])
        yield Drop("northmoor-nhs-hl7", f"{row['number']}.hl7", body, int(row["wave"]))


def _bundles(people: People, today: dt.date) -> Iterator[Drop]:
    for name, group in groupby(table("fhir.csv", today), key=lambda row: row["bundle"]):
        rows = list(group)
        child = people[rows[0]["child"]]
        body = bundle(rows, child, restricted=child.key in _GUARDED)
        yield Drop("northmoor-nhs-fhir", f"{name}.json", body, int(rows[0]["wave"]))


def _census(people: People, today: dt.date) -> Iterator[Drop]:
    at = moment(f"{today - dt.timedelta(days=7)}T06:00")
    body = census(table("cin.csv", today), people, today, at)
    yield Drop("northmoor-care-cin", "cin-census.xml", body, CENSUS_WAVE)
