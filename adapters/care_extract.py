"""The case-management extract: a CSV or JSON file in which each row is one event.

The flat form is the hub's own, in the manner of the extracts that councils take from Liquidlogic,
Mosaic or Eclipse; any system that can write a CSV file can send every registered event type with
it. It is documented, column by column, in docs/formats/care-extract.md; the columns are derived
from the section models in adapters/extract/flat.py. Read besides: children's records in the shape
of DfE's daily children's social care API (adapters/extract/csc_record.py).

Read: one row or object, one event. A row that cannot be read is refused as a whole, by its number
as a spreadsheet counts it (the header is row 1), and by its column; the others are kept. A column
that is not documented refuses the file, because what it says would be lost without a word, unless
its name begins with ``x_``. Written: one row with the filled columns; what a delivery says beyond
the event (its source, the purposes, which records exist) is in ``x_source``, ``x_purposes`` and
``x_existence``.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import JsonValue, ValidationError

from adapters.contract import Adapter, AgencySystem, Document, Refusal, Translation
from adapters.extract.cells import cell_of, items, moment, plain, word
from adapters.extract.csc_record import RecordOrigin, authority_of, children_of, read_child
from adapters.extract.flat import columns, names, read_sections, write_sections
from adapters.extract.ignored import IGNORED
from adapters.extract.rows import TYPE, codec_of, csv_rows, decoded, json_rows, tidied, undocumented
from adapters.extract.settings import ExtractSettings
from schemas.errors import CannotExpress, Fault, InputRefused
from schemas.event import (
    Event,
    EventData,
    RecordStatus,
    View,
    document_seed,
    make_event,
    names_a_child,
)
from schemas.events.care import CaseClosed, CaseOpened
from schemas.events.ehc import AdviceRequest
from schemas.events.health import Appointment, Diagnosis, Discharge, Referral, ReportAvailable
from schemas.registry import EVENT_TYPES, event_type
from schemas.sections import Section
from schemas.sharing import DirectiveRecorded, DirectiveWithdrawn

T = TypeVar("T")
Row = Mapping[str, JsonValue]

ENVELOPE = (TYPE, "record_id", "record_status", "recorded_at", "addressed_to")
OVERRIDE = tuple(f"override_{f}" for f in ("authoriser", "authoriser_ref", "reason", "limb"))
ADVICE_WITHIN = dt.timedelta(days=42)  # six weeks: SI 2014/1530 regulation 8
# A type may be named in full, without its version, or without its sector.
_SHORT_NAMES = {
    given: key
    for key, kind in EVENT_TYPES.items()
    for given in (kind.name, kind.name.partition(".")[2], key.partition(".")[2], key)
}
KNOWN = frozenset(n for key in EVENT_TYPES for n in names(key)) | {*ENVELOPE, *OVERRIDE}
# The field that is the source's own id of the very thing the section speaks about.
_OWN_ID: Mapping[type[Section], str] = {
    CaseOpened: "case_id",
    CaseClosed: "case_id",
    Referral: "referral_id",
    Appointment: "appointment_id",
    ReportAvailable: "report_id",
    Diagnosis: "condition_id",
    Discharge: "encounter_id",
    DirectiveRecorded: "directive_id",
    DirectiveWithdrawn: "directive_id",
}


@dataclass(frozen=True, slots=True)
class _ExtractReading:
    """What every row of one document shares."""

    agency: str
    authority: str
    received_at: dt.datetime
    seed: str

    @classmethod
    def of(cls, document: Document, speaker: AgencySystem) -> _ExtractReading:
        authority = speaker.settings_as(ExtractSettings).la or speaker.agency
        seed = document_seed(document.body, "")
        return cls(speaker.agency, authority, document.received_at, seed)

    def row(self, place: str, row: Row) -> Translation:
        """Read one row of the flat form, by its tidied column names."""
        try:
            return Translation(events=(self._event(place, row),))
        except InputRefused as error:
            column = error.where.rpartition(".")[2]  # a need of the type names its section as well
            return Translation(refused=(Refusal(error.fault, f"{place}/{column}".strip("/")),))

    def _event(self, place: str, row: Row) -> Event:
        filled = {name: value for name, value in row.items() if _is_filled(name, value)}
        key = _type_of(filled)
        data = _envelope_of(filled)
        own = _own_columns(filled, key)
        issuers = {"la_child_id": self.authority, "local_id": self.agency}
        sections = tuple(_with_due_day(s) for s in read_sections(own, key, issuers))
        return make_event(
            key,
            self.agency,
            _cell(filled, "recorded_at", lambda v: moment(plain(v)), self.received_at),
            sections,
            seed=self.seed + place,
            record=data.record or _own_id(sections),
            status=data.status,
            addressed_to=data.addressed_to,
            override=data.override,
        )

    def any_object(self, place: str, value: JsonValue) -> Translation:
        """Read one JSON object: a flat row, or children's records as the DfE's API has them."""
        if not isinstance(value, dict):
            return Translation(refused=(Refusal(Fault.UNSUPPORTED, place),))
        header = [tidied(name) for name in value]
        if TYPE in header:
            wrong = undocumented(header, KNOWN)
            if wrong is not None:
                where = f"{place}/member {wrong}".removeprefix("/")
                return Translation(refused=(Refusal(Fault.BAD_VALUE, where),))
            return self.row(place, dict(zip(header, value.values(), strict=True)))
        children = children_of(value)
        if children is None:
            return Translation(refused=(Refusal(Fault.UNSUPPORTED, place),))
        return self._children(place, value, children)

    def _children(
        self, place: str, payload: Row, children: Iterator[tuple[str, JsonValue]]
    ) -> Translation:
        try:
            authority = authority_of(payload, self.authority)
        except InputRefused as error:
            return Translation(refused=(Refusal.of(error, place),))
        origin = RecordOrigin(self.agency, authority, self.received_at, self.seed)
        return _joined(
            read_child(child, "/".join(p for p in (place, own) if p), origin)
            for own, child in children
        )


def _is_filled(name: str, value: JsonValue) -> bool:
    blank = value is None or (isinstance(value, str) and not value.strip())
    return not blank and not name.startswith("x_")


def _type_of(row: Row) -> str:
    if TYPE not in row:
        raise InputRefused(Fault.MISSING_FIELD, TYPE)
    given = re.sub(r"[_ ]+", "-", _cell(row, TYPE, plain, "").strip().casefold())
    try:
        return _SHORT_NAMES.get(given) or event_type(given).key
    except InputRefused as error:
        raise InputRefused(error.fault, TYPE) from None


def _own_columns(row: Row, key: str) -> dict[str, JsonValue]:
    """Return the columns of the row's type by their own names; no other may be filled."""
    own: dict[str, JsonValue] = {}
    accepted = names(key)
    for name, value in row.items():
        if name in ENVELOPE or name in OVERRIDE:
            continue
        if name not in accepted or accepted[name] in own:
            raise InputRefused(Fault.BAD_VALUE, name)
        own[accepted[name]] = value
    return own


