"""Every route of the console, tried with every role of the register."""

from __future__ import annotations

import re

import pytest
from fastapi import APIRouter

from hub.console.pages import overview
from hub.console.register import (
    ALL,
    REGISTER,
    RouteEntry,
    RouteGroup,
    RouteKind,
    check_register,
    entries,
    menu,
)
from schemas.roles import Permission, Role, permissions
from tests.hub.console.conftest import Console, Guest

GUARDED = [entry for entry in entries() if entry.roles is not None]
_PARAMETER = re.compile(r"\{(\w+)\}")
_NUMBERS = {"version": "1", "position": "0"}


def test_the_register_has_every_route_and_nothing_else() -> None:
    """With the roles that its permission opens it to."""
    check_register()


def test_a_route_is_in_the_register_once() -> None:
    """Two rows could differ."""
    names = [entry.name for entry in entries()]
    assert len(names) == len(set(names))


def test_only_sign_in_and_the_accessibility_statement_open_without_signing_in() -> None:
    """The law requires an open accessibility statement."""
    assert {entry.path for entry in entries() if entry.roles is None} == {
        "/sign-in",
        "/sign-in/openid",
        "/sign-in/back",
        "/accessibility",
    }


def test_a_console_with_an_unlisted_route_does_not_start() -> None:
    """The default is to deny."""
    router = APIRouter()
    router.add_api_route("/forgotten", lambda: "all", methods=["GET"])
    with pytest.raises(AssertionError, match="GET /forgotten has no row"):
        check_register([RouteGroup(router, ())])


def test_a_console_with_a_route_that_asks_for_no_permission_does_not_start() -> None:
    """A row for signed-in users needs a route that checks them."""
    router = APIRouter()
    router.add_api_route("/forgotten", lambda: "all", methods=["GET"])
    row = RouteEntry("GET", "/forgotten", ALL, RouteKind.PAGE)
    with pytest.raises(AssertionError, match="GET /forgotten opens to everyone"):
        check_register([RouteGroup(router, (row,))])


def test_a_console_whose_row_names_other_roles_does_not_start() -> None:
    """The permission of the overview is every role's."""
    row = RouteEntry("GET", "/", frozenset({Role.AUDITOR}), RouteKind.PAGE)
    with pytest.raises(AssertionError, match="its row says auditor"):
        check_register([RouteGroup(overview.router, (row,))])


def test_a_row_without_a_route_does_not_start() -> None:
    """It would show a protection that is not there."""
    row = RouteEntry("GET", "/removed", ALL, RouteKind.PAGE)
    with pytest.raises(AssertionError, match="GET /removed has a row and no route"):
        check_register([RouteGroup(APIRouter(), (row,))])


def test_every_menu_item_needs_the_permission_of_its_page() -> None:
    """It is hidden from users who could not open it."""
    roles = {group.entries[0].path: group.entries[0].roles for group in REGISTER if group.menu}
    shown = {
        item.path: {role for role in Role if item.permissions & permissions([role])}
        for item in menu()
    }
    assert shown == roles


def test_a_person_without_a_role_has_no_permission() -> None:
    """No role, no permission."""
    assert permissions([]) == frozenset()


def test_the_officer_has_every_permission() -> None:
    """A permission without a role would lock a page for all."""
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


def _path(entry: RouteEntry) -> str:
    """Return the path with made-up ids."""
    return _PARAMETER.sub(lambda found: _NUMBERS.get(found[1], "no-such-thing"), entry.path)


def _status(guest: Guest, entry: RouteEntry, token: str) -> int:
    """Request a route and return the status of the answer."""
    if entry.method == "GET":
        return guest.get(_path(entry)).status_code
    form = {"csrf": token}
    return guest.client.post(_path(entry), data=form, follow_redirects=False).status_code


@pytest.mark.parametrize("role", list(Role))
def test_every_route_opens_to_the_roles_of_its_row_only(console: Console, role: Role) -> None:
    """With 403 for the others."""
    guest = console.sign_in(role)
    token = guest.token()
    wrong = []
    for entry in GUARDED:
        if entry.path == "/sign-out":
            continue
        status = _status(guest, entry, token)
        if (status == 403) is (role in (entry.roles or ())) or status >= 500:
            wrong.append((entry.name, status))
    assert wrong == []


def test_no_guarded_route_opens_without_signing_in(console: Console) -> None:
    """A browser is sent to the sign-in page; a program receives 401."""
    guest = console.guest()
    wrong = {
        entry.name: status
        for entry in GUARDED
        if (status := _status(guest, entry, "guessed"))
        != (401 if entry.kind is RouteKind.API else 303)
    }
    assert wrong == {}


def test_every_page_that_is_read_is_recorded(console: Console) -> None:
    """Each route without an id in its address leaves an access in the ledger."""
    guest = console.sign_in(Role.IG_OFFICER)
    silent = []
    for entry in GUARDED:
        if entry.method != "GET" or "{" in entry.path:
            continue
        with console.hub.reading() as work:
            before = work.ledger.size()
        answer = guest.get(entry.path)
        with console.hub.reading() as work:
            kinds = [row.kind for row in work.ledger.rows(before)]
        if answer.status_code == 200 and "data-accessed" not in kinds:
            silent.append(entry.path)
    assert silent == []


def test_a_route_registered_as_no_page_returns_no_page(console: Console) -> None:
    """The browser tests open every page, so a page must not be listed as a file or redirect."""
    guest = console.sign_in(Role.IG_OFFICER)
    wrong = []
    for entry in entries():
        if entry.method == "GET" and entry.kind is not RouteKind.PAGE:
            answer = guest.get(_path(entry))
            html = answer.headers.get("content-type", "").startswith("text/html")
            if answer.status_code == 200 and html:
                wrong.append(entry.name)
    assert wrong == []
