"""An officer's day at the console, in a browser without JavaScript, over the borough."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from schemas.roles import Role
from tests.browser.conftest import Site
from tests.browser.places import BECAUSE, known, open_page


@pytest.fixture
def page(site: Site) -> Page:
    """A window of an officer who is signed in; scripts are off."""
    return site.visit(Role.IG_OFFICER)


def text(page: Page) -> str:
    """What a person reads on the page."""
    return page.locator("main").inner_text()


def test_the_overview_says_how_the_hub_stands(page: Page) -> None:
    """The ledger is sound, something waits for a person, and an agreement has expired."""
    shown = text(page)
    assert page.locator("main .hub-card").first.get_attribute("class") == "hub-card hub-card--good"
    assert "A safeguarding override was used" in shown
    assert "expired" in shown


def test_why_something_was_withheld_is_found_and_explained(site: Site, page: Page) -> None:
    """From a search by reason to the rule, the agreement, the directive, and the decision anew."""
    page.goto("/search?reason=consent-withdrawn")
    assert "the consent it rested on was withdrawn" in text(page)
    page.locator("main table a").first.click()
    page.locator("main input[name=reason]").fill(BECAUSE)
    page.locator("main form button").first.click()
    shown = text(page)
    assert "Withheld" in shown
    assert "UK GDPR Article 6(1)(e)" in shown
    page.get_by_role("button", name="Replay this decision").first.click()
    assert page.locator(".hub-again").count() == 1
    assert page.locator(".hub-again--alert").count() == 0
    assert site.address in page.url


def entries(site: Site, kind: str) -> int:
    """How many entries of a kind the ledger has."""
    with site.hub.reading() as work:
        return sum(row.kind == kind for row in work.ledger.rows())


def test_a_restriction_tells_its_effect_before_it_counts(site: Site, page: Page) -> None:
    """What is queued would become unreadable; nothing is recorded until that is confirmed."""
    where = known(site.hub)
    before = entries(site, "directive-recorded")
    open_page(page, f"/children/{where.child}/directives/new")
    page.locator("input[name=kind][value=restriction]").check()
    page.locator("input[name=authority][value=court]").check()
    new = page.locator("input[name=speaker][value=new]")
    if new.get_attribute("type") == "radio":
        new.check()
    page.locator("input[name=decider_ref]").fill("ZZ26P00104")
    page.locator("input[name=restriction][value=court-order]").check()
    page.locator("input[name=evidence]").fill("Order ZZ26P00104, legal file 7")
    page.get_by_role("button", name="Continue").click()
    assert page.locator("#effect li").count() >= 1
    assert entries(site, "directive-recorded") == before
    page.locator("main form button").first.click()
    page.wait_for_load_state()
    assert entries(site, "directive-recorded") == before + 1


def test_a_proposed_agreement_is_tried_before_it_is_published(page: Page) -> None:
    """A file is chosen, and who would newly see what is told."""
    page.goto("/agreements/what-if")
    proposal = _WIDER.encode()
    page.get_by_label("The proposed agreement, a TOML file").set_input_files(
        {"name": "wider.toml", "mimeType": "application/toml", "buffer": proposal}
    )
    page.get_by_role("button", name="Compare").click()
    shown = text(page)
    assert page.locator("table:has(#groups) tbody tr").count() >= 1
    assert "Northmoor Community NHS Trust" in shown


_WIDER = """\
id = "wider"
version = 1
title = "A proposal that would tell the trust of reviews of plans"
parties = ["northmoor-send", "northmoor-community-nhs"]
approved_by = "Nobody yet"
approved_on = 2026-01-01
valid_from = 2026-01-01T00:00:00Z
valid_until = 2030-01-01T00:00:00Z
dpia = "DPIA-PROPOSED"

[bases.task]
article_6 = "6(1)(e)"
confidentiality = "legal-duty"
gate = "Children and Families Act 2014"

[[rules]]
id = "reviews-to-trust"
sources = ["northmoor-send"]
recipients = ["northmoor-community-nhs"]
event_types = ["ehc.ehc-plan-reviewed.v1"]
purpose = "direct-care"
basis = "task"
involvement = "any"
fields.identity = ["nhs_number", "family_name", "given_name", "birth_date"]
fields.sen = ["reviewed_on", "outcome", "next_review_due"]
"""
