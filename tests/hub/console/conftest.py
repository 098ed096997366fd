"""The console over a real store, and people who come to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from hub.casework.accounts import people
from hub.console.app import create_app
from hub.console.security.rate_limits import RateLimits
from hub.foundation.settings import Settings
from hub.intake.hub import Hub
from schemas.roles import Role
from tests.hub.hubs import make_hub

PASSWORD = "correct horse battery"
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass
class Guest:
    """Somebody with a browser at the console; redirects are not followed by themselves."""

    client: TestClient
    person: str = ""

    def get(self, path: str) -> Response:
        """Open a page."""
        return self.client.get(path, follow_redirects=False)

    def post(self, path: str, page: str = "/", **fields: object) -> Response:
        """Send a form, with the token of a page that has one."""
        data = {"csrf": self.token(page), **fields}
        return self.client.post(path, data=data, follow_redirects=False)

    def token(self, page: str = "/") -> str:
        """Take the form's token off a page."""
        found = _CSRF.search(self.client.get(page).text)
        assert found is not None
        return found[1]


@dataclass
class Console:
    """A console, and a door for each role."""

    hub: Hub
    settings: Settings
    visit: Callable[[], TestClient]

    def guest(self) -> Guest:
        """Somebody who is not signed in."""
        return Guest(self.visit())

    def sign_in(self, *roles: Role) -> Guest:
        """Somebody who is signed in with these roles."""
        person = "-".join(sorted(roles)) or "nobody"
        with self.hub.reading() as work:
            known = work.accounts.find(person)
        if known is None:
            people.add(self.hub, person, roles, PASSWORD, by="test")
        guest = Guest(self.visit(), person)
        answer = guest.post("/sign-in", page="/sign-in", person=person, password=PASSWORD)
        assert answer.status_code == 303
        return guest


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    """A console over a fresh store with the tests' agencies and agreement."""
    hub = make_hub(tmp_path)
    settings = Settings(name="hub.test.example", state=tmp_path)
    app = create_app(hub, settings, RateLimits(sign_ins="1000/minute", pages="100000/minute"))
    clients: list[TestClient] = []

    def visit() -> TestClient:
        clients.append(TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False))
        return clients[-1]

    yield Console(hub, settings, visit)
    for client in clients:
        client.close()
    hub.engine.dispose()
