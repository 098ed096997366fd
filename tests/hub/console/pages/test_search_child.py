"""Finding a child for a search, without personal data in an address."""

from __future__ import annotations

import pytest

from schemas.roles import Role
from tests.events import REGISTERED, Child, event_of, section
from tests.hub.console.busy import ANNA, BEN, REASON, Busy, looks, make_busy
from tests.hub.console.conftest import Console
from tests.hub.console.page import ConsolePage
from tests.hub.hubs import take

FORM = "/search/child"


@pytest.fixture
def busy(console: Console) -> Busy:
    """Fill the hub with events."""
    return make_busy(console.hub)


@pytest.mark.parametrize(
    "fields",
    [
        {"nhs_number": ANNA.nhs},
        {"upn": ANNA.upn},
        {"family_name": ANNA.family_name, "given_name": ANNA.given_name},
    ],
    ids=["nhs-number", "upn", "name"],
)
def test_a_match_redirects_to_the_search_by_the_hubs_id(
    console: Console, busy: Busy, fields: dict[str, str]
) -> None:
    """The reason is recorded and not asked for again."""
    guest = console.sign_in(Role.AUDITOR)
    answer = guest.post(FORM, page=FORM, why=REASON, **fields)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/search?child={busy.anna}")
    assert looks(console.hub)[-1][2:] == (busy.anna, REASON)
    assert guest.get(answer.headers["location"]).status_code == 200


def test_a_birth_date_allows_a_slightly_different_spelling(console: Console, busy: Busy) -> None:
    """With an extra letter in the name."""
    born = ANNA.birth_date
    answer = console.sign_in(Role.AUDITOR).post(
        FORM,
        page=FORM,
        why=REASON,
        family_name=ANNA.family_name,
        given_name=f"{ANNA.given_name}h",
        **{"birth-day": born.day, "birth-month": born.month, "birth-year": born.year},
    )
    assert answer.headers["location"] == f"/search?child={busy.anna}"


def test_of_several_children_one_is_chosen(console: Console, busy: Busy) -> None:
    """Names and birth dates are shown and no number; each child is an access."""
    school = section(REGISTERED, school={"name": "Oak School"}, year_group="4")
    other = Child(3)
    namesake = other.identity(family_name=ANNA.family_name, given_name=ANNA.given_name)
    take(console.hub, event_of(REGISTERED, "school", namesake, school))
    guest = console.sign_in(Role.AUDITOR)
    name = {"family_name": ANNA.family_name, "given_name": ANNA.given_name}
    answer = guest.post(FORM, page=FORM, why=REASON, **name)
    assert answer.status_code == 200
    assert f'value="{busy.anna}"' in answer.text
    assert "born 2 January 2015" in answer.text
    assert "born 4 January 2015" in answer.text
    assert ANNA.nhs not in answer.text
    assert len([one for one in looks(console.hub) if one[1] == "name and birth date"]) == 2
    chosen = guest.post(FORM, page=FORM, why=REASON, child=busy.anna)
    assert chosen.headers["location"] == f"/search?child={busy.anna}"


def test_a_search_without_a_result_is_an_access_too(console: Console) -> None:
    """With the reason; the input is shown again and not stored."""
    guest = console.sign_in(Role.AUDITOR)
    answer = guest.post(FORM, page=FORM, why=REASON, family_name="Nobody", given_name="Nowhere")
    assert answer.status_code == 200
    assert ConsolePage(answer).problems == []
    assert "Nowhere" in answer.text
    assert looks(console.hub)[-1] == ("auditor", "name and birth date", None, REASON)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, "nhs_number"),
        ({"family_name": "Smith"}, "family_name"),
        ({"nhs_number": "9990000000"}, "nhs_number"),
        ({"upn": "nonsense"}, "upn"),
        ({"nhs_number": BEN.nhs, "why": ""}, "why"),
        ({"upn": BEN.upn, "birth-day": "31", "birth-month": "2"}, "birth-day"),
        ({"upn": BEN.upn, "birth-day": "\u00b2"}, "birth-day"),
    ],
)
def test_an_invalid_search_is_refused_and_no_access(
    console: Console, fields: dict[str, str], problem: str
) -> None:
    """The form comes back with the problem at its field."""
    guest = console.sign_in(Role.AUDITOR)
    answer = guest.post(FORM, page=FORM, **{"why": REASON, **fields})
    assert answer.status_code == 400
    page = ConsolePage(answer)
    assert (page.is_error, page.problems) == (True, [problem])
    assert {what for _, what, _, _ in looks(console.hub)} == {"the search by child"}


def test_the_input_is_shown_again_as_text(console: Console) -> None:
    """Markup in a name is not markup on the page."""
    guest = console.sign_in(Role.AUDITOR)
    page = guest.post(FORM, page=FORM, why=REASON, family_name="<script>", given_name="x").text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
