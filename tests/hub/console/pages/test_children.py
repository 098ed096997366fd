"""A child is found by number or name, and shown with all that was said and shared."""

from __future__ import annotations

import re

import pytest

from hub.casework.children.changes import merge
from hub.journey.entries import Attribution
from schemas.roles import Role
from tests.happenings import (
    REGISTERED,
    Child,
    absent,
    appointed,
    case_opened,
    happening,
    registered,
    said,
    section,
    withdrawn,
)
from tests.hub.console.conftest import Console, Guest
from tests.hub.hubs import ledger, own_id, take

ANNA, BEN = Child(1), Child(2)
WHY = "CASE-104"


@pytest.fixture
def child(console: Console) -> str:
    """Anna, known to school and social care, whose mother consented; an appointment is queued."""
    first = registered(ANNA)
    take(console.hub, first, case_opened(ANNA), said(ANNA, "D1", evidence="Form 12"))
    take(console.hub, said(ANNA, "D2", "refusal", decider_ref="father"), withdrawn(ANNA, "D2"))
    take(console.hub, appointed(ANNA), absent(ANNA))
    return own_id(console.hub, first)


def officer(console: Console, child: str = "") -> Guest:
    """An IG officer, who has said why they look at a child where one is given."""
    guest = console.sign_in(Role.IG_OFFICER)
    if child:
        guest.post(f"/children/{child}/why", next="/", reason=WHY)
    return guest


def looks(console: Console) -> list[tuple[str, str | None, str]]:
    """What was looked at, of whom and why, newest last."""
    return [(b["what"], b["child"], b["reason"]) for b in ledger(console.hub, "data-accessed")]


def find(guest: Guest, **fields: str) -> tuple[int, str, str]:
    """Send the form; the status, where it leads, and the page."""
    answer = guest.post("/children/find", page="/children", **{"reason": WHY, **fields})
    return answer.status_code, answer.headers.get("location", ""), answer.text


# -- found


@pytest.mark.parametrize(
    ("system", "number"), [("nhs-number", ANNA.nhs), ("upn", ANNA.upn), ("hub", "")]
)
def test_a_number_leads_to_its_child(
    console: Console, child: str, system: str, number: str
) -> None:
    """The reason is kept, so that the page opens at once."""
    guest = officer(console)
    status, place, _ = find(guest, system=system, number=number or child)
    assert (status, place) == (303, f"/children/{child}")
    assert guest.get(place).status_code == 200
    assert looks(console)[-1] == ("child page", child, WHY)


def test_a_name_leads_to_its_child(console: Console, child: str) -> None:
    """With the birth date it may be written a little otherwise."""
    born = ANNA.birth_date
    date = {"born-day": str(born.day), "born-month": str(born.month), "born-year": str(born.year)}
    name = {"family_name": ANNA.family_name, "given_name": ANNA.given_name + "h"}
    assert find(officer(console), **name, **date)[:2] == (303, f"/children/{child}")


def test_several_are_shown_to_choose_from(console: Console, child: str) -> None:
    """Whichever is chosen opens without being asked why again."""
    name = {"family_name": ANNA.family_name, "given_name": ANNA.given_name}
    school = section(REGISTERED, school={"name": "Oak School"}, year_group="4")
    take(console.hub, happening(REGISTERED, "school", BEN.identity(**name), school))
    guest = officer(console)
    status, _, page = find(guest, **name)
    assert status == 200
    places = re.findall(r'href="(/children/[0-9a-f-]{36})"', page)
    assert len(places) == 2
    assert [guest.get(place).status_code for place in places] == [200, 200]


def test_nobody_found_is_said_so_and_the_look_is_kept(console: Console, child: str) -> None:
    """A child whom the hub does not know."""
    status, _, page = find(officer(console), number=BEN.nhs)
    assert status == 200
    assert "The hub knows no such child" in page
    assert looks(console)[-1] == ("identifiers and involvement", None, WHY)