def _cell(row: Row, name: str, read: Callable[[JsonValue], T], absent: T) -> T:
    if name not in row:
        return absent
    try:
        return read(row[name])
    except InputRefused as error:
        raise InputRefused(error.fault, name) from None


def _envelope_of(row: Row) -> EventData:
    """Read the columns that say how the event is to be taken, not what happened."""
    override = {
        name.partition("_")[2]: _cell(row, name, plain, "") for name in OVERRIDE if name in row
    }
    no_agencies: list[JsonValue] = []
    values: dict[str, object] = {
        "record": _cell(row, "record_id", plain, None),
        "status": _cell(
            row, "record_status", lambda v: word(plain(v), RecordStatus), RecordStatus.RECORDED
        ),
        "addressed_to": _cell(row, "addressed_to", items, no_agencies),
        "override": override or None,
        "sections": {},
    }
    try:
        return EventData.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        named = "_".join(str(step) for step in first["loc"] if isinstance(step, str))
        missing = first["type"] == "missing"
        raise InputRefused(
            Fault.MISSING_FIELD if missing else Fault.BAD_VALUE,
            "record_id" if named == "record" else named,
        ) from None


def _with_due_day(section: Section) -> Section:
    if isinstance(section, AdviceRequest) and section.requested_on and section.due_on is None:
        try:
            return section.model_copy(update={"due_on": section.requested_on + ADVICE_WITHIN})
        except OverflowError:
            raise InputRefused(Fault.BAD_VALUE, "requested_on") from None
    return section


