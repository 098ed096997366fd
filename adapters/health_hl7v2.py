"""HL7 v2 in and out of NHS systems: appointments, referrals, reports, diagnoses, discharges.

Reads v2.1 to v2.8 (tested on 2.3 to 2.5.1), single messages, several in a file, and batches:

- SIU S12 to S17 and S26, and for outpatients (PV1-2 ``O`` or ``R``) ADT A04, A05, A14 with a visit
  number: ``health.appointment-changed.v1``. A deleted appointment (S17) and a visit cancelled after
  it began (A11) are retracted; A38 and A27 cancel what was planned. SCH-25 tells whether it was
  kept.
- ADT A03: ``health.discharge.v1``; A13 takes it back.
- REF I12 to I15 and their answers RRI: ``health.referral-made.v1``.
- ORU R01 and MDM T01, T02, T05 to T11: ``health.report-available.v1``, one for each report number.
  Only the pointer is made; a report's content (OBX) is never read. A replaced document (T09, T10)
  is retracted.
- DG1 of any ADT, and of ORU: ``health.diagnosis-recorded.v1``. The DG1 of a referral or an
  appointment is its reason, not a record of a diagnosis, and is not read.

A message of which a field could not be used gives its event without the field, and a refusal that
names the field. The time of an event is MSH-7, else EVN-2.

Known limits: ADT messages that say only who a person is (A08, A28, A31), inpatient movements (A01,
A02) and merges (A40) have no event type: they are refused with UNSUPPORTED at MSH-9 unless they
carry a diagnosis. A document marked restricted (TXA-18) is refused with UNSUPPORTED, because the
hub could not carry the mark. Z segments stay in the raw bytes and are not interpreted. What is read
of a child is in adapters/hl7v2/person.py; what is written, in adapters/hl7v2/writing.py.

Sources: HL7 v2.3 to v2.5.1 chapters 2, 3, 4, 7, 9, 10 and 11; NHS ITK HL7 v2 specifications.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping

from adapters.contract import Adapter, AgencySystem, Document, Refusal, Translation
from adapters.hl7v2.ignored import IGNORED
from adapters.hl7v2.message import Hl7Message, parse_message, split_messages
from adapters.hl7v2.person import read_person
from adapters.hl7v2.reading import (
    APPOINTMENT,
    DIAGNOSIS,
    DISCHARGE,
    REFERRAL,
    REPORT,
    MessageEvent,
    read_adt,
    read_ref,
    read_siu,
)
from adapters.hl7v2.reports import read_mdm, read_oru
from adapters.hl7v2.settings import Hl7v2Settings
from adapters.hl7v2.time import read_stamp
from adapters.hl7v2.writing import WRITES, write_message
from schemas.errors import Fault, InputRefused
from schemas.event import Event, View, document_seed, make_event

READERS: Mapping[str, Callable[[Hl7Message, str], Iterator[MessageEvent]]] = {
    "ADT": read_adt,
    "SIU": read_siu,
    "REF": read_ref,
    "RRI": read_ref,
    "ORU": read_oru,
    "MDM": read_mdm,
}
_MERGE = "A40"
_SEVERAL_PATIENTS = frozenset({"ORU", "SIU"})


class Hl7v2:
    """The HL7 v2 format; the module's docstring lists the messages."""

    reads = frozenset({APPOINTMENT, DIAGNOSIS, DISCHARGE, REFERRAL, REPORT})
    writes = WRITES

    def read(self, document: Document, speaker: AgencySystem) -> Translation:
        """Translate every message of the document; an unreadable one does not affect the others.

        Raises InputRefused with NOT_HL7, BINARY_INPUT, WRONG_ENCODING or UNSUPPORTED where the
        document as a whole is not HL7 v2.
        """
        found = split_messages(document.body)
        events: list[Event] = []
        refused: list[Refusal] = []
        for ordinal, raw in enumerate(found, start=1):
            prefix = f"message[{ordinal}]/" if len(found) > 1 else ""
            made = _translate(raw, document, speaker, ordinal)
            events += made.events
            refused += [Refusal(r.fault, (prefix + r.where).rstrip("/")) for r in made.refused]
        return Translation(tuple(events), tuple(refused))

    def write(self, view: View, speaker: AgencySystem) -> Document:
        """Write a view as one message.

        Raises CannotExpress, or ConfigurationError for a ``version`` the hub does not write.
        """
        return write_message(view, speaker)


