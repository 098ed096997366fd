"""Plain looks into one FHIR resource held as JSON: children, words, codes, days and moments.

Nothing here knows what a resource means. A look at something that is not there gives None or
nothing; a value that is there and wrong raises InputRefused with BAD_VALUE.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from adapters.fhir.codes import SNOMED
from schemas.errors import Fault, InputRefused
from schemas.people import Coding

Node = Mapping[str, JsonValue]

LONDON = ZoneInfo("Europe/London")
SHORT = 200
LONG = 20_000
CODE = 64
RECORD = 120
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LOOSE_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2})(:[0-9]{2}(?:\.[0-9]+)?)?(Z|[+-][0-9:]+)?"
)


def children(node: Node, name: str) -> tuple[Node, ...]:
    """Give the objects under a name, whether the element repeats or not."""
    found = node.get(name)
    every = found if isinstance(found, list) else [found]
    return tuple(item for item in every if isinstance(item, dict))


def child(node: Node, name: str) -> Node:
    """Give the first object under a name, or an empty one."""
    return next(iter(children(node, name)), {})


def word(node: Node, name: str, limit: int | None = None) -> str | None:
    """Give the text under a name, stripped; one over ``limit`` characters is cut visibly."""
    found = node.get(name)
    if isinstance(found, list):
        found = found[0] if found else None
    return trimmed(found, limit) if isinstance(found, str) else None


def words(node: Node, name: str) -> tuple[str, ...]:
    """Give every text under a name, stripped, without the empty ones."""
    found = node.get(name)
    every = found if isinstance(found, list) else [found]
    return tuple(s for item in every if isinstance(item, str) and (s := item.strip()))


def trimmed(text: str, limit: int | None = None) -> str | None:
    """Strip a text and cut it to a limit, visibly; None where nothing is left."""
    clean = text.strip()
    if not clean:
        return None
    return clean if limit is None or len(clean) <= limit else clean[: limit - 1].rstrip() + "…"


def flag(node: Node, name: str) -> bool | None:
    """Give the boolean under a name."""
    found = node.get(name)
    return found if isinstance(found, bool) else None


def extension(node: Node, url: str) -> Node:
    """Give the first extension with a URL, or an empty one."""
    return next((e for e in children(node, "extension") if e.get("url") == url), {})


def coded(concept: Node, limit: int = SHORT) -> str | None:
    """Say a CodeableConcept in words: its text, or its first display, or its first code."""
    codings = children(concept, "coding")
    displays = (word(c, "display", limit) for c in codings)
    codes = (word(c, "code", limit) for c in codings)
    return word(concept, "text", limit) or next(filter(None, [*displays, *codes]), None)


def coding(concept: Node) -> Coding | None:
    """Read a CodeableConcept as one code, SNOMED CT first; a bare text has no system."""
    every = [c for c in children(concept, "coding") if word(c, "code")]
    every.sort(key=lambda c: c.get("system") != SNOMED)
    text = word(concept, "text", SHORT)
    if not every:
        short = word(concept, "text", CODE)
        return Coding(code=short, display=text) if short else None
    code, system = word(every[0], "code"), word(every[0], "system")
    if code is None or len(code) > CODE:
        raise InputRefused(Fault.BAD_VALUE, "coding/code")
    if system is not None and len(system) > RECORD:
        raise InputRefused(Fault.BAD_VALUE, "coding/system")
    return Coding(code=code, display=word(every[0], "display", SHORT) or text, system=system)


def first_coding(node: Node, *names: str) -> Coding | None:
    """Read the first element of these names that holds a code."""
    concepts = (concept for name in names for concept in children(node, name))
    return next((c for concept in concepts if (c := coding(concept))), None)


def codes(node: Node, name: str) -> Iterator[tuple[str | None, str]]:
    """Give every (system, code) of the CodeableConcepts or Codings under a name."""
    for concept in children(node, name):
        for one in (concept, *children(concept, "coding")):
            if code := word(one, "code"):
                yield word(one, "system"), code


def mended(text: str) -> str:
    """Complete a moment as real systems write it: seconds, and London's offset, where missing."""
    loose = _LOOSE_MOMENT.fullmatch(text)
    if loose is None or (loose[2] and loose[3]):
        return text
    whole = loose[1] + (loose[2] or ":00")
    if loose[3]:
        return whole + loose[3]
    try:
        return dt.datetime.fromisoformat(whole).replace(tzinfo=LONDON).isoformat()
    except ValueError:
        return text


def moment(text: str | None, where: str) -> dt.datetime | None:
    """Read a moment with its offset; a naive one is London's. Raises BAD_VALUE."""
    if text is None:
        return None
    try:
        read = dt.datetime.fromisoformat(mended(text))
        if read.tzinfo is None:
            read = read.replace(tzinfo=LONDON)
        read.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise InputRefused(Fault.BAD_VALUE, where) from None
    return read


def day(text: str | None, where: str) -> dt.date | None:
    """Read a day, or London's day of a moment; a year or a month alone is not a day. BAD_VALUE."""
    if text is None or len(text) < len("2026-09-07"):
        return None
    if not _DAY.fullmatch(text):
        found = moment(text, where)
        return found.astimezone(LONDON).date() if found else None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InputRefused(Fault.BAD_VALUE, where) from None


def current(node: Node, at: dt.datetime) -> bool:
    """Whether something is in use: not marked old, and its period not over."""
    ends = day(word(child(node, "period"), "end"), "period/end")
    return node.get("use") != "old" and (ends is None or ends >= at.astimezone(LONDON).date())
