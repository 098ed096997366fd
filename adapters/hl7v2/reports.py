"""Which reports and documents an HL7 v2 message tells of: pointers, never their content.

Sources: HL7 v2.5.1 chapters 7 (ORU, OBR) and 9 (MDM, TXA).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from adapters.hl7v2.codes import REPORTED, UNREPORTED
from adapters.hl7v2.message import Hl7Message, Segment, Value
from adapters.hl7v2.reading import ID_LENGTH, REPORT, MessageEvent, read_diagnoses
from schemas.errors import Fault, InputRefused
from schemas.event import RecordStatus
from schemas.events.health import ReportAvailable
from schemas.people import DocumentRef

_UNSHARED = frozenset({"R", "V"})
_RECORDED, _CORRECTED, _RETRACTED = (
    RecordStatus.RECORDED,
    RecordStatus.CORRECTED,
    RecordStatus.RETRACTED,
)


def read_oru(message: Hl7Message, trigger: str) -> Iterator[MessageEvent]:
    """Read one pointer for each report number; several orders may share a number."""
    if trigger not in {"R01", "R30", "R31", "R32"}:
        raise InputRefused(Fault.UNSUPPORTED, "MSH-9")
    reports: dict[str, list[Segment]] = {}
    orders = message.every("OBR")
    for obr in orders:
        number = obr.short(3, limit=ID_LENGTH) or obr.short(2, limit=ID_LENGTH)
        if number is None:
            obr.note(3, Fault.MISSING_FIELD)
        else:
            reports.setdefault(number, []).append(obr)
    if not orders:
        raise InputRefused(Fault.MISSING_FIELD, "OBR")
    for number, own in reports.items():
        if made := _result(message, number, own):
            yield made
    yield from read_diagnoses(message)


def _result(message: Hl7Message, number: str, orders: list[Segment]) -> MessageEvent | None:
    """Read the orders of one report: result status (OBR-25) X takes it back, C corrects it."""
    states = {obr.text(25).upper() for obr in orders}
    if not states & REPORTED and "X" not in states:
        under_way = states <= UNREPORTED
        orders[0].note(25, Fault.UNSUPPORTED if under_way else Fault.BAD_VALUE)
        return None
    first = orders[0]
    section = ReportAvailable(
        report_id=number,
        kind=first.coding(4),
        issued_on=first.date(22),
        author=_author(first, 32),
        document=DocumentRef(id=number),
        service=message.first("PV1").coding(10),
    )
    gone = not states & REPORTED
    status = _RETRACTED if gone else _CORRECTED if "C" in states else _RECORDED
    return MessageEvent(REPORT, section, first.at(3), number, status)


def read_mdm(message: Hl7Message, trigger: str) -> Iterator[MessageEvent]:
    """Read a document's pointer; T09 and T10 retract the document they replace, T11 this one."""
    txa = message.first("TXA")
    if trigger not in _DOCUMENT_STATUS:
        raise InputRefused(Fault.UNSUPPORTED, "MSH-9")
    record = txa.short(12, limit=ID_LENGTH)
    if record is None:
        raise InputRefused(Fault.MISSING_FIELD, "TXA-12")
    gone = trigger == "T11" or txa.text(19).upper() == "CA"
    if txa.text(18).upper() in _UNSHARED and not gone:
        raise InputRefused(Fault.UNSUPPORTED, "TXA-18")
    pointer = DocumentRef(
        id=txa.short(16, limit=ID_LENGTH) or record, title=txa.short(25) or txa.short(25, 2)
    )
    section = ReportAvailable(
        report_id=record,
        kind=txa.coding(2),
        issued_on=txa.date(6) or txa.date(4),
        author=_author(txa, 9) or _author(txa, 5),
        document=pointer,
        service=message.first("PV1").coding(10),
    )
    status = _RETRACTED if gone else _DOCUMENT_STATUS[trigger]
    yield MessageEvent(REPORT, section, "TXA-12", record, status)
    replaced = txa.short(13, limit=ID_LENGTH)
    if trigger in {"T09", "T10"} and replaced and replaced != record:
        old = ReportAvailable(report_id=replaced)
        yield MessageEvent(REPORT, old, "TXA-13", replaced, _RETRACTED)


_DOCUMENT_STATUS: Mapping[str, RecordStatus] = {
    **dict.fromkeys(("T01", "T02", "T05", "T06"), _RECORDED),
    **dict.fromkeys(("T07", "T08", "T09", "T10"), _CORRECTED),
    "T11": _RETRACTED,
}


def _author(segment: Segment, position: int) -> str | None:
    """Read a person's name (XCN, or NDL with the name in subcomponents)."""
    for value in segment.values(position):
        name = _person(value)
        if name:
            return segment.limited(name, position)
    return None


def _person(value: Value) -> str:
    nested = len(value.parts(1)) > 1
    part = (lambda n: value.text(1, n)) if nested else value.text
    name = " ".join(p for p in (part(6), part(3), part(4), part(2)) if p)
    lone = part(1)
    return name or (lone if lone and not any(c.isdigit() for c in lone) else "")
