"""The elements of a Common Transfer File: names and their variants, code lists, dates.

Source: DfE Common Transfer File specification (versions 15 to 25) as written by DfE's own Get
Information About Pupils service and by school systems. Real files differ in letter case, in
namespaces and in a few names, so every element is looked up by all the names it is known by; the
first is the specification's and is the one that refusals name.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

from lxml import etree
from pydantic import ValidationError

from adapters.contract import Refusal
from schemas.errors import Fault
from schemas.people import Sex
from schemas.sections import SectionPart
from schemas.times import LONDON

EARLIEST_YEAR = 1900  # earlier dates are a program's "no date", such as .NET's 0001-01-01
P = TypeVar("P", bound=SectionPart)

ROOTS = frozenset({"ctfile", "atfile", "ctf", "atf", "commontransferfile"})
PUPIL_DATA = ("CTFpupilData", "ATFpupilData", "Pupils", "PupilData")

SURNAME = ("Surname", "LegalSurname", "FamilyName")
FORENAME = ("Forename", "LegalForename", "GivenName", "FirstName")
BIRTH = ("DOB", "DateOfBirth", "BirthDate")
NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "family_name": SURNAME,
        "given_name": FORENAME,
        "middle_names": ("MiddleNames", "MiddleName"),
        "preferred_family_name": ("PreferredSurname",),
        "preferred_given_name": ("PreferredForename",),
        "ethnicity": ("Ethnicity",),
    }
)
SEX: Mapping[str, Sex] = MappingProxyType(
    {
        "m": Sex.MALE,
        "male": Sex.MALE,
        "f": Sex.FEMALE,
        "female": Sex.FEMALE,
        "u": Sex.UNKNOWN,
        "unknown": Sex.UNKNOWN,
    }
)
SEX_WRITTEN: Mapping[Sex, str] = MappingProxyType(
    {Sex.MALE: "M", Sex.FEMALE: "F", Sex.UNKNOWN: "U"}
)
TRUTH: Mapping[str, bool] = MappingProxyType(
    {"true": True, "1": True, "y": True, "yes": True}
    | {"false": False, "0": False, "n": False, "no": False}
)
PHONE_KINDS: Mapping[str, str] = MappingProxyType(
    {"H": "home", "W": "work", "M": "mobile", "F": "fax", "A": "alternate", "D": "minicom"}
)
RELATIONSHIPS: Mapping[str, str] = MappingProxyType(
    {
        "PAM": "mother",
        "PAF": "father",
        "CAR": "carer",
        "FOM": "foster-mother",
        "FOF": "foster-father",
        "STM": "step-mother",
        "STF": "step-father",
        "REL": "other-relative",
        "FAM": "other-family-member",
        "SWR": "social-worker",
        "DOC": "doctor",
        "TCH": "teacher",
        "HTC": "head-teacher",
        "CHM": "childminder",
        "RLG": "religious-contact",
        "OTH": "other",
    }
)

_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?Z?")
_COMPACT_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_DAY_FIRST = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})(?: 00:00(?::00)?)?")
_NAMED_MONTH = re.compile(r"([0-9]{1,2})[ -]([A-Za-z]{3,9})[ -]([0-9]{4})")
_DAY_FIRST_TIME = re.compile(r"([0-9]{1,2}/[0-9]{1,2}/[0-9]{4})[T ]([0-9:.]{5,15})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_COUNT = re.compile(r"([0-9]{1,4})(?:\.0+)?")


@dataclass(frozen=True, slots=True)
class CtfNode:
    """One element and its place, such as ``CTFpupilData/Pupil[3]``."""

    element: etree._Element
    path: str

    def named(self, *names: str) -> list[CtfNode]:
        """List the children of any of these names in document order, each with its number."""
        wanted = {n.lower(): n for n in names}
        count: dict[str, int] = {}
        found = []
        for child in self.element:
            name = wanted.get(local_name(child))
            if name is not None:
                count[name] = count.get(name, 0) + 1
                found.append(CtfNode(child, self._below(f"{name}[{count[name]}]")))
        return found

    def child(self, *names: str) -> CtfNode | None:
        """Return the first child of the first of these names that there is."""
        for name in names:
            for child in self.element:
                if local_name(child) == name.lower():
                    return CtfNode(child, self._below(name))
        return None

    def text(self, *names: str) -> str | None:
        """Return the text of the first child of these names that holds any, white space folded."""
        for name in names:
            for child in self.element:
                if local_name(child) == name.lower() and (folded := fold(child.text)):
                    return folded
        return None

    def own_text(self) -> str | None:
        """Return the element's own text, white space folded."""
        return fold(self.element.text)

    def _below(self, name: str) -> str:
        return f"{self.path}/{name}" if self.path else name


