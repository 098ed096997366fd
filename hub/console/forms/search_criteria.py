"""Criteria of a search, as in its address: codes and opaque ids, nothing personal.

Other text is refused and not recorded. A page, its CSV file and a saved search use the same
criteria. Days are days in England, and the last one is included. Pure.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

from hub.console.forms.choices import FACETS, SHARED, Choices
from hub.console.views.text import day
from hub.journey.index_query import Place, Query
from schemas.times import day_start, parse_day

Problem = tuple[str, str]

_CHILD = re.compile(r"[0-9A-Za-z-]{1,64}")
_DIRECTIVE = re.compile(r"d-[0-9a-f]{8,64}")
# Earlier codes that the form no longer offers: a former agency, a rule of an old version.
_FORMS = {
    "agency": re.compile(r"[a-z][a-z0-9-]{1,40}"),
    "basis": re.compile(r"6\(1\)\([a-z]{1,2}\)(?: 9\(2\)\([a-z]{1,2}\))?"),
    "rule": re.compile(r"[a-z0-9][a-z0-9-]{1,60}@[1-9][0-9]{0,5}/[a-z0-9][a-z0-9-]{1,60}"),
}
_NAMES = {"begins": "from"}
_DAYS = {"begins": "The first day", "until": "The last day"}
_EARLIEST, _LATEST = 1990, 2200
_LARGEST_KEY = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Criteria:
    """The criteria; an empty one matches everything. Days are written as 2026-09-01."""

    told: str = ""
    agency: str = ""
    type: str = ""
    category: str = ""
    outcome: str = ""
    reason: str = ""
    purpose: str = ""
    basis: str = ""
    rule: str = ""
    directive: str = ""
    begins: str = ""
    until: str = ""
    child: str = ""

    def items(self) -> list[tuple[str, str]]:
        """Return the criteria that are set, by their names in an address."""
        named = ((_NAMES.get(one.name, one.name), getattr(self, one.name)) for one in fields(self))
        return [(name, value) for name, value in named if value]

    def address(self, path: str = "/search", **more: object) -> str:
        """Return the address of a page with these criteria."""
        query = urlencode([*self.items(), *more.items()])
        return f"{path}?{query}" if query else path

    def without_child(self) -> Criteria:
        """Return the criteria without the child, as they may be saved."""
        return replace(self, child="")

    def codes(self, registered: Collection[str]) -> str:
        """Return the criteria as codes for the ledger, without the child, who has an own field.

        An unregistered agency is not named, because the text may be anything.
        """
        known = not self.agency or self.agency in registered
        kept = replace(self, child="", agency=self.agency if known else "unregistered")
        return ", ".join(f"{name} {value}" for name, value in kept.items()) or "all"

    def query(self) -> Query:
        """Return the query for the index, without the child, who is added with the access."""
        return Query(
            kind=self.told,
            agency=self.agency,
            permitted=self.outcome == SHARED if self.outcome else None,
            type=self.type,
            category=self.category,
            reason=self.reason,
            purpose=self.purpose,
            basis=self.basis,
            rule=self.rule,
            directive=self.directive,
            begins=midnight(self.begins) if self.begins else None,
            until=midnight(self.until, 1) if self.until else None,
        )


@dataclass(frozen=True, slots=True)
class ParsedCriteria:
    """The criteria of an address, with problems as pairs of field and sentence.

    ``texts`` is the input, valid or not, by the names in the address.
    """

    criteria: Criteria
    place: Place
    choices: Choices
    texts: Mapping[str, str]
    problems: tuple[Problem, ...] = ()


def read(given: Mapping[str, str], choices: Choices) -> ParsedCriteria:
    """Read an address; invalid criteria are left out, each with a problem."""
    texts = {one.name: _text(given, one.name) for one in fields(Criteria)}
    problems = tuple(
        (_NAMES.get(name, name), problem)
        for name, text in texts.items()
        if text and (problem := _problem(name, text, choices))
    )
    wrong = {field for field, _ in problems}
    kept = {name: text for name, text in texts.items() if _NAMES.get(name, name) not in wrong}
    criteria = Criteria(**kept)
    if criteria.begins and criteria.until and criteria.begins > criteria.until:
        problems = (*problems, ("until", "The last day must not be before the first day"))
    typed = {_NAMES.get(name, name): text for name, text in texts.items()}
    return ParsedCriteria(criteria, _place(given), choices, typed, problems)


def _text(given: Mapping[str, str], name: str) -> str:
    return given.get(_NAMES.get(name, name), "").strip()


def _problem(name: str, text: str, choices: Choices) -> str:
    """Return the problem with one criterion; empty if it is valid."""
    if name in _DAYS:
        return "" if is_day(text) else f"{_DAYS[name]} must be a real date, such as 2026-09-01"
    if name == "child":
        return "" if _CHILD.fullmatch(text) else "Enter the hub's id of a child"
    if name == "directive":
        return (
            "" if _DIRECTIVE.fullmatch(text) else "Enter a directive id, such as d-757cdfd5572daf2b"
        )
    form = _FORMS.get(name)
    if text in choices.words[name] or (form is not None and form.fullmatch(text)):
        return ""
    return f"{FACETS[name]}: choose one from the list"


def is_day(text: str) -> bool:
    """Whether a text is a day as a form sends it, such as 2026-09-01."""
    try:
        return _EARLIEST <= parse_day(text).year <= _LATEST
    except ValueError:
        return False


def midnight(text: str, after: int = 0) -> dt.datetime:
    """Return the time at which a day begins in England, or a number of days later."""
    return day_start(parse_day(text), after=after)


def _place(given: Mapping[str, str]) -> Place:
    """Return where a page begins: before a key or after it; the newest page if there is none."""
    for name, newest_first in (("before", True), ("after", False)):
        text = given.get(name, "")
        if text.isascii() and text.isdigit() and len(text) < len(str(_LARGEST_KEY)):
            return Place(int(text), newest_first)
    return Place(None, newest_first=True)


def sentence(criteria: Criteria, choices: Choices) -> str:
    """Return the criteria as one sentence."""
    what = {"decision": "Decisions", "disclosure": "Disclosures"}
    parts = [what.get(criteria.told, "Decisions and disclosures")]
    for name, code in criteria.items():
        if name in _PHRASES:
            text = choices.text(name, code) if name in choices.words else code
            parts.append(_PHRASES[name].format(text.removesuffix(".")))
    if criteria.begins:
        parts.append(f"from {day(criteria.begins)}")
    if criteria.until:
        parts.append(f"until {day(criteria.until)}")
    return ", ".join(parts) + ". Newest first."


_PHRASES = {
    "child": "about one child",
    "agency": "sent by or intended for {}",
    "type": "of events of type \u201c{}\u201d",
    "category": "about category \u201c{}\u201d",
    "outcome": "where the outcome is \u201c{}\u201d",
    "reason": "for the reason \u201c{}\u201d",
    "purpose": "for the purpose \u201c{}\u201d",
    "basis": "on the basis of {}",
    "rule": "by the rule \u201c{}\u201d",
    "directive": "because of directive {}",
}
