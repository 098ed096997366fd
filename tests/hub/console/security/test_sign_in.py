"""Who is let in to the console, and who is not."""

from __future__ import annotations

from hub.casework.accounts import people
from hub.console.security.guard import COOKIE
from hub.console.security.middleware import HEADERS
from hub.console.security.rate_limits import RateLimits
from schemas.roles import Role
from tests.hub.console.conftest import PASSWORD, Console


def test_nobody_sees_a_page_without_signing_in(console: Console) -> None:
    """Every page leads to the way in."""
    answer = console.guest().get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_the_right_password_lets_in(console: Console) -> None:
    """Whoever has an account sees the overview, with the name on it."""
    guest = console.sign_in(Role.AUDITOR)
    page = guest.get("/")
    assert page.status_code == 200
    assert "auditor" in page.text


def test_a_wrong_password_and_a_wrong_name_say_the_same(console: Console) -> None:
    """Nobody learns from the answer which names have accounts."""
    people.add(console.hub, "jmalik", [Role.AUDITOR], PASSWORD, by="test")
    answers = [
        console.guest().post("/sign-in", page="/sign-in", person=name, password="not this one")
        for name in ("jmalik", "nobody-here")
    ]
    assert [a.status_code for a in answers] == [403, 403]
    assert all("The name or the password is wrong" in a.text for a in answers)


def test_five_wrong_passwords_lock_the_account(console: Console) -> None:
    """Then not even the right one lets in, until somebody unlocks it."""
    people.add(console.hub, "jmalik", [Role.AUDITOR], PASSWORD, by="test")
    guest = console.guest()
    for _ in range(5):
        guest.post("/sign-in", page="/sign-in", person="jmalik", password="wrong " + PASSWORD)
    right = {"page": "/sign-in", "person": "jmalik", "password": PASSWORD}
    assert guest.post("/sign-in", **right).status_code == 403
    people.unlock(console.hub, "jmalik", by="test")
    assert guest.post("/sign-in", **right).status_code == 303


def test_sign_ins_stand_in_the_ledger_and_wrong_names_do_not(console: Console) -> None:
    """What was typed as a name may be a password; it is never written down."""
    console.guest().post("/sign-in", page="/sign-in", person="MyPassw0rd!", password="x" * 12)
    console.sign_in(Role.OPERATOR).post("/sign-out")
    with console.hub.reading() as work:
        bodies = [row.read() for row in work.ledger.rows()]
    accesses = [(body.kind, body.person) for body in bodies if hasattr(body, "person")]
    assert accesses == [
        ("sign-in-refused", ""),
        ("account-changed", "operator"),
        ("signed-in", "operator"),
        ("signed-out", "operator"),
    ]


def test_a_form_without_the_pages_token_changes_nothing(console: Console) -> None:
    """Another site cannot send a form in somebody's name."""
    guest = console.sign_in(Role.OPERATOR)
    answer = guest.client.post("/sign-out", data={"csrf": "guessed"}, follow_redirects=False)
    assert answer.status_code == 403
    assert guest.get("/").status_code == 200


def test_a_form_that_the_browser_says_is_from_elsewhere_is_refused(console: Console) -> None:
    """Even with the right token."""
    guest = console.sign_in(Role.OPERATOR)
    answer = guest.client.post(
        "/sign-out",
        data={"csrf": guest.token()},
        headers={"Sec-Fetch-Site": "cross-site"},
        follow_redirects=False,
    )
    assert answer.status_code == 403


def test_signing_out_ends_the_session_itself(console: Console) -> None:
    """The old cookie opens nothing, whoever kept it."""
    guest = console.sign_in(Role.OPERATOR)
    kept = guest.client.cookies[COOKIE]
    guest.post("/sign-out")
    guest.client.cookies.set(COOKIE, kept)
    assert guest.get("/").status_code == 303


def test_a_closed_account_is_out_at_once(console: Console) -> None:
    """So is one whose password was changed."""
    guest = console.sign_in(Role.OPERATOR)
    people.disable(console.hub, "operator", by="test")
    assert guest.get("/").status_code == 303


def test_the_cookie_is_for_the_server_alone(console: Console) -> None:
    """No script can read it, no other site sends it."""
    people.add(console.hub, "jmalik", [Role.AUDITOR], PASSWORD, by="test")
    guest = console.guest()
    answer = guest.post("/sign-in", page="/sign-in", person="jmalik", password=PASSWORD)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_tries_from_one_address_are_slowed_down(console: Console) -> None:
    """Whoever tries names by the hundred is told to wait."""
    guest = console.guest()
    guest.client.app.state.rate_limits = RateLimits(sign_ins="2/minute")  # type: ignore[attr-defined]
    tries = [
        guest.post("/sign-in", page="/sign-in", person="x", password="y").status_code
        for _ in range(3)
    ]
    assert tries == [403, 403, 429]


def test_every_answer_carries_the_headers(console: Console) -> None:
    """Pages, files and errors alike."""
    guest = console.guest()
    for path in ("/sign-in", "/static/console.css", "/no-such-page"):
        answer = guest.get(path)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_another_host_name_is_not_answered(console: Console) -> None:
    """A name that somebody else's server gives to this machine opens nothing."""
    answer = console.guest().client.get("/sign-in", headers={"Host": "evil.example"})
    assert answer.status_code == 400


def test_a_character_that_is_no_text_is_refused_wherever_it_stands(console: Console) -> None:
    """No database keeps NUL in a text; it is neither looked up nor written down."""
    guest = console.sign_in(Role.IG_OFFICER)
    assert guest.get("/reviews/a%00b").status_code == 404
    assert guest.get("/search?agency=a%00b").status_code == 404
    assert guest.post("/searches", name="a\0b").status_code == 403


def test_a_request_larger_than_any_form_is_refused(console: Console) -> None:
    """Before it is read to its end."""
    guest = console.sign_in(Role.IG_OFFICER)
    answer = guest.client.post("/agreements/what-if", data={"text": "x" * 3_000_000})
    assert answer.status_code == 413
