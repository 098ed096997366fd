"""The search of decisions and disclosures."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.reasons import Reason
from schemas.roles import Role
from tests.events import APPOINTMENT, Child, absent, registered
from tests.hub.console.busy import ANNA, REASON, Busy, looks, make_busy, say_why
from tests.hub.console.conftest import Console
from tests.hub.console.page import ConsolePage
from tests.hub.hubs import ledger, take

NAMES = (
    *("told", "agency", "type", "category", "outcome", "reason", "purpose", "basis", "rule"),
    *("directive", "from", "until", "child", "before", "after"),
)
_PLACES = re.compile(r'href="/events/[^"#]+#(\d+)"')


@pytest.fixture
def busy(console: Console) -> Busy:
    """Fill the hub with events."""
    return make_busy(console.hub)


def places(page: str) -> list[int]:
    """Return the entries on a page, in its order."""
    return [int(found) for found in _PLACES.findall(page)]


def test_the_newest_are_first_with_names(console: Console, busy: Busy) -> None:
    """Each with sender, recipient, event type and reason, by name."""
    page = console.sign_in(Role.REVIEWER).get("/search").text
    assert places(page) == sorted(places(page), reverse=True)
    assert f'href="/events/{busy.appointment}#' in page
    for name in ("River Clinic", "Oak School", "Appointment changed"):
        assert name in page
    assert Reason.NO_CONSENT.sentence in ConsolePage(page).text


@pytest.mark.parametrize(
    ("query", "shown", "not_shown"),
    [
        ("told=disclosure", "Disclosure", "attendance"),
        ("agency=care", "Children&#39;s social care", "Oak School</td>\n  <td>River"),
        (f"type={APPOINTMENT}", "Appointment changed<", "Attendance concern<"),
        ("reason=no-consent", Reason.NO_CONSENT.sentence, Reason.NO_RULE.sentence),
        ("outcome=withheld&category=health", ">Withheld<", ">Shared<"),
        ("purpose=care-planning", "For care planning.", "For education provision."),
        ("basis=6(1)(e) 9(2)(h)", "UK GDPR Article 6(1)(e) 9(2)(h).", "Article 6(1)(e)."),
        ("rule=test-sharing@1/attendance", "/agreements/test-sharing/1#attendance", "#advice"),
    ],
)
def test_every_facet_narrows_it_down(
    console: Console, busy: Busy, query: str, shown: str, not_shown: str
) -> None:
    """Other entries are not among the results."""
    assert busy
    page = console.sign_in(Role.AUDITOR).get(f"/search?{query}").text
    results = page[page.index('id="found"') :]
    assert shown in results
    assert not_shown not in results


def test_a_directive_leads_to_the_decisions_based_on_it(console: Console, busy: Busy) -> None:
    """The appointment that the school received by consent."""
    page = console.sign_in(Role.AUDITOR).get(f"/search?directive={busy.directive}").text
    assert set(re.findall(r'href="/events/([^"#]+)#', page)) == {busy.appointment}


def test_days_are_days_in_england_and_the_last_is_included(console: Console, busy: Busy) -> None:
    """Nothing before a past day, everything until a future day."""
    assert busy
    guest = console.sign_in(Role.AUDITOR)
    assert places(guest.get("/search?until=2020-01-01").text) == []
    assert places(guest.get("/search?from=2020-01-01&until=2190-01-01").text)


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("from=2026-19-01", "from"),
        ("until=yesterday", "until"),
        ("from=2026-09-02&until=2026-09-01", "until"),
        ("reason=because", "reason"),
        ("agency=Anna%20Smith", "agency"),
        ("directive=Anna", "directive"),
        ("child=Anna%20Smith", "child"),
        ("type=%01", "type"),
    ],
)
def test_invalid_criteria_are_refused_and_not_recorded(
    console: Console, query: str, problem: str
) -> None:
    """The problem is at its field, and the ledger does not have the input."""
    answer = console.sign_in(Role.IG_OFFICER).get(f"/search?{query}")
    assert answer.status_code == 400
    assert ConsolePage(answer).is_error
    assert f'href="#{problem}"' in answer.text
    assert all(what == "a search of decisions (all)" for _, what, _, _ in looks(console.hub)[1:])


def test_a_search_is_recorded_with_its_codes(console: Console) -> None:
    """An unregistered agency is not named, because the text may be anything."""
    guest = console.sign_in(Role.AUDITOR)
    guest.get("/search?reason=no-consent&agency=smith-anna")
    last = looks(console.hub)[-1]
    expected = "a search of decisions (agency unregistered, reason no-consent)"
    assert last == ("auditor", expected, None, "")


def test_pages_go_back_in_time_and_forward_by_key(console: Console) -> None:
    """Older, then newer again, each entry once."""
    child = Child(7)
    take(console.hub, registered(child), *(absent(child, n) for n in range(60)))
    guest = console.sign_in(Role.AUDITOR)
    first = guest.get("/search").text
    assert "Newer results" not in first
    older = re.search(r'href="([^"]+)" rel="next"', first)
    assert older is not None
    second = guest.get(older[1].replace("&amp;", "&")).text
    newer = re.search(r'href="([^"]+)" rel="prev"', second)
    assert newer is not None
    assert places(guest.get(newer[1].replace("&amp;", "&")).text) == places(first)
    everything = {body["event"] for body in ledger(console.hub, "decision") if body["event"]}
    shown = set(re.findall(r'href="/events/([^"#]+)#', first + second))
    assert not set(places(first)) & set(places(second))
    assert shown <= everything


def test_the_search_needs_its_permission(console: Console) -> None:
    """An operator sees no search in any form."""
    guest = console.sign_in(Role.OPERATOR)
    for path in ("/search", "/search.csv", "/search/child"):
        assert guest.get(path).status_code == 403
    assert guest.post("/search/child", why="x").status_code == 403
    assert guest.post("/searches", name="x").status_code == 403


def test_a_reviewer_cannot_search_by_child_or_download(console: Console, busy: Busy) -> None:
    """The role allows neither."""
    guest = console.sign_in(Role.REVIEWER)
    for path in (f"/search?child={busy.anna}", "/search.csv", "/search/child"):
        assert guest.get(path).status_code == 403
    assert "Search by child" not in guest.get("/search").text


# --- by child


def test_a_search_by_child_asks_for_a_reason_first(console: Console, busy: Busy) -> None:
    """And returns to the same search; the reason is recorded with the access."""
    guest = console.sign_in(Role.AUDITOR)
    path = f"/search?reason=no-rule&child={busy.anna}"
    asked = guest.get(path)
    assert asked.status_code == 303
    assert asked.headers["location"].startswith(f"/children/{busy.anna}/why?next=%2Fsearch%3F")
    say_why(guest, busy.anna)
    page = guest.get(path)
    assert page.status_code == 200
    what = "a search of decisions (reason no-rule)"
    assert looks(console.hub)[-1] == ("auditor", what, busy.anna, REASON)


def test_only_that_child_is_found(console: Console, busy: Busy) -> None:
    """Nothing about another child."""
    guest = console.sign_in(Role.AUDITOR)
    say_why(guest, busy.ben)
    page = guest.get(f"/search?child={busy.ben}").text
    assert f"/events/{busy.refused}#" in page
    assert f"/events/{busy.appointment}#" not in page


def test_an_unknown_child_is_not_found(console: Console) -> None:
    """Even with a reason."""
    guest = console.sign_in(Role.AUDITOR)
    say_why(guest, "nobody")
    assert guest.get("/search?child=nobody").status_code == 404


def test_the_reason_is_shown_as_text(console: Console, busy: Busy) -> None:
    """Markup in it is not markup on the page."""
    guest = console.sign_in(Role.AUDITOR)
    say_why(guest, busy.anna, "<script>alert(1)</script>")
    page = guest.get(f"/search?child={busy.anna}").text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


# --- CSV


def test_all_results_can_be_downloaded_as_csv(console: Console, busy: Busy) -> None:
    """With the same criteria, newest first; the access names them."""
    guest = console.sign_in(Role.AUDITOR)
    answer = guest.get("/search.csv?reason=no-consent&agency=school")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["content-type"].startswith("text/csv")
    assert {row["event"] for row in rows} == {busy.refused}
    assert {row["reason"] for row in rows} == {"no-consent"}
    what = "a CSV file of decisions (agency school, reason no-consent)"
    assert looks(console.hub)[-1] == ("auditor", what, None, "")


def test_a_csv_file_of_a_child_needs_a_reason_too(console: Console, busy: Busy) -> None:
    """It asks for it and records it."""
    guest = console.sign_in(Role.IG_OFFICER)
    path = f"/search.csv?child={busy.ben}"
    assert guest.get(path).status_code == 303
    say_why(guest, busy.ben)
    rows = list(csv.DictReader(io.StringIO(guest.get(path).text)))
    assert {row["child"] for row in rows} == {busy.ben}
    assert looks(console.hub)[-1][2:] == (busy.ben, REASON)


def test_invalid_criteria_return_a_page_and_no_csv_file(
    console: Console,
) -> None:
    """Not a file of everything."""
    answer = console.sign_in(Role.AUDITOR).get("/search.csv?reason=because")
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html")


# --- arbitrary addresses


def test_no_address_makes_the_search_fail(console: Console, busy: Busy) -> None:
    """The answer is a result, a refusal or a question; the hub never fails."""
    guest = console.sign_in(Role.IG_OFFICER)
    say_why(guest, busy.anna)
    names = st.sampled_from([*NAMES, "other"])
    values = st.one_of(
        st.text(max_size=40),
        st.integers().map(str),
        st.sampled_from(
            [
                busy.anna,
                busy.directive,
                "no-consent",
                "care",
                "2026-09-01",
                "0001-01-01",
                "9999-12-31",
                "\x00",
                "1" * 400,
                "-1",
                "test-sharing@1/register",
                "shared",
                "decision",
                ANNA.nhs,
            ]
        ),
    )

    @settings(
        max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(st.dictionaries(names, values, max_size=6), st.sampled_from(["/search", "/search.csv"]))
    def answers(asked: dict[str, str], path: str) -> None:
        answer = guest.client.get(path, params=asked, follow_redirects=False)
        assert answer.status_code in {200, 303, 400, 404}

    answers()


@pytest.mark.parametrize("raw", ["%ff%fe", "%ed%a0%80", "reason=%c3%28", "&&==;", "%", "a" * 5000])
def test_no_broken_address_makes_it_fail_either(console: Console, raw: str) -> None:
    """Bytes that are not text, surrogates, and invalid queries."""
    guest = console.sign_in(Role.AUDITOR)
    for name in ("reason", "directive", "before"):
        assert guest.get(f"/search?{name}={raw}").status_code in {200, 400}
