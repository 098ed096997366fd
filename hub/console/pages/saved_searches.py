"""Saved searches: saving one under a name, and deleting it; never a search by child."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import Response

from hub.casework.search.saved import forget, keep
from hub.console.forms.choices import choices_of
from hub.console.forms.search_criteria import read
from hub.console.pages.search import show
from hub.console.security.guard import Needs, Visit
from schemas.errors import ConfigurationError
from schemas.roles import Permission

router = APIRouter(include_in_schema=False)


@router.post("/searches")
def save(visit: Annotated[Visit, Depends(Needs(Permission.DECISIONS))]) -> Response:
    """Save a search, and return to its results."""
    fields = {name: values[0] for name, values in visit.form.items() if values}
    name = fields.pop("name", "").strip()
    asked = read(fields, choices_of(visit.hub))
    if asked.problems:
        return show(visit, asked, name=name)
    address = asked.criteria.address()
    try:
        keep(visit.hub, visit.person, name, address.partition("?")[2])
    except ConfigurationError as error:
        free = asked.criteria.without_child()
        asked = replace(asked, criteria=free, problems=(("name", str(error)),))
        return show(visit, asked, name=name or " ")
    return visit.redirect(f"{address}#saved")


@router.post("/searches/{reference}/delete")
def delete(
    reference: Annotated[str, Path(pattern="^[0-9a-f-]{36}$")],
    visit: Annotated[Visit, Depends(Needs(Permission.DECISIONS))],
) -> Response:
    """Delete one of the user's own searches."""
    forget(visit.hub, visit.person, reference)
    return visit.redirect("/search#saved")
