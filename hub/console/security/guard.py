"""Access control: a page opens only to a signed-in user with the permission it asks for.

A page takes a ``Visit``, which only ``Needs`` creates: the session is valid, a role of the user has
the permission, a form comes from a page of this console, and the access is in the ledger before
anything is shown. ``hub/console/register.py`` checks every page against its row.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from hub.casework.accounts.sign_in import Visitor, visitor_of
from hub.console.page_context import PageContext
from hub.console.security.rate_limits import RateLimits
from hub.foundation import clock
from hub.intake.hub import Hub
from hub.journey.entries.access import DataAccessedEntry
from schemas.errors import HubError, NotFound
from schemas.roles import Permission

COOKIE = "hub-session"
_NUL = "\0"  # databases refuse it in text
_SAFE = frozenset({"GET", "HEAD"})
_SAME_SITE = frozenset({"same-origin", "none"})


class NotSignedIn(HubError):
    """No user is signed in, or the session has ended."""

    code = "not-signed-in"


class NotAllowed(HubError):
    """No role of the user has the permission."""

    code = "not-allowed"


class FormRefused(HubError):
    """A form did not come from a page of this console, or the page has expired."""

    code = "form-refused"


def cookie_name(context: PageContext) -> str:
    """Return the name of the session cookie; with https it is bound to this host (RFC 6265bis)."""
    return f"__Host-{COOKIE}" if context.https else COOKIE


@dataclass(frozen=True, slots=True)
class Visit:
    """One admitted request of a signed-in user."""

    request: Request
    context: PageContext
    visitor: Visitor
    form: Mapping[str, tuple[str, ...]]
    files: Mapping[str, bytes]

    @property
    def hub(self) -> Hub:
        """The hub."""
        return self.context.hub

    @property
    def person(self) -> str:
        """The user's staff reference."""
        return self.visitor.person

    def may(self, permission: Permission) -> bool:
        """Whether the user has a permission."""
        return permission in self.visitor.may

    def field(self, name: str) -> str:
        """Return a field of the form, stripped; empty if it is missing."""
        return (self.form.get(name) or ("",))[0].strip()

    def query(self, name: str) -> str:
        """Return a parameter of the query, stripped; empty if it is missing."""
        return self.request.query_params.get(name, "").strip()

    def reason_for(self, child: str) -> str | None:
        """Return the user's valid reason to access a child; None if they must give one first."""
        return self.visitor.because(child, clock.now())

    def record_access(self, what: str, child: str | None = None, reason: str = "") -> None:
        """Record an access in the ledger; called before anything is shown."""
        with self.hub.writing() as (_, lines):
            lines.append(DataAccessedEntry(by=self.person, what=what, child=child, reason=reason))

    def page(self, template: str, status: int = 200, **context: object) -> HTMLResponse:
        """Return a page."""
        common = {
            "visit": self,
            "person": self.person,
            "may": {one.value for one in self.visitor.may},
            "csrf": self.visitor.session.csrf,
            "path": self.request.url.path,
            "menu": [
                one for one in self.context.menu if not one.permissions.isdisjoint(self.visitor.may)
            ],
        }
        return HTMLResponse(self.context.render(template, {**common, **context}), status)

    def redirect(self, path: str) -> RedirectResponse:
        """Return a redirect to a page of this console, as after a form."""
        return RedirectResponse(path, 303)


class Needs:
    """Dependency of a page: the permission it asks for, and how its access is recorded.

    One of several permissions is enough. Without a description in ``access`` the page records its
    own access, with the child and the reason.
    """

    def __init__(self, permission: Permission | frozenset[Permission], access: str = "") -> None:
        self.any_of: frozenset[Permission] = (
            frozenset({permission}) if isinstance(permission, Permission) else permission
        )
        self.access = access

    async def __call__(self, request: Request) -> Visit:
        """Admit a request; raises NotSignedIn, NotAllowed, FormRefused or TooManyRequests."""
        context: PageContext = request.app.state.page_context
        visitor = await run_in_threadpool(authenticate, request, context)
        limits: RateLimits = request.app.state.rate_limits
        limits.check_visitor(visitor.session.digest)
        if self.any_of.isdisjoint(visitor.may):
            raise NotAllowed("Your role does not allow you to open this page.")
        if _NUL in unquote(f"{request.scope['path']}?{request.url.query}"):
            raise NotFound("There is no such page.")
        form, files = await _form(request)
        if request.method not in _SAFE:
            _check_form(request, visitor, form)
        visit = Visit(request, context, visitor, form, files)
        if self.access and request.method in _SAFE:
            await run_in_threadpool(visit.record_access, self.access)
        return visit


def authenticate(request: Request, context: PageContext) -> Visitor:
    """Find the user by session cookie or, for the audit API, by token; raises NotSignedIn."""
    bearer = request.headers.get("authorization", "")
    if request.url.path.startswith("/api/") and bearer.lower().startswith("bearer "):
        token, program = bearer[7:].strip(), True
    else:
        token, program = request.cookies.get(cookie_name(context), ""), False
    visitor = visitor_of(context.hub, token, context.idle, program=program) if token else None
    if visitor is None:
        raise NotSignedIn("Sign in first.")
    return visitor


async def _form(request: Request) -> tuple[dict[str, tuple[str, ...]], dict[str, bytes]]:
    if request.method in _SAFE:
        return {}, {}
    given = await request.form(max_files=4, max_fields=200)
    fields: dict[str, tuple[str, ...]] = {}
    files: dict[str, bytes] = {}
    for name, value in given.multi_items():
        if isinstance(value, UploadFile):
            files[name] = await value.read()
        else:
            fields[name] = (*fields.get(name, ()), value)
    if any(_NUL in value for values in fields.values() for value in values):
        raise FormRefused("The form contains a character that is not text.")
    return fields, files


def _check_form(request: Request, visitor: Visitor, form: Mapping[str, tuple[str, ...]]) -> None:
    check_origin(request)
    given = (form.get("csrf") or ("",))[0]
    if not secrets.compare_digest(given.encode(), visitor.session.csrf.encode()):
        raise FormRefused("The page has expired. Go back, reload it and send the form again.")


def check_origin(request: Request) -> None:
    """Refuse a form that the browser marks as sent by another site (Fetch Metadata)."""
    if request.headers.get("sec-fetch-site", "none") not in _SAME_SITE:
        raise FormRefused("The form was sent from another site.")


def guarded(route: APIRoute) -> Needs | None:
    """Return what a route needs; None if it asks for no permission."""
    calls = (dependency.call for dependency in route.dependant.dependencies)
    return next((call for call in calls if isinstance(call, Needs)), None)


def routes_of(router: APIRouter) -> list[APIRoute]:
    """Return the routes of a router; raises AssertionError for one that cannot be guarded."""
    other = [route for route in router.routes if not isinstance(route, APIRoute)]
    if other:
        message = f"{other[0]} cannot be guarded"
        raise AssertionError(message)
    return [route for route in router.routes if isinstance(route, APIRoute)]
