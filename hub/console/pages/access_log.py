"""Access log: every access by every user, including to this page, and every sign-in.

Addresses contain staff references, days and opaque ids only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from hub.casework.search.access import accesses, all_looks
from hub.casework.search.spreadsheet import csv_lines
from hub.console.forms.search_criteria import is_day, midnight
from hub.console.security.guard import Needs, Visit
from hub.evidence.disclosure_search import looks
from hub.journey.access_log import Access, AccessQuery, FoundAccesses
from schemas.roles import Permission

router = APIRouter(include_in_schema=False)
PAGE = 100
_FORMS = {
    "person": (
        re.compile(r"[A-Za-z0-9._@-]{1,40}"),
        "Enter a staff reference with letters, digits, dots and hyphens only",
    ),
    "child": (re.compile(r"[0-9A-Za-z-]{1,64}"), "Enter the hub's id of a child"),
}
_DAYS = {"from": "The first day", "until": "The last day"}
_KEY = re.compile(r"[0-9]{1,15}")

Problems = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class AccessLogQuery:
    """User, child and days of a query, as in the address, with its problems."""

    texts: dict[str, str]
    problems: tuple[tuple[str, str], ...]
    before: int | None

    def query(self) -> AccessQuery:
        """Return the query; valid only without problems."""
        texts = self.texts
        return AccessQuery(
            by=texts["person"],
            children=(texts["child"],) if texts["child"] else (),
            begins=midnight(texts["from"]) if texts["from"] else None,
            until=midnight(texts["until"], 1) if texts["until"] else None,
        )

    def address(self, path: str = "/access-log", **more: object) -> str:
        """Return the address of a page with the same query."""
        given = [(name, text) for name, text in self.texts.items() if text]
        query = urlencode([*given, *more.items()])
        return f"{path}?{query}" if query else path


def _query_of(visit: Visit) -> AccessLogQuery:
    texts = {name: visit.query(name) for name in (*_FORMS, *_DAYS)}
    problems: Problems = [
        (name, problem) for name, (form, problem) in _FORMS.items()
        if texts[name] and not form.fullmatch(texts[name])
    ]  # fmt: skip
    problems += [
        (name, f"{what} must be a real date, such as 2026-09-01")
        for name, what in _DAYS.items()
        if texts[name] and not is_day(texts[name])
    ]
    if not problems and texts["until"] and texts["from"] > texts["until"]:
        problems.append(("until", "The last day must not be before the first day"))
    before = visit.query("before")
    key = int(before) if _KEY.fullmatch(before) else None
    return AccessLogQuery(texts, tuple(problems), key)


@router.get("/access-log")
def page(visit: Annotated[Visit, Depends(Needs(Permission.ACCESS_LOG))]) -> HTMLResponse:
    """Show the accesses, newest first, beginning with this one."""
    asked = _query_of(visit)
    if asked.problems:
        visit.record_access("the access log")
        return _page(visit, asked, None)
    _record(visit, asked, "the access log")
    return _page(visit, asked, looks(visit.hub, asked.query(), PAGE, asked.before))


def _record(visit: Visit, asked: AccessLogQuery, what: str) -> None:
    """Record the access before the log is read, with the child of the query."""
    of = f" of {asked.texts['person']}" if asked.texts["person"] else ""
    visit.record_access(f"{what}{of}", asked.texts["child"] or None)


def _page(visit: Visit, asked: AccessLogQuery, found: FoundAccesses | None) -> HTMLResponse:
    more = found is not None and found.before is not None
    return visit.page(
        "access_log.html",
        400 if asked.problems else 200,
        texts=asked.texts,
        problems=list(asked.problems),
        rows=found.rows if found else (),
        searched=found is not None,
        narrowed=any(asked.texts.values()),
        newest=asked.address() if asked.before is not None else "",
        older=asked.address(before=found.before) if found and more else "",
        csv=asked.address("/access-log.csv"),
    )


@router.get("/access-log.csv")
def csv_file(visit: Annotated[Visit, Depends(Needs(Permission.EXPORT))]) -> Response:
    """Return all matching accesses as a CSV file, newest first."""
    asked = _query_of(visit)
    if asked.problems:
        visit.record_access("the access log")
        return _page(visit, asked, None)
    _record(visit, asked, "a CSV file of the access log")
    return StreamingResponse(
        csv_lines(Access, all_looks(visit.hub, asked.query())),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="access-log.csv"'},
    )


@router.get("/access-log/people")
def people(
    visit: Annotated[Visit, Depends(Needs(Permission.ACCESS_LOG, "sign-ins and accounts"))],
) -> HTMLResponse:
    """Show sign-ins, refused sign-ins and changes of accounts, newest first."""
    given = visit.query("before")
    before = int(given) if _KEY.fullmatch(given) else None
    found = accesses(visit.hub, PAGE, before)
    return visit.page(
        "access_people.html",
        rows=found.rows,
        newest=before is not None,
        older=f"/access-log/people?before={found.before}" if found.before is not None else "",
    )
