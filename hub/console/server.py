"""Serving the console: on this machine, and elsewhere only behind a proxy with TLS."""

from __future__ import annotations

import ipaddress

import structlog
import uvicorn

from hub.console.app import create_app
from hub.settings import Settings
from hub.wiring import open_office
from schemas.errors import ConfigurationError

log = structlog.get_logger()


def serve(settings: Settings) -> None:
    """Serve until stopped; raises ConfigurationError for an address that would not be safe."""
    host, port = place(settings)
    office = open_office(settings)
    try:
        app = create_app(office, settings)
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(settings.console.url),
            timeout_graceful_shutdown=5,
        )
        log.info("console.started", place=f"http://{host}:{port}")
        uvicorn.Server(config).run()
        log.info("console.stopped")
    finally:
        office.engine.dispose()


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
