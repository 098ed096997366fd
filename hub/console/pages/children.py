"""Children: one is found by number or name, and shown with all that was said and shared."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from hub.casework.accounts.sign_in import say_why
from hub.casework.children.record import survivor, view
from hub.console.forms.child_search import SYSTEMS, ChildSearch, child_search_in
from hub.console.security.access_reason import ChildId, ask_reason
from hub.console.security.guard import Needs, Visit
from hub.console.views.search_results import results_of
from hub.evidence.child_lookup import ChildFound, Likely, find, find_by_name
from schemas.errors import BadIdentifier
from schemas.roles import Permission

router = APIRouter(include_in_schema=False)

Reads = Annotated[Visit, Depends(Needs(Permission.CHILDREN))]


@router.get("/children")
def page(
    visit: Annotated[
        Visit, Depends(Needs(Permission.CHILDREN, "the page on which a child is looked for"))
    ],
) -> Response:
    """Ask by what a child is looked for."""
    return visit.page("children.html", wanted=ChildSearch(), systems=SYSTEMS)


@router.post("/children/find")
def search(visit: Reads) -> Response:
    """Find a child: the one, several to choose from, or none."""
    wanted = child_search_in(visit)
    problems = list(wanted.problems)
    found: list[ChildFound | Likely] = []
    if not problems:
        try:
            found = _found(visit, wanted)
        except BadIdentifier as error:
            visit.record_access("a search by a number that cannot be one", None, wanted.reason)
            problems = [("number", str(error))]
    if problems:
        return visit.page("children.html", 400, wanted=wanted, systems=SYSTEMS, problems=problems)
    for one in found:
        say_why(visit.hub, visit.visitor, one.child, wanted.reason)
    if len(found) == 1:
        return visit.redirect(f"/children/{found[0].child}")
    if not found:
        return visit.page("children.html", wanted=wanted, systems=SYSTEMS, nobody=True)
    return visit.page("children_found.html", found=found, by_name=wanted.sought is None)


def _found(visit: Visit, wanted: ChildSearch) -> list[ChildFound | Likely]:
    by, reason = visit.person, wanted.reason
    if wanted.sought is not None:
        return [*find(visit.hub, wanted.sought, by=by, reason=reason)]
    return [*find_by_name(visit.hub, wanted.particulars, by=by, reason=reason)]


@router.get("/children/{child}")
def one(child: ChildId, visit: Reads) -> Response:
    """Show one child."""
    own = survivor(visit.hub, child)
    if own != child:
        visit.record_access("a child's former id", own)
        return visit.redirect(f"/children/{own}")
    if (asked := ask_reason(visit, child)) is not None:
        return asked
    reason = visit.reason_for(child) or ""
    shown = view(visit.hub, child, by=visit.person, reason=reason)
    return visit.page("child.html", child=shown, happened=results_of(shown.found), reason=reason)
