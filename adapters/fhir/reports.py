"""Reports and advice in FHIR: only referred to, their content stays with the source.

DiagnosticReport, DocumentReference and Composition are reports that can be asked for. Coded with
the hub's own event type, a Communication, DocumentReference or Composition is the advice a trust
gives to a council's request, and its payload texts are the parts of the plan they speak to.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from adapters.fhir import codes as fc
from adapters.fhir.settings import FhirSettings
from adapters.fhir.source import ResourceFinding, Source, date
from schemas.errors import Fault, InputRefused
from schemas.event import RecordStatus
from schemas.events.ehc import AdviceKind, AdviceProvided, PlanCare, PlanHealth
from schemas.events.health import (
    ReportAvailable,
)
from schemas.fhir.reading import (
    CODE,
    LONG,
    RECORD,
    SHORT,
    Node,
    child,
    children,
    codes,
    extension,
    first_coding,
    string,
    truncated,
)
from schemas.people import DocumentRef

_ERROR = "entered-in-error"
_CORRECTING = frozenset({"amended", "corrected", "appended"})


def diagnostic_report(source: Source) -> ResourceFinding:
    """Read a DiagnosticReport; one that has no report yet, or is unknown, is not read."""
    node = source.node
    if source.status in ("registered", "unknown"):
        raise source.unsupported()
    forms = children(node, "presentedForm")
    section = ReportAvailable(
        report_id=source.section_id,
        kind=first_coding(node, "code"),
        issued_on=date(node, "issued", "effectiveDateTime"),
        author=_author(source, "resultsInterpreter", "performer"),
        document=_document(source, forms[0]) if forms else None,
        service=first_coding(node, "category"),
    )
    found = source.finding(fc.REPORT, section, corrected=source.status in _CORRECTING)
    cancelled = source.status == "cancelled"
    return replace(found, status=RecordStatus.RETRACTED) if cancelled else found


def document_reference(source: Source) -> ResourceFinding:
    """Read a DocumentReference: a report, or advice where its type or category says so."""
    node = source.node
    status = string(node, "docStatus")
    if source.status == "superseded":
        raise source.unsupported()
    attachment = child(child(node, "content"), "attachment")
    document = _document(source, attachment)
    issued = date(attachment, "creation") or date(node, "date")
    if _is_advice(node):
        found = _advice(source, issued, document)
    else:
        section = ReportAvailable(
            report_id=source.section_id,
            kind=first_coding(node, "type", "category"),
            issued_on=issued,
            author=_author(source, "author"),
            document=document,
            service=first_coding(child(node, "context"), "practiceSetting"),
        )
        found = source.finding(fc.REPORT, section, corrected=status in _CORRECTING)
    return replace(found, status=RecordStatus.RETRACTED) if status == _ERROR else found


def composition(source: Source) -> ResourceFinding:
    """Read a Composition, which stands for its whole document."""
    node = source.node
    title = string(node, "title", SHORT)
    document = DocumentRef(id=source.own_id, title=title) if source.own_id else None
    issued = date(node, "date")
    if _is_advice(node):
        return _advice(source, issued, document)
    section = ReportAvailable(
        report_id=source.section_id,
        kind=first_coding(node, "type"),
        issued_on=issued,
        author=_author(source, "author"),
        document=document,
        service=first_coding(node, "category"),
    )
    return source.finding(fc.REPORT, section, corrected=source.status in _CORRECTING)


def _author(source: Source, *names: str) -> str | None:
    references = (r for name in names for r in children(source.node, name))
    return next((n for r in references if (n := source.name_of(r))), None)


def _document(source: Source, attachment: Node) -> DocumentRef | None:
    """Refer to an attachment; bytes inside it are not read."""
    master = child(source.node, "masterIdentifier")
    own = string(extension(attachment, fc.DOCUMENT), "valueString")
    named = (own, string(attachment, "url"), string(master, "value"), source.own_id)
    pointer = next((n for n in named if n and len(n) <= RECORD), None)
    there = own or any(attachment.get(n) for n in ("url", "data", "title", "contentType", "hash"))
    if pointer is None or not there:
        return None
    return DocumentRef(
        id=pointer,
        title=string(attachment, "title", SHORT),
        media_type=string(attachment, "contentType", 80),
        sha256=_digest(attachment),
    )


def _digest(attachment: Node) -> str | None:
    found = string(extension(attachment, fc.SHA256), "valueString")
    return found if found and len(found) == CODE and set(found) <= set("0123456789abcdef") else None


def _is_advice(node: Node) -> bool:
    named = (pair for name in ("category", "type", "code") for pair in codes(node, name))
    return (fc.EVENT_TYPE, fc.ADVICE) in named


def communication(source: Source) -> ResourceFinding:
    """Read a Communication, if it is a trust's advice in the hub's own event type."""
    node = source.node
    if not _is_advice(node):
        raise source.unsupported("category")
    if source.status not in ("completed", _ERROR):
        raise source.unsupported()
    attachments = (child(p, "contentAttachment") for p in children(node, "payload"))
    attachment = next((a for a in attachments if a), {})
    return _advice(source, date(node, "sent"), _document(source, attachment))


def _advice(source: Source, given: dt.date | None, document: DocumentRef | None) -> ResourceFinding:
    """Read a trust's answer to the council's request for advice.

    Text that names its field goes there; other text goes to the field of the kind of advice.
    """
    kind = _advice_kind(source)
    plain = {AdviceKind.HEALTH: "health_needs", AdviceKind.SOCIAL_CARE: "care_needs"}
    texts: dict[str, list[str]] = {}
    for payload in children(source.node, "payload"):
        text = string(payload, "contentString")
        named = string(extension(payload, fc.PAYLOAD_FIELD), "valueCode")
        if text:
            texts.setdefault(named or plain.get(kind, "summary"), []).append(text)
    by_field = {name: truncated("\n\n".join(parts), LONG) for name, parts in texts.items()}
    advice = AdviceProvided(
        provided_on=given, kind=kind, document=document, summary=by_field.get("summary")
    )
    health = PlanHealth(
        health_needs=by_field.get("health_needs"), health_provision=by_field.get("health_provision")
    )
    care = PlanCare(
        care_needs=by_field.get("care_needs"), care_provision=by_field.get("care_provision")
    )
    return source.finding(fc.ADVICE, advice, health, care)


def _advice_kind(source: Source) -> AdviceKind:
    named = (p for name in ("topic", "category", "type") for p in codes(source.node, name))
    found = [code for system, code in named if system == fc.ADVICE_KIND]
    try:
        usual = source.speaker.settings_as(FhirSettings).advice_kind
        return AdviceKind(found[0]) if found else usual
    except ValueError:
        raise InputRefused(Fault.BAD_VALUE, "topic") from None
