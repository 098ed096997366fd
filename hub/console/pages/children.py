"""Children: finding one by number or name, and the page about one child."""

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

Reader = Annotated[Visit, Depends(Needs(Permission.CHILDREN))]


@router.get("/children")
def page(
    visit: Annotated[Visit, Depends(Needs(Permission.CHILDREN, "the form to find a child"))],
) -> Response:
    """Show the form to find a child."""
    return visit.page("children.html", form=ChildSearch(), systems=SYSTEMS)


@router.post("/children/find")
def search(visit: Reader) -> Response:
    """Find a child, and redirect to its page, list several, or report none."""
    form = child_search_in(visit)
    problems = list(form.problems)
    found: list[ChildFound | Likely] = []
    if not problems:
        try:
            found = _found(visit, form)
        except BadIdentifier as error:
            visit.record_access("a search by an invalid number", None, form.reason)
            problems = [("number", str(error))]
    if problems:
        return visit.page("children.html", 400, form=form, systems=SYSTEMS, problems=problems)
    for one in found:
        say_why(visit.hub, visit.visitor, one.child, form.reason)
    if len(found) == 1:
        return visit.redirect(f"/children/{found[0].child}")
    if not found:
        return visit.page("children.html", form=form, systems=SYSTEMS, none_found=True)
    return visit.page("children_found.html", found=found, by_name=form.sought is None)


def _found(visit: Visit, form: ChildSearch) -> list[ChildFound | Likely]:
    by, reason = visit.person, form.reason
    if form.sought is not None:
        return [*find(visit.hub, form.sought, by=by, reason=reason)]
    return [*find_by_name(visit.hub, form.particulars, by=by, reason=reason)]


@router.get("/children/{child}")
def one(child: ChildId, visit: Reader) -> Response:
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
