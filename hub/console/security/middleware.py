"""Security middleware: headers of every response, and a limit on the size of requests.

The content security policy lets a page load its own stylesheet and images and send forms to its own
address only. It allows no script. Sources: CSP Level 3, Fetch, OWASP Secure Headers.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 2_097_152
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_HTTPS_ONLY = "max-age=31536000"


class RequestTooLarge(Exception):
    """A request is larger than any form of the console."""


class SecurityMiddleware:
    """The outermost layer of the console (ASGI)."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on while counting its bytes, and add headers to the response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > LARGEST:
                raise RequestTooLarge
            return message

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add_headers(MutableHeaders(scope=message), str(scope.get("path", "")))
            await send(message)

        try:
            await self._app(scope, counted, with_headers)
        except RequestTooLarge:
            answer = PlainTextResponse("The request is too large.", 413)
            await answer(scope, receive, with_headers)

    def _add_headers(self, headers: MutableHeaders, path: str) -> None:
        for name, value in HEADERS.items():
            headers[name] = value
        if not path.startswith("/static/"):
            headers["Cache-Control"] = "no-store"
        if self._https:
            headers["Strict-Transport-Security"] = _HTTPS_ONLY


def address_of(request: Request) -> str:
    """Return the client address of a request, as the server sees it."""
    return request.client.host if request.client else "unknown"
