"""Behaviours of an adapter that meets documents it cannot read: it refuses with a fault code."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.contract import Translation
from adapters.testing.behaviour import NotApplicable, behaviour, expect, fail
from adapters.testing.damage import (
    BINARY,
    EMPTY,
    FOREIGN,
    damaged,
    names_in,
    with_unknown_field,
    with_value,
)
from adapters.testing.subject import Subject
from schemas.errors import Fault

REPLACEMENT = "\ufffd"
_TAIL = 3


def no_fault(translation: Translation, label: str) -> None:
    """Raise BehaviourBroken where the adapter raised anything but InputRefused."""
    if translation.fault:
        fault = translation.fault
        text = f"{label}: {fault.error} at {fault.place}, where InputRefused is expected."
        fail(text)


def _refuses(subject: Subject, documents: Mapping[str, bytes]) -> None:
    for label, body in documents.items():
        translation = subject.read(body)
        no_fault(translation, label)
        expect(not translation.events, f"{label}: it made an event of it.")
        expect(translation.refused, f"{label}: neither an event nor a refusal.")


@behaviour
def refuses_an_empty_document(subject: Subject) -> None:
    """It refuses a document without content, also one that is only a byte order mark."""
    _refuses(subject, EMPTY)


@behaviour
def refuses_a_binary_document(subject: Subject) -> None:
    """It refuses a binary document, such as a picture or a PDF, with a fault code."""
    _refuses(subject, BINARY)


@behaviour
def refuses_documents_of_other_formats(subject: Subject) -> None:
    """It refuses documents of other formats, such as a web page, with a fault code."""
    _refuses(subject, FOREIGN)


@behaviour
def refuses_its_bad_samples_with_their_codes(subject: Subject) -> None:
    """It refuses each sample of a bad document with the fault code that the sample names."""
    if not subject.samples.refused:
        raise NotApplicable("there is no sample of a refused document (samples/refused/)")
    for label, (body, fault) in subject.samples.refused.items():
        translation = subject.read(body)
        if fault is not Fault.UNREADABLE:
            no_fault(translation, label)
        found = sorted({refusal.fault.value for refusal in translation.refused})
        expect(
            fault in {refusal.fault for refusal in translation.refused},
            f"{label}: refused with {', '.join(found) or 'nothing'}, not {fault.value}.",
        )


@behaviour
def reads_or_refuses_damaged_documents(subject: Subject) -> None:
    """It makes events of a damaged document or refuses it; it raises no other exception."""
    for label, body in subject.samples.accepted.items():
        for copy in damaged(body):
            translation = subject.read(copy)
            no_fault(translation, f"a damaged copy of {label}")
            expect(
                translation.events or translation.refused,
                f"a damaged copy of {label}: neither an event nor a refusal.",
            )


@behaviour
def refuses_bytes_of_another_character_set(subject: Subject) -> None:
    """It never replaces or drops bytes that are not of its character set."""
    for label, body in subject.samples.accepted.items():
        for name in {name for event in subject.accepted[label].events for name in names_in(event)}:
            latin = with_value(body, name, b"Ren\xe9e")
            if latin is None:
                continue
            translation = subject.read(latin)
            no_fault(translation, label)
            text = b"".join(event.to_json() for event in translation.events).decode()
            expect(REPLACEMENT not in text, f"{label}: a byte became a replacement character.")
            whole = not translation.events or translation.refused or "Renée" in text
            expect(whole, f"{label}: a name lost the byte that is not UTF-8.")


@behaviour
def reports_a_truncated_document(subject: Subject) -> None:
    """It never loses the last record of a truncated document without a refusal."""
    for label, body in subject.samples.accepted.items():
        whole = len(subject.accepted[label].events)
        solid = body.rstrip(b"\x00\r\n\t ")
        for tail in range(1, _TAIL + 1):
            translation = subject.read(solid[:-tail])
            reported = translation.refused or len(translation.events) >= whole
            text = f"{label}: without its last {tail} bytes it lost an event, and refused nothing."
            expect(reported, text)
        half = subject.read(solid[: len(solid) // 2])
        expect(half.events or half.refused, f"{label}: half of it gave neither event nor refusal.")


@behaviour
def keeps_or_reports_unknown_fields(subject: Subject) -> None:
    """It reads a document with an unknown field as before, or reports the field."""
    tried = False
    for label, body in subject.samples.accepted.items():
        before = [event.sections for event in subject.accepted[label].events]
        for copy in with_unknown_field(body):
            tried = True
            translation = subject.read(copy)
            no_fault(translation, label)
            after = [event.sections for event in translation.events]
            text = f"{label}: an unknown field changed the events, and nothing was refused."
            expect(translation.refused or after == before, text)
    if not tried:
        raise NotApplicable("an unknown field cannot be added to the samples' syntax")
