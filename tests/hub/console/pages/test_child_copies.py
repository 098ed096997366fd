"""What can be taken away about one child, and by whom."""

from __future__ import annotations

import io
import zipfile

import pytest

from schemas.roles import Role
from tests.events import Child, appointed, recorded, registered
from tests.hub.console.conftest import Console, Guest
from tests.hub.hubs import ledger, own_id, take

ANNA = Child(1)
WHY = "SAR-2026-014"


@pytest.fixture
def child(console: Console) -> str:
    """Anna, whose mother consented, with an appointment on its way to the school."""
    first = registered(ANNA)
    take(console.hub, first, recorded(ANNA, "D1"), appointed(ANNA))
    return own_id(console.hub, first)


def officer(console: Console, child: str, role: Role = Role.IG_OFFICER) -> Guest:
    """Somebody who has said why they look at the child."""
    guest = console.sign_in(role)
    guest.post(f"/children/{child}/why", next="/", reason=WHY)
    return guest


@pytest.mark.parametrize("role", [Role.IG_OFFICER, Role.AUDITOR])
def test_the_copy_for_a_subject_access_request_is_one_archive(
    console: Console, child: str, role: Role
) -> None:
    """The report and the note, each to read and for programs; its name tells nothing."""
    answer = officer(console, child, role).post(f"/children/{child}/subject-access")
    assert answer.headers["content-type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    names = ["report.html", "report.json", "officer-note.html", "officer-note.json"]
    assert archive.namelist() == names
    assert ANNA.family_name in archive.read("report.html").decode()
    assert child not in answer.headers["content-disposition"]
    look = ledger(console.hub, "data-accessed")[-1]
    assert (look["child"], look["reason"], look["by"]) == (child, WHY, role.value)


def test_an_item_that_there_is_not_is_told(console: Console, child: str) -> None:
    """Nothing is given then."""
    answer = officer(console, child).post(f"/children/{child}/subject-access", hand_over="none-1")
    assert answer.status_code == 400
    assert "There is no item none-1" in answer.text


def test_it_asks_why_first(console: Console, child: str) -> None:
    """Nothing leaves without a reason."""
    answer = console.sign_in(Role.IG_OFFICER).post(f"/children/{child}/subject-access")
    assert "/why?next=" in answer.headers["location"]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.REVIEWER])
def test_others_take_nothing_away(console: Console, child: str, role: Role) -> None:
    """The role gives no copies."""
    answer = console.sign_in(role).post(f"/children/{child}/subject-access")
    assert answer.status_code == 403
