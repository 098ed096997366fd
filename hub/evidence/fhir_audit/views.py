"""View models of FHIR exports: what was written, and what FHIR could not express."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import JsonValue

from consent.fhir.remark import Remark
from hub.evidence.fhir_audit.export import ConsentExport
from hub.foundation.view_model import ViewModel


class RemarkView(ViewModel):
    """A place in a FHIR document, and what of it was left out or changed."""

    place: str
    sentence: str


class AuditEventExport(ViewModel):
    """What an export of AuditEvents wrote, and of how many entries of the ledger."""

    entries: int
    events: int
    file: str
    remarks: tuple[RemarkView, ...]


class DirectiveRemark(RemarkView):
    """A remark about one directive."""

    directive: str


class ConsentExportView(ViewModel):
    """A child's directives as a Bundle of FHIR Consents; the Bundle is null where a file has it."""

    child: str
    consents: int
    file: str | None
    bundle: dict[str, JsonValue] | None
    remarks: tuple[DirectiveRemark, ...]


def remark_view(remark: Remark) -> RemarkView:
    """Return a remark as it is shown."""
    return RemarkView(place=remark.place, sentence=remark.sentence)


def audit_event_export(
    entries: int, events: int, file: str, remarks: Iterable[Remark]
) -> AuditEventExport:
    """Return what an export of AuditEvents wrote as it is shown."""
    shown = tuple(map(remark_view, remarks))
    return AuditEventExport(entries=entries, events=events, file=file, remarks=shown)


def consent_export(done: ConsentExport, file: str | None) -> ConsentExportView:
    """Return exported Consents as they are shown, without the Bundle where it is in a file."""
    remarks = tuple(
        DirectiveRemark(directive=directive, place=one.place, sentence=one.sentence)
        for directive, one in done.remarks
    )
    return ConsentExportView(
        child=done.child,
        consents=done.consents,
        file=file,
        bundle=None if file else dict(done.bundle),
        remarks=remarks,
    )
