"""One event: its timeline, its decisions with reasons, and replaying a decision.

The page is about a child, so it asks for a reason first; a held event has no child yet. A replayed
decision must have the same outcome. Decisions and disclosures can be downloaded as FHIR
AuditEvents.
"""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import Response
from pydantic import JsonValue

from hub.console.security.access_reason import ask_reason
from hub.console.security.guard import Needs, Visit
from hub.console.views.event_decisions import recipients_of
from hub.evidence.event_timeline import Life, life_of
from hub.evidence.fhir_audit.export import JSON, AuditEventSelection, as_bundle, audit_events
from hub.evidence.replay import Replayed, replay_one
from schemas.errors import NotFound
from schemas.roles import Permission

router = APIRouter(include_in_schema=False)

EventRef = Annotated[str, Path(pattern="^[0-9A-Za-z-]{1,64}$")]


@router.get("/events/{ref}")
def page(ref: EventRef, visit: Annotated[Visit, Depends(Needs(Permission.DECISIONS))]) -> Response:
    """Show one event."""
    life = life_of(visit.hub, ref)
    if question := _ask_reason(visit, life):
        return question
    _record(visit, life, "the timeline of an event")
    return _page(visit, life)


@router.post("/events/{ref}/again")
def again(ref: EventRef, visit: Annotated[Visit, Depends(Needs(Permission.DECISIONS))]) -> Response:
    """Replay one of the event's decisions, and show the result."""
    life = life_of(visit.hub, ref)
    if life.child and visit.reason_for(life.child) is None:
        # The reason has expired, so the page asks for it, and the user sends the form again.
        return visit.redirect(f"/events/{ref}")
    chosen = {str(step.position): step.position for step in life.steps if step.again}
    position = chosen.get(visit.field("position"))
    if position is None:
        raise NotFound("That entry is not a decision about this event.")
    _record(visit, life, f"a replay of the decision at entry {position}")
    return _page(visit, life, replay_one(visit.hub, position))


@router.get("/events/{ref}/audit-events")
def audit_events_of(
    ref: EventRef, visit: Annotated[Visit, Depends(Needs(Permission.EXPORT))]
) -> Response:
    """Return the event's decisions and disclosures as a Bundle of FHIR AuditEvents."""
    life = life_of(visit.hub, ref)
    if question := _ask_reason(visit, life):
        return question
    _record(visit, life, "an event's decisions as FHIR AuditEvents")
    found = audit_events(visit.hub, AuditEventSelection(event=ref))
    return Response(
        as_bundle([event for one in found for event in one.events]),
        media_type=JSON,
        headers={"Content-Disposition": 'attachment; filename="audit-events.json"'},
    )


def _ask_reason(visit: Visit, life: Life) -> Response | None:
    return ask_reason(visit, life.child) if life.child else None


def _record(visit: Visit, life: Life, what: str) -> None:
    reason = visit.reason_for(life.child) if life.child else ""
    visit.record_access(what, life.child or None, reason or "")


def _page(visit: Visit, life: Life, replayed: Replayed | None = None) -> Response:
    decisions = {one.position for one in life.explained.decisions}
    return visit.page(
        "event.html",
        life=life,
        event=life.explained,
        recipients=recipients_of(life),
        decisions=decisions,
        reason=visit.reason_for(life.child) if life.child else None,
        replayed=replayed,
        differences=[
            (one.field, _shown(one.logged), _shown(one.replayed))
            for one in (replayed.again.differences if replayed else ())
        ],
    )


def _shown(value: JsonValue) -> str:
    """Return one side of a difference as text."""
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
