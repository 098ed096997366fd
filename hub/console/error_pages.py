"""Error pages: what went wrong and what to do, for people and programs.

Clients of the audit API receive problem details (RFC 9457). An internal failure is logged by its
class and never shown, because its text may contain personal data.
"""

from __future__ import annotations

import json
from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from hub.console.page_context import PageContext
from hub.console.security.guard import FormRefused, NotAllowed, NotSignedIn
from hub.console.security.rate_limits import TooManyRequests
from hub.evidence.pinned_checkpoint import LedgerBroken
from schemas.errors import (
    BadIdentifier,
    ConfigurationError,
    HubError,
    KeyDestroyed,
    NotFound,
    Unavailable,
)

log = structlog.get_logger()

_STATUS: tuple[tuple[type[HubError], HTTPStatus], ...] = (
    (NotSignedIn, HTTPStatus.UNAUTHORIZED),
    (NotAllowed, HTTPStatus.FORBIDDEN),
    (FormRefused, HTTPStatus.FORBIDDEN),
    (NotFound, HTTPStatus.NOT_FOUND),
    (BadIdentifier, HTTPStatus.BAD_REQUEST),
    (ConfigurationError, HTTPStatus.BAD_REQUEST),
    (KeyDestroyed, HTTPStatus.GONE),
    (TooManyRequests, HTTPStatus.TOO_MANY_REQUESTS),
    (Unavailable, HTTPStatus.SERVICE_UNAVAILABLE),
    (LedgerBroken, HTTPStatus.INTERNAL_SERVER_ERROR),
)
_HEADINGS = {
    HTTPStatus.BAD_REQUEST: "There is a problem with the request",
    HTTPStatus.FORBIDDEN: "You cannot open this page",
    HTTPStatus.NOT_FOUND: "Page not found",
    HTTPStatus.GONE: "This was erased",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests",
    HTTPStatus.SERVICE_UNAVAILABLE: "The hub is not available",
}
_WAIT_SECONDS = "60"


def add_handlers(app: FastAPI) -> None:
    """Answer every error with a page or with problem details."""
    app.add_exception_handler(HubError, _hub_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(Exception, _fault)


def status_of(error: HubError) -> HTTPStatus:
    """Return the HTTP status of a hub error."""
    found = (status for kind, status in _STATUS if isinstance(error, kind))
    return next(found, HTTPStatus.BAD_REQUEST)


async def _hub_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HubError)  # noqa: S101  registered for this class only
    if isinstance(error, NotSignedIn) and not _is_api(request):
        return RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
    return answer(request, status_of(error), error.code, str(error))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for this class only
    status = HTTPStatus(error.status_code)
    shown = answer(request, status, status.phrase.lower().replace(" ", "-"), "")
    for name, value in (error.headers or {}).items():
        shown.headers[name] = value
    return shown


async def _not_valid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for this class only
    places = {".".join(map(str, one["loc"])) for one in error.errors()}
    text = f"Not valid: {', '.join(sorted(places))}."
    return answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, "not-valid", text)


async def _fault(request: Request, error: Exception) -> Response:
    log.error("console.failed", error=type(error).__name__)
    text = "The hub failed. Nothing was changed. Report it to the operator, with the time."
    return answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, "hub-fault", text)


def _is_api(request: Request) -> bool:
    return request.url.path.startswith("/api/")


def answer(request: Request, status: HTTPStatus, code: str, text: str) -> Response:
    """Return the error page, or the problem details for a program."""
    if _is_api(request):
        problem = {"title": status.phrase, "status": int(status), "code": code, "detail": text}
        made = Response(json.dumps(problem), status, media_type="application/problem+json")
        if status is HTTPStatus.UNAUTHORIZED:
            made.headers["WWW-Authenticate"] = "Bearer"
    else:
        context: PageContext = request.app.state.page_context
        heading = _HEADINGS.get(status, "Something went wrong")
        page = context.render("problem.html", {"heading": heading, "text": text, "code": code})
        made = HTMLResponse(page, status)
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        made.headers["Retry-After"] = _WAIT_SECONDS
    return made
