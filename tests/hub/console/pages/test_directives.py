"""Recording and withdrawing a directive, with a preview of the impact."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from schemas.roles import Role
from tests.events import Child, appointed, case_opened, recorded, registered
from tests.hub.console.conftest import Console, Guest
from tests.hub.console.page import ConsolePage
from tests.hub.hubs import ask, delivery_of, ledger, own_id, take

ANNA, BEN = Child(1), Child(2)
WHY = "CASE-104"
CANARY = "CANARY-NAME"
WORD: dict[str, Any] = {
    "kind": "refusal",
    "authority": "parental-responsibility",
    "speaker": "new",
    "decider_ref": "P-17",
    "restriction": "none",
    "evidence": "Form 12",
}
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
APPOINTMENTS = [appointed(ANNA, f"A{number}") for number in range(3)]


@pytest.fixture
def child(console: Console) -> str:
    """Anna, with a consent and three queued appointments for the school."""
    first = registered(ANNA)
    take(console.hub, first, case_opened(ANNA), recorded(ANNA, "D1"), *APPOINTMENTS)
    return own_id(console.hub, first)


def officer(console: Console, child: str, role: Role = Role.IG_OFFICER) -> Guest:
    """Sign in with a reason for access to the child."""
    guest = console.sign_in(role)
    guest.post(f"/children/{child}/why", next="/", reason=WHY)
    return guest


def consent(console: Console) -> str:
    """Return the id of the mother's consent."""
    return str(ledger(console.hub, "directive-recorded")[0]["directive"]["id"])


def directives(console: Console) -> list[dict[str, Any]]:
    """Return the directive entries of the ledger."""
    return ledger(console.hub, "directive-recorded")


def carried(page: str, place: str) -> dict[str, list[str]]:
    """Return the hidden fields of a form by its address."""
    form = page.split(f'action="{place}"')[1].split("</form>", maxsplit=1)[0]
    found: dict[str, list[str]] = {}
    for name, value in _HIDDEN.findall(form):
        found.setdefault(name, []).append(unescape(value))
    return found


def record(guest: Guest, child: str, **fields: object) -> tuple[str, str]:
    """Preview and record; return the preview and the redirect."""
    place = f"/children/{child}/directives"
    shown = guest.post(f"{place}/preview", **{**WORD, **fields})
    assert shown.status_code == 200, shown.text
    done = guest.post(f"{place}/record", **carried(shown.text, f"{place}/record"))
    assert done.status_code == 303, done.text
    return shown.text, done.headers["location"]


# -- recorded


def test_a_preview_shows_the_impact_and_changes_nothing(console: Console, child: str) -> None:
    """Three deliveries are affected; the ledger has only accesses."""
    guest = officer(console, child)
    with console.hub.reading() as work:
        before = work.ledger.size()
    answer = guest.post(f"/children/{child}/directives/preview", **WORD)
    assert "3 queued deliveries to Oak School" in ConsolePage(answer).part("effect")
    with console.hub.reading() as work:
        kinds = {row.kind for row in work.ledger.rows(before)}
    assert kinds == {"data-accessed"}


def test_what_was_previewed_is_recorded_under_the_persons_name(
    console: Console, child: str
) -> None:
    """With its scope; queued deliveries are withheld from then on."""
    guest = officer(console, child)
    _, place = record(guest, child, category=["health"], recipient=["school"])
    (_, made) = directives(console)
    assert made["recorded_by"] == "ig-officer"
    assert made["directive"]["scope"]["categories"] == ["health"]
    assert made["directive"]["scope"]["recipients"] == ["school"]
    assert place == f"/children/{child}/directives/{made['directive']['id']}?done=recorded"
    page = guest.get(place)
    assert ConsolePage(page).is_done
    assert ConsolePage(page).facts["Evidence"] == "Form 12"
    delivery = delivery_of(console.hub, APPOINTMENTS[0], "school")
    assert not ask(console.hub, "school", delivery).keys


def test_an_objection_opens_a_review(console: Console, child: str) -> None:
    """The page links to it."""
    guest = officer(console, child)
    _, place = record(guest, child, kind="objection")
    (opened,) = ledger(console.hub, "review-opened")
    assert f'href="/reviews/{opened["review"]}"' in guest.get(place).text


