"""How alike two sets of particulars are: a possible match is for a person to decide, never for us.

Blocks find candidates cheaply (same birth date, or same name); the score compares names with
Jaro-Winkler similarity (rapidfuzz), birth dates and postcodes. The threshold follows DfE's matching
service, where below 0.85 is low confidence. Pure.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from rapidfuzz.distance import JaroWinkler

from schemas.event import Event
from schemas.people import Contact

POSSIBLE_MATCH = 0.85
_WEIGHTS = {"family": 0.30, "given": 0.25, "birth": 0.35, "postcode": 0.10}
_NEAR_DATE = 0.7


@dataclass(frozen=True, slots=True)
class Particulars:
    """What may be compared of a child: names, birth date, postcode; each may be unknown."""

    family_name: str | None = None
    given_name: str | None = None
    birth_date: dt.date | None = None
    postcode: str | None = None

    def filled_from(self, other: Particulars) -> Particulars:
        """Take from the other what is unknown here."""
        return Particulars(
            family_name=self.family_name or other.family_name,
            given_name=self.given_name or other.given_name,
            birth_date=self.birth_date or other.birth_date,
            postcode=self.postcode or other.postcode,
        )


def particulars_of(event: Event) -> Particulars:
    """Take the comparable particulars from an event."""
    identity, contact = event.identity, event.section(Contact)
    address = contact.address if contact else None
    return Particulars(
        family_name=identity.family_name,
        given_name=identity.given_name,
        birth_date=identity.birth_date,
        postcode=address.postcode if address else None,
    )


def plain(name: str | None) -> str:
    """Reduce a name to lower-case letters without accents, so that spellings compare."""
    if not name:
        return ""
    letters = unicodedata.normalize("NFKD", name)
    return re.sub(r"[^a-z]", "", letters.encode("ascii", "ignore").decode().lower())


def blocks(who: Particulars) -> tuple[tuple[str, ...], ...]:
    """Name the groups in which to look for children like this one."""
    found: list[tuple[str, ...]] = []
    if who.birth_date:
        found.append(("birth", who.birth_date.isoformat()))
    family, given = plain(who.family_name), plain(who.given_name)
    if family and given:
        found.append(("name", family, given))
    return tuple(found)


def likeness(one: Particulars, other: Particulars) -> float:
    """Score two children from 0 (nothing alike) to 1 (all alike), over what both have."""
    scores: dict[str, float] = {}
    for part, a, b in (
        ("family", one.family_name, other.family_name),
        ("given", one.given_name, other.given_name),
    ):
        if plain(a) and plain(b):
            scores[part] = JaroWinkler.similarity(plain(a), plain(b))
    if one.birth_date and other.birth_date:
        scores["birth"] = date_likeness(one.birth_date, other.birth_date)
    if one.postcode and other.postcode:
        scores["postcode"] = float(_tight(one.postcode) == _tight(other.postcode))
    if not {"family", "birth"} <= scores.keys():
        return 0.0
    weight = sum(_WEIGHTS[part] for part in scores)
    return sum(_WEIGHTS[part] * score for part, score in scores.items()) / weight


def name_likeness(one: Particulars, other: Particulars) -> float:
    """Score two children's names alone, from 0 to 1; 0 where a family name is not known."""
    family = plain(one.family_name), plain(other.family_name)
    given = plain(one.given_name), plain(other.given_name)
    if not all(family):
        return 0.0
    weights = [(_WEIGHTS["family"], JaroWinkler.similarity(*family))]
    if all(given):
        weights.append((_WEIGHTS["given"], JaroWinkler.similarity(*given)))
    return sum(weight * score for weight, score in weights) / sum(w for w, _ in weights)


def _tight(postcode: str) -> str:
    return postcode.replace(" ", "").upper()


def date_likeness(one: dt.date, other: dt.date) -> float:
    """Dates a slip of the pen apart (day and month swapped, or one digit) are nearly the same."""
    if one == other:
        return 1.0
    swapped = one.year == other.year and (one.day, one.month) == (other.month, other.day)
    digits = sum(a != b for a, b in zip(one.isoformat(), other.isoformat(), strict=True))
    return _NEAR_DATE if swapped or digits == 1 else 0.0


def disagree(one: Particulars, other: Particulars) -> bool:
    """Whether two records can hardly be of one child: birth date and family name both differ."""
    if not (one.birth_date and other.birth_date and one.family_name and other.family_name):
        return False
    return one.birth_date != other.birth_date and plain(one.family_name) != plain(other.family_name)