def _own_id(sections: tuple[Section, ...]) -> str | None:
    for section in sections:
        if type(section) in _OWN_ID:
            found: str | None = getattr(section, _OWN_ID[type(section)])
            return found
    return None


def _each(
    rows: Iterator[tuple[str, T | Refusal]], read: Callable[[str, T], Translation]
) -> Iterator[Translation]:
    for place, row in rows:
        if isinstance(row, Refusal):
            yield Translation(refused=(row,))
        else:
            yield read(place, row)


def _joined(parts: Iterator[Translation]) -> Translation:
    events: list[Event] = []
    refused: list[Refusal] = []
    for part in parts:
        events.extend(part.events)
        refused.extend(part.refused)
    return Translation(tuple(events), tuple(refused))


class ExtractFormat:
    """The flat extract, and DfE child records; reads and writes every registered event type."""

    reads = frozenset(EVENT_TYPES)
    writes = frozenset(EVENT_TYPES)

    def read(self, document: Document, speaker: AgencySystem) -> Translation:
        """Read every row or object; raises InputRefused where there is no readable header."""
        text = decoded(document.body, codec_of(speaker.settings_as(ExtractSettings)))
        reading = _ExtractReading.of(document, speaker)
        if text.lstrip().startswith(("{", "[")):
            return _joined(_each(json_rows(text), reading.any_object))
        return _joined(_each(csv_rows(text, KNOWN), reading.row))

    def write(self, view: View, speaker: AgencySystem) -> Document:
        """Write one row, as CSV or, by the setting ``form``, as a JSON array of one object.

        Raises CannotExpress where the encoding of the setting cannot hold the text.
        """
        settings = speaker.settings_as(ExtractSettings)
        form = settings.form
        row = _row_of(view)
        codec = "utf-8" if form == "json" else codec_of(settings)
        if form == "json":
            text = json.dumps([row], ensure_ascii=False, indent=2) + "\n"
        else:
            text = _csv_text(row, view.kind.key)
        try:
            body = text.encode(codec)
        except UnicodeEncodeError:
            raise CannotExpress("the text has characters outside the extract's encoding") from None
        if b"\x00" in body:
            raise CannotExpress("the text holds a null character")
        return Document(body=body, received_at=view.time, suffix=f".{form}")


def _row_of(view: View) -> dict[str, JsonValue]:
    sections = write_sections(view.sections.values(), view.kind.key)
    if not names_a_child(view.identity):
        sections.setdefault("local_id", view.child)
    corrected = view.status is not RecordStatus.RECORDED
    row: dict[str, JsonValue] = {
        TYPE: view.kind.key,
        "record_id": view.record,
        "record_status": view.status.value if corrected else None,
        "recorded_at": view.time.isoformat(),
        **sections,
        "x_source": view.source,
        "x_purposes": ";".join(sorted({p for each in view.purposes.values() for p in each})),
        "x_existence": ";".join(category.value for category in view.existence),
    }
    return {name: value for name, value in row.items() if value not in (None, "")}


def _csv_text(row: Mapping[str, JsonValue], key: str) -> str:
    parts = {column.name: column.part for column in columns(key)}
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(row)
    writer.writerow(cell_of(value, parts.get(name)) for name, value in row.items())
    return text.getvalue()


ADAPTER = Adapter(
    name="care-extract",
    title="Case-management extract, CSV or JSON",
    format=ExtractFormat(),
    channels=("folder",),
    settings=ExtractSettings,
    suffix=".csv",
    samples="adapters/samples/care_extract",
    ignored=IGNORED,
)
