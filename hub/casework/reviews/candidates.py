"""Compare a held event's particulars of a child with those of a candidate, line by line. Pure.

Every line states whether the two agree, so that the reviewer need not search for a different digit.
An agency's own number is only compared with numbers of the same agency.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import JaroWinkler

from hub.casework.reviews.closing import ChildNumber, Person
from hub.journey.matching import POSSIBLE_MATCH, date_likeness, plain
from schemas.coded import Coded
from schemas.identifiers import Assurance, System

_Compare = Callable[[str | None, str | None], "Match"]
_ALMOST_ALL, _PARTLY = 0.95, 0.6
_NATIONAL = {System.NHS_NUMBER: "NHS number", System.UPN: "UPN", System.ULN: "ULN"}
_LOCAL = {System.LA_CHILD_ID: "Child id", System.LOCAL_ID: "Record number"}
_ASSURED = {
    Assurance.VERIFIED: "checked with the service that issues it",
    Assurance.ASSERTED: "asserted by the sender",
    Assurance.SUSPECT: "fails its check, never compared",
}


class Match(Coded):
    """How the two sides of one line compare."""

    SAME = "same", "The same"
    ALIKE = "alike", "Nearly the same"
    DIFFERS = "differs", "Different"
    ONLY_EVENT = "only-event", "Only in the event"
    ONLY_HUB = "only-hub", "Only in the hub"
    NOT_COMPARED = "not-compared", "Not compared"


@dataclass(frozen=True, slots=True)
class Compared:
    """One particular (and its agency, for a local number), both sides, and how they compare."""

    what: str
    owner: str
    event: tuple[str, ...]
    hub: tuple[str, ...]
    match: Match


def compare(event: Person, candidate: Person) -> tuple[Compared, ...]:
    """Return every particular that the event or the candidate has, compared."""
    one, other = event.particulars, candidate.particulars
    lines = [
        _line("Family name", one.family_name, other.family_name, _names),
        _line("Given name", one.given_name, other.given_name, _names),
        _born(one.birth_date, other.birth_date),
        _line("Postcode", one.postcode, other.postcode, _postcodes),
        *_numbers(event.numbers, candidate.numbers),
    ]
    return tuple(line for line in lines if line.event or line.hub)


def score_in_words(score: float | None) -> str:
    """Return in words how alike names, birth date and postcode are together."""
    if score is None:
        return "not compared"
    if score >= _ALMOST_ALL:
        return "almost everything is alike"
    if score >= POSSIBLE_MATCH:
        return "much is alike"
    return "some is alike" if score >= _PARTLY else "little is alike"


def _side(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def _line(what: str, event: str | None, hub: str | None, match: _Compare) -> Compared:
    return Compared(what, "", _side(event), _side(hub), _one_sided(event, hub) or match(event, hub))


def _one_sided(event: object, hub: object) -> Match | None:
    if event and hub:
        return None
    return Match.ONLY_EVENT if event else Match.ONLY_HUB


def _names(one: str | None, other: str | None) -> Match:
    a, b = plain(one), plain(other)
    if not a or not b:
        return Match.SAME if one == other else Match.NOT_COMPARED
    if a == b:
        return Match.SAME
    return Match.ALIKE if JaroWinkler.similarity(a, b) >= POSSIBLE_MATCH else Match.DIFFERS


def _postcodes(one: str | None, other: str | None) -> Match:
    same = str(one).replace(" ", "").upper() == str(other).replace(" ", "").upper()
    return Match.SAME if same else Match.DIFFERS


def _born(event: dt.date | None, hub: dt.date | None) -> Compared:
    match = _one_sided(event, hub)
    if event and hub:
        likeness = date_likeness(event, hub)
        match = Match.SAME if event == hub else Match.ALIKE if likeness else Match.DIFFERS
    return Compared("Born", "", _day(event), _day(hub), match or Match.NOT_COMPARED)


def _day(day: dt.date | None) -> tuple[str, ...]:
    return (f"{day.day} {day:%B %Y}",) if day else ()


def _numbers(event: Sequence[ChildNumber], hub: Sequence[ChildNumber]) -> list[Compared]:
    """Compare numbers of the same system and, for an agency's own numbers, of the same agency."""
    places = sorted({(n.system, _owner(n)) for n in (*event, *hub)})
    return [
        _number_line(system, owner, _of(event, system, owner), _of(hub, system, owner))
        for system, owner in places
    ]


def _owner(number: ChildNumber) -> str:
    return "" if number.system in _NATIONAL else number.by


def _of(numbers: Sequence[ChildNumber], system: System, owner: str) -> list[ChildNumber]:
    return [n for n in numbers if (n.system, _owner(n)) == (system, owner)]


def _number_line(
    system: System, owner: str, event: list[ChildNumber], hub: list[ChildNumber]
) -> Compared:
    known = {n.value for n in hub if n.assurance is not Assurance.SUSPECT}
    stated = {n.value for n in event if n.assurance is not Assurance.SUSPECT}
    match = _one_sided(event, hub)
    if event and hub:
        match = Match.SAME if known & stated else Match.DIFFERS
    if event and not stated:
        match = Match.NOT_COMPARED
    what = _NATIONAL.get(system) or _LOCAL[system]
    return Compared(what, owner, _texts(event), _texts(hub), match or Match.NOT_COMPARED)


def _texts(numbers: Sequence[ChildNumber]) -> tuple[str, ...]:
    return tuple(f"{n.value} ({_ASSURED[n.assurance]})" for n in numbers)
