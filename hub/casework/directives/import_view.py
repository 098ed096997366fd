"""The view model of an import of FHIR Consents: what became of each."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, JsonValue

from hub.casework.directives.fhir_import import Imported, ImportOutcome
from hub.evidence.fhir_audit.views import RemarkView, remark_view
from hub.foundation.view_model import ViewModel

_SEALED = {"decider_name", "evidence"}


class ImportedConsent(ViewModel):
    """What became of one Consent."""

    place: Annotated[str, Field(description="Where it is in the document")]
    child: str | None
    recorded: Annotated[tuple[str, ...], Field(description="Ids of the directives recorded")]
    existing: Annotated[tuple[str, ...], Field(description="Directives with the same content")]
    would_record: Annotated[
        tuple[dict[str, JsonValue], ...],
        Field(description="In a dry run: the directives it would record"),
    ]
    refused: Annotated[RemarkView | None, Field(description="Why not all of it was recorded")]
    remarks: tuple[RemarkView, ...]


class ImportReport(ViewModel):
    """What became of a document of FHIR Consents."""

    consents: tuple[ImportedConsent, ...]
    remarks: tuple[RemarkView, ...]
    refused: Annotated[RemarkView | None, Field(description="Why the document was refused")]


def import_report(done: Imported, *, dry_run: bool) -> ImportReport:
    """Return an import as it is shown."""
    return ImportReport(
        consents=tuple(_consent(one, dry_run=dry_run) for one in done.outcomes),
        remarks=tuple(map(remark_view, done.remarks)),
        refused=remark_view(done.refused) if done.refused else None,
    )


def _consent(one: ImportOutcome, *, dry_run: bool) -> ImportedConsent:
    would_record = one.statements if dry_run and not one.refused and not one.existing else ()
    return ImportedConsent(
        place=one.place,
        child=one.child,
        recorded=tuple(done.directive.id for done in one.recorded),
        existing=one.existing,
        would_record=tuple(
            statement.model_dump(mode="json", exclude_none=True, exclude=_SEALED)
            for statement in would_record
        ),
        refused=remark_view(one.refused) if one.refused else None,
        remarks=tuple(map(remark_view, one.remarks)),
    )
