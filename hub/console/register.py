"""Register of pages: every route of the console, the roles that may open it, and the menu.

To add a page, write its module in ``pages``, its template and its test, and give it a row here.
The console does not start if a route has no row, if a row has no route, or if the permission that a
route asks for opens it to other roles than its row says. These rows are the table to review: the
tests try every row with every role, and open every page in a browser.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from fastapi import APIRouter

from hub.console.api import routes
from hub.console.page_context import MenuItem
from hub.console.pages import (
    access_log,
    agreements,
    child_copies,
    children,
    consent_import,
    directives,
    event,
    integrity,
    overview,
    quarantine,
    reviews,
    saved_searches,
    search,
    search_child,
)
from hub.console.security import access_reason, sign_in
from hub.console.security.guard import guarded, routes_of
from schemas.roles import Permission, Role, permissions

Roles = frozenset[Role] | None


class RouteKind(Enum):
    """What a route answers with."""

    PAGE = auto()
    FILE = auto()
    FORM = auto()
    REDIRECT = auto()
    API = auto()


@dataclass(frozen=True, slots=True)
class RouteEntry:
    """One route, the roles that may open it (None: everyone), and what it answers with."""

    method: str
    path: str
    roles: Roles
    kind: RouteKind

    @property
    def name(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class RouteGroup:
    """The routes of one module; ``menu`` names its first route in the menu."""

    router: APIRouter
    entries: tuple[RouteEntry, ...]
    menu: str = ""


def _group(router: APIRouter, *entries: RouteEntry, menu: str = "") -> RouteGroup:
    return RouteGroup(router, entries, menu)


def _page(path: str, roles: Roles) -> RouteEntry:
    return RouteEntry("GET", path, roles, RouteKind.PAGE)


def _file(path: str, roles: Roles) -> RouteEntry:
    return RouteEntry("GET", path, roles, RouteKind.FILE)


def _form(path: str, roles: Roles) -> RouteEntry:
    return RouteEntry("POST", path, roles, RouteKind.FORM)


def _redirect(path: str, roles: Roles) -> RouteEntry:
    return RouteEntry("GET", path, roles, RouteKind.REDIRECT)


def _api(path: str, roles: Roles) -> RouteEntry:
    return RouteEntry("GET", f"/api/v1{path}", roles, RouteKind.API)


EVERYONE = None
ALL = frozenset(Role)
OFFICER = frozenset({Role.IG_OFFICER})
AUDIT = frozenset({Role.IG_OFFICER, Role.AUDITOR})
REVIEW = frozenset({Role.IG_OFFICER, Role.REVIEWER})
READ = frozenset({Role.IG_OFFICER, Role.REVIEWER, Role.AUDITOR})

REGISTER = (
    _group(
        overview.router,
        _page("/", ALL),
        menu="Overview",
    ),
    _group(
        search.router,
        _page("/search", READ),
        _file("/search.csv", AUDIT),
        menu="Search",
    ),
    _group(
        search_child.router,
        _page("/search/child", AUDIT),
        _form("/search/child", AUDIT),
    ),
    _group(
        saved_searches.router,
        _form("/searches", READ),
        _form("/searches/{reference}/delete", READ),
    ),
    _group(
        event.router,
        _page("/events/{ref}", READ),
        _form("/events/{ref}/again", READ),
        _file("/events/{ref}/audit-events", AUDIT),
    ),
    _group(
        children.router,
        _page("/children", AUDIT),
        _form("/children/find", AUDIT),
        _page("/children/{child}", AUDIT),
        menu="Children",
    ),
    _group(
        access_reason.router,
        _page("/children/{child}/why", READ),
        _form("/children/{child}/why", READ),
    ),
    _group(
        child_copies.router,
        _form("/children/{child}/subject-access", AUDIT),
        _file("/children/{child}/consents.json", AUDIT),
    ),
    _group(
        consent_import.router,
        _page("/children/{child}/consents/import", OFFICER),
        _form("/children/{child}/consents/preview", OFFICER),
        _form("/children/{child}/consents/import", OFFICER),
    ),
    _group(
        directives.router,
        _page("/children/{child}/directives/new", OFFICER),
        _form("/children/{child}/directives/new", OFFICER),
        _form("/children/{child}/directives/preview", OFFICER),
        _form("/children/{child}/directives/record", OFFICER),
        _page("/children/{child}/directives/{directive}", AUDIT),
        _page("/children/{child}/directives/{directive}/withdraw", OFFICER),
        _form("/children/{child}/directives/{directive}/withdraw", OFFICER),
    ),
    _group(
        reviews.router,
        _page("/reviews", READ),
        _page("/reviews/{review}", READ),
        _form("/reviews/{review}/why", READ),
        _form("/reviews/{review}/close", REVIEW),
        menu="Reviews",
    ),
    _group(
        quarantine.router,
        _page("/quarantine", ALL),
        _page("/quarantine/{item}", ALL),
        _form("/quarantine/{item}/open", REVIEW),
        _form("/quarantine/{item}/retry", REVIEW),
        _form("/quarantine/{item}/discard", REVIEW),
        menu="Quarantine",
    ),
    _group(
        agreements.router,
        _page("/agreements", ALL),
        _page("/agreements/processing", ALL),
        _file("/agreements/processing.csv", AUDIT),
        _file("/agreements/processing.json", AUDIT),
        _page("/agreements/what-if", ALL),
        _form("/agreements/what-if", ALL),
        _page("/agreements/{identifier}/{version}", ALL),
        menu="Agreements",
    ),
    _group(
        integrity.router,
        _page("/integrity", ALL),
        _page("/integrity/verify", ALL),
        _form("/integrity/verify", ALL),
        _file("/integrity/checkpoint.txt", ALL),
        _file("/integrity/verifier.pub", ALL),
        _file("/integrity/consistency", ALL),
        _redirect("/integrity/entries", ALL),
        _page("/integrity/entries/{position}", ALL),
        _file("/integrity/entries/{position}/proof.json", AUDIT),
        menu="Integrity",
    ),
    _group(
        access_log.router,
        _page("/access-log", AUDIT),
        _file("/access-log.csv", AUDIT),
        _page("/access-log/people", AUDIT),
        menu="Access log",
    ),
    _group(
        sign_in.router,
        _page("/sign-in", EVERYONE),
        _form("/sign-in", EVERYONE),
        _redirect("/sign-in/openid", EVERYONE),
        _redirect("/sign-in/back", EVERYONE),
        _form("/sign-out", ALL),
        _page("/accessibility", EVERYONE),
    ),
    _group(
        routes.router,
        _api("/agreements", ALL),
        _api("/checkpoint", ALL),
        _api("/decisions", READ),
        _api("/decisions/{position}/replay", READ),
        _api("/entries/{position}/proof", ALL),
        _api("/events/{ref}", READ),
        _api("/flows", ALL),
        _api("/openapi.json", ALL),
    ),
)


def entries(register: Iterable[RouteGroup] = REGISTER) -> list[RouteEntry]:
    """Return every route of the register."""
    return [entry for group in register for entry in group.entries]


def menu(register: Iterable[RouteGroup] = REGISTER) -> tuple[MenuItem, ...]:
    """Return the menu: the first page of each group that has a name in it."""
    return tuple(_menu_items(register))


def _menu_items(register: Iterable[RouteGroup]) -> Iterator[MenuItem]:
    for group in register:
        if group.menu:
            path = group.entries[0].path
            first = next(
                one
                for one in routes_of(group.router)
                if one.path == path and "GET" in (one.methods or ())
            )
            needs = guarded(first)
            yield MenuItem(group.menu, path, needs.any_of if needs else frozenset(Permission))


def check_register(register: Sequence[RouteGroup] = REGISTER) -> None:
    """Check every route against its row; raises AssertionError with what differs."""
    wrong = [problem for group in register for problem in _differences(group)]
    if wrong:
        message = f"hub/console/register.py: {'; '.join(wrong)}"
        raise AssertionError(message)


def _differences(group: RouteGroup) -> Iterator[str]:
    rows = {entry.name: entry for entry in group.entries}
    found: dict[str, Roles] = {}
    for route in routes_of(group.router):
        needs = guarded(route)
        for method in sorted(set(route.methods or ()) - {"HEAD"}):
            found[f"{method} {route.path}"] = _roles(needs.any_of) if needs else EVERYONE
    for name in sorted(found.keys() | rows.keys()):
        if name not in rows:
            yield f"{name} has no row"
        elif name not in found:
            yield f"{name} has a row and no route"
        elif found[name] != rows[name].roles:
            yield f"{name} opens to {_named(found[name])}, its row says {_named(rows[name].roles)}"


def _roles(any_of: frozenset[Permission]) -> frozenset[Role]:
    return frozenset(role for role in Role if not any_of.isdisjoint(permissions([role])))


def _named(roles: Roles) -> str:
    return "everyone" if roles is None else ", ".join(sorted(roles)) or "no role"
