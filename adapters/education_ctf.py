"""Common Transfer File: a pupil's record passed on by schools and councils in England, as XML.

Standard: DfE Common Transfer File (CTF), read in versions 15 to 25 with and without namespace, and
its admissions sister, the Admissions Transfer File (ATF). Written as CTF 25.0, UTF-8, partial.

Per pupil it reads: a registration at the school that sends the file (identity, contact, family);
the SEN provision and needs; a concern for each year of attendance at or below the threshold; and,
where the sending school's own history entry has a leaving date, that the child leaves it. Times
without an offset are Europe/London. Meals, assessments, languages, the looked-after flag and
``SuppInfo`` are not events and are not read. Exclusions are not in a CTF: its attendance mark E
covers suspension and permanent exclusion alike and carries no dates, so none is made up of it.

Every registered event type but consent is written. What CTF has no element for is written as
sentences in ``SuppInfo``, which school systems show to the clerk at import and never process.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from lxml import etree

from adapters.contract import Adapter, AgencySystem, Document, Translation
from adapters.ctf.elements import (
    PUPIL_DATA,
    ROOTS,
    CtfNode,
    CtfReading,
    local_name,
    moment_of,
)
from adapters.ctf.ignored import IGNORED
from adapters.ctf.needs import concerns_of, sen_support_of
from adapters.ctf.pupil import (
    contact_of,
    family_of,
    identity_of,
    is_placeholder,
    placement_of,
    registration_of,
    school_of,
    stays_of,
)
from adapters.ctf.settings import CtfSettings
from adapters.ctf.writing import write_ctf
from adapters.xml import parse_xml
from schemas.errors import CannotExpress, Fault, InputRefused
from schemas.event import Event, View, document_seed, make_event, names_a_child
from schemas.people import Identity, Organisation
from schemas.registry import EVENT_TYPES
from schemas.sections import Section

REGISTERED = "education.child-registered.v1"
SEN_RECORDED = "education.sen-support-recorded.v1"
ATTENDANCE = "education.attendance-concern.v1"
PLACEMENT = "education.school-placement-changed.v1"


@dataclass(frozen=True, slots=True)
class _File:
    """One opened file: where it comes from, when it was made, and its pupils."""

    document: Document
    speaker: AgencySystem
    time: dt.datetime
    pupils: list[CtfNode]
    school: Organisation | None
    destination: Organisation | None
    names_source: bool
    admissions: bool
    read: CtfReading = field(default_factory=CtfReading)

    def event(
        self, key: str, place: str, sections: Sequence[Section | None], record: str | None = None
    ) -> Event:
        """Make an event of the sections there are."""
        return make_event(
            key,
            self.speaker.agency,
            self.time,
            [s for s in sections if s is not None],
            seed=document_seed(self.document.body, place),
            record=record,
        )


class CtfFormat:
    """Reads CTF and ATF files and writes CTF files; pure."""

    reads: frozenset[str] = frozenset({REGISTERED, SEN_RECORDED, ATTENDANCE, PLACEMENT})
    writes: frozenset[str] = frozenset(
        key for key, kind in EVENT_TYPES.items() if kind.sector != "consent"
    )

    def read(self, document: Document, speaker: AgencySystem) -> Translation:
        """Translate every pupil; raises InputRefused (UNSUPPORTED) for XML of another kind."""
        threshold = speaker.settings_as(CtfSettings).attendance_threshold
        file = _open(parse_xml(document.body), document, speaker)
        events = []
        for pupil in file.pupils:
            try:
                events += _pupil_events(file, pupil, threshold)
            except InputRefused as error:
                file.read.refuse(error.fault, error.where)
        return Translation(tuple(events), tuple(file.read.refused))

    def write(self, view: View, speaker: AgencySystem) -> Document:
        """Write one pupil's file; raises CannotExpress for consent, which CTF cannot express."""
        if view.kind.key not in self.writes:
            raise CannotExpress("A Common Transfer File cannot express consent directives.")
        return Document(write_ctf(view, speaker), view.time, ADAPTER.suffix)


