"""Server of the console: listens on this machine, or behind a proxy that terminates TLS."""

from __future__ import annotations

import ipaddress
import socket

import structlog
import uvicorn

from hub.console.app import create_app
from hub.foundation.settings import Settings
from hub.runtime.bootstrap import open_hub
from schemas.errors import ConfigurationError

log = structlog.get_logger()


def serve(settings: Settings) -> None:
    """Serve until stopped; raises ConfigurationError for an unsafe or occupied address."""
    listener = _listen(*listen_address(settings))
    hub = open_hub(settings)
    try:
        app = create_app(hub, settings)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(settings.console.url),
            timeout_graceful_shutdown=5,
        )
        host, port = listener.getsockname()[:2]
        log.info("console.started", place=f"http://{host}:{port}")
        uvicorn.Server(config).run(sockets=[listener])
        log.info("console.stopped")
    finally:
        hub.engine.dispose()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host.strip("[]"), port), family=family)
    except OSError as error:
        raise ConfigurationError(
            f"The console cannot listen on {host}:{port} ({error.strerror}). Check that it is not "
            "running already, or set another address in console.listen."
        ) from None


def listen_address(settings: Settings) -> tuple[str, int]:
    """Return host and port; raises ConfigurationError if passwords would be sent unencrypted."""
    host, _, port = settings.console.listen.rpartition(":")
    if not settings.console.url and not _is_loopback(host):
        raise ConfigurationError(
            f"console.listen is {settings.console.listen}, which other machines can reach. Listen "
            "on 127.0.0.1, or put a proxy with TLS in front and set its https address in "
            "console.url."
        )
    return host, int(port)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