def test_a_number_that_cannot_be_one_is_never_looked_up(console: Console, child: str) -> None:
    """A wrong check digit; that somebody tried is in the ledger."""
    status, _, page = find(officer(console), number="9990000000")
    assert status == 400
    assert 'href="#number"' in page
    assert looks(console)[-1] == ("a search by a number that cannot be one", None, WHY)


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
def test_a_form_that_says_too_little_or_too_much_comes_back(
    console: Console, child: str, fields: dict[str, str]
) -> None:
    """With what was typed still in it, and nobody looked for."""
    before = len(looks(console))
    status, _, page = find(officer(console), **fields)
    assert status == 400
    assert "<title>Error: " in page
    assert all(f'value="{value}"' in page for value in fields.values() if value)
    assert {what for what, _, _ in looks(console)[before:]} <= {
        "the page on which a child is looked for"
    }


def test_numbers_and_names_stand_in_no_address_and_no_entry(
    console: Console, child: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Found, not found or wrong: they travel in the form alone."""
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


def test_the_page_asks_why_first(console: Console, child: str) -> None:
    """And comes back when it was said."""
    guest = officer(console)
    answer = guest.get(f"/children/{child}")
    assert answer.status_code == 303
    why = answer.headers["location"]
    assert why == f"/children/{child}/why?next=%2Fchildren%2F{child}"
    said_why = guest.post(why, page=why, next=f"/children/{child}", reason=WHY)
    assert guest.get(said_why.headers["location"]).status_code == 200


def test_it_shows_who_the_child_is_and_who_takes_part(console: Console, child: str) -> None:
    """Names, birth date, numbers with whose word they rest on, agencies."""
    page = officer(console, child).get(f"/children/{child}").text
    born = f"{ANNA.birth_date.day} {ANNA.birth_date:%B %Y}"
    for shown in (f"{ANNA.given_name} {ANNA.family_name}", born, ANNA.nhs, ANNA.upn):
        assert shown in page
    assert "On the sender&#39;s word" in page
    assert "Oak School" in page
    assert "Children&#39;s social care" in page


def test_it_shows_what_was_said_in_force_and_before(console: Console, child: str) -> None:
    """With evidence, capacity and standing; what was withdrawn stands apart."""
    page = officer(console, child).get(f"/children/{child}").text
    current, history = page.split("Not in force:")
    assert "Form 12" in current
    assert "Somebody with parental responsibility" in current
    assert "Refusal" not in current.split("In force now")[1]
    assert "Withdrawn" in history


def test_it_shows_what_was_shared_and_withheld_and_what_is_queued(
    console: Console, child: str
) -> None:
    """Newest first, each with a way to the event."""
    page = officer(console, child).get(f"/children/{child}").text
    shared = page.split("Newest decisions and disclosures")[1]
    assert "Appointment changed" in shared
    assert re.search(r'href="/events/[0-9a-f-]{36}"', shared)
    assert "no agreement lets this sender tell this recipient about such events." in shared
    assert "Made, not yet queued" in page
    assert f"/search?child={child}" in page


def test_a_former_id_leads_to_the_child(console: Console, child: str) -> None:
    """Whoever kept the old address finds the survivor."""
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
    """The warning stands at the top; no postcode is shown of any child."""
    first = registered(ANNA)
    take(console.hub, first)
    child = own_id(console.hub, first)
    with console.hub.writing() as (work, _):
        work.children.guard(child, "care", on=True)
    page = officer(console, child).get(f"/children/{child}").text
    assert "must be kept secret" in page
    assert "ZZ99" not in page
    assert "Low Lane" not in page


def test_an_unknown_child_is_not_found_and_its_id_not_kept(console: Console) -> None:
    """Whatever was typed into the address stands in no entry."""
    guest = officer(console)
    assert guest.get("/children/9990000000").status_code == 404
    assert all(child != "9990000000" for _, child, _ in looks(console))


def test_an_auditor_reads_a_child_and_an_operator_and_a_reviewer_do_not(
    console: Console, child: str
) -> None:
    """Changing anything is not offered to the auditor."""
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


def test_what_was_sent_in_is_shown_as_text(console: Console) -> None:
    """A name or a piece of evidence with markup in it stays text."""
    school = section(REGISTERED, school={"name": "Oak School"}, year_group="4")
    who = ANNA.identity(given_name="<script>alert(1)</script>")
    first = happening(REGISTERED, "school", who, school)
    take(console.hub, first, said(ANNA, "D1", evidence="<script>alert(2)</script>"))
    child = own_id(console.hub, first)
    page = officer(console, child).get(f"/children/{child}").text
    assert "<script>" not in page
    assert page.count("&lt;script&gt;") >= 2