def _open(root: etree._Element, document: Document, speaker: AgencySystem) -> _File:
    """Find header and pupils; pupils may also be directly under the root."""
    top = CtfNode(root, "")
    name = local_name(root)
    groups = top.named(*PUPIL_DATA)
    if name in {n.lower() for n in PUPIL_DATA}:
        groups = [CtfNode(root, next(n for n in PUPIL_DATA if n.lower() == name))]
    elif name not in ROOTS and not groups:
        raise InputRefused(Fault.UNSUPPORTED)
    pupils = [
        p for g in groups for p in CtfNode(g.element, g.path.replace("[1]", "")).named("Pupil")
    ]
    pupils += top.named("Pupil") if name not in {n.lower() for n in PUPIL_DATA} else []
    if not pupils:
        raise InputRefused(Fault.UNSUPPORTED, "CTFpupilData/Pupil")
    read = CtfReading()
    header = top.child("Header")
    source = header.child("SourceSchool") if header else None
    destination = school_of(header.child("DestSchool") if header else None, read)
    admissions = name.startswith("atf") or any("ATF" in g.path for g in groups)
    school = school_of(source, read) or _own_school(speaker, read)
    if admissions and school is None:
        school = destination
    return _File(
        document=document,
        speaker=speaker,
        time=_time(header, document, read),
        pupils=pupils,
        school=school,
        destination=destination,
        names_source=source is not None and is_placeholder(source),
        admissions=admissions,
        read=read,
    )


def _time(header: CtfNode | None, document: Document, read: CtfReading) -> dt.datetime:
    text = header.text("DateTime") if header else None
    moment = moment_of(text) if text else None
    if text and moment is None:
        read.refuse(Fault.BAD_VALUE, "Header/DateTime")
    return moment or document.received_at


def _own_school(speaker: AgencySystem, read: CtfReading) -> Organisation | None:
    own = speaker.settings_as(CtfSettings)
    values = {"urn": own.school_urn, "laestab": own.school_laestab, "name": own.school_name}
    return read.build(Organisation, "settings", values)


def _pupil_events(file: _File, pupil: CtfNode, threshold: float) -> list[Event]:
    """Make a pupil's events in the order the hub needs: registration first, leaving last."""
    read = file.read
    before = len(read.refused)
    who = identity_of(pupil, read)
    if not names_a_child(who):
        raise InputRefused(Fault.NO_CHILD, pupil.path)
    events = _registration(file, pupil, who)
    if sen := sen_support_of(pupil, read):
        events.append(file.event(SEN_RECORDED, f"{pupil.path}/SENhistory", [who, sen]))
    for concern, place in concerns_of(pupil, threshold, read):
        events.append(file.event(ATTENDANCE, place, [who, concern]))
    if file.school and not file.admissions:
        stays = stays_of(pupil, read)
        if moved := placement_of(file.school, stays, file.destination, read):
            events.append(file.event(PLACEMENT, moved[1], [who, moved[0]]))
    known_source = file.school is not None or file.names_source
    if not events and known_source and len(read.refused) == before:
        read.refuse(Fault.UNSUPPORTED, pupil.path)
    return events


def _registration(file: _File, pupil: CtfNode, who: Identity) -> list[Event]:
    """Make the registration, unless the sender of the file is not a school."""
    read = file.read
    if file.school is None:
        if not file.names_source:
            read.refuse(Fault.MISSING_FIELD, "Header/SourceSchool")
        return []
    place = pupil.child("Admissions") if file.admissions else None
    if place and read.truth(place, "Accept", "Accepted") is False:
        read.refuse(Fault.UNSUPPORTED, place.path)  # a declined place is not a registration
        return []
    registration = registration_of(pupil, file.school, stays_of(pupil, read), read)
    sections = [who, contact_of(pupil, read), family_of(pupil, read), registration]
    record = pupil.text("ApplicationReference") if file.admissions else None
    if record and len(record) > 120:  # noqa: PLR2004  longest record
        record = None
    return [file.event(REGISTERED, pupil.path, sections, record)]


ADAPTER = Adapter(
    name="education-ctf",
    title="School systems: Common Transfer File (CTF) and Admissions Transfer File (ATF), XML",
    format=CtfFormat(),
    channels=("folder",),
    settings=CtfSettings,
    suffix=".xml",
    samples="adapters/samples/education_ctf",
    ignored=IGNORED,
)
