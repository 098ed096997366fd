"""Searching what was decided and disclosed, and who looked: by whatever the ledger's index knows.

The answer comes from the index of the ledger (hub/store/index.py). Whoever searches by child looks
at what is kept about that child, and that is recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from hub.evidence.child_lookup import Sought, matches
from hub.intake.hub import Hub
from hub.journey.access_log import AccessQuery, FoundAccesses
from hub.journey.disclosure_index import IndexRow
from hub.journey.entries.access import DataAccessedEntry
from hub.journey.index_query import Page, Place, Query
from hub.store.index import Indexed
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import NotFound

PAGE = 500


@dataclass(frozen=True, slots=True)
class Look:
    """A child that is looked for, who asks, why, and at what, as it stands in the ledger."""

    sought: Sought
    by: str
    reason: str
    what: str = "decisions"


def search(
    hub: Hub, query: Query, limit: int, place: Place | None = None, look: Look | None = None
) -> Page:
    """Find one page of entries; raises NotFound where the child of the look is unknown."""
    if look is not None:
        query = _of_child(hub, query, look)
    with hub.reading() as work:
        return work.disclosure_index.search(query, limit, place)


def search_all(
    hub: Hub, query: Query, place: Place | None = None, look: Look | None = None
) -> Iterator[IndexRow]:
    """Find everything behind a place, page by page as it is read.

    The look is recorded at once, not when the first row is read; raises NotFound as ``search``.
    """
    if look is not None:
        query = _of_child(hub, query, look)
    return _pages(hub, query, place or Place())


def _pages(hub: Hub, query: Query, place: Place | None) -> Iterator[IndexRow]:
    while place is not None:
        with hub.reading() as work:
            page = work.disclosure_index.search(query, PAGE, place)
        yield from page.rows
        place = page.more


def _of_child(hub: Hub, query: Query, look: Look) -> Query:
    return replace(query, children=ids_looked_at(hub, look))


def ids_looked_at(hub: Hub, look: Look) -> tuple[str, ...]:
    """Name the child's ids, those merged into it too; the look is recorded, found or not.

    Raises NotFound where the child is unknown.
    """
    with hub.writing() as (work, lines):
        found = _children(work, look.sought)
        lines.extend(
            DataAccessedEntry(by=look.by, what=look.what, child=child, reason=look.reason)
            for child in found or (None,)
        )
        ids = {former for child in found for former in (child, *work.former(child))}
    if not ids:
        raise NotFound("The hub knows no such child. Look with 'hub child find'.")
    return tuple(sorted(ids))


def _children(work: UnitOfWork, sought: Sought) -> list[str]:
    """Name the children that are meant; the ledger knows ids of children who were erased, too."""
    found = matches(work, sought)
    if found or sought.system is not None:
        return found
    page = work.disclosure_index.search(Query(children=(sought.value,)), 1)
    return [sought.value] if page.rows else []


def looks(hub: Hub, query: AccessQuery, limit: int, before: int | None = None) -> FoundAccesses:
    """Read one page of the access log, newest first; a child's former ids mean the child."""
    with hub.reading() as work:
        ids = {former for child in query.children for former in (child, *work.former(child))}
        query = replace(query, children=tuple(sorted(ids)))
        return work.access_log.page(query, limit, before)


def reindex(hub: Hub) -> Indexed:
    """Make the index anew from the ledger; returns how much it holds."""
    with hub.writing() as (work, _):
        return work.ledger.reindex()
