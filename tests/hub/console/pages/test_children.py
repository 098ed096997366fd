"""Finding a child by number or name, and the page about one child."""

from __future__ import annotations

import re

import pytest

from consent.directive import DirectiveStanding
from consent.reasons import Reason
from hub.casework.children.changes import merge
from hub.console.views.directive_text import named
from hub.journey.entries import Attribution
from schemas.identifiers import Assurance
from schemas.roles import Role
from schemas.sharing import Authority
from tests.events import (
    REGISTERED,
    Child,
    absent,
    appointed,
    case_opened,
    event_of,
    recorded,
    registered,
    section,
    withdrawn,
)
from tests.hub.console.conftest import Console, Guest
from tests.hub.console.page import ConsolePage
from tests.hub.hubs import ledger, own_id, take

ANNA, BEN = Child(1), Child(2)
WHY = "CASE-104"


@pytest.fixture
def child(console: Console) -> str:
    """Anna, with school and social care involved, a consent and a queued appointment."""
    first = registered(ANNA)
    take(console.hub, first, case_opened(ANNA), recorded(ANNA, "D1", evidence="Form 12"))
    take(console.hub, recorded(ANNA, "D2", "refusal", decider_ref="father"), withdrawn(ANNA, "D2"))
    take(console.hub, appointed(ANNA), absent(ANNA))
    return own_id(console.hub, first)


def officer(console: Console, child: str = "") -> Guest:
    """Sign in as an IG officer, with a reason for access to the child if one is given."""
    guest = console.sign_in(Role.IG_OFFICER)
    if child:
        guest.post(f"/children/{child}/why", next="/", reason=WHY)
    return guest


def looks(console: Console) -> list[tuple[str, str | None, str]]:
    """Return the accesses: what, which child and why, newest last."""
    return [(b["what"], b["child"], b["reason"]) for b in ledger(console.hub, "data-accessed")]


def find(guest: Guest, **fields: str) -> tuple[int, str, str]:
    """Send the form; return the status, the redirect and the page."""
    answer = guest.post("/children/find", page="/children", **{"reason": WHY, **fields})
    return answer.status_code, answer.headers.get("location", ""), answer.text


# -- found


@pytest.mark.parametrize(
    ("system", "number"), [("nhs-number", ANNA.nhs), ("upn", ANNA.upn), ("hub", "")]
)
def test_a_number_leads_to_its_child(
    console: Console, child: str, system: str, number: str
) -> None:
    """The reason is stored, so the page opens at once."""
    guest = officer(console)
    status, place, _ = find(guest, system=system, number=number or child)
    assert (status, place) == (303, f"/children/{child}")
    assert guest.get(place).status_code == 200
    assert looks(console)[-1] == ("child page", child, WHY)


def test_a_name_leads_to_its_child(console: Console, child: str) -> None:
    """With the birth date, the spelling may differ slightly."""
    born = ANNA.birth_date
    date = {"born-day": str(born.day), "born-month": str(born.month), "born-year": str(born.year)}
    name = {"family_name": ANNA.family_name, "given_name": ANNA.given_name + "h"}
    assert find(officer(console), **name, **date)[:2] == (303, f"/children/{child}")


def test_several_are_shown_to_choose_from(console: Console, child: str) -> None:
    """Each of them opens without asking for the reason again."""
    name = {"family_name": ANNA.family_name, "given_name": ANNA.given_name}
    school = section(REGISTERED, school={"name": "Oak School"}, year_group="4")
    take(console.hub, event_of(REGISTERED, "school", BEN.identity(**name), school))
    guest = officer(console)
    status, _, page = find(guest, **name)
    assert status == 200
    places = re.findall(r'href="(/children/[0-9a-f-]{36})"', page)
    assert len(places) == 2
    assert [guest.get(place).status_code for place in places] == [200, 200]


def test_a_search_without_a_result_is_recorded(console: Console, child: str) -> None:
    """The hub has no such child."""
    status, _, page = find(officer(console), number=BEN.nhs)
    assert status == 200
    assert ConsolePage(page).rows("found") == []
    assert looks(console)[-1] == ("identifiers and involvement", None, WHY)


def test_an_invalid_number_is_not_searched_for(console: Console, child: str) -> None:
    """A wrong check digit; the attempt is in the ledger."""
    status, _, page = find(officer(console), number="9990000000")
    assert status == 400
    assert 'href="#number"' in page
    assert looks(console)[-1] == ("a search by an invalid number", None, WHY)


@pytest.mark.parametrize(
    "fields",
    [
        {"reason": "", "number": ANNA.nhs},
        {},
        {"number": ANNA.nhs, "family_name": "Brown"},
        {"system": "la-child-id", "number": "123"},
        {"family_name": "Brown", "born-day": "31", "born-month": "2", "born-year": "2015"},
    ],
)
def test_an_incomplete_or_ambiguous_form_comes_back(
    console: Console, child: str, fields: dict[str, str]
) -> None:
    """With the input in it, and no search made."""
    before = len(looks(console))
    status, _, page = find(officer(console), **fields)
    assert status == 400
    assert "<title>Error: " in page
    assert all(f'value="{value}"' in page for value in fields.values() if value)
    assert {what for what, _, _ in looks(console)[before:]} <= {"the form to find a child"}


