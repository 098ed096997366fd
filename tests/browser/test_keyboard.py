"""The console with a keyboard alone: every control is reached, seen when reached, and works."""

from __future__ import annotations

from playwright.sync_api import Page

from schemas.roles import Role
from tests.borough_store import PASSWORD
from tests.browser.conftest import Site
from tests.browser.places import BECAUSE, known

MANY_TABS = 400
_CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']"
_FOCUSED = """
() => {
  const e = document.activeElement;
  const style = getComputedStyle(e);
  const seen = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
  return {
    name: e.tagName.toLowerCase() + ' ' + (e.innerText || e.name || e.id || '').trim().slice(0, 40),
    index: Array.from(document.querySelectorAll(%r)).indexOf(e),
    seen: seen && style.outlineWidth !== '0px',
  };
}
"""


def tabbed(page: Page) -> list[dict[str, object]]:
    """Press Tab until the page is left; gives what had the focus, in order."""
    found: list[dict[str, object]] = []
    for _ in range(MANY_TABS):
        page.keyboard.press("Tab")
        one = page.evaluate(_FOCUSED % _CONTROLS)
        if one["index"] == -1 or (found and one["index"] == found[0]["index"]):
            return found
        found.append(one)
    return found


def test_tab_reaches_every_control_in_order_and_shows_where_it_is(site: Site) -> None:
    """On pages with links, forms and tables; radio buttons of a group count as one stop."""
    page = site.visit(Role.IG_OFFICER, scripts=True)
    where = known(site.hub)
    for address in ("/", "/search", "/agreements/what-if", "/integrity", "/reviews"):
        page.goto(address)
        stops = tabbed(page)
        assert [one for one in stops if not one["seen"]] == [], address
        order = [one["index"] for one in stops]
        assert order == sorted(order), address
        visible = page.locator(_CONTROLS).filter(visible=True).count()
        radios = page.locator("input[type=radio]").count()
        groups = page.locator(".govuk-radios").count()
        closed = page.locator("details:not([open]) [tabindex='0']").count()
        assert len(stops) >= visible - radios + groups - closed, (address, where.child)


def test_the_first_stop_skips_to_the_content(site: Site) -> None:
    """Whoever uses a keyboard need not go through the navigation on every page."""
    page = site.visit(Role.IG_OFFICER)
    page.goto("/agreements")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.url.endswith("#main-content")


def test_somebody_signs_in_and_finds_a_decision_with_keys_alone(site: Site) -> None:
    """No mouse, no script: sign in, say why, open a child's event, run a decision again."""
    where = known(site.hub)
    page = site.visit()
    page.goto("/sign-in")
    page.get_by_label("Name").focus()
    page.keyboard.type("ig-officer")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.address}/")
    page.goto(f"/events/{where.event}")
    page.locator("main input[name=reason]").focus()
    page.keyboard.type(BECAUSE)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.address}/events/{where.event}*")
    again = page.get_by_role("button", name="Replay this decision").first
    again.focus()
    page.keyboard.press("Enter")
    page.locator(".hub-again:not(.hub-again--alert)").first.wait_for()
