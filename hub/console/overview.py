"""The first page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from hub.console.guard import Needs, Visit
from hub.roles import Permission

router = APIRouter(include_in_schema=False)


@router.get("/")
def overview(
    visit: Annotated[Visit, Depends(Needs(Permission.FLOWS, "the overview"))],
) -> HTMLResponse:
    """Show the first page."""
    return visit.page("overview.html")
