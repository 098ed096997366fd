"""A real headless Chromium at the console, over the borough in a real store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from hub.cli.context import quiet_logs
from hub.foundation.settings import Settings
from hub.intake.hub import Hub
from schemas.roles import Role
from tests.borough_store import PASSWORD, build
from tests.browser.serving import FLAGS, chromium, served


@dataclass
class Site:
    """The console as it is served, and browsers that visit it."""

    address: str
    hub: Hub
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
def borough(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, Hub]]:
    """The borough in a store, once for each test process."""
    quiet_logs()
    settings, hub = build(tmp_path_factory.mktemp("borough"))
    yield settings, hub
    hub.engine.dispose()


@pytest.fixture(scope="session")
def address(borough: tuple[Settings, Hub]) -> Iterator[str]:
    """The console, served on this machine as 'hub console' does."""
    with served(*borough) as address:
        yield address


@pytest.fixture
def site(borough: tuple[Settings, Hub], address: str, browser: Browser) -> Iterator[Site]:
    """The console, with browsers that are closed at the end of the test."""
    settings, hub = borough
    opened = Site(address, hub, settings, browser, [])
    yield opened
    for context in opened.contexts:
        context.close()
