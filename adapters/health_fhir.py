"""NHS systems that speak FHIR R4 (UK Core): Bundles and single resources, as JSON or XML.

Read: ServiceRequest, Appointment, Encounter, EpisodeOfCare, Condition, DiagnosticReport,
DocumentReference and Composition become health events about the Patient they refer to; a
Communication, DocumentReference or Composition coded with our own event type is a trust's answer to
the council. Written: Patient, RelatedPerson and the resource of the event; other sectors' events go
as a Task or a Communication with text. Source: HL7 FHIR R4, UK Core 2.x, BaRS; the mapping is
docs/formats/health-fhir.md and the choice of library docs/decisions/0004-fhir-r4-through-r4b.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree
from pydantic import ValidationError

from adapters.contract import Adapter, AgencySystem, Document, Refusal, Translation
from adapters.fhir import codes as fc
from adapters.fhir.bundle import Bundle, BundleEntry, raw_values
from adapters.fhir.document import open_document, time_text
from adapters.fhir.ignored import IGNORED
from adapters.fhir.people import BundlePeople
from adapters.fhir.reading import READINGS, READS
from adapters.fhir.settings import FhirSettings
from adapters.fhir.source import ResourceFinding, Source, kind_named
from adapters.fhir.writing import WRITES, write_view
from schemas.errors import Fault, InputRefused
from schemas.event import Event, RecordStatus, View, document_seed, make_event
from schemas.fhir import systems
from schemas.fhir.moments import moment
from schemas.fhir.reading import Node, child, children, codes, identifiers, string
from schemas.sections import Section

_MESSAGE_REASONS = {"update": RecordStatus.CORRECTED, "delete": RecordStatus.RETRACTED}


@dataclass(slots=True)
class _BundleReading:
    """The reading of one bundle: its events so far, and its refusals by place, in order."""

    document: Document
    speaker: AgencySystem
    bundle: Bundle
    events: list[Event] = field(default_factory=list)
    refused: dict[tuple[Fault, str], Refusal] = field(default_factory=dict)
    _children: dict[BundleEntry, tuple[Section, ...] | InputRefused] = field(default_factory=dict)

    def refuse(self, error: InputRefused, place: str) -> None:
        refusal = Refusal.of(error, place)
        self.refused.setdefault((refusal.fault, refusal.where), refusal)

    def look(self, reference: Node, source: BundleEntry) -> tuple[BundleEntry, Node] | None:
        """Follow a reference; what it meets and cannot read is refused at its own place."""
        target = self.bundle.resolve(string(reference, "reference"), source)
        if target is None:
            return None
        try:
            return target, self.bundle.checked(target)
        except InputRefused as error:
            self.refuse(error, target.place)
            return None

    def run(self) -> None:
        """Read every entry; a history oldest first, so that the latest version comes last."""
        order = list(self.bundle.entries)
        if self.bundle.kind == "history":
            order.reverse()
        for entry in order:
            if entry.kind in READINGS:
                self._read(entry)
        inside = self._inside_reports()
        for entry in self.bundle.entries:
            if entry.kind not in READINGS and entry.kind not in fc.CONTEXT and entry not in inside:
                self._refuse_other(entry)

    def _refuse_other(self, entry: BundleEntry) -> None:
        if entry.kind:
            self.refuse(InputRefused(Fault.UNSUPPORTED), entry.place)
        elif isinstance(entry.raw, etree._Element) or entry.raw:  # noqa: SLF001
            self.refuse(InputRefused(Fault.MISSING_FIELD, "resourceType"), entry.place)
        elif entry.deleted:
            # A deletion names a resource but no child, so no recipient can be notified.
            self.refuse(InputRefused(Fault.NO_CHILD), entry.place)

    def _inside_reports(self) -> set[BundleEntry]:
        """Find the parts of reports: a report is referred to, so its parts are not refused."""
        reached: set[BundleEntry] = set()
        waiting = [e for e in self.bundle.entries if e.kind in fc.REPORTS]
        while waiting:
            holder = waiting.pop()
            for reference in raw_values(holder.raw, "reference"):
                target = (
                    None if reference.startswith("#") else self.bundle.resolve(reference, holder)
                )
                if target is not None and target not in reached:
                    reached.add(target)
                    waiting.append(target)
        return reached

    def _read(self, entry: BundleEntry) -> None:
        try:
            node = self.bundle.checked(entry)
            found = READINGS[entry.kind](Source(self.bundle, entry, node, self.look, self.speaker))
            subjects = list(self._subjects(entry, node))
        except InputRefused as error:
            self.refuse(error, entry.place)
            return
        except ValidationError:
            self.refuse(InputRefused(Fault.BAD_VALUE), entry.place)
            return
        if not subjects:
            self.refuse(InputRefused(Fault.NO_CHILD), entry.place)
        for number, reference in enumerate(subjects):
            try:
                self._tell(entry, node, found, reference, number)
            except InputRefused as error:
                self.refuse(error, entry.place)
            except ValidationError:
                self.refuse(InputRefused(Fault.BAD_VALUE), entry.place)

    def _tell(
        self, entry: BundleEntry, node: Node, found: ResourceFinding, reference: Node, number: int
    ) -> None:
        sections = (*self._child(entry, reference), *found.sections)
        event = make_event(
            found.key,
            self.speaker.agency,
            self._time(node),
            sections,
            seed=document_seed(self.document.body, f"{entry.place}/{number}"),
            record=found.record,
            status=self._status(entry, found.status),
        )
        self.events.append(event)

    def _time(self, node: Node) -> dt.datetime:
        text, where = time_text(self.bundle, node)
        try:
            return moment(text, where) or self.document.received_at
        except InputRefused as error:
            self.refuse(error, self.bundle.place)
            return self.document.received_at

    def _status(self, entry: BundleEntry, status: RecordStatus) -> RecordStatus:
        """Return the record's status; a deletion or a correcting message decides it."""
        if entry.deleted:
            return RecordStatus.RETRACTED
        for header in self.bundle.of_kind("MessageHeader"):
            try:
                node = self.bundle.checked(header)
            except InputRefused as error:
                self.refuse(error, header.place)
                continue
            focus = (string(f, "reference") for f in children(node, "focus"))
            if any(self.bundle.resolve(f, header) is entry for f in focus):
                reasons = (_MESSAGE_REASONS.get(c) for _, c in codes(node, "reason"))
                reason = next(filter(None, reasons), None)
                return reason if reason and status is not RecordStatus.RETRACTED else status
        return status

    def _subjects(self, entry: BundleEntry, node: Node) -> Iterator[Node]:
        """Return the references to a resource's subjects; an appointment may have several."""
        if entry.kind != "Appointment":
            yield from children(node, "patient" if entry.kind == "EpisodeOfCare" else "subject")
            return
        seen: set[BundleEntry] = set()
        for participant in children(node, "participant"):
            actor = child(participant, "actor")
            target = self.bundle.resolve(string(actor, "reference"), entry)
            kind = target.kind if target else kind_named(actor)
            named_by = {system for system, _ in identifiers(actor)}
            if kind == "Patient" or (kind is None and named_by & systems.NHS_NUMBER_SYSTEMS):
                if target is None or target not in seen:
                    yield actor
                seen |= {target} if target else set()

    def _child(self, entry: BundleEntry, reference: Node) -> tuple[Section, ...]:
        """Find the child a reference names; raises NO_CHILD for none, or BAD_VALUE for two."""
        people = BundlePeople(self.bundle, self.speaker, self.document.received_at, self.look)
        target = self.bundle.resolve(string(reference, "reference"), entry)
        found = target or people.matching(reference)
        if found is None:
            identity = people.named_only(reference)
            if identity is None:
                raise InputRefused(Fault.NO_CHILD)
            return (identity,)
        if found.kind != "Patient":
            raise InputRefused(Fault.NO_CHILD)
        if people.contradicts(reference, found):
            raise InputRefused(Fault.BAD_VALUE, "subject")
        return self._patient(people, found)

    def _patient(self, people: BundlePeople, patient: BundleEntry) -> tuple[Section, ...]:
        if patient not in self._children:
            try:
                self._children[patient] = people.child(patient)
            except InputRefused as error:
                self.refuse(error, patient.place)
                self._children[patient] = error
            except ValidationError:
                self._children[patient] = InputRefused(Fault.BAD_VALUE)
                self.refuse(InputRefused(Fault.BAD_VALUE), patient.place)
        known = self._children[patient]
        if isinstance(known, InputRefused):
            raise InputRefused(Fault.NO_CHILD)
        return known


class FhirFormat:
    """FHIR R4 documents to events, and views to FHIR R4 Bundles."""

    reads = READS
    writes = WRITES

    def read(self, document: Document, speaker: AgencySystem) -> Translation:
        """Translate each resource about a child; raises InputRefused for an unreadable document."""
        events: list[Event] = []
        refused: list[Refusal] = []
        bundles = open_document(document.body)
        for bundle in bundles:
            reading = _BundleReading(document, speaker, bundle)
            reading.run()
            events += reading.events
            refused += reading.refused.values()
        if not events and not refused:
            refused.append(Refusal(Fault.UNSUPPORTED, bundles[0].place))
        return Translation(tuple(events), tuple(refused))

    def write(self, view: View, speaker: AgencySystem) -> Document:
        """Write a Bundle a UK Core system reads; raises CannotExpress for consent events."""
        return write_view(view, speaker)


ADAPTER = Adapter(
    name="health-fhir",
    title="NHS FHIR R4 (UK Core), JSON and XML",
    format=FhirFormat(),
    channels=("folder", "mesh", "http"),
    settings=FhirSettings,
    suffix=".json",
    samples="adapters/samples/health_fhir",
    ignored=IGNORED,
)
