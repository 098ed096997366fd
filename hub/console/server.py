"""Serving the console: on this machine, and elsewhere only behind a proxy with TLS."""

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
    """Serve until stopped; raises ConfigurationError for an address that would not be safe."""
    door = _door(*place(settings))
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
        host, port = door.getsockname()[:2]
        log.info("console.started", place=f"http://{host}:{port}")
        uvicorn.Server(config).run(sockets=[door])
        log.info("console.stopped")
    finally:
        hub.engine.dispose()


def _door(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host.strip("[]"), port), family=family)
    except OSError as error:
        raise ConfigurationError(
            f"The console cannot listen on {host}:{port} ({error.strerror}). If it is not running "
            "already, choose another place with console.listen in the settings."
        ) from None


def place(settings: Settings) -> tuple[str, int]:
    """Read where to listen; raises ConfigurationError where passwords would travel in clear."""
    host, _, port = settings.console.listen.rpartition(":")
    if not settings.console.url and not _is_loopback(host):
        raise ConfigurationError(
            f"console.listen is {settings.console.listen}, which others can reach. Let a proxy "
            "with TLS serve it, and name its https address in console.url; or listen on 127.0.0.1."
        )
    return host, int(port)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
