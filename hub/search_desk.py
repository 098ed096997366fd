"""Searching what was decided: by child, agency, data, reason, rule, directive or time.

The answer comes from the index of the ledger (hub/findings.py). Whoever searches by child looks at
what is kept about that child, and that is recorded.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path

from hub import entries
from hub.child_desk import NotFound, Sought, matches
from hub.findings import Found
from hub.knowledge import Books
from hub.office import Office
from hub.store.findings import Page, Query

PAGE = 500


@dataclass(frozen=True, slots=True)
class Look:
    """A child that is looked for, who asks, and why."""

    sought: Sought
    by: str
    reason: str


def search(
    office: Office, query: Query, limit: int, after: int = -1, look: Look | None = None
) -> Page:
    """Find one page of decisions; raises NotFound where the child of the look is unknown."""
    if look is not None:
        query = _of_child(office, query, look)
    with office.reading() as books:
        return books.findings.search(query, limit, after)


def search_all(office: Office, query: Query, look: Look | None = None) -> Iterator[Found]:
    """Find everything, page by page."""
    if look is not None:
        query = _of_child(office, query, look)
    after: int | None = -1
    while after is not None:
        with office.reading() as books:
            page = books.findings.search(query, PAGE, after)
        yield from page.rows
        after = page.after


def _of_child(office: Office, query: Query, look: Look) -> Query:
    """Name the child's ids, those merged into it too; the look is recorded, found or not."""
    with office.writing() as (books, lines):
        found = _children(books, look.sought)
        lines.extend(
            entries.looked(look.by, "decisions", child, look.reason, books.now)
            for child in found or (None,)
        )
        ids = {former for child in found for former in (child, *books.former(child))}
    if not ids:
        raise NotFound("The hub knows no such child. Look with 'hub child find'.")
    return replace(query, children=tuple(sorted(ids)))


def _children(books: Books, sought: Sought) -> list[str]:
    """Name the children that are meant; the ledger knows ids of children who were erased, too."""
    found = matches(books, sought)
    if found or sought.system is not None:
        return found
    page = books.findings.search(Query(children=(sought.value,)), 1)
    return [sought.value] if page.rows else []


def reindex(office: Office) -> tuple[int, int]:
    """Make the index anew from the ledger; returns how many decisions and rows it has."""
    with office.writing() as (books, _):
        return books.ledger.reindex()


def write_csv(file: Path, rows: Iterable[Found]) -> int:
    """Write rows as CSV under a row of names; returns how many."""
    count = 0
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow([one.name for one in fields(Found)])
        for row in rows:
            writer.writerow(astuple(row))
            count += 1
    return count
