"""Sign-in through an OpenID Connect provider: a real one, over HTTP, that lets anybody in."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from fastapi.testclient import TestClient

from hub.casework.accounts import people
from hub.casework.accounts.sign_in import SignInRefused
from hub.console.app import create_app
from hub.console.security.openid import person_and_roles
from hub.foundation.settings import ConsoleSettings, OpenIdSettings, Settings
from hub.intake.hub import Hub
from schemas.roles import Role
from tests.hub.hubs import ledger, make_hub

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of the provider's own use of its library
    from oidc_provider_mock import User, run_server_in_thread

# Of the provider's own use of its library, on its own thread.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
ROLES = {"IG Team": Role.IG_OFFICER, "Helpdesk": Role.OPERATOR}
PEOPLE = (
    User(sub="1", claims={"preferred_username": "jmalik", "roles": ["IG Team", "Staff"]}),
    User(sub="2", claims={"preferred_username": "visitor", "roles": ["Staff"]}),
    User(sub="4", claims={"preferred_username": "helper", "roles": ["Helpdesk"]}),
    User(sub="3", claims={"roles": ["IG Team"]}),
)


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """A provider on this machine; gives its address."""
    with run_server_in_thread(user_claims=PEOPLE) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A hub of its own."""
    made = make_hub(tmp_path)
    yield made
    made.engine.dispose()


@pytest.fixture
def guest(hub: Hub, provider: str, tmp_path: Path) -> Iterator[TestClient]:
    """A browser at a console that knows the provider."""
    secret = tmp_path / "secret"
    secret.write_text("not checked by this provider\n", encoding="utf-8")
    openid = OpenIdSettings(issuer=provider, client="hub", secret_file=secret, roles=ROLES)
    console = ConsoleSettings(openid=openid)
    settings = Settings(name="hub.test.example", state=tmp_path, console=console)
    app = create_app(hub, settings)
    with TestClient(app, base_url="http://127.0.0.1:8420") as client:
        yield client


def through_the_provider(guest: TestClient, sub: str) -> httpx2.Response:
    """Go to the provider, say who one is there, and come back with what it gives."""
    away = guest.get("/sign-in/openid", follow_redirects=False)
    assert away.status_code == 302
    asked = httpx2.post(away.headers["location"], data={"sub": sub}, follow_redirects=False)
    back = urlsplit(asked.headers["location"])
    return guest.get(f"{back.path}?{back.query}", follow_redirects=False)


def test_somebody_of_a_named_group_is_let_in_with_its_role(guest: TestClient, hub: Hub) -> None:
    """The ledger has the staff reference, the role and how they came."""
    answer = through_the_provider(guest, "1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "jmalik" in guest.get("/").text
    (body,) = ledger(hub, "signed-in")
    assert body == {"person": "jmalik", "roles": ["ig-officer"], "how": "openid-connect"}


def test_somebody_of_no_named_group_is_not_let_in(guest: TestClient, hub: Hub) -> None:
    """They are told so, and the ledger has that somebody was refused."""
    answer = through_the_provider(guest, "2")
    assert answer.status_code == 403
    assert "have no role here" in answer.text
    assert guest.get("/", follow_redirects=False).status_code == 303
    assert ledger(hub, "sign-in-refused") == [{"person": "", "code": "no-role"}]
    assert ledger(hub, "signed-in") == []


def test_somebody_without_a_staff_reference_is_not_let_in(guest: TestClient) -> None:
    """Nobody is nameless in the ledger."""
    assert through_the_provider(guest, "3").status_code == 403


def test_the_providers_roles_count_whatever_account_bears_the_name(
    guest: TestClient, hub: Hub
) -> None:
    """Nobody gets an account's roles by bearing its name at the provider."""
    people.add(hub, "helper", [Role.IG_OFFICER], "a password of the hub's own", by="test")
    assert through_the_provider(guest, "4").status_code == 303
    assert guest.get("/access-log").status_code == 403


def test_what_comes_back_without_having_been_sent_is_refused(guest: TestClient) -> None:
    """A made-up code and state open nothing."""
    answer = guest.get("/sign-in/back?code=x&state=y", follow_redirects=False)
    assert answer.status_code == 403
    assert guest.get("/", follow_redirects=False).status_code == 303


def test_the_way_in_offers_the_provider(guest: TestClient) -> None:
    """As a link, which needs no script."""
    assert 'href="/sign-in/openid"' in guest.get("/sign-in").text


def test_without_a_provider_there_is_no_such_way(hub: Hub, tmp_path: Path) -> None:
    """It is neither offered nor answered."""
    app = create_app(hub, Settings(name="hub.test.example", state=tmp_path))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        assert "/sign-in/openid" not in client.get("/sign-in").text
        assert client.get("/sign-in/openid").status_code == 404


def test_a_provider_that_does_not_answer_is_said_so(hub: Hub, tmp_path: Path) -> None:
    """Try again later, not an error of the hub's."""
    openid = OpenIdSettings(issuer="http://127.0.0.1:1", client="hub")
    settings = Settings(
        name="hub.test.example", state=tmp_path, console=ConsoleSettings(openid=openid)
    )
    with TestClient(create_app(hub, settings), base_url="http://127.0.0.1") as client:
        assert client.get("/sign-in/openid", follow_redirects=False).status_code == 503


@pytest.mark.parametrize("name", ["", "a b", "x" * 41, "<script>", None, ["list"]])
def test_a_claim_that_is_no_staff_reference_lets_nobody_in(name: object) -> None:
    """Whatever the provider calls people, the ledger gets references only."""
    with pytest.raises(SignInRefused):
        person_and_roles(
            {"preferred_username": name, "roles": ["IG Team"]}, OpenIdSettings(roles=ROLES)
        )


@pytest.mark.parametrize(
    ("given", "roles"),
    [
        ("Helpdesk", {Role.OPERATOR}),
        (["Helpdesk", "IG Team"], {Role.OPERATOR, Role.IG_OFFICER}),
        (["ig-officer"], set()),
        (7, set()),
        (None, set()),
    ],
)
def test_only_groups_that_are_named_give_roles(given: object, roles: set[Role]) -> None:
    """A group that happens to have a role's name is none."""
    claims = {"preferred_username": "jmalik", "roles": given}
    assert person_and_roles(claims, OpenIdSettings(roles=ROLES)) == ("jmalik", frozenset(roles))
