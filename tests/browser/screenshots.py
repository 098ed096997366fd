"""Pictures of the console's main pages for docs/console.md: ``make screenshots``.

They show the borough, in which everybody is invented, in a real Chromium.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from consent.reasons import ReviewCause
from hub.cli.context import quiet_logs
from hub.intake.hub import Hub
from tests.borough_store import PASSWORD, build
from tests.browser.places import BECAUSE, known, open_page
from tests.browser.serving import FLAGS, chromium, served

FOLDER = Path("docs/images")
WIDTH, TALLEST = 1100, 1500


def take(page: Page, hub: Hub, folder: Path) -> Iterator[str]:
    """Open each page and take its picture; gives the names."""
    where = known(hub)
    review = where.reviews[ReviewCause.POSSIBLE_MATCH]
    addresses = {
        "overview": "/",
        "search": "/search?outcome=withheld&reason=consent-withdrawn",
        "event": f"/events/{where.event}",
        "child": f"/children/{where.child}",
        "review": f"/reviews/{review}",
        "agreement": "/agreements/health-by-consent/4",
        "integrity": "/integrity",
        "access-log": "/access-log",
    }
    for name, address in addresses.items():
        open_page(page, address)
        asked = page.locator("main input[name=reason]")
        if name == "review" and asked.count() == 1:
            asked.fill(BECAUSE)
            page.locator("main form button").first.click()
            page.wait_for_load_state()
        file = folder / f"console-{name}.png"
        height = page.evaluate("document.documentElement.scrollHeight")
        page.screenshot(
            path=file,
            full_page=True,
            clip={"x": 0, "y": 0, "width": WIDTH, "height": min(height, TALLEST)},
        )
        yield str(file)


def main(folder: Path) -> None:
    """Make every picture."""
    quiet_logs()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as state, sync_playwright() as playwright:
        settings, hub = build(Path(state))
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        with served(settings, hub) as address:
            context = browser.new_context(
                base_url=address, viewport={"width": WIDTH, "height": 900}
            )
            page = context.new_page()
            page.goto("/sign-in")
            page.get_by_label("Name").fill("ig-officer")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in", exact=True).click()
            page.wait_for_url(f"{address}/")
            for name in take(page, hub, folder):
                sys.stdout.write(f"{name}\n")
        browser.close()
        hub.engine.dispose()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
