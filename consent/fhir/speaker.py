"""The performers of a Consent: who gave it, and by which reference they are recognised."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from consent.fhir.document import FhirDocument
from consent.fhir.remark import Remark
from schemas.fhir import systems
from schemas.fhir.reading import FhirIdentifier, Node
from schemas.fhir.resources import as_bytes
from schemas.fhir.tracking import TrackedElement
from schemas.sharing import Authority

_LONGEST = 64
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Hints:
    """What the importer knows that the Consent does not say.

    ``authority``: in what capacity its performers decided. ``decider``: the importer's own
    reference for its one performer. ``recipients``: agencies by the reference, or by
    the ``system|value``, that an actor is named by. ``agencies``: the agencies there are; None
    takes any name.
    """

    authority: Authority | None = None
    decider: str | None = None
    recipients: Mapping[str, str] = field(default_factory=dict)
    agencies: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class ConsentSpeaker:
    """One performer: a reference that means no other person, and a name if there is one."""

    ref: str
    name: str | None
    is_patient: bool
    remark: Remark | None = None


def speakers(
    consent: TrackedElement, node: Node, document: FhirDocument, hints: Hints
) -> tuple[ConsentSpeaker, ...]:
    """Read the performers of a Consent."""
    patient = consent.child("patient")
    found = consent.children("performer")
    given = hints.decider if len(found) == 1 else None
    return tuple(_speaker(one, patient, (node, document), given) for one in found)


def _speaker(
    performer: TrackedElement,
    patient: TrackedElement | None,
    within: tuple[Node, FhirDocument],
    given: str | None,
) -> ConsentSpeaker:
    node, document = within
    reference = performer.string("reference")
    performer.skip("type", "id")
    known = identifiers(performer, node, document)
    name = (performer.string("display") or "").strip()[:_LONGEST_NAME] or None
    same = patient is not None and (
        (bool(reference) and reference == patient.string("reference"))
        or bool(set(known) & set(identifiers(patient, node, document)))
    )
    remark = None
    if given:
        ref = given
    elif known:
        one = known[0]
        ref = one.value if one.system == systems.PERSON else f"{one.system}|{one.value}"
    elif reference and "://" in reference:
        ref = reference
    else:
        # Another document's "RelatedPerson/1" may be another person, whose directives must stay.
        ref = "document:" + hashlib.sha256(as_bytes(node) + performer.place.encode()).hexdigest()
        sentence = (
            "The reference means a person only within its document: recorded as a person without "
            "earlier directives. Name a decider to say who it is."
        )
        remark = Remark(performer.place, sentence)
    return ConsentSpeaker(short(ref), name, same, remark)


def short(reference: str) -> str:
    """Shorten a reference so that two stay different."""
    if len(reference) <= _LONGEST:
        return reference
    return hashlib.sha256(reference.encode()).hexdigest()


def identifiers(
    reference: TrackedElement, node: Node, document: FhirDocument
) -> tuple[FhirIdentifier, ...]:
    """Read the identifiers of what a reference means: its own and those of its target."""
    own = reference.child("identifier")
    found = [own] if own is not None else []
    target = document.find(reference.string("reference") or "", node)
    if target is not None:
        found += TrackedElement(target, reference.place).children("identifier")
    for one in found:
        one.skip("use", "type", "id")
    pairs = [(one.string("system") or "", one.string("value") or "") for one in found]
    return tuple(FhirIdentifier(system, value) for system, value in pairs if system and value)