def test_a_known_person_can_be_selected(console: Console, child: str) -> None:
    """The preview then names what it replaces, and the directive has the same person."""
    guest = officer(console, child)
    mother = directives(console)[0]["directive"]["decider"]
    assert mother in guest.get(f"/children/{child}/directives/new").text
    stranger = guest.post(f"/children/{child}/directives/preview", **WORD)
    shown, _ = record(guest, child, speaker=mother, decider_ref="")
    assert ConsolePage(shown).part("effect") != ConsolePage(stranger).part("effect")
    assert directives(console)[1]["directive"]["decider"] == mother


def test_days_are_days_in_england_and_the_last_one_is_included(
    console: Console, child: str
) -> None:
    """Like on the command line."""
    days = {"begins-day": "10", "begins-month": "1", "begins-year": "2026"}
    days |= {"until-day": "31", "until-month": "7", "until-year": "2026"}
    record(officer(console, child), child, **days)
    made = directives(console)[1]["directive"]
    assert made["valid_from"] == "2026-01-10T00:00:00Z"
    assert made["valid_until"] in {"2026-08-01T00:00:00+01:00", "2026-07-31T23:00:00Z"}


def test_a_restriction_may_allow_purposes(console: Console, child: str) -> None:
    """With what it protects."""
    more = {"restriction": "court-order", "allow": ["safeguarding", "child-protection"]}
    record(officer(console, child), child, kind="restriction", authority="court", **more)
    made = directives(console)[1]["directive"]
    assert made["restriction"] == "court-order"
    assert made["allowed_purposes"] == ["safeguarding", "child-protection"]


@pytest.mark.parametrize(
    ("fields", "control"),
    [({"kind": ""}, "kind"), ({"speaker": "p-000000000000000000000000"}, "decider_ref")],
)
def test_an_invalid_form_comes_back_with_its_problem(
    console: Console, child: str, fields: dict[str, object], control: str
) -> None:
    """The problem links to its control, the input is kept, nothing is recorded."""
    guest = officer(console, child)
    for act in ("preview", "record"):
        page = guest.post(f"/children/{child}/directives/{act}", **{**WORD, **fields})
        assert page.status_code == 400
        assert f'href="#{control}"' in page.text
        assert f'id="{control}"' in page.text
        assert "<title>Error: " in page.text
        assert 'value="Form 12"' in page.text
    assert len(directives(console)) == 1


def test_answers_can_be_changed_from_the_preview(console: Console, child: str) -> None:
    """The form has the earlier input."""
    guest = officer(console, child)
    place = f"/children/{child}/directives"
    shown = guest.post(f"{place}/preview", **WORD, category=["health", "care"])
    form = guest.post(f"{place}/new", **carried(shown.text, f"{place}/new")).text
    assert 'value="P-17"' in form
    assert form.count(" checked") == 6  # kind, capacity, speaker, two categories, no restriction


def test_a_changed_impact_is_shown_again_before_recording(console: Console, child: str) -> None:
    """One more delivery was queued in between."""
    guest = officer(console, child)
    place = f"/children/{child}/directives/record"
    shown = guest.post(f"/children/{child}/directives/preview", **WORD)
    take(console.hub, appointed(ANNA, "A9"))
    again = guest.post(place, **carried(shown.text, place))
    assert again.status_code == 409
    assert "4 queued deliveries to Oak School" in ConsolePage(again).part("effect")
    assert len(directives(console)) == 1
    assert guest.post(place, **carried(again.text, place)).status_code == 303


def test_a_form_sent_twice_records_once(console: Console, child: str) -> None:
    """The second time the record has changed, and the preview is shown again."""
    guest = officer(console, child)
    place = f"/children/{child}/directives/record"
    shown = guest.post(f"/children/{child}/directives/preview", **WORD)
    sent = carried(shown.text, place)
    assert [guest.post(place, **sent).status_code for _ in range(2)] == [303, 409]
    assert len(directives(console)) == 2


# -- withdrawn


def test_a_withdrawal_stops_queued_deliveries(console: Console, child: str) -> None:
    """The impact is shown, the evidence stored, and the school receives no keys."""
    guest = officer(console, child)
    place = f"/children/{child}/directives/{consent(console)}/withdraw"
    page = guest.get(place)
    assert "3 queued deliveries to Oak School" in ConsolePage(page).part("effect")
    fields = carried(page.text, place)
    done = guest.post(place, **fields, evidence="Call of 3 May")
    assert done.headers["location"].endswith(f"/{consent(console)}?done=withdrawn")
    shown = ConsolePage(guest.get(done.headers["location"]))
    assert shown.is_done
    assert "Call of 3 May" in shown.facts.values()
    assert ledger(console.hub, "directive-withdrawn")[-1]["recorded_by"] == "ig-officer"
    answer = ask(console.hub, "school", delivery_of(console.hub, APPOINTMENTS[0], "school"))
    assert not answer.keys


