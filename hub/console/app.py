"""The console as one application: its pages, sign-in, error pages and middleware.

The pages are listed in ``register.py``.
"""

from __future__ import annotations

from fastapi import FastAPI
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles

from hub.console import register
from hub.console.error_pages import add_handlers
from hub.console.page_context import make_page_context
from hub.console.security.middleware import SecurityMiddleware
from hub.console.security.openid import OpenId
from hub.console.security.rate_limits import RateLimits
from hub.console.verification_run import VerificationRunner
from hub.foundation.settings import Settings
from hub.intake.hub import Hub

_FLOW_SECONDS = 900
_LOCAL = ["127.0.0.1", "localhost", "[::1]", "testserver"]


def create_app(hub: Hub, settings: Settings, limits: RateLimits | None = None) -> FastAPI:
    """Return the application; raises AssertionError if a route differs from its register row."""
    app = FastAPI(title="Interagency Hub: audit", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.page_context = make_page_context(hub, settings, register.menu())
    app.state.rate_limits = limits or RateLimits()
    app.state.openid = OpenId(settings)
    app.state.verification = VerificationRunner()
    for group in register.REGISTER:
        app.include_router(group.router)
    app.mount("/static", StaticFiles(packages=[("hub.console", "static")]), name="static")
    register.check_register()
    add_handlers(app)
    https = bool(settings.console.url)
    app.add_middleware(
        SessionMiddleware,
        secret_key=_flow_secret(hub),
        session_cookie="__Host-hub-flow" if https else "hub-flow",
        max_age=_FLOW_SECONDS,
        same_site="lax",
        https_only=https,
    )
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=_hosts(settings), www_redirect=False)
    app.add_middleware(SecurityMiddleware, https=https)
    return app


def _flow_secret(hub: Hub) -> str:
    """Return the key of the short-lived cookie used by sign-in before a session exists."""
    with hub.reading() as work:
        return work.blind("console", "flow cookie")


def _hosts(settings: Settings) -> list[str]:
    own = settings.console.url.removeprefix("https://").partition(":")[0]
    return [*_LOCAL, own] if own else _LOCAL
