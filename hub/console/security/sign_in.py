"""Sign-in by password or OpenID Connect, sign-out, and the accessibility statement."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from hub.casework.accounts.sign_in import LONGEST, SignInRefused, enter, leave, sign_in
from hub.console.page_context import PageContext
from hub.console.security.guard import FormRefused, Needs, Visit, check_origin, cookie_name
from hub.console.security.middleware import address_of
from hub.console.security.openid import OpenId
from schemas.roles import Permission

router = APIRouter(include_in_schema=False)


@router.get("/sign-in")
async def page(request: Request) -> HTMLResponse:
    """Show the sign-in page."""
    return _page(request)


def _page(request: Request, problem: str = "", person: str = "") -> HTMLResponse:
    context: PageContext = request.app.state.page_context
    token = request.session.setdefault("csrf", secrets.token_urlsafe(32))
    shown = context.render(
        "sign_in.html",
        {
            "csrf": token,
            "problem": problem,
            "person": person,
            "openid": bool(context.settings.console.openid.issuer),
        },
    )
    return HTMLResponse(shown, 403 if problem else 200)


@router.post("/sign-in")
async def by_password(request: Request) -> Response:
    """Start a session for a user authenticated by name and password."""
    request.app.state.rate_limits.check_sign_in(address_of(request))
    check_origin(request)
    form = await request.form(max_files=0, max_fields=10)
    given = {name: value for name, value in form.items() if isinstance(value, str)}
    expected = str(request.session.get("csrf", ""))
    if not expected or not secrets.compare_digest(
        given.get("csrf", "").encode(), expected.encode()
    ):
        raise FormRefused("The page has expired. Go back, reload it and send the form again.")
    person = given.get("person", "").strip().lower()
    context: PageContext = request.app.state.page_context
    try:
        token = await run_in_threadpool(sign_in, context.hub, person, given.get("password", ""))
    except SignInRefused as error:
        return _page(request, str(error), person)
    return _start_session(request, token)


def _start_session(request: Request, token: str) -> RedirectResponse:
    context: PageContext = request.app.state.page_context
    request.session.clear()
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        cookie_name(context),
        token,
        max_age=int(LONGEST.total_seconds()),
        path="/",
        secure=context.https,
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get("/sign-in/openid")
async def to_provider(request: Request) -> Response:
    """Redirect to the OpenID Connect provider."""
    request.app.state.rate_limits.check_sign_in(address_of(request))
    provider: OpenId = request.app.state.openid
    return await provider.redirect(request)


@router.get("/sign-in/back")
async def from_provider(request: Request) -> Response:
    """Start a session for a user authenticated by OpenID Connect."""
    request.app.state.rate_limits.check_sign_in(address_of(request))
    provider: OpenId = request.app.state.openid
    context: PageContext = request.app.state.page_context
    try:
        person, roles = await provider.finish(request)
        token = await run_in_threadpool(enter, context.hub, person, roles)
    except SignInRefused as error:
        return _page(request, str(error))
    return _start_session(request, token)


@router.post("/sign-out")
def out(visit: Annotated[Visit, Depends(Needs(Permission.FLOWS))]) -> RedirectResponse:
    """End the session."""
    leave(visit.hub, visit.visitor)
    answer = visit.redirect("/sign-in")
    answer.delete_cookie(
        cookie_name(visit.context),
        path="/",
        secure=visit.context.https,
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get("/accessibility")
async def accessibility(request: Request) -> HTMLResponse:
    """Show the accessibility statement (SI 2018/952)."""
    context: PageContext = request.app.state.page_context
    return HTMLResponse(context.render("accessibility.html", {}))