def test_numbers_and_names_are_in_no_address_and_no_entry(
    console: Console, child: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Found, not found or invalid: they are only in the body of the form."""
    guest = officer(console)
    typed = (ANNA.nhs, BEN.nhs, "9990000000", ANNA.family_name, ANNA.given_name)
    places = [find(guest, number=number)[1] for number in typed[:3]]
    places.append(find(guest, family_name=typed[3], given_name=typed[4])[1])
    guest.get(places[0])
    with console.hub.reading() as work:
        kept = b"".join(row.entry for row in work.ledger.rows())
    for secret in typed:
        assert secret not in "".join(places) + caplog.text
        assert secret.encode() not in kept


# -- shown


def _reason_text(reason: Reason) -> str:
    """Return a reason's sentence as the page shows it."""
    return reason.sentence.removeprefix("Withheld: ")


def test_the_page_asks_for_a_reason_first(console: Console, child: str) -> None:
    """And opens once it is given."""
    guest = officer(console)
    answer = guest.get(f"/children/{child}")
    assert answer.status_code == 303
    why = answer.headers["location"]
    assert why == f"/children/{child}/why?next=%2Fchildren%2F{child}"
    said_why = guest.post(why, page=why, next=f"/children/{child}", reason=WHY)
    assert guest.get(said_why.headers["location"]).status_code == 200


def test_it_shows_identity_and_involvement(console: Console, child: str) -> None:
    """Names, birth date, numbers with their source, agencies."""
    page = ConsolePage(officer(console, child).get(f"/children/{child}"))
    born = f"{ANNA.birth_date.day} {ANNA.birth_date:%B %Y}"
    assert page.heading == page.facts["Name"] == f"{ANNA.given_name} {ANNA.family_name}"
    assert page.facts["Birth date"] == born
    numbers = {(row[1], row[2], row[3]) for row in page.rows("numbers")}
    asserted = named(Assurance.ASSERTED, "assurance")
    assert numbers == {(number, asserted, "Oak School") for number in (ANNA.nhs, ANNA.upn)}
    assert {row[0] for row in page.rows("agencies")} >= {
        "Oak School",
        "Children's social care",
    }


def test_it_shows_directives_in_force_and_earlier_ones(console: Console, child: str) -> None:
    """With evidence, authority and status; withdrawn ones are listed separately."""
    page = ConsolePage(officer(console, child).get(f"/children/{child}"))
    (current,), (former,) = page.rows("in-force"), page.rows("history")
    assert current[0].startswith("Consent")
    assert named(Authority.PARENTAL_RESPONSIBILITY, "authority") in current[3]
    assert "Form 12" in current[5]
    assert former[0].startswith("Refusal")
    assert former[1] == named(DirectiveStanding.WITHDRAWN, "standing")


def test_it_shows_what_was_shared_and_withheld_and_what_is_queued(
    console: Console, child: str
) -> None:
    """Newest first, each with a link to the event."""
    page = ConsolePage(officer(console, child).get(f"/children/{child}"))
    happened = page.rows("happened")
    assert any("Appointment changed" in row[1] for row in happened)
    assert any(_reason_text(Reason.NO_AGREEMENT) in row[4] for row in happened)
    assert any(re.fullmatch(r"/events/[0-9a-f-]{36}", link) for link in page.links)
    assert named("pending", "delivery") in {row[1] for row in page.rows("deliveries")}
    assert f"/search?child={child}" in page.links


def test_a_former_id_leads_to_the_child(console: Console, child: str) -> None:
    """An old address redirects to the surviving id."""
    other = registered(BEN)
    take(console.hub, other)
    former = own_id(console.hub, other)
    merge(console.hub, former, child, Attribution("jmalik", "CASE-9"))
    guest = officer(console, child)
    assert guest.get(f"/children/{former}").headers["location"] == f"/children/{child}"
    page = guest.get(f"/children/{child}").text
    assert former in page
    assert BEN.family_name in page


def test_a_guarded_child_is_marked_and_its_address_is_not_there(console: Console) -> None:
    """A warning is shown, and no postcode."""
    first = registered(ANNA)
    take(console.hub, first)
    child = own_id(console.hub, first)
    with console.hub.writing() as (work, _):
        work.children.guard(child, "care", on=True)
    page = officer(console, child).get(f"/children/{child}").text
    assert "govuk-warning-text" in page
    assert "ZZ99" not in page
    assert "Low Lane" not in page


def test_an_unknown_child_is_not_found_and_its_id_not_kept(console: Console) -> None:
    """The id in the address is in no entry."""
    guest = officer(console)
    assert guest.get("/children/9990000000").status_code == 404
    assert all(child != "9990000000" for _, child, _ in looks(console))


def test_an_auditor_reads_a_child_and_an_operator_and_a_reviewer_do_not(
    console: Console, child: str
) -> None:
    """The auditor is not offered any change."""
    auditor = console.sign_in(Role.AUDITOR)
    auditor.post(f"/children/{child}/why", next="/", reason=WHY)
    page = auditor.get(f"/children/{child}")
    assert page.status_code == 200
    assert "directives/new" not in page.text
    for role in (Role.OPERATOR, Role.REVIEWER):
        guest = console.sign_in(role)
        assert guest.get("/children").status_code == 403
        assert guest.get(f"/children/{child}").status_code == 403
        assert guest.post("/children/find", number=ANNA.nhs, reason=WHY).status_code == 403


def test_received_values_are_shown_as_text(console: Console) -> None:
    """Markup in a name or in evidence stays text."""
    school = section(REGISTERED, school={"name": "Oak School"}, year_group="4")
    who = ANNA.identity(given_name="<script>alert(1)</script>")
    first = event_of(REGISTERED, "school", who, school)
    take(console.hub, first, recorded(ANNA, "D1", evidence="<script>alert(2)</script>"))
    child = own_id(console.hub, first)
    page = officer(console, child).get(f"/children/{child}").text
    assert "<script>" not in page
    assert page.count("&lt;script&gt;") >= 2
