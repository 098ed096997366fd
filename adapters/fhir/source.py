"""One FHIR resource being read: its id, its status, and what its references lead to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from adapters.contract import AgencySystem
from adapters.fhir import codes as fc
from adapters.fhir.bundle import Bundle, BundleEntry
from adapters.fhir.places import Lookup, organisation_code
from schemas.errors import Fault, InputRefused
from schemas.event import RecordStatus
from schemas.fhir.moments import day
from schemas.fhir.reading import (
    RECORD,
    SHORT,
    Node,
    child,
    children,
    codes,
    identifiers,
    string,
    truncated,
)
from schemas.people import Organisation
from schemas.sections import Section


@dataclass(frozen=True, slots=True)
class ResourceFinding:
    """One resource as read: an event type, its own sections, and the status of the record."""

    key: str
    sections: tuple[Section, ...]
    record: str | None
    status: RecordStatus = RecordStatus.RECORDED


@dataclass(frozen=True, slots=True)
class Source:
    """One resource being read, and the lookups in its bundle."""

    bundle: Bundle
    entry: BundleEntry
    node: Node
    look: Lookup
    speaker: AgencySystem

    @property
    def own_id(self) -> str | None:
        """The source's stable id of this record."""
        return record_id(self.entry, self.node)

    @property
    def section_id(self) -> str | None:
        """The id inside the section; our own documents may carry a record id beside it."""
        others = [i for i in children(self.node, "identifier") if i.get("system") != fc.RECORD]
        return record_id(self.entry, {**self.node, "identifier": list(map(dict, others))})

    @property
    def status(self) -> str:
        """The resource's status code; raises MISSING_FIELD."""
        found = string(self.node, "status")
        if found is None:
            raise InputRefused(Fault.MISSING_FIELD, "status")
        return found

    @property
    def in_error(self) -> bool:
        """Whether the whole resource was entered in error."""
        return string(self.node, "status") == "entered-in-error"

    def finding(self, key: str, *sections: Section, corrected: bool = False) -> ResourceFinding:
        """Return what was found, with the status of the record."""
        tags = {c for s, c in codes(child(self.node, "meta"), "tag") if s == fc.RECORD_STATUS}
        status = RecordStatus.RECORDED
        if self.in_error:
            status = RecordStatus.RETRACTED
        elif corrected or RecordStatus.CORRECTED in tags:
            status = RecordStatus.CORRECTED
        return ResourceFinding(key, sections, self.own_id, status)

    def unsupported(self, where: str = "status") -> InputRefused:
        """Return the refusal of an element that no event type can express."""
        return InputRefused(Fault.UNSUPPORTED, where)

    def id_of(self, reference: Node) -> str | None:
        """The stable id of what a reference names, found here or taken from the reference."""
        found = self.look(reference, self.entry)
        if found is not None:
            return record_id(*found)
        named = string(child(reference, "identifier"), "value")
        tail = (string(reference, "reference") or "").rpartition("/")[2].removeprefix("urn:uuid:")
        return truncated(named or tail, RECORD)

    def name_of(self, reference: Node) -> str | None:
        """What a reference calls itself, or the name of what it points at."""
        if display := string(reference, "display", SHORT):
            return display
        found = self.look(reference, self.entry)
        if found is None:
            return None
        name = found[1].get("name")
        if isinstance(name, str):
            return truncated(name, SHORT)
        person = child(found[1], "name")
        given = person.get("given")
        parts = [*(given if isinstance(given, list) else []), person.get("family")]
        spoken = " ".join(p for p in parts if isinstance(p, str))
        return string(person, "text", SHORT) or truncated(spoken, SHORT)

    def organisation(self, references: Iterable[Node]) -> Organisation | None:
        """Read the first reference that names an organisation or a service of one."""
        for reference in references:
            found = self.look(reference, self.entry)
            kind = found[0].kind if found else kind_named(reference)
            code = organisation_code(reference, self.entry, self.look)
            is_one = kind in ("Organization", "HealthcareService")
            node = found[1] if found and found[0].kind == "Organization" else {}
            by_system = dict(identifiers(node))
            made = Organisation(
                name=self.name_of(reference) if is_one or (code and not found) else None,
                ods=code,
                urn=_within(by_system.get(fc.SCHOOL_URN), 6),
                laestab=_within(by_system.get(fc.LAESTAB), 7),
                ukprn=_within(by_system.get(fc.UKPRN), 8),
            )
            if made != Organisation():
                return made
        return None


def record_id(entry: BundleEntry, node: Node) -> str | None:
    """Choose the id by which a source will refer to this record again.

    A server's logical id holds; an id that only repeats the entry's ``urn:uuid`` lives no longer
    than its message, so a business identifier goes before it.
    """
    given = identifiers(node)
    own = next((value for system, value in given if system == fc.RECORD), None)
    business = [value for _, value in given]
    transient = (entry.url or "").lower().removeprefix("urn:uuid:")
    logical = string(node, "id")
    lasting = logical if logical and logical.lower() != transient else None
    named = (own, lasting, *business, logical, transient or None)
    return next((truncated(n, RECORD) for n in named if n), None)


def _within(value: str | None, limit: int) -> str | None:
    return value if value and len(value) <= limit else None


def kind_named(reference: Node) -> str | None:
    """Return the resource type a reference names, by its type or its relative URL."""
    parts = (string(reference, "reference") or "").rsplit("/", 2)
    return string(reference, "type") or (parts[-2] if len(parts) > 1 else None)


def date(node: Node, *names: str) -> dt.date | None:
    """Read the first of these elements that tells a day."""
    return next((d for n in names if (d := day(string(node, n), n)) is not None), None)
