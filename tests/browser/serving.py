"""The system's Chromium, and the console served to it on this machine as 'hub console' does."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn

from hub.console.app import create_app
from hub.console.security.rate_limits import RateLimits
from hub.foundation.settings import Settings
from hub.intake.hub import Hub

# No sandbox, for CI may run as root; and nothing of the browser's own that would ask the network.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """Find the system's Chromium: without one, skip at a desk and fail in CI."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None and os.environ.get("CI"):
        pytest.fail("Chromium is not installed; 'make test' installs it on Debian and Ubuntu")
    if found is None:
        pytest.skip("Chromium is not installed")
    return found


@contextmanager
def served(settings: Settings, hub: Hub) -> Iterator[str]:
    """Serve the console; gives its address."""
    door = socket.create_server(("127.0.0.1", 0))
    app = create_app(hub, settings, RateLimits(sign_ins="1000/minute", pages="100000/minute"))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{door.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
