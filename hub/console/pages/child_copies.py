"""Downloads about one child: the subject access copy and FHIR Consents."""

from __future__ import annotations

import io
import secrets
import zipfile
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from hub.casework.subject_access.assemble import assemble
from hub.casework.subject_access.render import file_texts
from hub.console.security.access_reason import ChildId, ask_reason
from hub.console.security.guard import Needs, Visit
from hub.evidence.child_lookup import Sought
from hub.evidence.fhir_audit.export import JSON, export_consents
from hub.foundation import clock
from schemas.fhir.resources import as_bytes
from schemas.roles import Permission

router = APIRouter(include_in_schema=False)

Exporter = Annotated[Visit, Depends(Needs(Permission.EXPORT))]


@router.post("/children/{child}/subject-access")
def subject_access(child: ChildId, visit: Exporter) -> Response:
    """Return the copy and the officer's note as an archive with an opaque name."""
    if (asked := ask_reason(visit, child)) is not None:
        return asked
    found = assemble(
        visit.hub,
        Sought(child),
        by=visit.person,
        reason=visit.reason_for(child) or "",
        disclosed=tuple(visit.field("hand_over").split()),
        retention_days=visit.context.settings.retention_days,
    )
    name = f"subject-access-{clock.now():%Y-%m-%d}-{secrets.token_hex(4)}.zip"
    return attached(_archive(file_texts(found)), name, "application/zip")


@router.get("/children/{child}/consents.json")
def consents(child: ChildId, visit: Exporter) -> Response:
    """Return the directives about a child as FHIR Consents, without names and evidence."""
    if (asked := ask_reason(visit, child)) is not None:
        return asked
    reason = visit.reason_for(child) or ""
    done = export_consents(visit.hub, Sought(child), by=visit.person, reason=reason)
    name = f"consents-{clock.now():%Y-%m-%d}-{secrets.token_hex(4)}.json"
    return attached(as_bytes(done.bundle) + b"\n", name, JSON)


def attached(body: bytes, name: str, kind: str) -> Response:
    """Return a file to download."""
    return Response(
        body, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _archive(files: Mapping[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return packed.getvalue()
