"""Pages of agreements: the list, one version, the record of processing, and what-if."""

from __future__ import annotations

import json

from schemas.roles import Role
from tests.configuration import _AGREEMENT
from tests.hub.console.conftest import Console
from tests.hub.console.page import ConsolePage


def test_the_list_leads_to_each_version(console: Console) -> None:
    """With its title and state."""
    guest = console.sign_in(Role.AUDITOR)
    page = guest.get("/agreements")
    assert page.status_code == 200
    assert "/agreements/test-sharing/1" in page.text
    assert "In force" in page.text
    one = guest.get("/agreements/test-sharing/1")
    assert (one.status_code, "In force" in one.text) == (200, True)
    assert guest.get("/agreements/test-sharing/9").status_code == 404


def test_the_record_of_processing_is_shown_and_downloaded(console: Console) -> None:
    """As a page, as CSV and as JSON, with the same activities."""
    guest = console.sign_in(Role.IG_OFFICER)
    assert guest.get("/agreements/processing").status_code == 200
    record = json.loads(guest.get("/agreements/processing.json").text)
    rows = guest.get("/agreements/processing.csv").text.splitlines()
    assert len(record["activities"]) == len(rows) - 1
    assert record["activities"][0]["basis_sentence"]


def test_a_proposed_agreement_is_compared(console: Console) -> None:
    """A wrong one is refused with the line."""
    guest = console.sign_in(Role.IG_OFFICER)
    found = guest.post("/agreements/what-if", text=_AGREEMENT)
    assert (found.status_code, "test-sharing" in found.text) == (200, True)
    wrong = _AGREEMENT.replace("version = 1", "version = 0")
    refused = guest.post("/agreements/what-if", text=wrong)
    assert (refused.status_code, ":2: version" in refused.text) == (400, True)


def test_the_overview_shows_figures(console: Console) -> None:
    """The ledger of a new hub is valid."""
    page = ConsolePage(console.sign_in(Role.OPERATOR).get("/"))
    ledger = page.html.split('<li class="hub-card ')[1]
    assert ledger.startswith("hub-card--good")
    assert len(page.rows("days")) == 30
