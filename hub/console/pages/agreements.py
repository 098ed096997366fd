"""Agreements: their rules, the record of processing, and what a new one would change."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response

from consent.agreement_file import load_agreement
from hub.casework.agreements import publishing
from hub.casework.agreements.processing_record import processing_record
from hub.casework.agreements.processing_text import csv_text
from hub.casework.agreements.views import AgreementView
from hub.casework.agreements.what_if import LAST, what_if
from hub.console.security.guard import Needs, Visit
from schemas.errors import ConfigurationError
from schemas.roles import Permission

router = APIRouter(include_in_schema=False)

_CHOICES = (100, LAST, 10_000)


@router.get("/agreements")
def listed(
    visit: Annotated[Visit, Depends(Needs(Permission.AGREEMENTS, "the list of agreements"))],
) -> HTMLResponse:
    """List the agreements."""
    return visit.page("agreements.html", agreements=_by_title(visit))


def _by_title(visit: Visit) -> list[AgreementView]:
    found = publishing.listed(visit.hub).agreements
    return sorted(found, key=lambda one: (one.agreement.title, one.agreement.id))


@router.get("/agreements/processing")
def processing(
    visit: Annotated[Visit, Depends(Needs(Permission.AGREEMENTS, "the record of processing"))],
) -> HTMLResponse:
    """Show the record of processing activities."""
    record = processing_record(visit.hub, visit.context.settings)
    return visit.page("processing.html", record=record)


@router.get("/agreements/processing.csv")
def processing_csv(
    visit: Annotated[Visit, Depends(Needs(Permission.EXPORT, "the record of processing, as CSV"))],
) -> Response:
    """Return the record of processing activities as CSV."""
    record = processing_record(visit.hub, visit.context.settings)
    return _file(csv_text(record).encode(), "text/csv; charset=utf-8", "processing-record.csv")


@router.get("/agreements/processing.json")
def processing_json(
    visit: Annotated[Visit, Depends(Needs(Permission.EXPORT, "the record of processing, as JSON"))],
) -> Response:
    """Return the record of processing activities as JSON."""
    record = processing_record(visit.hub, visit.context.settings)
    return _file(record.model_dump_json().encode(), "application/json", "processing-record.json")


def _file(body: bytes, kind: str, name: str) -> Response:
    disposition = f'attachment; filename="{name}"'
    return Response(body, media_type=kind, headers={"Content-Disposition": disposition})


@router.get("/agreements/what-if")
def what_if_form(
    visit: Annotated[Visit, Depends(Needs(Permission.AGREEMENTS, "the what-if form"))],
) -> HTMLResponse:
    """Ask for a proposed agreement."""
    return _what_if_page(visit)


@router.post("/agreements/what-if")
def try_what_if(visit: Annotated[Visit, Depends(Needs(Permission.AGREEMENTS))]) -> HTMLResponse:
    """Repeat the latest decisions with a proposed agreement, and show the differences."""
    given = visit.field("last")
    last = int(given) if given in map(str, _CHOICES) else LAST
    try:
        text = visit.files.get("file", b"").decode("utf-8-sig") or visit.field("text")
    except UnicodeDecodeError:
        return _what_if_page(visit, "The file is not UTF-8 text.")
    if not text:
        return _what_if_page(visit, "Choose a file, or enter the agreement in the box.")
    try:
        agreement = load_agreement(text, name="The proposed agreement")
    except ConfigurationError as error:
        return _what_if_page(visit, str(error))
    visit.record_access(f"what agreement {agreement.id}@{agreement.version} would change")
    found = what_if(visit.hub, agreement, last=last)
    return visit.page("what_if_found.html", found=found)


def _what_if_page(visit: Visit, problem: str = "") -> HTMLResponse:
    return visit.page(
        "what_if.html",
        400 if problem else 200,
        problem=problem,
        text=visit.field("text"),
        choices=_CHOICES,
        last=visit.field("last") or str(LAST),
    )


@router.get("/agreements/{identifier}/{version}")
def one(
    identifier: str,
    version: int,
    visit: Annotated[Visit, Depends(Needs(Permission.AGREEMENTS, "an agreement"))],
) -> HTMLResponse:
    """Show one version of an agreement, rule by rule."""
    return visit.page("agreement.html", found=publishing.version_of(visit.hub, identifier, version))