@dataclass(slots=True)
class CtfReading:
    """The refusals gathered while one document is read, and readers that add to them."""

    refused: list[Refusal] = field(default_factory=list)

    def refuse(self, fault: Fault, where: str) -> None:
        """Record that the part at ``where`` was not translated; the same part is recorded once."""
        refusal = Refusal(fault, where)
        if refusal not in self.refused:
            self.refused.append(refusal)

    def date(self, node: CtfNode, *names: str) -> dt.date | None:
        """Read a date, refusing that part where there is one that cannot be read."""
        text = node.text(*names)
        day = day_of(text) if text else None
        if text and day is None:
            self.refuse(Fault.BAD_VALUE, f"{node.path}/{names[0]}")
        return day

    def count(self, node: CtfNode, name: str) -> int | None:
        """Read a number of sessions."""
        text = node.text(name)
        match = _COUNT.fullmatch(text) if text else None
        if text and match is None:
            self.refuse(Fault.BAD_VALUE, f"{node.path}/{name}")
        return int(match[1]) if match else None

    def truth(self, node: CtfNode, *names: str) -> bool | None:
        """Read a yes or no; anything else is refused and stays unknown."""
        text = node.text(*names)
        answer = TRUTH.get(text.lower()) if text else None
        if text and answer is None:
            self.refuse(Fault.BAD_VALUE, f"{node.path}/{names[0]}")
        return answer

    def build(self, model: type[P], where: str, values: Mapping[str, object]) -> P | None:
        """Build a model of what fits it; each value that does not fit is refused by itself."""
        kept = {k: v for k, v in values.items() if v not in (None, ())}
        try:
            return model.model_validate(kept) if kept else None
        except ValidationError as error:
            bad = {str(e["loc"][0]) for e in error.errors() if e["loc"]}
        for name in sorted(bad):
            self.refuse(Fault.BAD_VALUE, f"{where}/{NAMES.get(name, (name,))[0]}")
        kept = {k: v for k, v in kept.items() if k not in bad}
        try:
            return model.model_validate(kept) if kept else None
        except ValidationError:
            return None  # what it could not do without is refused above


def local_name(element: etree._Element) -> str:
    """Return an element's name without namespace, in lower case."""
    return str(element.tag).rpartition("}")[2].lower()


def fold(text: str | None) -> str | None:
    """Strip a text and fold its white space; None where nothing is left."""
    return " ".join(text.split()) or None if text else None


def day_of(text: str) -> dt.date | None:
    """Read a date as real files write it: ISO, day first, compact or with the month's name.

    Two-digit years and dates that carry a time of day other than midnight are not guessed at.
    """
    if match := _ISO_DAY.fullmatch(text) or _COMPACT_DAY.fullmatch(text):
        year, month, day = match.groups()
    elif match := _DAY_FIRST.fullmatch(text):
        day, month, year = match.groups()
    elif match := _NAMED_MONTH.fullmatch(text):
        day, name, year = match.groups()
        short = name[:3].lower()
        month = str(_MONTHS.index(short) + 1) if short in _MONTHS else "0"
    else:
        return None
    try:
        found = dt.date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if found.year >= EARLIEST_YEAR else None


def moment_of(text: str) -> dt.datetime | None:
    """Read a document's date and time in UTC; without an offset it is Europe/London time."""
    if match := _DAY_FIRST_TIME.fullmatch(text):
        day = day_of(match[1])
        text = f"{day.isoformat()}T{match[2]}" if day else ""
    elif day := day_of(text):
        text = day.isoformat()
    try:
        moment = dt.datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=LONDON)
        moment = moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year >= EARLIEST_YEAR else None
