"""Every page of the console: no violation that axe finds, at 320 pixels, and at twice the size.

axe-core 4 (bundled in axe-playwright-python) looks for failures of WCAG 2.2 A and AA and of good
practice. At 320 CSS pixels nothing but a table's own region may scroll sideways (WCAG 1.4.10);
zooming to 200 % is a window of half the width at twice the density (WCAG 1.4.4).
"""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from schemas.roles import Role
from tests.browser.conftest import Site
from tests.browser.places import Known, addresses, known, open_page

NARROW, WIDE = 320, 1280


@pytest.fixture
def where(site: Site) -> Known:
    """Ids of the borough."""
    return known(site.hub)


def violations(page: Page, address: str) -> list[str]:
    """What axe finds on a page."""
    open_page(page, address)
    found = Axe().run(page)
    if not found.violations_count:
        return []
    return [f"{address}: {one['id']}: {_targets(one)}" for one in found.response["violations"]]


def _targets(violation: dict[str, list[dict[str, object]]]) -> str:
    return ", ".join(str(node["target"]) for node in violation["nodes"][:3])


def test_axe_finds_nothing_on_any_page(site: Site, where: Known) -> None:
    """Not one violation, as an officer sees them, and as nobody signed in does."""
    page = site.visit(Role.IG_OFFICER, scripts=True)
    found = [line for address in addresses(where) for line in violations(page, address)]
    nobody = site.visit(scripts=True)
    for address in ("/sign-in", "/accessibility", "/no-such-page"):
        found += violations(nobody, address)
    assert found == []


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.REVIEWER, Role.AUDITOR])
def test_axe_finds_nothing_for_the_other_roles(site: Site, role: Role) -> None:
    """Pages differ by role; refused ones are pages, too."""
    page = site.visit(role, scripts=True)
    some = ("/", "/reviews", "/quarantine", "/integrity", "/access-log", "/search")
    assert [line for address in some for line in violations(page, address)] == []


OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize(("width", "scale"), [(NARROW, 1.0), (WIDE // 2, 2.0)])
def test_nothing_spills_off_a_small_or_enlarged_page(
    site: Site, where: Known, width: int, scale: float
) -> None:
    """Only a table's own region scrolls sideways."""
    page = site.visit(Role.IG_OFFICER, width=width, scale=scale, scripts=True)
    spilling = {}
    for address in addresses(where):
        open_page(page, address)
        more = page.evaluate(OVERFLOW)
        if more > 0:
            spilling[address] = more
    assert spilling == {}


def test_every_page_has_one_heading_a_title_and_a_language(site: Site, where: Known) -> None:
    """So that somebody who listens knows where they are."""
    page = site.visit(Role.IG_OFFICER)
    wrong = []
    for address in addresses(where):
        open_page(page, address)
        title, headings = page.title(), page.locator("h1").count()
        language = page.locator("html").get_attribute("lang")
        if headings != 1 or language != "en" or not title.endswith("- Interagency Hub"):
            wrong.append((address, title, headings))
    assert wrong == []


def test_no_page_asks_another_host_or_has_a_script(site: Site, where: Known) -> None:
    """Nothing is loaded from elsewhere, and nothing needs JavaScript."""
    page = site.visit(Role.IG_OFFICER)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    scripts = 0
    for address in addresses(where):
        open_page(page, address)
        scripts += page.locator("script").count() + page.locator("[style], [onclick]").count()
    assert scripts == 0
    assert {url for url in asked if not url.startswith(site.address)} == set()
