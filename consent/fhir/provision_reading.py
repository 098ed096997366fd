"""Read what a provision of a Consent permits or denies, as the scope of a directive.

A limit that a scope cannot express cannot be left out of a permit: it would permit more than was
consented to, so the permit is refused. It can be left out of a deny, which then withholds more,
and a remark says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from pydantic import ValidationError

from consent.fhir import codes as fc
from consent.fhir.remark import Remark
from consent.fhir.speaker import Hints
from schemas.fhir import systems
from schemas.fhir.moments import end_of, start_of
from schemas.fhir.reading import FhirIdentifier
from schemas.fhir.tracking import TrackedElement, coding_code, concept_codes
from schemas.sections import Category
from schemas.sharing import Purpose, Scope

_T = TypeVar("_T")
_C = TypeVar("_C", bound=StrEnum)
LookUp = Callable[[TrackedElement], tuple[FhirIdentifier, ...]]
"""Returns the identifiers of what a reference means."""

_NARROWER = "Some of it has no counterpart and is left out: less is shared than was consented to."
_WIDER = "It has no counterpart and limits nothing: less is shared than was agreed."
_UNLIMITED = "It limits what is permitted and has no counterpart: more would be shared."


@dataclass(frozen=True, slots=True)
class Provision:
    """One provision. ``refused`` says why it cannot be imported without permitting more.

    ``loosened``: it denies, and a limit of it was left out, so that it denies more than it did.
    """

    place: str
    permits: bool
    scope: Scope = field(default_factory=Scope)
    begins: dt.datetime | None = None
    until: dt.datetime | None = None
    remarks: tuple[Remark, ...] = ()
    refused: Remark | None = None
    exceptions: tuple[Provision, ...] = ()
    loosened: bool = False


def read_provision(
    element: TrackedElement, hints: Hints, look_up: LookUp, *, nested: bool = False
) -> Provision:
    """Read a provision, and one level of exceptions to it."""
    kind = element.string("type")
    if kind not in ("permit", "deny"):
        where = f"{element.place}.type"
        refused = Remark(where, "It has neither permit nor deny.")
        return Provision(element.place, permits=False, refused=refused)
    limits = _Limits(permits=kind == "permit")
    element.skip("id")
    inner = () if nested else element.children("provision")
    exceptions = tuple(read_provision(one, hints, look_up, nested=True) for one in inner)
    categories = limits.keep(f"{element.place}.securityLabel", *_labels(element), mixed=False)
    recipients = limits.keep(f"{element.place}.actor", *_actors(element, hints, look_up))
    purposes = limits.keep(f"{element.place}.purpose", *_purposes(element))
    begins, until = _period(element, limits)
    for name in element.unread_here():
        limits.cannot_keep(f"{element.place}.{name}")
    for name in ("actor", "purpose", "securityLabel"):
        for one in element.children(name):
            for place in one.unread():
                limits.look_at(place)
    scope = limits.scope(element.place, categories, recipients, purposes)
    return Provision(
        element.place,
        limits.permits,
        scope,
        begins,
        until,
        tuple(limits.remarks),
        limits.refused,
        exceptions,
        limits.loosened,
    )


@dataclass
class _Limits:
    """Collects what limits a provision, or records the effect of leaving it out."""

    permits: bool
    remarks: list[Remark] = field(default_factory=list)
    refused: Remark | None = None
    loosened: bool = False

    def keep(
        self, place: str, known: Iterable[_T], unknown: int, *, mixed: bool = True
    ) -> tuple[_T, ...]:
        """Read a list of alternatives; ``mixed`` means that each of them counts by itself."""
        kept = tuple(dict.fromkeys(known))
        if not unknown:
            return kept
        if not self.permits:
            self.cannot_keep(place)
            return ()
        if kept and mixed:
            self.remarks.append(Remark(place, _NARROWER))
        else:
            self.refused = self.refused or Remark(place, _UNLIMITED)
        return kept

    def cannot_keep(self, place: str) -> None:
        """Leave out a limit of a deny; refuse a permit."""
        if self.permits:
            self.refused = self.refused or Remark(place, _UNLIMITED)
        else:
            self.loosened = True
            self.remarks.append(Remark(place, _WIDER))

    def look_at(self, place: str) -> None:
        """Leave out a part of a part; refuse a permit where it may change what is meant."""
        last = place.rpartition(".")[2]
        if last.startswith(("modifierExtension", "_")):
            self.cannot_keep(place)
        else:
            self.remarks.append(Remark(place, "It is not imported."))

    def scope(
        self,
        place: str,
        categories: tuple[Category, ...],
        recipients: tuple[str, ...],
        purposes: tuple[Purpose, ...],
    ) -> Scope:
        """Make the scope; what does not fit into one refuses the provision."""
        try:
            return Scope(categories=categories, recipients=recipients, purposes=purposes)
        except ValidationError:
            self.refused = Remark(place, "It has a value that a directive cannot hold.")
            return Scope()


def _labels(element: TrackedElement) -> tuple[list[Category], int]:
    found = [coding_code(one) for one in element.children("securityLabel")]
    return _ours(found, fc.CATEGORY, Category)


def _purposes(element: TrackedElement) -> tuple[list[Purpose], int]:
    found = [coding_code(one) for one in element.children("purpose")]
    published = [
        fc.SAME_PURPOSE[c] for s, c in found if s == systems.ACT_REASON and c in fc.SAME_PURPOSE
    ]
    own, others = _ours(found, systems.PURPOSE, Purpose)
    return own + published, others - len(published)


def _ours(found: list[tuple[str, str]], system: str, kind: type[_C]) -> tuple[list[_C], int]:
    """Sort out the codes of our own, and count the others."""
    values = {one.value: one for one in kind}
    known = [values[code] for where, code in found if where == system and code in values]
    return known, len(found) - len(known)


def _actors(element: TrackedElement, hints: Hints, look_up: LookUp) -> tuple[list[str], int]:
    actors = element.children("actor")
    found = [_agency(one, hints, look_up) for one in actors]
    known = [name for name in found if name]
    return known, len(found) - len(known)


def _agency(actor: TrackedElement, hints: Hints, look_up: LookUp) -> str | None:
    """Return the agency that an actor means, if it is a recipient and known."""
    actor.skip("id")
    receives = (systems.PARTICIPATION, systems.RECEIVES) in concept_codes(actor.child("role"))
    reference = actor.child("reference")
    if reference is None or not receives:
        return None
    reference.skip("type", "display", "id")
    numbers = look_up(reference)
    called = [f"{one.system}|{one.value}" for one in numbers]
    named = [one.value for one in numbers if one.system == systems.AGENCY] + [
        hints.recipients[key]
        for key in (reference.string("reference") or "", *called)
        if key in hints.recipients
    ]
    known = [n for n in dict.fromkeys(named) if hints.agencies is None or n in hints.agencies]
    return known[0] if len(known) == 1 else None


def _period(
    element: TrackedElement, limits: _Limits
) -> tuple[dt.datetime | None, dt.datetime | None]:
    period = element.child("period")
    if period is None:
        return None, None
    period.skip("id")
    written = (period.string("start"), period.string("end"))
    begins, until = start_of(written[0]), end_of(written[1])
    for name, text, read in (("start", written[0], begins), ("end", written[1], until)):
        if text is not None and read is None:
            limits.cannot_keep(f"{period.place}.{name}")
    for place in period.unread():
        limits.look_at(place)
    return begins, until
