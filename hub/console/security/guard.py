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
_NUL = "\0"  # no database keeps it in a text
_SAFE = frozenset({"GET", "HEAD"})
_OWN = frozenset({"same-origin", "none"})


class NotSignedIn(HubError):
    """Nobody is signed in, or the session is over."""

    code = "not-signed-in"


class NotAllowed(HubError):
    """None of the person's roles opens this page."""

    code = "not-allowed"


class FormRefused(HubError):
    """A form did not come from a page of this console, or the page was too old."""

    code = "form-refused"


def cookie_name(context: PageContext) -> str:
    """Name the session's cookie; under https it is bound to this host alone (RFC 6265bis)."""
    return f"__Host-{COOKIE}" if context.https else COOKIE


@dataclass(frozen=True, slots=True)
class Visit:
    """One person's request for one page, let through."""

    request: Request
    context: PageContext
    visitor: Visitor
    form: Mapping[str, tuple[str, ...]]
    files: Mapping[str, bytes]

    @property
    def hub(self) -> Hub:
        """The hub's hub."""
        return self.context.hub

    @property
    def person(self) -> str:
        """The person's staff reference."""
        return self.visitor.person

    def may(self, permission: Permission) -> bool:
        """Whether a role opens something."""
        return permission in self.visitor.may

    def field(self, name: str) -> str:
        """Give one field of the form, without spaces around it; empty where it is not there."""
        return (self.form.get(name) or ("",))[0].strip()

    def query(self, name: str) -> str:
        """Give one part of the address's query, empty where it is not there."""
        return self.request.query_params.get(name, "").strip()

    def reason_for(self, child: str) -> str | None:
        """Why the person looks at a child, as they said; None where they must say it first."""
        return self.visitor.because(child, clock.now())

    def record_access(self, what: str, child: str | None = None, reason: str = "") -> None:
        """Write a look into the ledger, before what is looked at is shown."""
        with self.hub.writing() as (_, lines):
            lines.append(DataAccessedEntry(by=self.person, what=what, child=child, reason=reason))

    def page(self, template: str, status: int = 200, **context: object) -> HTMLResponse:
        """Answer with a page."""
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
        """Answer with another page of ours, as after a form."""
        return RedirectResponse(path, 303)


class Needs:
    """What a page needs: a permission, and the words under which a look stands in the ledger.

    Of several permissions one is enough. Without words the page records its own look, with the
    child and the reason.
    """

    def __init__(self, permission: Permission | frozenset[Permission], look: str = "") -> None:
        self.any_of: frozenset[Permission] = (
            frozenset({permission}) if isinstance(permission, Permission) else permission
        )
        self.look = look

    async def __call__(self, request: Request) -> Visit:
        """Let a request through as a visit, or raise."""
        context: PageContext = request.app.state.page_context
        visitor = await run_in_threadpool(who, request, context)
        pace: RateLimits = request.app.state.rate_limits
        pace.check_visitor(visitor.session.digest)
        if self.any_of.isdisjoint(visitor.may):
            raise NotAllowed("Your role does not open this page.")
        if _NUL in unquote(f"{request.scope['path']}?{request.url.query}"):
            raise NotFound("There is no such page.")
        form, files = await _form(request)
        if request.method not in _SAFE:
            _check_form(request, visitor, form)
        visit = Visit(request, context, visitor, form, files)
        if self.look and request.method in _SAFE:
            await run_in_threadpool(visit.record_access, self.look)
        return visit


def who(request: Request, context: PageContext) -> Visitor:
    """Tell who asks: by the session's cookie, or for the audit API by a token."""
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
        raise FormRefused("The form holds a character that is no text.")
    return fields, files


def _check_form(request: Request, visitor: Visitor, form: Mapping[str, tuple[str, ...]]) -> None:
    check_origin(request)
    given = (form.get("csrf") or ("",))[0]
    if not secrets.compare_digest(given.encode(), visitor.session.csrf.encode()):
        raise FormRefused("The page was too old. Go back, load it again, and send it once more.")


def check_origin(request: Request) -> None:
    """Refuse a form that another site sent (Fetch Metadata, where the browser says so)."""
    if request.headers.get("sec-fetch-site", "none") not in _OWN:
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
