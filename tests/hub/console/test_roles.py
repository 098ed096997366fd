"""Which role opens which page: the whole table, written out, and tried role by role.

A page that is not in the table fails, so that nobody adds one without saying who may open it.
"""

from __future__ import annotations

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from hub.console.app import ROUTERS
from hub.console.security.guard import OPEN_PATHS, check_guards, guarded, pages
from schemas.roles import Permission, Role, permissions
from tests.hub.console.conftest import Console, Guest

G, R, A = Role.IG_OFFICER, Role.REVIEWER, Role.AUDITOR
ALL = set(Role)
READERS = {G, R, A}
TABLE: dict[str, set[Role]] = {
    "GET /": ALL,
    "POST /sign-out": ALL,
    "GET /agreements": ALL,
    "GET /agreements/processing": ALL,
    "GET /agreements/processing.csv": {G, A},
    "GET /agreements/processing.json": {G, A},
    "GET /agreements/what-if": ALL,
    "POST /agreements/what-if": ALL,
    "GET /agreements/{identifier}/{version}": ALL,
    "GET /search": READERS,
    "GET /search.csv": {G, A},
    "GET /search/child": {G, A},
    "POST /search/child": {G, A},
    "POST /searches": READERS,
    "POST /searches/{reference}/delete": READERS,
    "GET /events/{ref}": READERS,
    "GET /events/{ref}/audit-events": {G, A},
    "POST /events/{ref}/again": READERS,
    "GET /api/v1/agreements": ALL,
    "GET /api/v1/checkpoint": ALL,
    "GET /api/v1/decisions": READERS,
    "GET /api/v1/decisions/{position}/again": READERS,
    "GET /api/v1/entries/{position}/proof": ALL,
    "GET /api/v1/events/{ref}": READERS,
    "GET /api/v1/flows": ALL,
    "GET /api/v1/openapi.json": ALL,
    "GET /children": {G, A},
    "POST /children/find": {G, A},
    "GET /children/{child}": {G, A},
    "GET /children/{child}/why": READERS,
    "POST /children/{child}/why": READERS,
    "POST /children/{child}/subject-access": {G, A},
    "GET /children/{child}/consents.json": {G, A},
    "GET /children/{child}/consents/import": {G},
    "POST /children/{child}/consents/preview": {G},
    "POST /children/{child}/consents/import": {G},
    "GET /children/{child}/directives/new": {G},
    "POST /children/{child}/directives/new": {G},
    "POST /children/{child}/directives/preview": {G},
    "POST /children/{child}/directives/record": {G},
    "GET /children/{child}/directives/{directive}": {G, A},
    "GET /children/{child}/directives/{directive}/withdraw": {G},
    "POST /children/{child}/directives/{directive}/withdraw": {G},
    "GET /reviews": READERS,
    "GET /reviews/{review}": READERS,
    "POST /reviews/{review}/why": READERS,
    "POST /reviews/{review}/close": {G, R},
    "GET /quarantine": ALL,
    "GET /quarantine/{item}": ALL,
    "POST /quarantine/{item}/open": {G, R},
    "POST /quarantine/{item}/retry": {G, R},
    "POST /quarantine/{item}/discard": {G, R},
    "GET /integrity": ALL,
    "GET /integrity/checkpoint.txt": ALL,
    "GET /integrity/verifier.pub": ALL,
    "GET /integrity/verify": ALL,
    "POST /integrity/verify": ALL,
    "GET /integrity/consistency": ALL,
    "GET /integrity/entries": ALL,
    "GET /integrity/entries/{position}": ALL,
    "GET /integrity/entries/{position}/proof.json": {G, A},
    "GET /access-log": {G, A},
    "GET /access-log.csv": {G, A},
    "GET /access-log/people": {G, A},
}


def names(route: APIRoute) -> list[str]:
    """Name a page by its method and path."""
    return [f"{method} {route.path}" for method in sorted(route.methods - {"HEAD"})]


