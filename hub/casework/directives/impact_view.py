"""The view model of an impact: what a directive would change, in sentences and in numbers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, JsonValue

from hub.casework.directives.impact import Impact
from hub.casework.directives.impact_text import sentences
from hub.casework.directives.precedence import PrecedenceCode
from hub.foundation.view_model import ViewModel
from schemas.sections import Category


class QueueChange(ViewModel):
    """What would become of one recipient's queued deliveries."""

    recipient: str
    waiting: Annotated[int, Field(description="How many are not handed over")]
    unreadable: Annotated[int, Field(description="How many would become unreadable")]
    keys_given: Annotated[int, Field(description="Of those: how many had their keys released")]
    readable: Annotated[int, Field(description="How many would become readable")]
    withheld: Annotated[dict[Category, int], Field(description="Sections withheld of others")]
    released: Annotated[dict[Category, int], Field(description="Sections released of others")]
    undecided: Annotated[int, Field(description="How many can no longer be decided")]


class CategoryChange(ViewModel):
    """What one recipient would see of one category, compared with now."""

    category: Category
    gained: Annotated[tuple[str, ...], Field(description="Fields it would start to see")]
    lost: Annotated[tuple[str, ...], Field(description="Fields it would stop seeing")]
    exists: Annotated[bool, Field(description="It would be informed that a record exists")]
    vanishes: Annotated[bool, Field(description="It would no longer be informed of that")]


class FutureChangeView(ViewModel):
    """What would change for events like one that was decided."""

    source: str
    recipient: str
    type: str
    position: Annotated[int, Field(description="The entry of that decision")]
    begins: Annotated[bool, Field(description="It would start receiving such events")]
    ends: Annotated[bool, Field(description="It would stop receiving such events")]
    changes: tuple[CategoryChange, ...]


class AlreadySharedView(ViewModel):
    """What one recipient has of what it would no longer be sent."""

    recipient: str
    deliveries: int
    categories: Annotated[dict[Category, int], Field(description="In how many deliveries")]


class PrecedenceView(ViewModel):
    """One relation of the directive to time, law or other directives."""

    note: PrecedenceCode
    others: tuple[str, ...]


class ImpactReport(ViewModel):
    """What recording or withdrawing a directive would change; nothing was recorded."""

    dry_run: bool = True
    child: str
    directive: Annotated[dict[str, JsonValue], Field(description="The directive, without an id")]
    withdraws: bool
    has_effect: bool
    sentences: tuple[str, ...]
    queued: tuple[QueueChange, ...]
    future: tuple[FutureChangeView, ...]
    offers: Annotated[
        dict[str, int], Field(description="Stored events that could be offered, by recipient")
    ]
    already_shared: tuple[AlreadySharedView, ...]
    notes: tuple[PrecedenceView, ...]


def impact_report(impact: Impact) -> ImpactReport:
    """Return an impact as it is shown."""
    queued = [
        QueueChange(
            recipient=one.recipient,
            waiting=one.waiting,
            unreadable=one.unreadable,
            keys_given=one.keys_given,
            readable=one.readable,
            withheld=dict(one.withheld),
            released=dict(one.released),
            undecided=one.undecided,
        )
        for one in impact.queued
    ]
    shared = [
        AlreadySharedView(
            recipient=one.recipient, deliveries=one.deliveries, categories=dict(one.categories)
        )
        for one in impact.already_shared
    ]
    directive = impact.directive.model_dump(mode="json", exclude={"id"}, exclude_none=True)
    return ImpactReport(
        child=impact.child,
        directive=directive,
        withdraws=impact.withdraws,
        has_effect=impact.has_effect,
        sentences=tuple(sentences(impact)),
        queued=tuple(queued),
        future=tuple(FutureChangeView.model_validate(one) for one in impact.future),
        offers=dict(impact.offers),
        already_shared=tuple(shared),
        notes=tuple(PrecedenceView(note=one.code, others=one.others) for one in impact.notes),
    )
