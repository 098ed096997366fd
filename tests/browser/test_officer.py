"""An officer's day at the console, in a browser without JavaScript, over the borough."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from hub.roles import Role
from hub.store.deliveries import Deliveries
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
    assert "Sound" in shown
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
    assert "told nothing, not even that there is such an event" in shown
    assert "UK GDPR Article 6(1)(e)" in shown
    page.get_by_role("button", name="Run this decision again").first.click()
    assert "comes out the same" in text(page)
    assert site.address in page.url


def test_a_withdrawal_tells_its_effect_before_it_counts(site: Site, page: Page) -> None:
    """What is queued would become unreadable; nothing has changed until it is confirmed."""
    where = known(site.office)
    open_page(page, f"/children/{where.child}")
    assert "What was said about sharing" in text(page)
    open_page(page, f"/children/{where.child}/directives/{where.directive}/withdraw")
    with site.office.reading() as books:
        before = books.ledger.size()
        directive = books.said.find(where.directive)
    assert directive is not None
    assert directive.withdrawn_at is None
    page.get_by_label(re.compile("evidence", re.IGNORECASE)).first.fill("Letter, file 104")
    page.locator("main form button").first.click()
    with site.office.reading() as books:
        assert isinstance(books.deliveries, Deliveries)
        assert books.ledger.size() > before


def test_a_proposed_agreement_is_tried_before_it_is_published(page: Page) -> None:
    """A file is chosen, and who would newly see what is told."""
    page.goto("/agreements/what-if")
    proposal = _WIDER.encode()
    page.get_by_label("The proposed agreement, a TOML file").set_input_files(
        {"name": "wider.toml", "mimeType": "application/toml", "buffer": proposal}
    )
    page.get_by_role("button", name="Try it").click()
    shown = text(page)
    assert "would come out differently" in shown
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
