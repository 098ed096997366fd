"""FHIR Consents read as directives: what was said, and a report of all that has no place here.

A directive may come out narrower than what was said, and then the report says so. It never comes
out wider: a Consent of which that would become is refused, with the reason. Reading is total: it
raises on nothing that a document holds. docs/formats/fhir-audit-and-consent.md has the rules.
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

_NOT_IN_FORCE = "It is not in force: nothing is imported. What was imported before still stands."
_NOT_KEPT = "It has no place in a directive, and is not kept."


@dataclass(frozen=True, slots=True)
class ConsentRead:
    """One Consent as it is understood here.

    ``patient`` holds the identifiers of the child. The directives of one of the ``steps`` are said
    at one moment, and those of a later step later. They have the identifier of the Consent as their
    ``directive_id``, or a hash of it where it has none, so that the same is known again.
    ``said_on`` is the first moment at which it may have been said. ``refused`` says why nothing of
    it is taken over though it says something.
    """

    place: str
    patient: tuple[FhirIdentifier, ...] = ()
    said_on: dt.datetime | None = None
    steps: tuple[Step, ...] = ()
    remarks: tuple[Remark, ...] = ()
    refused: Remark | None = None


@dataclass(frozen=True, slots=True)
class ConsentsRead:
    """All Consents of a document, and what else of it is not taken over."""

    consents: tuple[ConsentRead, ...] = ()
    remarks: tuple[Remark, ...] = ()
    refused: Remark | None = None


class _ConsentRefused(Exception):
    """Nothing of a Consent is taken over."""

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
        Remark(e.place, "It is no Consent: of it only what a Consent refers to is looked at.")
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
        return ConsentRead(entry.place, refused=Remark(entry.place, "It is no Consent of FHIR R4."))
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


def _understood(
    element: TrackedElement, node: Node, document: FhirDocument, hints: Hints
) -> ConsentRead:
    """Read one Consent.

    1. What may turn its meaning round, and is not known here, refuses it.
    2. A Consent that is not in force says nothing.
    3. The provision says what is permitted or denied, and its exceptions.
    4. It must be about sharing, and of a kind that its provision agrees with.
    5. Each performer has spoken, in a capacity that must be known.
    6. Whatever was not taken is reported.
    """
    place = element.place
    # (1) Meaning that may be turned round is not guessed at.
    for name in ("modifierExtension", "implicitRules"):
        if element.has(name):
            raise _ConsentRefused(
                Remark(f"{place}.{name}", "It may change the meaning of all of it.")
            )
    # (2) Only what is in force speaks; an objection does so while it is looked into.
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
    # (4) What kind of word it is, and when it was said.
    kind = _kind(about, provision, element)
    found = combined(provision, kind)
    if found.refused is not None:
        raise _ConsentRefused(found.refused)
    said_on = _said_on(element, found.steps)
    # (5) A directive for each person who spoke.
    performers = speakers(element, node, document, hints)
    if not performers:
        raise _ConsentRefused(Remark(f"{place}.performer", "Nobody is named who spoke."))
    own = short(about.own_id or "sha256:" + hashlib.sha256(as_bytes(node)).hexdigest())
    steps = tuple(
        tuple(
            _recorded(said, (about, own), speaker, _capacity(about, speaker, hints, place), place)
            for speaker in performers
            for said in step
        )
        for step in found.steps
    )
    # (6) The report.
    upheld = [Remark(f"{place}.status", "Whether it is upheld is for a person here to say.")]
    remarks = [
        *about.remarks,
        *found.remarks,
        *(speaker.remark for speaker in performers if speaker.remark),
        *(upheld if objects and status == "active" else []),
        *_unsaid(about, kind, place),
        *_left(element),
    ]
    return ConsentRead(place, (), said_on, steps, tuple(dict.fromkeys(remarks)))


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
        raise _ConsentRefused(Remark(f"{place}.category", "Its provision says something else."))
    if provision.permits and not about.shares:
        raise _ConsentRefused(
            Remark(f"{place}.category", "It does not say that it is about sharing.")
        )
    if provision.permits and not _verified(element):
        raise _ConsentRefused(
            Remark(f"{place}.verification", "It was not verified with who spoke.")
        )
    return kind


def _verified(element: TrackedElement) -> bool:
    """Whether nothing says that it was not verified."""
    return False not in {one.is_true("verified") for one in element.children("verification")}


def _said_on(
    element: TrackedElement, steps: tuple[tuple[ConsentStatement, ...], ...]
) -> dt.datetime | None:
    """Say when it was said at the earliest; a consent must say it, for a refusal may be later."""
    said_on = start_of(element.string("dateTime"))
    consents = any(said.kind is DirectiveKind.CONSENT for step in steps for said in step)
    if consents and said_on is None:
        raise _ConsentRefused(
            Remark(f"{element.place}.dateTime", "It does not say when it was said.")
        )
    return said_on


def _capacity(
    about: ConsentParticulars, speaker: ConsentSpeaker, hints: Hints, place: str
) -> Authority:
    """Say in what capacity somebody spoke; raises _ConsentRefused where nothing tells it."""
    found = about.authority
    if found is None:
        found = Authority.YOUNG_PERSON if speaker.is_patient else hints.authority
    if found is None:
        sentence = "It does not say in what capacity they spoke: whoever imports it must say so."
        raise _ConsentRefused(Remark(f"{place}.performer", sentence))
    return found


def _recorded(
    said: ConsentStatement,
    consent: tuple[ConsentParticulars, str],
    speaker: ConsentSpeaker,
    authority: Authority,
    place: str,
) -> DirectiveRecorded:
    about, own_id = consent
    restricts = said.kind is DirectiveKind.RESTRICTION
    try:
        return DirectiveRecorded(
            directive_id=own_id,
            kind=said.kind,
            authority=authority,
            decider_ref=speaker.ref,
            decider_name=speaker.name,
            scope=said.scope,
            valid_from=said.begins,
            valid_until=said.until,
            obtained=about.obtained,
            evidence=about.evidence,
            restriction=about.restriction if restricts else None,
            allowed_purposes=about.allowed if restricts else (),
        )
    except ValidationError:
        raise _ConsentRefused(Remark(place, "It holds what a directive cannot hold.")) from None


def _unsaid(about: ConsentParticulars, kind: DirectiveKind, place: str) -> list[Remark]:
    """Say that what only a restriction has was left out of something else."""
    if kind is DirectiveKind.RESTRICTION or not (about.restriction or about.allowed):
        return []
    return [Remark(f"{place}.extension", "Only a restriction has it: it is left out.")]


def _left(element: TrackedElement) -> list[Remark]:
    """Report what was not taken; of the provision that is done already."""
    element.skip("resourceType", "id", "language")
    meta = element.child("meta")
    if meta is not None:
        meta.skip("profile", "versionId", "lastUpdated", "source")
    own = f"{element.place}.provision"
    places = [place for place in element.unread() if not place.startswith(own)]
    return [Remark(place, _NOT_KEPT) for place in places]
