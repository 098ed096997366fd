"""What every answer carries, and what no request may be: headers, sizes, other hosts.

The content security policy lets a page load its own stylesheet and pictures and send forms to its
own address, and nothing else: no script at all. Sources: CSP Level 3, Fetch, OWASP Secure Headers.
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


class TooLarge(Exception):
    """A request has more bytes than any form of ours."""


class SecurityMiddleware:
    """The outermost layer of the console (ASGI)."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through with its size watched, and dress the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        taken = 0

        async def watched() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > LARGEST:
                raise TooLarge
            return message

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._dress(MutableHeaders(scope=message), str(scope.get("path", "")))
            await send(message)

        try:
            await self._app(scope, watched, dressed)
        except TooLarge:
            answer = PlainTextResponse("The request is too large.", 413)
            await answer(scope, receive, dressed)

    def _dress(self, headers: MutableHeaders, path: str) -> None:
        for name, value in HEADERS.items():
            headers[name] = value
        if not path.startswith("/static/"):
            headers["Cache-Control"] = "no-store"
        if self._https:
            headers["Strict-Transport-Security"] = _HTTPS_ONLY


def address_of(request: Request) -> str:
    """Give the address a request comes from, as the server sees it."""
    return request.client.host if request.client else "unknown"
