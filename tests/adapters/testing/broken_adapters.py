"""Adapters that lack one behaviour each; the name of the variable is the behaviour's."""

# ruff: noqa: D102  the class says what is wrong with it

from __future__ import annotations

import datetime as dt
import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from adapters.contract import AgencySystem, Document, Refusal, Translation
from adapters.settings import FormatSettings
from adapters.testing.invented import WHEN
from schemas.errors import CannotExpress, Fault, InputRefused
from schemas.event import Event, RecordStatus, View, document_seed
from schemas.people import Identity
from tests.adapters.testing.honest_adapter import (
    CLOSED,
    HONEST,
    OPENED,
    Case,
    HonestFormat,
    adapter_of,
)
from tests.adapters.testing.impure_adapter import IMPURE

LARGE = 30_000
SLOWNESS = 5_000_000

# --- declarations ---------------------------------------------------------------------------------


class UndescribedSettings(FormatSettings):
    """A setting without a description."""

    label: str = ""


class LaxSettings(FormatSettings):
    """Unknown settings are ignored."""

    model_config = ConfigDict(extra="ignore")


def _any_form(value: object) -> object:
    return value if value in {"long", "short"} else "long"


class CarelessSettings(FormatSettings):
    """A wrong choice is taken for the default."""

    form: Annotated[
        Literal["long", "short"], BeforeValidator(_any_form), Field(description="A choice")
    ] = "long"


class Unregistered(HonestFormat):
    """Declares a type that the hub does not know."""

    reads = HonestFormat.reads | {"care.case-forgotten.v1"}


describes_itself = replace(HONEST, title=" ")
declares_registered_event_types = adapter_of(Unregistered())
describes_its_settings = replace(HONEST, settings=UndescribedSettings)
refuses_unknown_settings = replace(HONEST, settings=LaxSettings)
refuses_wrong_values_of_settings = replace(HONEST, settings=CarelessSettings)

# --- reading --------------------------------------------------------------------------------------


class Grumbling(HonestFormat):
    """Refuses a part of every document that an agency's system writes."""

    def read(self, document: Document, system: AgencySystem) -> Translation:
        found = super().read(document, system)
        more = (Refusal(Fault.BAD_VALUE, "export"),) if b'"export"' in document.body else ()
        return replace(found, refused=(*found.refused, *more))


class Secretive(HonestFormat):
    """Does not declare one of the types that it makes."""

    reads = frozenset({OPENED})


class Impostor(HonestFormat):
    """Names another agency as the source."""

    def source(self, document: Document, system: AgencySystem) -> str:
        del document, system
        return "another-agency"


class Overlong(HonestFormat):
    """Names records with more letters than an event may carry."""

    def record(self, number: str) -> str:
        return number.ljust(200, "x")


class Forgetful(HonestFormat):
    """Gives other ids the first time that any document is read again."""

    def __init__(self) -> None:
        self._seen: list[bytes] = []
        self._again: Document | None = None

    def read(self, document: Document, system: AgencySystem) -> Translation:
        if self._again is None and document.body in self._seen:
            self._again = document
        self._seen.append(document.body)
        return super().read(document, system)

    def seed(self, place: str, document: Document) -> str:
        return super().seed(place, document) + ("again" if document is self._again else "")


class Dated(HonestFormat):
    """Lets the ids depend on the day of arrival."""

    def seed(self, place: str, document: Document) -> str:
        day = document.received_at.astimezone(dt.UTC).date()
        return super().seed(place, document) + day.isoformat()


class Numbered(HonestFormat):
    """Numbers its events anew in each document."""

    def seed(self, place: str, document: Document) -> str:
        del document
        return document_seed(b"", place)


class Backwards(HonestFormat):
    """Puts the last event first."""

    def read(self, document: Document, system: AgencySystem) -> Translation:
        found = super().read(document, system)
        return replace(found, events=found.events[::-1])


