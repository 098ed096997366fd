"""Whoever looks at a child says why first."""

from __future__ import annotations

import datetime as dt
from urllib.parse import quote

import pytest

from hub.casework.accounts.sign_in import visitor_of
from hub.console.security.access_reason import is_own_path, reason_problem
from hub.console.security.guard import COOKIE
from hub.foundation import clock
from schemas.roles import Role
from tests.hub.console.conftest import Console, Guest

CHILD = "6f1c1c7e-0000-4000-8000-000000000001"
WHY = f"/children/{CHILD}/why"


def said(console: Console, guest: Guest, *, later: dt.timedelta = dt.timedelta()) -> str | None:
    """What the guest's session keeps as the reason for the child, now or later."""
    token = guest.client.cookies[COOKIE]
    visitor = visitor_of(console.hub, token, dt.timedelta(hours=12))
    assert visitor is not None
    return visitor.because(CHILD, clock.now() + later)


def test_the_question_is_asked_with_where_to_go_on(console: Console) -> None:
    """The form carries the page that was asked for."""
    guest = console.sign_in(Role.AUDITOR)
    answer = guest.get(f"{WHY}?next={quote('/events/e-1?tab=2', safe='')}")
    assert answer.status_code == 200
    assert 'name="next" value="/events/e-1?tab=2"' in answer.text


def test_a_reason_leads_on_and_holds_for_an_hour_in_this_session_for_this_child(
    console: Console,
) -> None:
    """Another session must say it again."""
    guest = console.sign_in(Role.REVIEWER)
    answer = guest.post(WHY, page=WHY, next="/events/e-1", reason=" CASE-104 ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/events/e-1")
    assert said(console, guest) == "CASE-104"
    assert said(console, guest, later=dt.timedelta(minutes=61)) is None
    assert said(console, console.sign_in(Role.REVIEWER)) is None


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/x",
        "https://evil.example/x",
        "/\\evil.example",
        "javascript:alert(1)",
        "children",
        "/a\r\nSet-Cookie: x=1",
        "/" + "a" * 2000,
        "",
    ],
)
def test_it_leads_to_no_other_site(console: Console, path: str) -> None:
    """What is not a path of ours leads to the child's page."""
    assert not is_own_path(path)
    guest = console.sign_in(Role.AUDITOR)
    answer = guest.post(WHY, page=WHY, next=path, reason="CASE-104")
    assert answer.headers["location"] == f"/children/{CHILD}"


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201, "two\nlines"])
def test_a_reason_is_one_short_line(console: Console, reason: str) -> None:
    """Anything else shows the form again, and keeps nothing."""
    guest = console.sign_in(Role.AUDITOR)
    answer = guest.post(WHY, page=WHY, next="/", reason=reason)
    assert reason_problem(reason.strip())
    assert answer.status_code == 400
    assert "<title>Error: " in answer.text
    assert said(console, guest) is None


def test_a_reason_is_shown_again_as_text(console: Console) -> None:
    """Markup in it stays text."""
    guest = console.sign_in(Role.AUDITOR)
    answer = guest.post(WHY, page=WHY, next="/", reason="<script>" + "x" * 200)
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_an_operator_has_no_reason_to_give(console: Console) -> None:
    """The role opens no page about a child."""
    guest = console.sign_in(Role.OPERATOR)
    assert guest.get(WHY).status_code == 403
    assert guest.post(WHY, next="/", reason="CASE-104").status_code == 403
