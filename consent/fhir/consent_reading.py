"""Read FHIR Consents as directives, with a report of everything that is not carried over.

A directive may be narrower than its Consent, and then the report says so. It is never wider: a
Consent that would become wider is refused, with the reason. Reading raises on nothing that a
document holds. docs/formats/fhir-audit-and-consent.md has the rules.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, replace

from pydantic import ValidationError

from consent.fhir import codes as fc
from consent.fhir.document import FhirDocument, NotReadable, ResourceEntry, open_document
from consent.fhir.exceptions import ConsentStatement, combined
from consent.fhir.particulars import ConsentParticulars, read_particulars
from consent.fhir.provision_reading import Provision, read_provision
from consent.fhir.remark import Remark
from consent.fhir.speaker import ConsentSpeaker, Hints, identifiers, short, speakers
from schemas.fhir.moments import start_of
from schemas.fhir.reading import FhirIdentifier, Node
from schemas.fhir.resources import as_bytes, is_valid
from schemas.fhir.tracking import TrackedElement, concept_codes
from schemas.sharing import Authority, DirectiveKind, DirectiveRecorded

Step = tuple[DirectiveRecorded, ...]

_NOT_IN_FORCE = "It is not in force: nothing is imported. What was imported before is unchanged."
_NOT_KEPT = "A directive has no field for it: it is not imported."


@dataclass(frozen=True, slots=True)
class ConsentRead:
    """One Consent as the hub reads it.

    ``patient`` holds the identifiers of the child. The directives of one of the ``steps`` have one
    moment, and those of a later step a later one. They have the identifier of the Consent as their
    ``directive_id``, or a hash of it where it has none, so that the same is known again.
    ``given_on`` is the first moment at which it may have been given. ``refused`` says why
    nothing of it is imported.
    """

    place: str
    patient: tuple[FhirIdentifier, ...] = ()
    given_on: dt.datetime | None = None
    steps: tuple[Step, ...] = ()
    remarks: tuple[Remark, ...] = ()
    refused: Remark | None = None


@dataclass(frozen=True, slots=True)
class ConsentsRead:
    """All Consents of a document, and what else of it is not imported."""

    consents: tuple[ConsentRead, ...] = ()
    remarks: tuple[Remark, ...] = ()
    refused: Remark | None = None


class _ConsentRefused(Exception):
    """Nothing of a Consent is imported."""

    def __init__(self, remark: Remark) -> None:
        self.remark = remark
        super().__init__(remark.sentence)


def read_consents(data: bytes, hints: Hints | None = None) -> ConsentsRead:
    """Read one Consent, or a Bundle with Consents; never raises on what the document holds."""
    try:
        document = open_document(data)
    except NotReadable as error:
        return ConsentsRead(refused=error.remark)
    consents = [e for e in document.entries if e.kind == "Consent"]
    others = [
        Remark(e.place, "It is not a Consent: only what a Consent refers to is read.")
        for e in document.entries
        if e.kind != "Consent"
    ]
    return ConsentsRead(
        tuple(_read(entry, document, hints or Hints()) for entry in consents),
        (*document.remarks, *others),
        None if consents else Remark("document", "There is no Consent in it."),
    )


def _read(entry: ResourceEntry, document: FhirDocument, hints: Hints) -> ConsentRead:
    if not is_valid(entry.node):
        return ConsentRead(
            entry.place, refused=Remark(entry.place, "It is not a valid Consent of FHIR R4.")
        )
    element = TrackedElement(entry.node, entry.place)
    patient = element.child("patient")
    child: tuple[FhirIdentifier, ...] = ()
    if patient is not None:
        patient.skip("type", "id")
        child = identifiers(patient, entry.node, document)
    try:
        return replace(_understood(element, entry.node, document, hints), patient=child)
    except _ConsentRefused as refusal:
        return ConsentRead(entry.place, child, refused=refusal.remark)


def _refuse_modifiers(element: TrackedElement) -> None:
    """Raise _ConsentRefused where an element may change the meaning of the whole Consent."""
    for name in ("modifierExtension", "implicitRules"):
        if element.has(name):
            where = f"{element.place}.{name}"
            raise _ConsentRefused(Remark(where, "It may change the meaning of all of it."))


def _understood(
    element: TrackedElement, node: Node, document: FhirDocument, hints: Hints
) -> ConsentRead:
    """Read one Consent.

    1. An unknown element that may reverse its meaning refuses it.
    2. A Consent that is not in force is not imported.
    3. The provision is read with its exceptions.
    4. It must be about sharing, and its kind must agree with its provision.
    5. Each performer gives a directive, in a capacity that must be known.
    6. Everything that was not read is reported.
    """
    place = element.place
    # (1) What may reverse the meaning is not guessed.
    _refuse_modifiers(element)
    # (2) Only what is in force counts; an objection also while it is considered.
    about = read_particulars(element)
    status, objects = element.string("status"), about.kind is DirectiveKind.OBJECTION
    if status != "active" and not (objects and status == "proposed"):
        return ConsentRead(place, remarks=(Remark(f"{place}.status", _NOT_IN_FORCE),))
    # (3) Its provision and the exceptions to it.
    inner = element.child("provision")
    if inner is None:
        raise _ConsentRefused(
            Remark(f"{place}.provision", "It neither permits nor denies anything.")
        )
    provision = read_provision(inner, hints, lambda one: identifiers(one, node, document))
    # (4) What kind of directive it is, and when it was given.
    kind = _kind(about, provision, element)
    found = combined(provision, kind)
    if found.refused is not None:
        raise _ConsentRefused(found.refused)
    given_on = _given_on(element, found.steps)
    # (5) A directive of each performer.
    performers = speakers(element, node, document, hints)
    if not performers:
        raise _ConsentRefused(
            Remark(f"{place}.performer", "It names no performer: it must say who decided.")
        )
    own = short(about.own_id or "sha256:" + hashlib.sha256(as_bytes(node)).hexdigest())
    steps = tuple(
        tuple(
            _recorded(
                statement, (about, own), speaker, _capacity(about, speaker, hints, place), place
            )
            for speaker in performers
            for statement in step
        )
        for step in found.steps
    )
    # (6) The report.
    upheld = [Remark(f"{place}.status", "Whether it is upheld is decided in a review.")]
    remarks = [
        *about.remarks,
        *found.remarks,
        *(speaker.remark for speaker in performers if speaker.remark),
        *(upheld if objects and status == "active" else []),
        *_restriction_only(about, kind, place),
        *_left(element),
    ]
    return ConsentRead(place, (), given_on, steps, tuple(dict.fromkeys(remarks)))


def _kind(
    about: ConsentParticulars, provision: Provision, element: TrackedElement
) -> DirectiveKind:
    """Name the kind of directive; raises _ConsentRefused for none or a contradiction."""
    place = element.place
    if (fc.CONSENT_SCOPE, fc.PRIVACY) not in concept_codes(element.child("scope")):
        raise _ConsentRefused(Remark(f"{place}.scope", "It is not about privacy."))
    plain = DirectiveKind.CONSENT if provision.permits else DirectiveKind.REFUSAL
    kind = about.kind or plain
    if provision.refused is None and (kind is DirectiveKind.CONSENT) != provision.permits:
        raise _ConsentRefused(
            Remark(f"{place}.category", "Its provision contradicts its category.")
        )
    if provision.permits and not about.shares:
        raise _ConsentRefused(
            Remark(f"{place}.category", "It does not say that it is about sharing.")
        )
    if provision.permits and not _verified(element):
        raise _ConsentRefused(
            Remark(f"{place}.verification", "It was not verified with the person who gave it.")
        )
    return kind


def _verified(element: TrackedElement) -> bool:
    """Whether no verification says that it is unverified."""
    return False not in {one.is_true("verified") for one in element.children("verification")}


def _given_on(
    element: TrackedElement, steps: tuple[tuple[ConsentStatement, ...], ...]
) -> dt.datetime | None:
    """Return when it was given at the earliest; a consent must have it."""
    given_on = start_of(element.string("dateTime"))
    consents = any(statement.kind is DirectiveKind.CONSENT for step in steps for statement in step)
    if consents and given_on is None:
        raise _ConsentRefused(
            Remark(
                f"{element.place}.dateTime",
                "It has no dateTime: a consent must say when it was given.",
            )
        )
    return given_on


def _capacity(
    about: ConsentParticulars, speaker: ConsentSpeaker, hints: Hints, place: str
) -> Authority:
    """Return the performer's capacity; raises _ConsentRefused where it is unknown."""
    found = about.authority
    if found is None:
        found = Authority.YOUNG_PERSON if speaker.is_patient else hints.authority
    if found is None:
        sentence = "It does not say in what capacity they decided: give it when importing."
        raise _ConsentRefused(Remark(f"{place}.performer", sentence))
    return found


