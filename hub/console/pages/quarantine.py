"""Quarantine: the list of inputs, one input, its content, and retrying or discarding it.

The list and the page of an input show codes, never content. Opening the content, retrying and
discarding each need a reason, which the ledger records.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response

from hub.casework import quarantine
from hub.casework.quarantine import QuarantinedInput, RetryResult
from hub.console.forms.reason import problem_with
from hub.console.security.guard import Needs, Visit
from hub.console.views.raw_input import readable
from hub.foundation.clock import now
from schemas.roles import Permission
from schemas.times import unstamp

router = APIRouter(include_in_schema=False)
MOST = 300
Input = Annotated[Visit, Depends(Needs(Permission.INPUT))]


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """One input as the list shows it."""

    item: QuarantinedInput
    days: int


@router.get("/quarantine")
def listing(
    visit: Annotated[Visit, Depends(Needs(Permission.QUARANTINE, "the list of the quarantine"))],
) -> HTMLResponse:
    """Show the waiting inputs, oldest first, and optionally the closed ones."""
    everything = visit.query("all") == "1"
    found = quarantine.listed(visit.hub, everything=everything)
    waiting = [one for one in found if one.state == "waiting"]
    closed = [one for one in found if one.state != "waiting"]
    moment = now()
    return visit.page(
        "quarantine.html",
        everything=everything,
        waiting=[_row(one, moment) for one in waiting[:MOST]],
        count=len(waiting),
        closed=[_row(one, moment) for one in closed[-MOST:]][::-1],
        closed_count=len(closed),
        most=MOST,
    )


def _row(item: QuarantinedInput, moment: dt.datetime) -> QuarantineRow:
    return QuarantineRow(item, max((moment - unstamp(item.arrived_at)).days, 0))


@router.get("/quarantine/{item}")
def one_input(
    visit: Annotated[Visit, Depends(Needs(Permission.QUARANTINE))], item: str
) -> HTMLResponse:
    """Show why one input is quarantined, without its content."""
    found = quarantine.shown(visit.hub, item)
    visit.record_access(f"the quarantined input {found.id}, without its content")
    return _page(visit, found)


def _page(
    visit: Visit,
    found: QuarantinedInput,
    form: str = "",
    problem: str = "",
    body: bytes | None = None,
) -> HTMLResponse:
    """Show one input; ``form`` is the form with the problem, ``body`` the content."""
    return visit.page(
        "quarantined.html",
        400 if problem else 200,
        item=found,
        days=_row(found, now()).days,
        form=form,
        problem=problem,
        given=visit.field("reason") if problem else "",
        content=None if body is None else readable(body),
        access_reason=visit.field("reason"),
    )


@router.post("/quarantine/{item}/open")
def open_input(visit: Input, item: str) -> HTMLResponse:
    """Show the content of one input as received; the access is recorded with its reason."""
    found, reason = quarantine.shown(visit.hub, item), visit.field("reason")
    if problem := problem_with(reason):
        return _page(visit, found, "open", problem)
    body = quarantine.opened(visit.hub, found.id, by=visit.person, reason=reason)
    return _page(visit, found, body=body)


@router.post("/quarantine/{item}/retry")
def retry(visit: Input, item: str) -> Response:
    """Process one input again with the current register and settings."""
    found, reason = quarantine.shown(visit.hub, item), visit.field("reason")
    if problem := problem_with(reason):
        return _page(visit, found, "retry", problem)
    done = quarantine.retry(visit.hub, found.id, by=visit.person, reason=reason)
    return _done(visit, found, done)


@router.post("/quarantine/{item}/discard")
def discard(visit: Input, item: str) -> Response:
    """Discard one input permanently."""
    found, reason = quarantine.shown(visit.hub, item), visit.field("reason")
    if problem := problem_with(reason):
        return _page(visit, found, "discard", problem)
    quarantine.discard(visit.hub, found.id, by=visit.person, reason=reason)
    return _done(visit, found, None)


def _done(visit: Visit, found: QuarantinedInput, done: RetryResult | None) -> HTMLResponse:
    return visit.page("quarantine_done.html", item=found, done=done)
