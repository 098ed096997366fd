"""Why somebody looks at a child: asked before a child's page opens, and kept for an hour.

The reason stands in the ledger with every look at that child from the same session. Other pages ask
through ``ask_reason``; whoever gives no reason sees nothing of the child.
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
    """Send somebody to say why they look at a child; None where they have said it lately.

    After a form they come back to the child's page, otherwise to the page they asked for.
    """
    if visit.reason_for(child) is not None:
        return None
    url = visit.request.url
    asked = f"{url.path}?{url.query}" if url.query else url.path
    back = asked if visit.request.method == "GET" else f"/children/{child}"
    return visit.redirect(f"/children/{child}/why?next={quote(back, safe='')}")


def reason_problem(text: str) -> str:
    """Say what is wrong with a reason; nothing where it will do."""
    if not text:
        return "Say why you look at this child: a case number or a few words"
    if len(text) > LONGEST_REASON or not text.isprintable():
        return f"The reason must be {LONGEST_REASON} characters or fewer, on one line"
    return ""


def is_ours(path: str) -> bool:
    """Whether an address leads to a page of this console and nowhere else."""
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
        Visit, Depends(Needs(_SEES_CHILDREN, "the question why somebody looks at a child"))
    ],
) -> Response:
    """Ask why somebody looks at a child."""
    return _page(visit, child, visit.query("next"))


@router.post("/children/{child}/why")
def say(child: ChildId, visit: Annotated[Visit, Depends(Needs(_SEES_CHILDREN))]) -> Response:
    """Keep why, and go on to the page that was asked for."""
    reason, onward = visit.field("reason"), visit.field("next")
    problem = reason_problem(reason)
    if problem:
        return _page(visit, child, onward, problem)
    say_why(visit.hub, visit.visitor, child, reason)
    return visit.redirect(onward if is_ours(onward) else _home(visit, child))


def _home(visit: Visit, child: str) -> str:
    return f"/children/{child}" if visit.may(Permission.CHILDREN) else "/"


def _page(visit: Visit, child: str, onward: str, problem: str = "") -> Response:
    return visit.page(
        "why.html",
        400 if problem else 200,
        child=child,
        onward=onward if is_ours(onward) else "",
        reason=visit.field("reason"),
        problem=problem,
    )
