"""The audit API: what auditors' own programs read, as JSON; it changes nothing.

Whoever may read a page of the console may read the same here, with a token or a session, and every
answer is a look in the ledger. What is about one child asks for a reason, in the header Hub-Reason.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from hub.console.api.answers import (
    AgainTold,
    AgreementsTold,
    AgreementTold,
    DecisionPage,
    DifferenceTold,
    EntryTold,
    EventTold,
    FlowsTold,
    FlowTold,
    FoundRow,
    HeadTold,
    ProofTold,
)
from hub.console.api.query import (
    DecisionQuery,
    EventRef,
    FlowQuery,
    HubReason,
    NoQuery,
    Position,
)
from hub.console.security.guard import Needs, NotAllowed, Visit
from hub.console.text import sentence
from hub.evidence.child_lookup import Sought
from hub.evidence.disclosure_search import Look, search
from hub.evidence.entry_view import entry_at
from hub.evidence.event_timeline import life_of
from hub.evidence.explanation_text import as_json
from hub.evidence.export import newest_head, prove
from hub.evidence.replay import replay_one
from hub.journey.index_query import Place
from schemas.roles import Permission
from schemas.times import LONDON

router = APIRouter(prefix="/api/v1", tags=["audit"])


class ReasonNeeded(NotAllowed):
    """Whoever looks at one child says why."""

    code = "reason-needed"


def because(visit: Visit, child: str, said: str | None) -> str:
    """Give why somebody looks at a child: said now, or lately in the console; or raise."""
    reason = said or visit.because(child)
    if reason is None:
        raise ReasonNeeded("Say why you look at this child, in the header Hub-Reason.")
    return reason


@router.get("/decisions", summary="Search decisions and disclosures, newest first")
def decisions(
    asked: Annotated[DecisionQuery, Query()],
    visit: Annotated[Visit, Depends(Needs(Permission.DECISIONS))],
    reason: HubReason = None,
) -> DecisionPage:
    """All that is named must be so. A search by child needs the permission to see children."""
    criteria = asked.criteria()
    what = f"the audit API: decisions ({criteria.codes(visit.hub.directory.agencies)})"
    look = None
    if criteria.child:
        if not visit.may(Permission.CHILDREN):
            raise NotAllowed("Your role does not search by child.")
        why = because(visit, criteria.child, reason)
        look = Look(Sought(criteria.child), visit.person, why, what)
    else:
        visit.look(what)
    place = Place(asked.before, newest_first=True)
    page = search(visit.hub, criteria.query(), asked.limit, place, look)
    return DecisionPage(
        rows=tuple(
            FoundRow(**asdict(row), sentence=sentence(row.reason) if row.reason else "")
            for row in page.rows
        ),
        before=page.more.key if page.more else None,
    )


@router.get("/events/{ref}", summary="One event's life, explained")
def event(
    ref: EventRef,
    _nothing: Annotated[NoQuery, Query()],
    visit: Annotated[Visit, Depends(Needs(Permission.DECISIONS))],
    reason: HubReason = None,
) -> EventTold:
    """Who was told what and why, what came of it, and every entry about the event in order."""
    life = life_of(visit.hub, ref)
    why = because(visit, life.child, reason) if life.child else ""
    visit.look("the audit API: an event's life", life.child or None, why)
    timeline = tuple(EntryTold.model_validate(step) for step in life.steps)
    explained = as_json(life.explained) | {"child": life.child, "timeline": timeline}
    return EventTold.model_validate(explained)


@router.get("/decisions/{position}/again", summary="Run one decision again")
def again(
    position: Position,
    _nothing: Annotated[NoQuery, Query()],
    visit: Annotated[Visit, Depends(Needs(Permission.DECISIONS))],
    reason: HubReason = None,
) -> AgainTold:
    """The decision at an entry, made again from the ledger's own past, and what differs."""
    found = replay_one(visit.hub, position)
    why = because(visit, found.child, reason) if found.child else ""
    visit.look(f"the audit API: decision {position} made again", found.child or None, why)
    return AgainTold(
        position=found.position,
        at=found.at,
        kind=found.kind,
        event=found.event,
        child=found.child,
        recipient=found.recipient,
        verified=found.verified,
        problem=found.problem,
        differences=tuple(DifferenceTold.model_validate(d) for d in found.again.differences),
        logged=found.logged,
        made=found.again.made,
        agreements=tuple(f"{one.id}@{one.version}" for one in found.again.agreements),
        directives=tuple(one.id for one in found.again.directives),
    )


@router.get("/checkpoint", summary="The newest signed head of the ledger")
def checkpoint(
    _nothing: Annotated[NoQuery, Query()],
    visit: Annotated[
        Visit, Depends(Needs(Permission.INTEGRITY, "the audit API: the newest signed head"))
    ],
) -> HeadTold:
    """Keep it: then the past cannot be rewritten unseen."""
    return HeadTold.model_validate(newest_head(visit.hub))


@router.get("/entries/{position}/proof", summary="Prove that an entry is in the ledger")
def proof(
    position: Position,
    _nothing: Annotated[NoQuery, Query()],
    visit: Annotated[Visit, Depends(Needs(Permission.INTEGRITY))],
    reason: HubReason = None,
) -> ProofTold:
    """The inclusion proof and the signed head: enough to check the entry's hash without the hub.

    The entry itself is given to those who may read decisions; one about a child for a reason.
    """
    what = f"the audit API: the proof of entry {position}"
    if visit.may(Permission.DECISIONS):
        child = entry_at(visit.hub, position).child
        visit.look(f"{what}, with the entry", child, because(visit, child, reason) if child else "")
        return ProofTold.model_validate(prove(visit.hub, position))
    visit.look(what)
    made = prove(visit.hub, position)
    return ProofTold.model_validate(asdict(made) | {"entry": None})


@router.get("/flows", summary="How much went from whom to whom")
def flows(
    asked: Annotated[FlowQuery, Query()],
    visit: Annotated[Visit, Depends(Needs(Permission.FLOWS, "the audit API: flows"))],
) -> FlowsTold:
    """Counts by day and agency, without anything about anybody."""
    with visit.hub.reading() as work:
        last = work.now.astimezone(LONDON).date()
        first = last - dt.timedelta(days=asked.days - 1)
        found = work.flows.between(first, last)
    return FlowsTold(
        first=first, last=last, flows=tuple(FlowTold.model_validate(one) for one in found)
    )


@router.get("/agreements", summary="The agreements that count now")
def agreements(
    _nothing: Annotated[NoQuery, Query()],
    visit: Annotated[Visit, Depends(Needs(Permission.AGREEMENTS, "the audit API: agreements"))],
) -> AgreementsTold:
    """Each whole, with its rules and the digest by which decisions cite it."""
    with visit.hub.reading() as work:
        found = [
            AgreementTold(digest=paper.digest(), in_force=paper.in_force(work.now), agreement=paper)
            for paper in work.rules.agreements
        ]
    return AgreementsTold(agreements=tuple(found))


@router.get("/openapi.json", include_in_schema=False)
def openapi(
    _visit: Annotated[
        Visit, Depends(Needs(Permission.FLOWS, "the audit API: its own description"))
    ],
) -> JSONResponse:
    """Describe this API, as OpenAPI."""
    from hub.console.api.document import document  # noqa: PLC0415  it describes this file

    return JSONResponse(document())
