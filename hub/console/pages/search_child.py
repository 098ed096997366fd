"""Finding a child to search by: by identifier or name, which never stand in an address.

They come in the body of a form and go no further: the search itself names the child by the hub's
own id. Every child that is shown is a look with a reason, and so is finding nobody.
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
    """A child among several: its id, and as little of it as is needed to choose."""

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
def look(visit: Annotated[Visit, Depends(Needs(Permission.CHILDREN))]) -> Response:
    """Find the child that is meant, and go on to the search; where there are several, ask which."""
    why, chosen = visit.field("why"), visit.field("child")
    if problem := reason_problem(why):
        return _form(visit, (("why", problem),))
    if _CHILD.fullmatch(chosen):
        return _on(visit, chosen, why)
    birth, wrong = _birth_date(visit)
    if wrong:
        return _form(visit, (("birth-day", wrong),))
    try:
        found = _found(visit, birth, why)
    except BadIdentifier as error:
        return _form(visit, ((_first(visit) or "nhs_number", str(error)),))
    if found is None:
        too_little = "Give an NHS number, a UPN, or a family name with a given name"
        return _form(visit, ((_first(visit) or "nhs_number", too_little),))
    if len(found) == 1:
        return _on(visit, found[0].child, why)
    return _form(visit, likely=found, nobody=not found)


def _on(visit: Visit, child: str, why: str) -> Response:
    say_why(visit.hub, visit.visitor, child, why)
    return visit.redirect(Criteria(child=child).address())


def _found(visit: Visit, birth: dt.date | None, why: str) -> list[ChildOption] | None:
    """Find children by the first thing that was given; None where it is too little to look."""
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
    return ChildOption(found.child, f"Child {found.child}", f"Known to: {where or 'nobody now'}")


def _alike(likely: Likely) -> ChildOption:
    face = likely.face
    name = " ".join(part for part in (face.given_name, face.family_name) if part)
    agrees = "All that you gave agrees." if likely.score == 1.0 else "Nearly what you gave."
    born = f"born {day(face.birth_date)}" if face.birth_date else "birth date not known"
    return ChildOption(likely.child, f"{name}, {born}", agrees)


def _birth_date(visit: Visit) -> tuple[dt.date | None, str]:
    """Read the birth date, and say what is wrong with it; neither where none was given."""
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
    """Name the first field that was filled in; empty for none."""
    return next((name for name in _FIELDS[:-1] if visit.field(name)), "")


def _form(
    visit: Visit,
    problems: tuple[Problem, ...] = (),
    likely: list[ChildOption] | None = None,
    *,
    nobody: bool = False,
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
        nobody=nobody,
    )


def _given(visit: Visit) -> Mapping[str, str]:
    birth = {f"birth_{part}": visit.field(f"birth-{part}") for part in ("day", "month", "year")}
    return {name: visit.field(name) for name in _FIELDS} | birth
