"""Behaviours of an adapter that writes what a recipient may see of an event."""

from __future__ import annotations

from dataclasses import replace

from adapters.testing.behaviour import NotApplicable, behaviour, expect, fail
from adapters.testing.invented import invented_view, leaves, texts_of
from adapters.testing.subject import Subject, Written
from schemas.event import RecordStatus, View, dump_section
from schemas.registry import EVENT_TYPES
from schemas.sections import Category

_SHORTEST = 6
_HUB = "interagency-hub"  # the issuer of the recipient's own number for the child
_PERSONAL = (Category.IDENTITY, Category.CONTACT, Category.FAMILY)


def _needs_writing(subject: Subject) -> None:
    if not subject.adapter.format.writes:
        raise NotApplicable("the adapter writes nothing")


def _no_fault(written: Written) -> None:
    if written.fault:
        fault, key = written.fault, written.view.kind.key
        text = f"{key}: {fault.error} at {fault.place}, where CannotExpress is expected."
        fail(text)


@behaviour
def writes_the_event_types_it_declares(subject: Subject) -> None:
    """It writes every event type that it declares in `writes`, and every such sample event."""
    _needs_writing(subject)
    for view in subject.sample_views:
        written = subject.write(view)
        _no_fault(written)
        reason = f"CannotExpress: {written.declined}"
        expect(written.document, f"{view.kind.key} of a sample is not written: {reason}")
    for key in sorted(subject.adapter.format.writes & set(EVENT_TYPES)):
        documents = [subject.write(view).document for view in subject.views if view.kind.key == key]
        expect(any(d and d.body for d in documents), f"{key} is declared and was never written.")


@behaviour
def declines_event_types_it_does_not_declare(subject: Subject) -> None:
    """It raises CannotExpress for every event type that it does not declare in `writes`."""
    for key in sorted(set(EVENT_TYPES) - subject.adapter.format.writes):
        written = subject.write(invented_view(EVENT_TYPES[key]))
        _no_fault(written)
        expect(written.declined is not None, f"{key} is not in `writes` and was written.")


@behaviour
def writes_the_same_document_of_the_same_view(subject: Subject) -> None:
    """It writes the same document of the same view, byte for byte."""
    for view in subject.views:
        first, second = subject.write(view).document, subject.write(view).document
        expect(first == second, f"{view.kind.key}: the second document differs.")


@behaviour
def dates_its_documents_with_the_time_of_the_event(subject: Subject) -> None:
    """It gives a document that it writes the time of the view, and never the present time."""
    for view in subject.views:
        document = subject.write(view).document
        if document:
            text = f"{view.kind.key}: the document's time is not the view's."
            expect(document.received_at == view.time, text)


@behaviour
def writes_or_declines_every_subset_of_fields(subject: Subject) -> None:
    """It writes any subset of an event's fields or raises CannotExpress, and nothing else."""
    _needs_writing(subject)
    for _, written in subject.thinned:
        _no_fault(written)
        empty = written.document is not None and not written.document.body
        expect(not empty, f"{written.view.kind.key}: an empty document.")


@behaviour
def writes_no_field_that_the_view_lacks(subject: Subject) -> None:
    """It writes nothing of a field that the recipient may not see, and invents nothing instead."""
    _needs_writing(subject)
    for whole, written in subject.thinned:
        if written.document:
            _nothing_withheld(whole, written.view, written.document.body)
            _nothing_invented(subject, written)


def _nothing_withheld(whole: View, thin: View, body: bytes) -> None:
    shown = {text for texts in texts_of(thin.sections).values() for text in texts}
    shown |= {thin.record or "", thin.child, thin.source, thin.time.isoformat()}
    for (category, field), texts in texts_of(whole.sections).items():
        for text in texts:
            if _is_telling(text) and not any(text in other for other in shown):
                where = f"{thin.kind.key}: {category.value}.{field}"
                expect(text.encode() not in body, f"{where} is not in the view and was written.")


def _is_telling(text: str) -> bool:
    """Whether a text is a value of its own, and not a word that a format may use anyway."""
    return len(text) >= _SHORTEST and any(c.isupper() or c.isdigit() for c in text)


def _nothing_invented(subject: Subject, written: Written) -> None:
    if written.document is None or written.view.kind.key not in subject.adapter.format.reads:
        return
    view = written.view
    known = {text.casefold() for texts in texts_of(view.sections).values() for text in texts}
    known |= {view.child, view.source, view.record or "", subject.system.agency, _HUB}
    for event in subject.reads_back(written.document).events:
        for category in _PERSONAL:
            section = event.sections.get(category)
            for field, value in dump_section(section).items() if section else ():
                texts = {text.casefold() for text in leaves(value) if _is_telling(text)}
                where = f"{view.kind.key}: {category.value}.{field}"
                expect(texts <= known, f"{where} was read back and is not in the view.")


@behaviour
def keeps_the_meaning_in_a_round_trip(subject: Subject) -> None:
    """It reads back from its own document the sections of the event that it wrote."""
    if not subject.samples.round_trip:
        raise NotApplicable("no event type is declared for the round trip (`round_trip`)")
    for view in subject.round_trip_views:
        written = subject.write(view)
        if written.document is None:
            continue
        again = subject.reads_back(written.document)
        codes = ", ".join(sorted(refusal.fault.value for refusal in again.refused))
        expect(not again.refused, f"{view.kind.key}: its own document is refused: {codes}.")
        same = [e for e in again.events if e.kind == view.kind and e.sections == view.sections]
        expect(same, f"{view.kind.key}: the sections differ after the round trip.")


@behaviour
def marks_a_correction(subject: Subject) -> None:
    """It writes the notice of a correction so that it says so, or declines it."""
    _needs_writing(subject)
    for view in subject.views:
        # With its new values a correction may replace the record by its number; alone it may not.
        _differs(subject, replace(view, sections={}, status=RecordStatus.CORRECTED))


@behaviour
def marks_a_retraction(subject: Subject) -> None:
    """It writes a retraction so that it differs from a record that holds, or declines it."""
    _needs_writing(subject)
    for view in subject.views:
        retracted = replace(view, status=RecordStatus.RETRACTED)
        _differs(subject, retracted)
        _differs(subject, replace(retracted, sections={}))


def _differs(subject: Subject, view: View) -> None:
    written = subject.write(view)
    _no_fault(written)
    plain = subject.write(replace(view, status=RecordStatus.RECORDED)).document
    if written.document and plain:
        text = f"{view.kind.key}: {view.status.value} is written as if it were recorded."
        expect(written.document.body != plain.body, text)
