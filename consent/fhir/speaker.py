"""Who spoke, as a Consent names them: in what capacity, and how they are known again."""

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
    """What whoever reads a Consent knows besides it.

    ``authority``: in what capacity its performers spoke, where it does not say. ``decider``: the
    reader's own reference for its one performer. ``recipients``: agencies by the reference, or by
    the ``system|value``, that an actor is named by. ``agencies``: the agencies there are; None
    takes any name.
    """

    authority: Authority | None = None
    decider: str | None = None
    recipients: Mapping[str, str] = field(default_factory=dict)
    agencies: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class ConsentSpeaker:
    """One person who spoke: a reference that means nobody else, and a name if one was given."""

    ref: str
    name: str | None
    is_patient: bool
    remark: Remark | None = None


def speakers(
    consent: TrackedElement, node: Node, document: FhirDocument, hints: Hints
) -> tuple[ConsentSpeaker, ...]:
    """Take the performers of a Consent."""
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
        # Another document's "RelatedPerson/1" may be somebody else, whose word this must not end.
        ref = "document:" + hashlib.sha256(as_bytes(node) + performer.place.encode()).hexdigest()
        sentence = (
            "The reference means a person only within its document: recorded as a person who has "
            "not spoken before. Name a decider to say who it is."
        )
        remark = Remark(performer.place, sentence)
    return ConsentSpeaker(short(ref), name, same, remark)


def short(reference: str) -> str:
    """Keep a reference within its length without two becoming one."""
    if len(reference) <= _LONGEST:
        return reference
    return hashlib.sha256(reference.encode()).hexdigest()


def identifiers(
    reference: TrackedElement, node: Node, document: FhirDocument
) -> tuple[FhirIdentifier, ...]:
    """Take the identifiers of whom a reference means: its own, or those of what it points at."""
    own = reference.child("identifier")
    found = [own] if own is not None else []
    target = document.find(reference.string("reference") or "", node)
    if target is not None:
        found += TrackedElement(target, reference.place).children("identifier")
    for one in found:
        one.skip("use", "type", "id")
    pairs = [(one.string("system") or "", one.string("value") or "") for one in found]
    return tuple(FhirIdentifier(system, value) for system, value in pairs if system and value)
