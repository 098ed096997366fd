"""Finding a child for a search, by identifier or name, which never appear in an address.

They are sent in the body of a form; the search uses the hub's id of the child. The ledger records
an access with its reason for every child that is shown, and for a search without a result.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from hub.casework.accounts.sign_in import say_why
from hub.console.forms.search_criteria import Criteria, Problem
from hub.console.security.access_reason import reason_problem
from hub.console.security.guard import Needs, Visit
from hub.console.views.text import day
from hub.evidence.child_lookup import ChildFound, Likely, Sought, find, find_by_name
from hub.journey.matching import Particulars
from schemas.errors import BadIdentifier
from schemas.identifiers import System
from schemas.roles import Permission

router = APIRouter(include_in_schema=False)

_FIELDS = ("nhs_number", "upn", "family_name", "given_name", "why")
_CHILD = re.compile(r"[0-9A-Za-z-]{1,64}")


@dataclass(frozen=True, slots=True)
class ChildOption:
    """One of several children: its id and the least needed to choose."""

    child: str
    text: str
    hint: str


@router.get("/search/child")
def page(
    visit: Annotated[Visit, Depends(Needs(Permission.CHILDREN, "the search by child"))],
) -> Response:
    """Show the form."""
    return _form(visit)


@router.post("/search/child")
def find_child(visit: Annotated[Visit, Depends(Needs(Permission.CHILDREN))]) -> Response:
    """Find a child and redirect to the search; with several matches, ask which one."""
    why, chosen = visit.field("why"), visit.field("child")
    if problem := reason_problem(why):
        return _form(visit, (("why", problem),))
    if _CHILD.fullmatch(chosen):
        return _search(visit, chosen, why)
    birth, wrong = _birth_date(visit)
    if wrong:
        return _form(visit, (("birth-day", wrong),))
    try:
        found = _found(visit, birth, why)
    except BadIdentifier as error:
        return _form(visit, ((_first(visit) or "nhs_number", str(error)),))
    if found is None:
        not_enough = "Enter an NHS number, a UPN, or a family name and a given name"
        return _form(visit, ((_first(visit) or "nhs_number", not_enough),))
    if len(found) == 1:
        return _search(visit, found[0].child, why)
    return _form(visit, likely=found, none_found=not found)


def _search(visit: Visit, child: str, why: str) -> Response:
    say_why(visit.hub, visit.visitor, child, why)
    return visit.redirect(Criteria(child=child).address())


def _found(visit: Visit, birth: dt.date | None, why: str) -> list[ChildOption] | None:
    """Find children by the first input; None if the input is not enough."""
    for name, system in (("nhs_number", System.NHS_NUMBER), ("upn", System.UPN)):
        if text := visit.field(name):
            named = find(visit.hub, Sought(text, system), by=visit.person, reason=why)
            return [_known(visit, one) for one in named]
    family, given = visit.field("family_name"), visit.field("given_name")
    if not family or not given:
        return None
    who = Particulars(family, given, birth)
    return [_alike(one) for one in find_by_name(visit.hub, who, by=visit.person, reason=why)]


def _known(visit: Visit, found: ChildFound) -> ChildOption:
    where = ", ".join(visit.context.title(agency) for agency in found.involved)
    return ChildOption(found.child, f"Child {found.child}", f"Agencies involved: {where or 'none'}")


def _alike(likely: Likely) -> ChildOption:
    face = likely.face
    name = " ".join(part for part in (face.given_name, face.family_name) if part)
    agrees = (
        "Matches everything you entered."
        if likely.score == 1.0
        else "Nearly matches what you entered."
    )
    born = f"born {day(face.birth_date)}" if face.birth_date else "birth date not known"
    return ChildOption(likely.child, f"{name}, {born}", agrees)


def _birth_date(visit: Visit) -> tuple[dt.date | None, str]:
    """Return the birth date and the problem with it; both empty without input."""
    parts = [visit.field(f"birth-{part}") for part in ("year", "month", "day")]
    if not any(parts):
        return None, ""
    if all(part.isascii() and part.isdigit() and len(part) <= len("2026") for part in parts):
        try:
            year, month, number = map(int, parts)
            return dt.date(year, month, number), ""
        except ValueError:
            pass
    return None, "The birth date must be a real date, such as 27 3 2017"


def _first(visit: Visit) -> str:
    """Return the name of the first field with input; empty for none."""
    return next((name for name in _FIELDS[:-1] if visit.field(name)), "")


def _form(
    visit: Visit,
    problems: tuple[Problem, ...] = (),
    likely: list[ChildOption] | None = None,
    *,
    none_found: bool = False,
) -> Response:
    items = [
        {"value": one.child, "text": one.text, "hint": {"text": one.hint}} for one in likely or ()
    ]
    wrong = {"birth" if field == "birth-day" else field: text for field, text in problems}
    return visit.page(
        "search_child.html",
        400 if problems else 200,
        problems=problems,
        wrong=wrong,
        given=_given(visit),
        likely=items,
        none_found=none_found,
    )


def _given(visit: Visit) -> Mapping[str, str]:
    birth = {f"birth_{part}": visit.field(f"birth-{part}") for part in ("day", "month", "year")}
    return {name: visit.field(name) for name in _FIELDS} | birth
