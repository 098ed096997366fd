"""The console put together: its pages, its guards, its headers.

What a page does stands in its own file; here is only which pages there are.
"""

from __future__ import annotations

from fastapi import FastAPI
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles

from hub.console import (
    access_log,
    agreements,
    api,
    child_copies,
    children,
    consent_import,
    directives,
    entrance,
    event,
    integrity,
    overview,
    quarantine,
    reviews,
    saved_searches,
    search,
    search_child,
    why,
)
from hub.console.guard import check_guards
from hub.console.hall import make_hall
from hub.console.openid import OpenId
from hub.console.pace import Pace
from hub.console.problems import add_handlers
from hub.console.shield import Shield
from hub.console.verifying import Verifying
from hub.office import Office
from hub.settings import Settings

ROUTERS = (
    access_log.router,
    agreements.router,
    api.router,
    child_copies.router,
    children.router,
    consent_import.router,
    directives.router,
    entrance.router,
    event.router,
    integrity.router,
    overview.router,
    quarantine.router,
    reviews.router,
    saved_searches.router,
    search.router,
    search_child.router,
    why.router,
)
_FLOW_SECONDS = 900
_LOCAL = ["127.0.0.1", "localhost", "[::1]", "testserver"]


def create_app(office: Office, settings: Settings, pace: Pace | None = None) -> FastAPI:
    """Make the console; raises AssertionError for a page that asks for no permission."""
    app = FastAPI(title="Interagency Hub: audit", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.hall = make_hall(office, settings)
    app.state.pace = pace or Pace()
    app.state.openid = OpenId(settings)
    app.state.verifying = Verifying()
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(packages=[("hub.console", "static")]), name="static")
    check_guards(ROUTERS)
    add_handlers(app)
    https = bool(settings.console.url)
    app.add_middleware(
        SessionMiddleware,
        secret_key=_flow_secret(office),
        session_cookie="__Host-hub-flow" if https else "hub-flow",
        max_age=_FLOW_SECONDS,
        same_site="lax",
        https_only=https,
    )
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=_hosts(settings), www_redirect=False)
    app.add_middleware(Shield, https=https)
    return app


def _flow_secret(office: Office) -> str:
    """Make the key of the short-lived cookie that a sign-in needs before there is a session."""
    with office.reading() as books:
        return books.blind("console", "flow cookie")


def _hosts(settings: Settings) -> list[str]:
    own = settings.console.url.removeprefix("https://").partition(":")[0]
    return [*_LOCAL, own] if own else _LOCAL
