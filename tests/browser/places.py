"""Every page of the console, as somebody comes to it in the borough: the list that is tested.

``ADDRESSES`` must name every page that answers with HTML; a test compares it with the routes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from playwright.sync_api import Page

from consent.directive import Directive, DirectiveStanding
from consent.reasons import ReviewCause
from hub.intake.hub import Hub

BECAUSE = "CASE-104"
# Answers that are files and not pages; and ways that only lead elsewhere.
FILES = frozenset(
    {
        "/agreements/processing.csv",
        "/agreements/processing.json",
        "/search.csv",
        "/access-log.csv",
        "/events/{ref}/audit-events",
        "/children/{child}/consents.json",
        "/integrity/checkpoint.txt",
        "/integrity/verifier.pub",
        "/integrity/consistency",
        "/integrity/entries/{position}/proof.json",
        "/integrity/entries",
        "/sign-in/openid",
        "/sign-in/back",
    }
)


@dataclass(frozen=True, slots=True)
class Known:
    """Some ids of the borough: a child with much to show, one of its events, and so on."""

    child: str
    event: str
    position: int
    directive: str
    reviews: Mapping[ReviewCause, str]
    quarantined: str


def known(hub: Hub) -> Known:
    """Pick from the store what pages can be opened with."""
    with hub.reading() as work:
        queued = {card.child for card in work.deliveries.cards(state="published")}
        spoken = {
            child: [d.id for d in work.directives(child) if _stands(d, work.now)]
            for child in sorted(queued)
        }
        child = max(spoken, key=lambda one: (bool(spoken[one]), one))
        decided = [r for r in work.ledger.of_children([child]) if r.kind == "decision"][-1]
        reviews = {one.cause: one.id for one in work.reviews.listed()}
        quarantined = work.inbox.quarantined()[0].id
        return Known(
            child=child,
            event=str(decided.subject.event),
            position=decided.position,
            directive=spoken[child][0],
            reviews=reviews,
            quarantined=quarantined,
        )


def _stands(directive: Directive, now: dt.datetime) -> bool:
    return directive.standing(now) is DirectiveStanding.IN_FORCE


Address = Callable[[Known], list[str]]


def _one(path: str) -> Address:
    return lambda _: [path]


ADDRESSES: Mapping[str, Address] = {
    "/": _one("/"),
    "/sign-in": _one("/sign-in"),
    "/accessibility": _one("/accessibility"),
    "/agreements": _one("/agreements"),
    "/agreements/processing": _one("/agreements/processing"),
    "/agreements/what-if": _one("/agreements/what-if"),
    "/agreements/{identifier}/{version}": _one("/agreements/health-by-consent/4"),
    "/search": lambda k: [
        "/search",
        "/search?agency=oakfield-primary&outcome=withheld",
        "/search?reason=no-such-reason&from=yesterday",
        f"/search?child={k.child}",
    ],
    "/search/child": _one("/search/child"),
    "/events/{ref}": lambda k: [f"/events/{k.event}"],
    "/children": _one("/children"),
    "/children/{child}": lambda k: [f"/children/{k.child}"],
    "/children/{child}/why": lambda k: [f"/children/{k.child}/why"],
    "/children/{child}/directives/new": lambda k: [f"/children/{k.child}/directives/new"],
    "/children/{child}/consents/import": lambda k: [f"/children/{k.child}/consents/import"],
    "/children/{child}/directives/{directive}": lambda k: [
        f"/children/{k.child}/directives/{k.directive}"
    ],
    "/children/{child}/directives/{directive}/withdraw": lambda k: [
        f"/children/{k.child}/directives/{k.directive}/withdraw"
    ],
    "/reviews": _one("/reviews"),
    "/reviews/{review}": lambda k: [f"/reviews/{one}" for one in k.reviews.values()],
    "/quarantine": _one("/quarantine"),
    "/quarantine/{item}": lambda k: [f"/quarantine/{k.quarantined}"],
    "/integrity": _one("/integrity"),
    "/integrity/verify": _one("/integrity/verify"),
    "/integrity/entries/{position}": lambda k: [
        "/integrity/entries/0",
        f"/integrity/entries/{k.position}",
    ],
    "/access-log": _one("/access-log"),
    "/access-log/people": _one("/access-log/people"),
}


def open_page(page: Page, address: str) -> None:
    """Open a page, and say why where it asks."""
    page.goto(address)
    asked = page.locator("main input[name=reason]")
    if "/why" in page.url and "/why" not in address and asked.count() == 1:
        asked.fill(BECAUSE)
        page.locator("main form button").first.click()
        page.wait_for_url(lambda url: "/why" not in url)