def _recorded(
    statement: ConsentStatement,
    consent: tuple[ConsentParticulars, str],
    speaker: ConsentSpeaker,
    authority: Authority,
    place: str,
) -> DirectiveRecorded:
    about, own_id = consent
    restricts = statement.kind is DirectiveKind.RESTRICTION
    try:
        return DirectiveRecorded(
            directive_id=own_id,
            kind=statement.kind,
            authority=authority,
            decider_ref=speaker.ref,
            decider_name=speaker.name,
            scope=statement.scope,
            valid_from=statement.begins,
            valid_until=statement.until,
            obtained=about.obtained,
            evidence=about.evidence,
            restriction=about.restriction if restricts else None,
            allowed_purposes=about.allowed if restricts else (),
        )
    except ValidationError:
        raise _ConsentRefused(
            Remark(place, "It has a value that a directive cannot hold.")
        ) from None


def _restriction_only(about: ConsentParticulars, kind: DirectiveKind, place: str) -> list[Remark]:
    """Report what only a restriction has and was left out."""
    if kind is DirectiveKind.RESTRICTION or not (about.restriction or about.allowed):
        return []
    return [Remark(f"{place}.extension", "Only a restriction has it: it is not imported.")]


def _left(element: TrackedElement) -> list[Remark]:
    """Report what was not read; the provision reports its own."""
    element.skip("resourceType", "id", "language")
    meta = element.child("meta")
    if meta is not None:
        meta.skip("profile", "versionId", "lastUpdated", "source")
    own = f"{element.place}.provision"
    places = [place for place in element.unread() if not place.startswith(own)]
    return [Remark(place, _NOT_KEPT) for place in places]
