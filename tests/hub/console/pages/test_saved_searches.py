"""Searches that users save under a name."""

from __future__ import annotations

import re

import pytest

from hub.casework.search.saved import MOST, forget, keep, listed
from schemas.errors import ConfigurationError, NotFound
from schemas.roles import Role
from tests.hub.console.conftest import Console


def test_a_search_is_saved_and_found_again(console: Console) -> None:
    """By the user who saved it only."""
    guest = console.sign_in(Role.AUDITOR)
    fields = {"reason": "no-consent", "from": "2026-09-01"}
    answer = guest.post("/searches", page="/search", name="For want of consent", **fields)
    assert answer.headers["location"] == "/search?reason=no-consent&from=2026-09-01#saved"
    link = 'href="/search?reason=no-consent&amp;from=2026-09-01">For want of consent</a>'
    assert link in guest.get("/search").text
    assert "For want of consent" not in console.sign_in(Role.REVIEWER).get("/search").text


def test_only_its_owner_can_delete_it(console: Console) -> None:
    """Another user's is not found."""
    guest = console.sign_in(Role.AUDITOR)
    guest.post("/searches", page="/search", name="Mine")
    found = re.search(r'action="(/searches/[^"]+/delete)"', guest.get("/search").text)
    assert found is not None
    other = console.sign_in(Role.REVIEWER)
    assert other.post(found[1], page="/search").status_code == 404
    assert guest.post(found[1], page="/search").status_code == 303
    assert listed(console.hub, "auditor") == []


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "x" * 81},
        {"name": "two\nlines"},
        {"name": "Anna", "child": "6f1c1c7e-0000-4000-8000-000000000001"},
        {"name": "A reason", "reason": "because"},
    ],
)
def test_an_invalid_search_is_not_saved(console: Console, fields: dict[str, str]) -> None:
    """One without a name, by child, or with invalid criteria."""
    guest = console.sign_in(Role.AUDITOR)
    answer = guest.post("/searches", page="/search", **fields)
    assert answer.status_code == 400
    assert "<title>Error: " in answer.text
    assert listed(console.hub, "auditor") == []


def test_a_name_is_shown_as_text(console: Console) -> None:
    """Markup in it is not markup on the page."""
    guest = console.sign_in(Role.AUDITOR)
    guest.post("/searches", page="/search", name="<script>")
    assert "<script>" not in guest.get("/search").text


def test_the_number_of_saved_searches_is_limited(console: Console) -> None:
    """So that the page stays small."""
    for number in range(MOST):
        keep(console.hub, "jmalik", f"Search {number}", "reason=no-consent")
    with pytest.raises(ConfigurationError):
        keep(console.hub, "jmalik", "One more", "reason=no-consent")
    with pytest.raises(NotFound):
        forget(console.hub, "jmalik", "no-such-search")
