"""All that the desk shows of one child: who it is, who takes part, what was said, what was shared.

One reading, one look in the ledger. Names, numbers and evidence are opened for it, so whoever asks
says why. Where the child can be found, postcode and address, is not among it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass

from consent.directive import Directive, DirectiveStanding
from hub.intake.hub import Hub
from hub.journey import entries
from hub.journey.deliveries import DeliveryTally
from hub.journey.disclosure_index import IndexRow
from hub.journey.index_query import Place, Query
from hub.journey.reviews import Review
from hub.store.children import Involvement, StoredIdentifier
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import NotFound

MOST = 50


@dataclass(frozen=True, slots=True)
class Face:
    """A name and a birth date by which a child is known, now or under an id merged into it."""

    family_name: str
    given_name: str
    birth_date: dt.date | None


@dataclass(frozen=True, slots=True)
class RecordedDirective:
    """One directive as the desk shows it, with what was sealed with it: who spoke, the evidence.

    ``recorder`` is an agency or somebody at the desk; ``ended_by`` the evidence of a withdrawal.
    """

    directive: Directive
    standing: DirectiveStanding
    recorder: str
    name: str
    evidence: str
    ended_by: str


@dataclass(frozen=True, slots=True)
class ChildView:
    """All that the desk shows of one child.

    ``found`` is what the newest decisions and disclosures found, newest first; ``more`` where there
    are others before.
    """

    child: str
    former: tuple[str, ...]
    faces: tuple[Face, ...]
    identifiers: tuple[StoredIdentifier, ...]
    guarded: bool
    parts: tuple[Involvement, ...]
    reviews: tuple[Review, ...]
    said: tuple[RecordedDirective, ...]
    deliveries: tuple[DeliveryTally, ...]
    found: tuple[IndexRow, ...]
    more: bool

    @property
    def in_force(self) -> tuple[RecordedDirective, ...]:
        """What was said and holds now."""
        return tuple(one for one in self.said if one.standing is DirectiveStanding.IN_FORCE)

    @property
    def history(self) -> tuple[RecordedDirective, ...]:
        """What was said and does not hold now: withdrawn, expired, or not yet begun."""
        return tuple(one for one in self.said if one.standing is not DirectiveStanding.IN_FORCE)


def survivor(hub: Hub, child: str) -> str:
    """Name the child that an id means now; raises NotFound where the hub knows none."""
    with hub.reading() as work:
        known = work.children.known(child)
    if known is None:
        raise NotFound("The hub knows no such child. It may have been erased.")
    return known


def view(hub: Hub, child: str, *, by: str, reason: str) -> ChildView:
    """Show one child; the look is recorded. Raises NotFound for no child of the hub's."""
    with hub.writing() as (work, lines):
        if work.children.known(child) != child:
            raise NotFound("The hub knows no such child. It may have been erased.")
        lines.append(entries.looked(by, "child page", child, reason, work.now))
        ids = (child, *work.former(child))
        page = work.findings.search(Query(children=ids), MOST, Place(newest_first=True))
        return ChildView(
            child=child,
            former=ids[1:],
            faces=tuple(dict.fromkeys(_faces(work, child))),
            identifiers=tuple(work.children.held(child)),
            guarded=work.guarded(child),
            parts=tuple(work.children.parts(child)),
            reviews=tuple(work.reviews.open_of(child)),
            said=_said(work, child),
            deliveries=tuple(work.deliveries.tally(child)),
            found=page.rows,
            more=page.more is not None,
        )


def said_about(
    hub: Hub, child: str, what: str, *, by: str, reason: str
) -> tuple[RecordedDirective, ...]:
    """Open all that was ever said about a child, newest first; ``what`` names the look."""
    with hub.writing() as (work, lines):
        lines.append(entries.looked(by, what, child, reason, work.now))
        return _said(work, child)


def _said(work: UnitOfWork, child: str) -> tuple[RecordedDirective, ...]:
    found = sorted(work.directives(child), key=lambda one: (one.recorded_at, one.id), reverse=True)
    return tuple(_spoken(work, one) for one in found)


def _spoken(work: UnitOfWork, directive: Directive) -> RecordedDirective:
    detail = json.loads(work.said.detail(directive))
    ended = json.loads(work.said.withdrawal(directive))
    return RecordedDirective(
        directive=directive,
        standing=directive.standing(work.now),
        recorder=work.said.recorder(directive.id),
        name=str(detail.get("decider_name") or ""),
        evidence=str(detail.get("evidence") or ""),
        ended_by=str(ended.get("evidence") or ""),
    )


def _faces(work: UnitOfWork, child: str) -> Iterable[Face]:
    for one in work.faces(child):
        yield Face(one.family_name or "", one.given_name or "", one.birth_date)
