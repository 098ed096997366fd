"""One event's life on a page: what happened in order, who was told what and why, and the proof.

The page is about a child, so it asks why first; an event that is held is about nobody yet. A
decision can be made again here, and must come out the same. Decisions and disclosures can be taken
away as FHIR AuditEvents.
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
    """Show an event's life."""
    life = life_of(visit.hub, ref)
    if away := _ask(visit, life):
        return away
    _look(visit, life, "an event's life")
    return _page(visit, life)


@router.post("/events/{ref}/again")
def again(ref: EventRef, visit: Annotated[Visit, Depends(Needs(Permission.DECISIONS))]) -> Response:
    """Make one of the event's decisions again, and show what came out."""
    life = life_of(visit.hub, ref)
    if life.child and visit.reason_for(life.child) is None:
        # What was in the form is asked for anew: it was sent without a reason that holds.
        return visit.redirect(f"/events/{ref}")
    chosen = {str(step.position): step.position for step in life.steps if step.again}
    position = chosen.get(visit.field("position"))
    if position is None:
        raise NotFound("No decision about this event stands at that entry.")
    _look(visit, life, f"the decision at entry {position} made again")
    return _page(visit, life, replay_one(visit.hub, position))


@router.get("/events/{ref}/audit-events")
def audit_events_of(
    ref: EventRef, visit: Annotated[Visit, Depends(Needs(Permission.EXPORT))]
) -> Response:
    """Give the event's decisions and disclosures as a Bundle of FHIR AuditEvents."""
    life = life_of(visit.hub, ref)
    if away := _ask(visit, life):
        return away
    _look(visit, life, "an event's decisions as FHIR AuditEvents")
    told = audit_events(visit.hub, AuditEventSelection(event=ref))
    return Response(
        as_bundle([event for one in told for event in one.events]),
        media_type=JSON,
        headers={"Content-Disposition": 'attachment; filename="audit-events.json"'},
    )


def _ask(visit: Visit, life: Life) -> Response | None:
    return ask_reason(visit, life.child) if life.child else None


def _look(visit: Visit, life: Life, what: str) -> None:
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
    """Write one side of a difference; nothing where that side has none."""
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
