"""The addresses of every page of the console in the borough, made from the register of pages.

A page with a new kind of id in its address needs an entry in ``_IDS``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from playwright.sync_api import Page

from consent.directive import Directive, DirectiveStanding
from consent.reasons import ReviewCause
from hub.console.register import RouteKind, entries
from hub.intake.hub import Hub

BECAUSE = "CASE-104"


@dataclass(frozen=True, slots=True)
class Known:
    """Some ids of the borough: a child with many records, one of its events, and so on."""

    child: str
    event: str
    position: int
    directive: str
    reviews: Mapping[ReviewCause, str]
    quarantined: str


def known(hub: Hub) -> Known:
    """Read ids from the store."""
    with hub.reading() as work:
        queued = {card.child for card in work.deliveries.cards(state="published")}
        spoken = {
            child: [d.id for d in work.directives_of(child) if _stands(d, work.now)]
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


_IDS: Mapping[str, Callable[[Known], Iterable[str]]] = {
    "child": lambda known: [known.child],
    "ref": lambda known: [known.event],
    "directive": lambda known: [known.directive],
    "review": lambda known: known.reviews.values(),
    "item": lambda known: [known.quarantined],
    "position": lambda known: ["0", str(known.position)],
    "identifier": lambda _: ["health-by-consent"],
    "version": lambda _: ["4"],
}
_PARAMETER = re.compile(r"\{(\w+)\}")
_SEARCHES = (
    "/search?agency=oakfield-primary&outcome=withheld",
    "/search?reason=no-such-reason&from=yesterday",
    "/search?child={child}",
)


def addresses(known: Known) -> Iterator[str]:
    """Yield the addresses of every page, with each id that the borough has for it."""
    paths = [entry.path for entry in entries() if entry.kind is RouteKind.PAGE]
    for path in (*paths, *_SEARCHES):
        names = _PARAMETER.findall(path)
        for ids in product(*(_IDS[name](known) for name in names)):
            yield path.format(**dict(zip(names, ids, strict=True)))


def open_page(page: Page, address: str) -> None:
    """Open a page, and give a reason if it asks for one."""
    page.goto(address)
    asked = page.locator("main input[name=reason]")
    if "/why" in page.url and "/why" not in address and asked.count() == 1:
        asked.fill(BECAUSE)
        page.locator("main form button").first.click()
        page.wait_for_url(lambda url: "/why" not in url)
