"""The access log: accesses, sign-ins and changes of accounts."""

from __future__ import annotations

import csv

import pytest

from hub.console.pages import access_log
from schemas.roles import Role
from tests.events import Child, registered
from tests.hub.console.conftest import Console
from tests.hub.console.page import ConsolePage
from tests.hub.hubs import ledger, own_id, take

ANNA = Child(1)


def cells(page: str) -> str:
    """The table of a page."""
    return page.partition("<tbody")[2].partition("</tbody>")[0]


def test_the_access_log_shows_its_own_access_first(console: Console) -> None:
    """It is in the ledger before it is shown."""
    page = console.sign_in(Role.AUDITOR).get("/access-log").text
    first = cells(page).partition("</tr>")[0]
    assert "auditor" in first
    assert "the access log" in first


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.REVIEWER])
def test_the_access_log_needs_its_permission(console: Console, role: Role) -> None:
    """The accesses, the sign-ins and the file."""
    guest = console.sign_in(role)
    paths = ("/access-log", "/access-log/people", "/access-log.csv")
    assert [guest.get(path).status_code for path in paths] == [403, 403, 403]


def test_accesses_by_one_person_are_found(console: Console) -> None:
    """And of no other person; the access names the person searched for."""
    console.sign_in(Role.OPERATOR).get("/integrity")
    guest = console.sign_in(Role.AUDITOR)
    guest.get("/")
    page = guest.get("/access-log?person=operator").text
    assert "integrity" in cells(page)
    assert "auditor" not in cells(page)
    assert ledger(console.hub, "data-accessed")[-1]["what"] == "the access log of operator"


def test_accesses_to_one_child_are_found(console: Console) -> None:
    """With the reason; the search is itself an access to the child."""
    event = registered(ANNA)
    take(console.hub, event)
    child = own_id(console.hub, event)
    guest = console.sign_in(Role.AUDITOR)
    why = f"/children/{child}/why"
    guest.post(why, page=why, reason="CASE-<b>104")
    with console.hub.reading() as work:
        place = next(r.position for r in work.ledger.rows() if r.subject.child == child)
    guest.get(f"/integrity/entries/{place}")
    page = guest.get(f"/access-log?child={child}").text
    assert "CASE-&lt;b&gt;104" in cells(page)
    assert "the overview" not in cells(page)
    assert ledger(console.hub, "data-accessed")[-1]["child"] == child


def test_days_narrow_it(console: Console) -> None:
    """A day long ago has no entries."""
    guest = console.sign_in(Role.AUDITOR)
    page = ConsolePage(guest.get("/access-log?from=2001-01-01&until=2001-01-02"))
    assert page.rows("accesses") == []
    assert page.problems == []


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("person=Anna+Example", "person"),
        ("child=Anna+Example", "child"),
        ("from=yesterday", "from"),
        ("until=2026-02-30", "until"),
        ("from=2026-03-02&until=2026-03-01", "until"),
    ],
)
def test_an_invalid_query_is_refused(console: Console, query: str, problem: str) -> None:
    """The problem is at its field, and the input is not recorded."""
    answer = console.sign_in(Role.AUDITOR).get(f"/access-log?{query}")
    assert answer.status_code == 400
    assert ConsolePage(answer).problems == [problem]
    assert ledger(console.hub, "data-accessed")[-1]["what"] == "the access log"


def test_older_accesses_are_on_the_next_page(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Page by page, each once."""
    monkeypatch.setattr(access_log, "PAGE", 2)
    guest = console.sign_in(Role.AUDITOR)
    for path in ("/", "/integrity", "/quarantine"):
        guest.get(path)
    page = guest.get("/access-log").text
    assert "the list of the quarantine" in cells(page)
    older = page.partition('rel="next" href="')[2].partition('"')[0]
    second = cells(guest.get(older).text)
    assert "the list of the quarantine" not in second
    assert "integrity" in second


def test_sign_ins_and_accounts_are_shown_in_words(console: Console) -> None:
    """Accounts created and sign-ins."""
    console.sign_in(Role.OPERATOR)
    page = console.sign_in(Role.AUDITOR).get("/access-log/people").text
    assert "test created an account for operator as operator." in page
    assert "operator signed in by password as operator." in page


def test_older_sign_ins_are_on_the_next_page(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with accesses."""
    monkeypatch.setattr(access_log, "PAGE", 1)
    guest = console.sign_in(Role.AUDITOR)
    page = guest.get("/access-log/people").text
    older = page.partition('rel="next" href="')[2].partition('"')[0]
    assert "signed in" in cells(page)
    assert "created an account for auditor" in cells(guest.get(older).text)


def test_accesses_can_be_downloaded_as_csv(console: Console) -> None:
    """All matching entries; the download is an access too."""
    guest = console.sign_in(Role.AUDITOR)
    guest.get("/integrity")
    answer = guest.get("/access-log.csv?person=auditor")
    rows = list(csv.DictReader(answer.text.splitlines()))
    assert [row["what"] for row in rows] == [
        "a CSV file of the access log of auditor",
        "the ledger's integrity",
    ]
    assert "attachment" in answer.headers["content-disposition"]
