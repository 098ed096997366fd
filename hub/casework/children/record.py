"""One child's record: identity, involvement, directives, reviews, and what was shared.

Reading it is one access, recorded in the ledger with its reason: names, numbers and evidence are
opened. The child's whereabouts, postcode and address, are not part of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from consent.directive import DirectiveStanding
from hub.casework.directives.views import DirectiveView, directive_view
from hub.intake.hub import Hub
from hub.journey.deliveries import DeliveryTally
from hub.journey.disclosure_index import IndexRow
from hub.journey.entries.access import DataAccessedEntry
from hub.journey.index_query import Place, Query
from hub.journey.reviews import Review
from hub.store.children import StoredIdentifier, StoredInvolvement
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import NotFound

MOST = 50


@dataclass(frozen=True, slots=True)
class Face:
    """A name and birth date of a child, present or former."""

    family_name: str
    given_name: str
    birth_date: dt.date | None


@dataclass(frozen=True, slots=True)
class ChildView:
    """One child's record.

    ``found`` are the rows of the newest decisions and disclosures, newest first; ``more`` says
    whether there are older ones.
    """

    child: str
    former: tuple[str, ...]
    faces: tuple[Face, ...]
    identifiers: tuple[StoredIdentifier, ...]
    guarded: bool
    parts: tuple[StoredInvolvement, ...]
    reviews: tuple[Review, ...]
    directives: tuple[DirectiveView, ...]
    deliveries: tuple[DeliveryTally, ...]
    found: tuple[IndexRow, ...]
    more: bool

    @property
    def in_force(self) -> tuple[DirectiveView, ...]:
        """The directives in force now."""
        return tuple(one for one in self.directives if one.standing is DirectiveStanding.IN_FORCE)

    @property
    def history(self) -> tuple[DirectiveView, ...]:
        """The directives not in force now: withdrawn, expired, or not yet begun."""
        lapsed = (d for d in self.directives if d.standing is not DirectiveStanding.IN_FORCE)
        return tuple(lapsed)


def survivor(hub: Hub, child: str) -> str:
    """Return the present id of a child, after merges; raises NotFound."""
    with hub.reading() as work:
        known = work.children.known(child)
    if known is None:
        raise NotFound("The hub knows no such child. It may have been erased.")
    return known


def view(hub: Hub, child: str, *, by: str, reason: str) -> ChildView:
    """Return one child's record, and record the access; raises NotFound."""
    with hub.writing() as (work, lines):
        if work.children.known(child) != child:
            raise NotFound("The hub knows no such child. It may have been erased.")
        lines.append(DataAccessedEntry(by=by, what="child page", child=child, reason=reason))
        ids = (child, *work.former(child))
        page = work.disclosure_index.search(Query(children=ids), MOST, Place(newest_first=True))
        return ChildView(
            child=child,
            former=ids[1:],
            faces=tuple(dict.fromkeys(_faces(work, child))),
            identifiers=tuple(work.children.held(child)),
            guarded=work.guarded(child),
            parts=tuple(work.children.parts(child)),
            reviews=tuple(work.reviews.open_of(child)),
            directives=_directives(work, child),
            deliveries=tuple(work.deliveries.tally(child)),
            found=page.rows,
            more=page.more is not None,
        )


def directives_about(
    hub: Hub, child: str, what: str, *, by: str, reason: str
) -> tuple[DirectiveView, ...]:
    """Return all directives about a child, newest first; ``what`` names the access recorded."""
    with hub.writing() as (work, lines):
        lines.append(DataAccessedEntry(by=by, what=what, child=child, reason=reason))
        return _directives(work, child)


def _directives(work: UnitOfWork, child: str) -> tuple[DirectiveView, ...]:
    found = sorted(
        work.directives_of(child), key=lambda one: (one.recorded_at, one.id), reverse=True
    )
    return tuple(directive_view(one, work) for one in found)


def _faces(work: UnitOfWork, child: str) -> Iterable[Face]:
    for one in work.faces(child):
        yield Face(one.family_name or "", one.given_name or "", one.birth_date)