GUARDED = [route for route in pages(ROUTERS) if guarded(route) is not None]


def test_the_table_has_every_page_and_nothing_else() -> None:
    """Whoever adds a page says here who may open it."""
    assert sorted(name for route in GUARDED for name in names(route)) == sorted(TABLE)


def test_only_the_way_in_is_open_to_all() -> None:
    """And the accessibility statement, which the law wants open."""
    unguarded = {route.path for route in pages(ROUTERS) if guarded(route) is None}
    assert unguarded == OPEN_PATHS


def test_a_console_with_a_page_that_asks_for_nothing_does_not_start() -> None:
    """Denied is what nobody thought of."""
    router = APIRouter()
    router.add_api_route("/forgotten", lambda: "all", methods=["GET"])
    with pytest.raises(AssertionError, match="/forgotten asks for no permission"):
        check_guards([router])


def test_a_role_less_person_may_nothing() -> None:
    """No role, no permission."""
    assert permissions([]) == frozenset()


def test_every_permission_is_some_roles_and_the_officers() -> None:
    """A permission nobody has would lock a page for all."""
    assert permissions([Role.IG_OFFICER]) == frozenset(Permission)


def test_an_operator_opens_no_personal_data() -> None:
    """Flows, agreements, integrity, codes: nothing about a child."""
    personal = {
        Permission.DECISIONS,
        Permission.CHILDREN,
        Permission.DIRECTIVES,
        Permission.REVIEWS,
        Permission.INPUT,
        Permission.ACCESS_LOG,
        Permission.EXPORT,
    }
    assert not permissions([Role.OPERATOR]) & personal


def test_an_auditor_changes_nothing() -> None:
    """No permission that writes."""
    writing = {Permission.DIRECTIVES, Permission.CLOSE_REVIEWS, Permission.INPUT}
    assert not permissions([Role.AUDITOR]) & writing


def ask(guest: Guest, name: str, token: str) -> int:
    """Ask for a page with made-up ids; the answer's status."""
    method, _, path = name.partition(" ")
    for part in ("identifier", "ref", "child", "review", "item", "reference", "directive"):
        path = path.replace(f"{{{part}}}", "no-such-thing")
    path = path.replace("{version}", "1").replace("{position}", "0")
    if method == "GET":
        return guest.get(path).status_code
    return guest.client.post(path, data={"csrf": token}, follow_redirects=False).status_code


@pytest.mark.parametrize("role", list(Role))
def test_every_page_opens_for_the_roles_of_the_table_alone(console: Console, role: Role) -> None:
    """With 403 for the others, whatever is asked for."""
    guest = console.sign_in(role)
    token = guest.token()
    wrong = []
    for name, roles in TABLE.items():
        if name == "POST /sign-out":
            continue
        status = ask(guest, name, token)
        if (status == 403) is (role in roles) or status >= 500:
            wrong.append((name, status))
    assert wrong == []


def test_no_page_opens_for_somebody_who_is_not_signed_in(console: Console) -> None:
    """Every one leads to the way in; programs are told so in their own words."""
    guest = console.guest()
    wrong = {
        name: status
        for name in TABLE
        if (status := ask(guest, name, "guessed")) != (401 if "/api/" in name else 303)
    }
    assert wrong == {}


def test_every_page_that_is_read_leaves_a_look(console: Console) -> None:
    """The words of its look, or a look of its own; asked of the pages without an id."""
    guest = console.sign_in(Role.IG_OFFICER)
    silent = []
    for name in TABLE:
        method, _, path = name.partition(" ")
        if method != "GET" or "{" in path:
            continue
        with console.hub.reading() as work:
            before = work.ledger.size()
        answer = guest.get(path)
        with console.hub.reading() as work:
            looks = [row.kind for row in work.ledger.rows(before)]
        if answer.status_code == 200 and "look" not in looks:
            silent.append(path)
    assert silent == []
