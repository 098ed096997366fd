"""Searching what was decided and disclosed, and who looked: by whatever the ledger's index knows.

The answer comes from the index of the ledger (hub/store/index.py). Whoever searches by child looks
at what is kept about that child, and that is recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from hub.evidence.child_lookup import Sought, matches
from hub.intake.hub import Office
from hub.journey import entries
from hub.journey.access_log import LookPage, LookQuery
from hub.journey.disclosure_index import Found
from hub.journey.index_query import Page, Place, Query
from hub.store.index import Indexed
from hub.store.unit_of_work import Books
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
    office: Office, query: Query, limit: int, place: Place | None = None, look: Look | None = None
) -> Page:
    """Find one page of entries; raises NotFound where the child of the look is unknown."""
    if look is not None:
        query = _of_child(office, query, look)
    with office.reading() as books:
        return books.findings.search(query, limit, place)


def search_all(
    office: Office, query: Query, place: Place | None = None, look: Look | None = None
) -> Iterator[Found]:
    """Find everything behind a place, page by page as it is read.

    The look is recorded at once, not when the first row is read; raises NotFound as ``search``.
    """
    if look is not None:
        query = _of_child(office, query, look)
    return _pages(office, query, place or Place())


def _pages(office: Office, query: Query, place: Place | None) -> Iterator[Found]:
    while place is not None:
        with office.reading() as books:
            page = books.findings.search(query, PAGE, place)
        yield from page.rows
        place = page.more


def _of_child(office: Office, query: Query, look: Look) -> Query:
    return replace(query, children=ids_looked_at(office, look))


def ids_looked_at(office: Office, look: Look) -> tuple[str, ...]:
    """Name the child's ids, those merged into it too; the look is recorded, found or not.

    Raises NotFound where the child is unknown.
    """
    with office.writing() as (books, lines):
        found = _children(books, look.sought)
        lines.extend(
            entries.looked(look.by, look.what, child, look.reason, books.now)
            for child in found or (None,)
        )
        ids = {former for child in found for former in (child, *books.former(child))}
    if not ids:
        raise NotFound("The hub knows no such child. Look with 'hub child find'.")
    return tuple(sorted(ids))


def _children(books: Books, sought: Sought) -> list[str]:
    """Name the children that are meant; the ledger knows ids of children who were erased, too."""
    found = matches(books, sought)
    if found or sought.system is not None:
        return found
    page = books.findings.search(Query(children=(sought.value,)), 1)
    return [sought.value] if page.rows else []


def looks(office: Office, query: LookQuery, limit: int, before: int | None = None) -> LookPage:
    """Read one page of the access log, newest first; a child's former ids mean the child."""
    with office.reading() as books:
        ids = {former for child in query.children for former in (child, *books.former(child))}
        query = replace(query, children=tuple(sorted(ids)))
        return books.looks.page(query, limit, before)


def reindex(office: Office) -> Indexed:
    """Make the index anew from the ledger; returns how much it holds."""
    with office.writing() as (books, _):
        return books.ledger.reindex()
