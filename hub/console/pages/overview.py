"""Overview: recent counts, items that need a person, and the state of the ledger."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from hub.casework.dashboard import Dashboard, dashboard
from hub.console.security.guard import Needs, Visit
from hub.console.views.charts import Chart, LabelledCounts, columns, rows
from hub.console.views.text import day
from schemas.roles import Permission

router = APIRouter(include_in_schema=False)

SERIES = ("told", "withheld", "overrides", "quarantined")
_DRAWN = 15


@router.get("/")
def overview(
    visit: Annotated[Visit, Depends(Needs(Permission.FLOWS, "the overview"))],
) -> HTMLResponse:
    """Show the state of the hub."""
    found = dashboard(visit.hub, visit.context.settings)
    return visit.page(
        "overview.html",
        dashboard=found,
        by_agency=_by_agency(found),
        by_day=_by_day(found),
        series=SERIES,
    )


def _by_agency(found: Dashboard) -> Chart:
    """Draw the busiest agencies; the table lists all of them."""
    busiest = sorted(found.agencies, key=lambda one: (-one.month.total, one.name))[:_DRAWN]
    return rows(
        SERIES, [LabelledCounts(one.title, tuple(one.month[s] for s in SERIES)) for one in busiest]
    )


def _by_day(found: Dashboard) -> Chart:
    return columns(
        SERIES, [LabelledCounts(day(date), tuple(c[s] for s in SERIES)) for date, c in found.days]
    )
