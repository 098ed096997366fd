"""The audit API: what auditors' programs read, as JSON; read-only.

A user who may open a page of the console may read the same here, with a token or a session. Every
answer is recorded in the ledger as an access. Data about one child needs a reason, in the header
Hub-Reason.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from hub.casework.agreements.publishing import listed
from hub.casework.agreements.views import AgreementList
from hub.casework.dashboard import counts_by_day
from hub.casework.search.facets import check_search
from hub.console.api.document import document
from hub.console.api.query import (
    DecisionQuery,
    EventRef,
    FlowQuery,
    HubReason,
    NoQuery,
    Position,
)
from hub.console.security.guard import Needs, NotAllowed, Visit
from hub.evidence.child_lookup import Sought
from hub.evidence.disclosure_search import Look, search
from hub.evidence.entry_view import entry_at
from hub.evidence.event_timeline import life_of
from hub.evidence.explanation_views import EventView, event_view
from hub.evidence.export import ExportedHead, InclusionProof, newest_head, prove
from hub.evidence.replay import replay_one
from hub.evidence.views import (
    DailyFlows,
    DisclosurePage,
    ReplayedDecision,
    disclosure_page,
    replayed_decision,
)
from hub.journey.index_query import Place
from schemas.roles import Permission

router = APIRouter(prefix="/api/v1", tags=["audit"])


class ReasonNeeded(NotAllowed):
    """Access to one child's data needs a reason."""

    code = "reason-needed"


def reason_for(visit: Visit, child: str, given: str | None) -> str:
    """Return why a user accesses a child's data: as given, or as stated lately in the console.

    Raises ReasonNeeded where there is no reason.
    """
    reason = given or visit.reason_for(child)
    if reason is None:
        raise ReasonNeeded("Give your reason to access this child's data: header Hub-Reason.")
    return reason


@router.get("/decisions", summary="Search decisions and disclosures, newest first")
def decisions(
    asked: Annotated[DecisionQuery, Query()],
    visit: Annotated[Visit, Depends(Needs(Permission.DECISIONS))],
    reason: HubReason = None,
) -> DisclosurePage:
    """Every given parameter must match. Searching by child needs the permission for children."""
    criteria = asked.criteria()
    query = criteria.query()
    check_search(visit.hub, query)
    what = f"the audit API: decisions ({criteria.codes(visit.hub.directory.agencies)})"
    look = None
    if criteria.child:
        if not visit.may(Permission.CHILDREN):
            raise NotAllowed("Your role does not search by child.")
        why = reason_for(visit, criteria.child, reason)
        look = Look(Sought(criteria.child), visit.person, why, what)
    else:
        visit.record_access(what)
    place = Place(asked.before, newest_first=True)
    return disclosure_page(search(visit.hub, query, asked.limit, place, look))


@router.get("/events/{ref}", summary="One event, explained")
def event(
    ref: EventRef,
    _nothing: Annotated[NoQuery, Query()],
    visit: Annotated[Visit, Depends(Needs(Permission.DECISIONS))],
    reason: HubReason = None,
) -> EventView:
    """What was shared with each recipient and why, its deliveries, and every entry in order."""
    life = life_of(visit.hub, ref)
    why = reason_for(visit, life.child, reason) if life.child else ""
    visit.record_access("the audit API: an event's life", life.child or None, why)
    return event_view(life)


@router.get("/decisions/{position}/replay", summary="Replay one decision")
def replay(
    position: Position,
    _nothing: Annotated[NoQuery, Query()],
    visit: Annotated[Visit, Depends(Needs(Permission.DECISIONS))],
    reason: HubReason = None,
) -> ReplayedDecision:
    """The decision at an entry, made again from the ledger as it was then, and any difference."""
    found = replay_one(visit.hub, position)
    why = reason_for(visit, found.child, reason) if found.child else ""
    visit.record_access(f"the audit API: decision {position} made again", found.child or None, why)
    return replayed_decision(found)


@router.get("/checkpoint", summary="The newest signed head of the ledger")
def checkpoint(
    _nothing: Annotated[NoQuery, Query()],
    visit: Annotated[
        Visit, Depends(Needs(Permission.INTEGRITY, "the audit API: the newest signed head"))
    ],
) -> ExportedHead:
    """Store it outside the hub: it reveals any later change of the ledger's past."""
    return newest_head(visit.hub)


@router.get("/entries/{position}/proof", summary="Prove that an entry is in the ledger")
def proof(
    position: Position,
    _nothing: Annotated[NoQuery, Query()],
    visit: Annotated[Visit, Depends(Needs(Permission.INTEGRITY))],
    reason: HubReason = None,
) -> InclusionProof:
    """The inclusion proof and the signed head: enough to check the entry's hash without the hub.

    The entry itself is included for roles that may read decisions; one about a child needs a
    reason.
    """
    what = f"the audit API: the proof of entry {position}"
    if visit.may(Permission.DECISIONS):
        child = entry_at(visit.hub, position).child
        why = reason_for(visit, child, reason) if child else ""
        visit.record_access(f"{what}, with the entry", child, why)
        return prove(visit.hub, position)
    visit.record_access(what)
    return prove(visit.hub, position).model_copy(update={"entry": None})


@router.get("/flows", summary="Counts by day and agency")
def flows(
    asked: Annotated[FlowQuery, Query()],
    visit: Annotated[Visit, Depends(Needs(Permission.FLOWS, "the audit API: flows"))],
) -> DailyFlows:
    """How much each agency sent, received and failed to take, with nothing about any person."""
    return counts_by_day(visit.hub, asked.days)


@router.get("/agreements", summary="The agreements that apply now")
def agreements(
    _nothing: Annotated[NoQuery, Query()],
    visit: Annotated[Visit, Depends(Needs(Permission.AGREEMENTS, "the audit API: agreements"))],
) -> AgreementList:
    """Each whole, with its rules and the digest by which decisions cite it."""
    return listed(visit.hub)


@router.get("/openapi.json", include_in_schema=False)
def openapi(
    _visit: Annotated[
        Visit, Depends(Needs(Permission.FLOWS, "the audit API: its own description"))
    ],
) -> JSONResponse:
    """The OpenAPI document of these routes."""
    return JSONResponse(document(router.routes))