class Greenwich(HonestFormat):
    """Takes local times for UTC."""

    def time(self, case: Case, document: Document) -> dt.datetime:
        moment = super().time(case, document)
        local = "at" in case and "+" not in case["at"]
        return moment.replace(hour=moment.hour + 1) if local else moment


class Offsetless(HonestFormat):
    """Leaves out the offset of the time of arrival."""

    def time(self, case: Case, document: Document) -> dt.datetime:
        if case.get("at"):
            return super().time(case, document)
        return document.received_at.replace(tzinfo=dt.UTC)


reads_its_samples = adapter_of(Grumbling())
makes_only_event_types_it_declares = adapter_of(Secretive())
names_the_sending_agency_as_source = adapter_of(Impostor())
makes_events_that_the_bus_can_carry = adapter_of(Overlong())
makes_the_same_events_of_the_same_document = adapter_of(Forgetful())
keeps_event_ids_when_a_copy_arrives_later = adapter_of(Dated())
gives_every_event_an_id_of_its_own = adapter_of(Numbered())
puts_events_in_the_order_of_what_happened = adapter_of(Backwards())
reads_local_times_as_london_time = adapter_of(Greenwich())
takes_the_time_of_arrival_in_any_offset = adapter_of(Offsetless())

# --- refusing -------------------------------------------------------------------------------------


class Stumbling(HonestFormat):
    """Raises KeyError on documents that begin in a certain way."""

    def __init__(self, start: bytes) -> None:
        self._start = start

    def opened(self, document: Document) -> Case:
        if document.body.startswith(self._start):
            raise KeyError
        return super().opened(document)


class Miscoded(HonestFormat):
    """Refuses a missing case number with another code."""

    def event(self, place: str, case: Case, document: Document, system: AgencySystem) -> Event:
        try:
            return super().event(place, case, document, system)
        except InputRefused as error:
            if error.fault is Fault.MISSING_FIELD:
                raise InputRefused(Fault.UNSUPPORTED) from None
            raise


class Fragile(HonestFormat):
    """Lets an error of the JSON reader through."""

    def opened(self, document: Document) -> Case:
        try:
            json.loads(self.text(document))
        except json.JSONDecodeError as error:
            if "delimiter" in error.msg or "property name" in error.msg:
                raise ValueError from None
        return super().opened(document)


class Replacing(HonestFormat):
    """Replaces bytes that are not UTF-8."""

    def text(self, document: Document) -> str:
        return document.body.decode("utf-8-sig", "replace")


class Salvaging(HonestFormat):
    """Takes what is whole of a document that is cut, and does not report the rest."""

    def opened(self, document: Document) -> Case:
        try:
            return super().opened(document)
        except InputRefused as error:
            text = document.body.decode("utf-8", "ignore")
            whole = re.findall(r'\{"kind"[^{}]*\}', text)
            if error.fault is not Fault.NOT_JSON or not whole:
                raise
            try:
                return {"cases": [json.loads(one, strict=False) for one in whole]}
            except ValueError:
                raise error from None


class Choosy(HonestFormat):
    """Leaves out a case of a document that has a field it does not know."""

    def opened(self, document: Document) -> Case:
        whole = super().opened(document)
        strange = whole.keys() - {"cases", "export"}
        return {"cases": whole["cases"][1:]} if strange else whole


refuses_an_empty_document = adapter_of(Stumbling(b"\xef\xbb\xbf"))
refuses_a_binary_document = adapter_of(Stumbling(b"\x89PNG"))
refuses_documents_of_other_formats = adapter_of(Stumbling(b"<html"))
refuses_its_bad_samples_with_their_codes = adapter_of(Miscoded())
reads_or_refuses_damaged_documents = adapter_of(Fragile())
refuses_bytes_of_another_character_set = adapter_of(Replacing())
reports_a_truncated_document = adapter_of(Salvaging())
keeps_or_reports_unknown_fields = adapter_of(Choosy())

# --- personal data --------------------------------------------------------------------------------