def _translate(raw: bytes, document: Document, speaker: AgencySystem, ordinal: int) -> Translation:
    events: list[Event] = []
    notes: list[Refusal] = []
    try:
        message = parse_message(raw)
        notes = message.notes
        kind, trigger = _checked_kind(message)
        time = _time(message, document)
        for number, patient in enumerate(message.patients(), start=1):
            place = f"{ordinal}/{number}"
            events += _events(patient, kind, trigger, (document, speaker, time, place))
    except InputRefused as error:
        notes.append(Refusal.of(error))
    return Translation(tuple(events), tuple(notes))


def _checked_kind(message: Hl7Message) -> tuple[str, str]:
    """Return the message type and trigger; old senders give the trigger in EVN-1 only.

    Raises InputRefused for a message the hub does not read whatever it holds.
    """
    msh = message.first("MSH")
    kind = msh.text(9).upper()
    trigger = (msh.text(9, 2) or message.first("EVN").text(1)).upper()
    if not kind:
        raise InputRefused(Fault.MISSING_FIELD, "MSH-9")
    if msh.text(12) and not msh.text(12).startswith("2"):
        raise InputRefused(Fault.UNSUPPORTED, "MSH-12")
    if kind not in READERS or trigger == _MERGE:
        raise InputRefused(Fault.UNSUPPORTED, "MSH-9")
    if message.has("DSC"):
        raise InputRefused(Fault.UNSUPPORTED, "DSC")  # a fragment of a longer message
    if len(message.every("PID")) > 1 and kind not in _SEVERAL_PATIENTS:
        raise InputRefused(Fault.UNSUPPORTED, "PID[2]")
    return kind, trigger


def _time(message: Hl7Message, document: Document) -> dt.datetime:
    """Return the message's own time (MSH-7, else EVN-2), or the document's where it has none."""
    for segment, position in ((message.first("MSH"), 7), (message.first("EVN"), 2)):
        text = segment.text(position)
        stamp = read_stamp(text)
        if stamp and stamp.local:
            return stamp.local.astimezone(dt.UTC)
        if text:
            raise InputRefused(Fault.BAD_VALUE, segment.at(position))
    return document.received_at


def _events(
    message: Hl7Message,
    kind: str,
    trigger: str,
    origin: tuple[Document, AgencySystem, dt.datetime, str],
) -> list[Event]:
    """Make the events of one patient; a refusal does not affect the message's other patients."""
    document, speaker, time, place = origin
    made: list[Event] = []
    try:
        happenings = list(READERS[kind](message, trigger))
        person = read_person(message, speaker) if happenings else ()
    except InputRefused as error:
        message.notes.append(Refusal.of(error))
        return []
    for happening in happenings:
        try:
            event = make_event(
                happening.key,
                speaker.agency,
                time,
                (*person, happening.section),
                seed=document_seed(document.body, f"{place}/{happening.place}"),
                record=happening.record,
                status=happening.status,
            )
        except InputRefused as error:
            message.notes.append(Refusal(error.fault, happening.place))
        else:
            made.append(event)
    return made


ADAPTER = Adapter(
    name="health-hl7v2",
    title="HL7 v2 messages of NHS systems",
    format=Hl7v2(),
    channels=("mllp", "folder"),
    settings=Hl7v2Settings,
    suffix=".hl7",
    samples="adapters/samples/health_hl7v2",
    ignored=IGNORED,
)
