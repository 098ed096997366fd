"""A real headless Chromium at the console, over the borough in a real store."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from hub.cli.ground import quiet_logs
from hub.console.app import create_app
from hub.console.pace import Pace
from hub.office import Office
from hub.roles import Role
from hub.settings import Settings
from tests.borough_store import PASSWORD, build

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


@dataclass
class Site:
    """The console as it is served, and browsers that visit it."""

    address: str
    office: Office
    settings: Settings
    browser: Browser
    contexts: list[BrowserContext]

    def visit(
        self,
        role: Role | None = None,
        *,
        width: int = 1280,
        scale: float = 1,
        scripts: bool = False,
    ) -> Page:
        """Open a browser window, signed in where a role is given; scripts are off by default."""
        context = self.browser.new_context(
            base_url=self.address,
            viewport={"width": width, "height": 900},
            device_scale_factor=scale,
            java_script_enabled=scripts,
        )
        self.contexts.append(context)
        page = context.new_page()
        if role is not None:
            page.goto("/sign-in")
            page.get_by_label("Name").fill(role.value)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in", exact=True).click()
            page.wait_for_url(f"{self.address}/")
        return page


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for each test process."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def borough(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, Office]]:
    """The borough in a store, once for each test process."""
    quiet_logs()
    settings, office = build(tmp_path_factory.mktemp("borough"))
    yield settings, office
    office.engine.dispose()


@pytest.fixture(scope="session")
def address(borough: tuple[Settings, Office]) -> Iterator[str]:
    """The console, served on this machine as 'hub console' does."""
    settings, office = borough
    door = socket.create_server(("127.0.0.1", 0))
    app = create_app(office, settings, Pace(sign_ins="1000/minute", pages="100000/minute"))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{door.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def site(borough: tuple[Settings, Office], address: str, browser: Browser) -> Iterator[Site]:
    """The console, with browsers that are closed at the end of the test."""
    settings, office = borough
    opened = Site(address, office, settings, browser, [])
    yield opened
    for context in opened.contexts:
        context.close()


Visit = Callable[..., Page]
