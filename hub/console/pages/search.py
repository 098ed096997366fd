"""Search of decisions and disclosures, page by page, and as a CSV file.

An address contains codes and opaque ids only. A search by child needs the permission to see
children and a reason, which the ledger records with the access.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response, StreamingResponse

from hub.casework.search.saved import listed
from hub.casework.search.spreadsheet import csv_lines
from hub.console.forms.choices import FACETS, choices_of
from hub.console.forms.search_criteria import ParsedCriteria, read, sentence
from hub.console.security.access_reason import ask_reason
from hub.console.security.guard import Needs, NotAllowed, Visit
from hub.console.views.search_results import results_of
from hub.evidence.child_lookup import Sought
from hub.evidence.disclosure_search import Look, search, search_all
from hub.journey.disclosure_index import IndexRow
from hub.journey.index_query import Page, Place
from schemas.roles import Permission

router = APIRouter(include_in_schema=False)

PAGE = 50


@router.get("/search")
def page(visit: Annotated[Visit, Depends(Needs(Permission.DECISIONS))]) -> Response:
    """Show the results, newest first, and the form."""
    asked = read(visit.request.query_params, choices_of(visit.hub))
    if question := _ask_reason(visit, asked):
        return question
    what = f"a search of decisions ({asked.criteria.codes(visit.hub.directory.agencies)})"
    look = _look(visit, asked, what)
    if asked.problems:
        return show(visit, asked)
    query = asked.criteria.query()
    return show(visit, asked, search(visit.hub, query, PAGE, asked.place, look))


@router.get("/search.csv")
def csv_file(visit: Annotated[Visit, Depends(Needs(Permission.EXPORT))]) -> Response:
    """Return all results as a CSV file, newest first."""
    asked = read(visit.request.query_params, choices_of(visit.hub))
    if question := _ask_reason(visit, asked):
        return question
    what = f"a CSV file of decisions ({asked.criteria.codes(visit.hub.directory.agencies)})"
    look = _look(visit, asked, what)
    if asked.problems:
        return show(visit, asked)
    newest = Place(None, newest_first=True)
    rows = search_all(visit.hub, asked.criteria.query(), newest, look)
    return StreamingResponse(
        csv_lines(IndexRow, rows),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="decisions.csv"'},
    )


def _ask_reason(visit: Visit, asked: ParsedCriteria) -> Response | None:
    """Ask for a reason if the search names a child; raises NotAllowed without the permission."""
    child = asked.criteria.child
    if not child:
        return None
    if not visit.may(Permission.CHILDREN):
        raise NotAllowed("Your role does not allow you to search by child.")
    return ask_reason(visit, child)


def _look(visit: Visit, asked: ParsedCriteria, what: str) -> Look | None:
    """Return the access to record with the search; without a child it is recorded now."""
    child = asked.criteria.child
    reason = visit.reason_for(child) if child else None
    if reason is None:
        visit.record_access(what)
        return None
    return Look(Sought(child), visit.person, reason, what)


def show(
    visit: Visit, asked: ParsedCriteria, found: Page | None = None, name: str = ""
) -> Response:
    """Show the form, the results, and the user's saved searches."""
    criteria = asked.criteria
    results = results_of(found.rows) if found else []
    newer, older = _neighbours(asked.place, found, [one.position for one in results])
    return visit.page(
        "search.html",
        400 if asked.problems else 200,
        criteria=criteria,
        texts=asked.texts,
        choices=asked.choices,
        facets=FACETS,
        problems=asked.problems,
        wrong=dict(asked.problems),
        summary=sentence(criteria, asked.choices),
        searched=found is not None,
        results=results,
        newer=criteria.address(after=newer) if newer is not None else "",
        older=criteria.address(before=older) if older is not None else "",
        csv=criteria.address("/search.csv"),
        reason=visit.reason_for(criteria.child) if criteria.child else None,
        saved=listed(visit.hub, visit.person),
        name=name,
    )


def _neighbours(
    place: Place, found: Page | None, positions: list[int]
) -> tuple[int | None, int | None]:
    """Return the keys of the newer and the older page; None for a page that does not exist."""
    if found is None:
        return None, None
    if not positions:
        # Beyond the last page: the link back leads to where this page began.
        return (place.key, None) if place.newest_first else (None, place.key)
    newest, oldest = positions[0], positions[-1]
    if place.newest_first:
        return (newest if place.key is not None else None), (oldest if found.more else None)
    return (newest if found.more else None), oldest