class Quoting(HonestFormat):
    """Quotes the surname as the place of a refusal."""

    def event(self, place: str, case: Case, document: Document, system: AgencySystem) -> Event:
        try:
            return super().event(place, case, document, system)
        except InputRefused as error:
            quoted = case.get("surname", "") if isinstance(case, dict) else ""
            raise InputRefused(error.fault, "".join(filter(str.isalpha, str(quoted)))) from None


class Talkative(HonestFormat):
    """Quotes the surname when it cannot write."""

    def write(self, view: View, system: AgencySystem) -> Document:
        try:
            return super().write(view, system)
        except CannotExpress:
            raise CannotExpress(f"{view.identity.family_name} cannot be written.") from None


class Noisy(HonestFormat):
    """Writes to standard error."""

    def read(self, document: Document, system: AgencySystem) -> Translation:
        sys.stderr.write("reading\n")
        return super().read(document, system)


class Labelled(HonestFormat):
    """Puts the surname into the suffix."""

    def write(self, view: View, system: AgencySystem) -> Document:
        written = super().write(view, system)
        return replace(written, suffix=f".{view.identity.family_name or 'json'}")


keeps_personal_data_out_of_refusals = adapter_of(Quoting())
keeps_personal_data_out_of_errors = adapter_of(Talkative())
writes_nothing_to_logs_or_the_terminal = adapter_of(Noisy())
keeps_personal_data_out_of_file_names = adapter_of(Labelled())

# --- values ---------------------------------------------------------------------------------------


class Unescaped(HonestFormat):
    """Does not escape quotation marks."""

    def bytes(self, whole: Case) -> bytes:
        return super().bytes(whole).replace(b'\\"', b'"')


class Western(HonestFormat):
    """Writes Latin-1, with a question mark for every other character."""

    def surname(self, view: View) -> str | None:
        name = super().surname(view)
        return name.encode("latin-1", "replace").decode("latin-1") if name else None


class LeftToRight(HonestFormat):
    """Fails on direction marks in what an agency's system writes."""

    def text(self, document: Document) -> str:
        text = super().text(document)
        if "\u202e" in text:
            raise KeyError
        return text


class Summerless(HonestFormat):
    """Writes UTC without saying so."""

    def stamp(self, moment: dt.datetime) -> str:
        return moment.astimezone(dt.UTC).replace(tzinfo=None).isoformat()


keeps_a_value_inside_its_field = adapter_of(Unescaped())
keeps_or_declines_direction_marks_and_control_characters = adapter_of(Western())
reads_or_refuses_direction_marks_and_control_characters = adapter_of(LeftToRight())
keeps_times_across_the_change_of_summer_time = adapter_of(Summerless())

# --- writing --------------------------------------------------------------------------------------


class Reluctant(HonestFormat):
    """Declares closed cases and never writes one."""

    def write(self, view: View, system: AgencySystem) -> Document:
        if view.kind.key == CLOSED:
            raise CannotExpress("Not a closed case.")
        return super().write(view, system)


class Overeager(HonestFormat):
    """Writes types that it does not declare."""

    def write(self, view: View, system: AgencySystem) -> Document:
        if view.kind.key not in self.writes:
            return Document(b"{}", view.time, ".json")
        return super().write(view, system)


class Fickle(HonestFormat):
    """Writes a view in another way when it is written again."""

    def __init__(self) -> None:
        self._last: View | None = None

    def write(self, view: View, system: AgencySystem) -> Document:
        again, self._last = self._last == view, None if self._last == view else view
        written = super().write(view, system)
        return replace(written, body=written.body + b" ") if again else written


class Undated(HonestFormat):
    """Gives every document one date."""

    def write(self, view: View, system: AgencySystem) -> Document:
        return replace(super().write(view, system), received_at=WHEN - dt.timedelta(days=9))


class Demanding(HonestFormat):
    """Fails on a view without the child's identity."""

    def write(self, view: View, system: AgencySystem) -> Document:
        written = super().write(view, system)
        _ = view.sections[Identity.category]
        return written


