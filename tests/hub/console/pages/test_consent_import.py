"""The import of FHIR Consents for one child, with a preview of the impact."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from httpx2 import Response

from hub.console.pages.consent_import import LARGEST
from schemas.roles import Role
from tests.consent.fhir.consents import consent
from tests.events import Child, appointed, recorded, registered
from tests.hub.console.conftest import Console, Guest
from tests.hub.console.page import ConsolePage
from tests.hub.hubs import ledger, own_id, take

ANNA, BEN = Child(1), Child(2)
WHY = "CASE-104"
ABOUT_ANNA = {"identifier": {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": ANNA.nhs}}
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@pytest.fixture
def child(console: Console) -> str:
    """Anna, with a consent and a queued appointment for the school."""
    first = registered(ANNA)
    take(console.hub, first, recorded(ANNA, "D1"), appointed(ANNA))
    return own_id(console.hub, first)


def officer(console: Console, child: str, role: Role = Role.IG_OFFICER) -> Guest:
    """Sign in with a reason for access to the child."""
    guest = console.sign_in(role)
    guest.post(f"/children/{child}/why", next="/", reason=WHY)
    return guest


def refusal(**changes: object) -> bytes:
    """Return a father's refusal as another system would write it."""
    whole = consent({"type": "deny"}, **{"patient": ABOUT_ANNA, **changes})
    return json.dumps(whole).encode()


def preview(guest: Guest, child: str, document: bytes, **fields: str) -> Response:
    """Send a file for a preview."""
    data: dict[str, Any] = {"csrf": guest.token(), "evidence": "Letter 31", **fields}
    files = {"file": ("from-gp.json", document, "application/json")}
    place = f"/children/{child}/consents/preview"
    return guest.client.post(place, data=data, files=files, follow_redirects=False)


def confirm(guest: Guest, child: str, page: str) -> Response:
    """Confirm the preview."""
    place = f"/children/{child}/consents/import"
    form = page.split(f'action="{place}"')[1]
    carried = {name: unescape(value) for name, value in _HIDDEN.findall(form)}
    return guest.post(place, **carried)


def directives(console: Console) -> list[dict[str, Any]]:
    """Return the directive entries of the ledger."""
    return ledger(console.hub, "directive-recorded")


def test_a_preview_shows_the_impact_and_records_nothing(console: Console, child: str) -> None:
    """One delivery would become unreadable."""
    answer = preview(officer(console, child), child, refusal())
    assert answer.status_code == 200
    part = ConsolePage(answer).text
    assert "refusal" in part
    assert "1 queued delivery to Oak School" in part
    assert len(directives(console)) == 1


def test_a_confirmed_preview_is_recorded(console: Console, child: str) -> None:
    """With the user's staff reference and the evidence."""
    guest = officer(console, child)
    done = confirm(guest, child, preview(guest, child, refusal()).text)
    assert done.status_code == 200
    assert ConsolePage(done).is_done
    made = directives(console)[-1]
    assert (made["recorded_by"], made["directive"]["kind"]) == ("ig-officer", "refusal")
    page = guest.get(f"/children/{child}/directives/{made['directive']['id']}").text
    assert "Letter 31" in page


def test_a_recorded_consent_is_not_recorded_again(console: Console, child: str) -> None:
    """The second time there is nothing to confirm."""
    guest = officer(console, child)
    confirm(guest, child, preview(guest, child, refusal()).text)
    again = ConsolePage(preview(guest, child, refusal()))
    known = directives(console)[-1]["directive"]["id"]
    assert f"/children/{child}/directives/{known}" in again.links
    assert not again.offers(f"/children/{child}/consents/import")


def test_a_changed_impact_is_shown_again(console: Console, child: str) -> None:
    """One more delivery was queued in between."""
    guest = officer(console, child)
    shown = preview(guest, child, refusal())
    take(console.hub, appointed(ANNA, "A9"))
    again = confirm(guest, child, shown.text)
    assert again.status_code == 409
    assert "2 queued deliveries to Oak School" in again.text
    assert len(directives(console)) == 1
    assert confirm(guest, child, again.text).status_code == 200


def test_a_consent_about_another_child_is_refused(console: Console, child: str) -> None:
    """There is nothing to confirm."""
    other = {"identifier": {"system": ABOUT_ANNA["identifier"]["system"], "value": BEN.nhs}}
    take(console.hub, registered(BEN))
    page = ConsolePage(preview(officer(console, child), child, refusal(patient=other)))
    assert "govuk-tag--red" in page.classes("govuk-tag")
    assert not page.offers(f"/children/{child}/consents/import")
    assert len(directives(console)) == 1


@pytest.mark.parametrize(
    ("document", "fields", "control"),
    [
        (b"", {}, "file"),
        (b"x" * (LARGEST + 1), {}, "file"),
        (b"{}", {"evidence": ""}, "evidence"),
    ],
)
def test_an_incomplete_form_is_refused(
    console: Console, child: str, document: bytes, fields: dict[str, str], control: str
) -> None:
    """With the problem at its field."""
    answer = preview(officer(console, child), child, document, **fields)
    assert answer.status_code == 400
    assert f'href="#{control}"' in answer.text


def test_a_file_that_is_no_consent_is_refused(console: Console, child: str) -> None:
    """With a page and no error."""
    answer = preview(officer(console, child), child, b"\x00\x01 not JSON")
    assert answer.status_code == 200
    assert "govuk-tag--red" in ConsolePage(answer).classes("govuk-tag")


def test_an_auditor_imports_nothing(console: Console, child: str) -> None:
    """Neither page nor form."""
    guest = officer(console, child, Role.AUDITOR)
    assert guest.get(f"/children/{child}/consents/import").status_code == 403
    assert preview(guest, child, refusal()).status_code == 403


def test_the_consents_of_a_child_are_downloaded_without_names(console: Console, child: str) -> None:
    """As a Bundle with an opaque name; the access has the reason."""
    guest = officer(console, child, Role.AUDITOR)
    answer = guest.get(f"/children/{child}/consents.json")
    assert answer.headers["content-type"].startswith("application/fhir+json")
    assert child not in answer.headers["content-disposition"]
    bundle = answer.json()
    assert [one["resource"]["resourceType"] for one in bundle["entry"]] == ["Consent"]
    assert ANNA.nhs not in answer.text
    look = ledger(console.hub, "data-accessed")[-1]
    assert (look["what"], look["child"], look["reason"]) == ("directives as FHIR", child, WHY)


def test_downloading_them_asks_for_a_reason_first(console: Console, child: str) -> None:
    """Like every page about a child."""
    answer = console.sign_in(Role.AUDITOR).get(f"/children/{child}/consents.json")
    assert "/why?next=" in answer.headers["location"]
