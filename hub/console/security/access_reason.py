"""Reason for access: asked before a page about a child opens, and valid for an hour.

The ledger records the reason with every access to that child from the same session. Pages ask for
it with ``ask_reason``; without a reason they show nothing about the child.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Depends, Path
from fastapi.responses import RedirectResponse, Response

from hub.casework.accounts.sign_in import say_why
from hub.console.security.guard import Needs, Visit
from schemas.roles import Permission

router = APIRouter(include_in_schema=False)

LONGEST_REASON = 200
_LONGEST_PATH = 1000
_SEES_CHILDREN = frozenset({Permission.DECISIONS, Permission.CHILDREN, Permission.REVIEWS})

ChildId = Annotated[str, Path(pattern="^[0-9A-Za-z-]{1,64}$")]


def ask_reason(visit: Visit, child: str) -> RedirectResponse | None:
    """Return a redirect to the question for a reason; None if the session has a valid one.

    After the answer the user returns to the page, or after a form to the child's page.
    """
    if visit.reason_for(child) is not None:
        return None
    url = visit.request.url
    asked = f"{url.path}?{url.query}" if url.query else url.path
    back = asked if visit.request.method == "GET" else f"/children/{child}"
    return visit.redirect(f"/children/{child}/why?next={quote(back, safe='')}")


def reason_problem(text: str) -> str:
    """Return the problem with a reason; empty if it is valid."""
    if not text:
        return "Enter a reason: a case number or a few words, without names"
    if len(text) > LONGEST_REASON or not text.isprintable():
        return f"The reason must be {LONGEST_REASON} characters or fewer, on one line"
    return ""


def is_own_path(path: str) -> bool:
    """Whether an address is a page of this console."""
    if not path.startswith("/") or len(path) > _LONGEST_PATH or "\\" in path:
        return False
    if not path.isascii() or not path.isprintable() or path.startswith("//"):
        return False
    try:
        parts = urlsplit(path)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc


@router.get("/children/{child}/why")
def page(
    child: ChildId,
    visit: Annotated[
        Visit, Depends(Needs(_SEES_CHILDREN, "the question for a reason to access a child"))
    ],
) -> Response:
    """Ask for a reason."""
    return _page(visit, child, visit.query("next"))


@router.post("/children/{child}/why")
def say(child: ChildId, visit: Annotated[Visit, Depends(Needs(_SEES_CHILDREN))]) -> Response:
    """Store the reason for the session, and redirect to the requested page."""
    reason, onward = visit.field("reason"), visit.field("next")
    problem = reason_problem(reason)
    if problem:
        return _page(visit, child, onward, problem)
    say_why(visit.hub, visit.visitor, child, reason)
    return visit.redirect(onward if is_own_path(onward) else _home(visit, child))


def _home(visit: Visit, child: str) -> str:
    return f"/children/{child}" if visit.may(Permission.CHILDREN) else "/"


def _page(visit: Visit, child: str, onward: str, problem: str = "") -> Response:
    return visit.page(
        "why.html",
        400 if problem else 200,
        child=child,
        onward=onward if is_own_path(onward) else "",
        reason=visit.field("reason"),
        problem=problem,
    )