class Inventive(HonestFormat):
    """Writes a name where there is none."""

    def surname(self, view: View) -> str | None:
        return super().surname(view) or "Unknown"


class Lowering(HonestFormat):
    """Writes case numbers in small letters."""

    def number(self, case: str) -> str:
        return case.lower()


class Unmarked(HonestFormat):
    """Writes the notice of a correction as an empty list, as it would without one."""

    def write(self, view: View, system: AgencySystem) -> Document:
        if not view.sections and view.status is not RecordStatus.RETRACTED:
            return Document(b'{"cases": []}', view.time, ".json")
        return super().write(view, system)


class Insistent(HonestFormat):
    """Writes a retraction as if the record held."""

    def write(self, view: View, system: AgencySystem) -> Document:
        if view.status is RecordStatus.RETRACTED:
            return super().write(replace(view, status=RecordStatus.RECORDED), system)
        return super().write(view, system)


writes_the_event_types_it_declares = adapter_of(Reluctant())
declines_event_types_it_does_not_declare = adapter_of(Overeager())
writes_the_same_document_of_the_same_view = adapter_of(Fickle())
dates_its_documents_with_the_time_of_the_event = adapter_of(Undated())
writes_or_declines_every_subset_of_fields = adapter_of(Demanding())
writes_no_field_that_the_view_lacks = adapter_of(Inventive())
keeps_the_meaning_in_a_round_trip = adapter_of(Lowering())
marks_a_correction = adapter_of(Unmarked())
marks_a_retraction = adapter_of(Insistent())

# --- independence ---------------------------------------------------------------------------------


class Haunted(HonestFormat):
    """Names the agency of the document before."""

    def __init__(self) -> None:
        self._before: str | None = None

    def source(self, document: Document, system: AgencySystem) -> str:
        del document
        before, self._before = self._before or system.agency, system.agency
        return before


class Shared(HonestFormat):
    """Keeps the document it is reading where another thread finds it."""

    def __init__(self) -> None:
        self._document: Document | None = None

    def read(self, document: Document, system: AgencySystem) -> Translation:
        self._document = document
        for _ in range(20_000):  # long enough for another thread to come between
            pass
        return super().read(self._document, system)


class Curious(HonestFormat):
    """Reads a file."""

    def opened(self, document: Document) -> Case:
        Path("/dev/null").read_bytes()
        return super().opened(document)


class Hashing(HonestFormat):
    """Takes the first of a set, which differs from one process to the next."""

    def record(self, number: str) -> str:
        return next(iter({f"{number}-{n}" for n in range(64)}))


leaves_nothing_behind_for_the_next_document = adapter_of(Haunted())
reads_two_documents_at_the_same_time = adapter_of(Shared())
imports_no_clock_and_no_network = IMPURE
touches_no_file_and_no_network = adapter_of(Curious())
works_alike_on_every_machine = adapter_of(Hashing())

# --- limits ---------------------------------------------------------------------------------------


class Recursive(HonestFormat):
    """Lets the end of the stack through."""

    def opened(self, document: Document) -> Case:
        if document.body.startswith(b"[" * 99):
            json.loads(document.body)
        return super().opened(document)


class Slow(HonestFormat):
    """Computes for a long time over a large document."""

    def opened(self, document: Document) -> Case:
        if len(document.body) > LARGE and b"cases" in document.body:
            _ = 3**SLOWNESS
        return super().opened(document)


class Greedy(HonestFormat):
    """Takes much memory for a large document."""

    def opened(self, document: Document) -> Case:
        if len(document.body) > LARGE and b"cases" in document.body:
            bytearray(b"x") * 150_000_000
        return super().opened(document)


refuses_deeply_nested_documents = adapter_of(Recursive())
reads_a_large_document_in_time = adapter_of(Slow())
uses_bounded_memory = adapter_of(Greedy())