def test_a_withdrawal_needs_evidence(console: Console, child: str) -> None:
    """Without it the form comes back."""
    guest = officer(console, child)
    place = f"/children/{child}/directives/{consent(console)}/withdraw"
    answer = guest.post(place, **carried(guest.get(place).text, place))
    assert answer.status_code == 400
    assert 'href="#evidence"' in answer.text
    assert len(directives(console)) == 1


def test_a_withdrawal_with_a_changed_impact_is_shown_again(console: Console, child: str) -> None:
    """The input is kept."""
    guest = officer(console, child)
    place = f"/children/{child}/directives/{consent(console)}/withdraw"
    fields = carried(guest.get(place).text, place)
    take(console.hub, appointed(ANNA, "A9"))
    again = guest.post(place, **fields, evidence="Call of 3 May")
    assert again.status_code == 409
    assert "4 queued deliveries" in again.text
    assert 'value="Call of 3 May"' in again.text


def test_a_directive_of_another_child_is_not_found_here(console: Console, child: str) -> None:
    """Neither shown nor withdrawn."""
    other = registered(BEN)
    take(console.hub, other)
    guest = officer(console, own_id(console.hub, other))
    place = f"/children/{own_id(console.hub, other)}/directives/{consent(console)}"
    assert guest.get(place).status_code == 404
    assert guest.get(f"{place}/withdraw").status_code == 404
    assert guest.post(f"{place}/withdraw", evidence="x").status_code == 404
    assert len(directives(console)) == 1


# -- roles and personal data


def test_an_auditor_changes_nothing(console: Console, child: str) -> None:
    """Directives can be read; every form is refused."""
    guest = officer(console, child, Role.AUDITOR)
    place = f"/children/{child}/directives"
    assert guest.get(f"{place}/{consent(console)}").status_code == 200
    assert "/withdraw" not in guest.get(f"{place}/{consent(console)}").text
    for path in ("new", "preview", "record", f"{consent(console)}/withdraw"):
        assert guest.post(f"{place}/{path}", **WORD).status_code == 403
    assert len(directives(console)) == 1


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.REVIEWER])
def test_other_roles_see_no_directive(console: Console, child: str, role: Role) -> None:
    """Neither page nor form."""
    guest = console.sign_in(role)
    place = f"/children/{child}/directives"
    assert guest.get(f"{place}/new").status_code == 403
    assert guest.get(f"{place}/{consent(console)}").status_code == 403
    assert guest.post(f"{place}/record", **WORD).status_code == 403


def test_every_page_asks_for_a_reason_first(console: Console, child: str) -> None:
    """Nothing is recorded without a reason."""
    guest = console.sign_in(Role.IG_OFFICER)
    place = f"/children/{child}/directives"
    for path in ("new", consent(console), f"{consent(console)}/withdraw"):
        assert "/why?next=" in guest.get(f"{place}/{path}").headers["location"]
    for path in ("preview", "record", f"{consent(console)}/withdraw"):
        assert "/why?next=" in guest.post(f"{place}/{path}", **WORD).headers["location"]
    assert len(directives(console)) == 1


def test_names_and_evidence_are_in_no_address_and_no_entry(
    console: Console, child: str, caplog: pytest.LogCaptureFixture
) -> None:
    """They are stored encrypted with the directive."""
    secret = {"decider_ref": CANARY, "decider_name": CANARY, "evidence": CANARY}
    guest = officer(console, child)
    _, place = record(guest, child, **secret)
    assert CANARY in guest.get(place).text
    with console.hub.reading() as work:
        kept = b"".join(row.entry for row in work.ledger.rows())
    assert CANARY.encode() not in kept
    assert CANARY not in place + caplog.text


def test_the_input_is_shown_as_text(console: Console, child: str) -> None:
    """Markup stays text on every page."""
    guest = officer(console, child)
    shown, place = record(guest, child, evidence="<script>alert(1)</script>")
    assert "<script>" not in shown + guest.get(place).text
    assert "&lt;script&gt;" in guest.get(place).text
