"""Minimising: what one recipient sees of an event is exactly what the decision shares."""

from __future__ import annotations

from types import MappingProxyType

from consent.decision import Decision, Sharing
from schemas.event import Event, View
from schemas.sections import Category, Section


def minimise(
    event: Event, decision: Decision, *, delivery_id: str, child: str, record: str | None
) -> View | None:
    """Reduce an event to one recipient's view, or None where nothing is shared.

    ``child`` and ``record`` are the recipient's own pseudonyms for the child and for the record at
    its source: the source's numbers are identifiers, and travel only as permitted fields.
    """
    if not decision.permitted:
        return None
    sections: dict[Category, Section] = {}
    existence: list[Category] = []
    purposes: dict[Category, tuple[str, ...]] = {}
    for part in decision.shared():
        purposes[part.category] = tuple(
            sorted({f.purpose.value for f in part.findings if f.reason.permits and f.purpose})
        )
        section = event.sections.get(part.category)
        if part.sharing is Sharing.EXISTENCE or section is None:
            existence.append(part.category)
        else:
            sections[part.category] = section.only(frozenset(part.fields))
    return View(
        delivery_id=delivery_id,
        kind=event.kind,
        source=event.source,
        child=child,
        time=event.time,
        sections=MappingProxyType(sections),
        existence=tuple(existence),
        record=record if sections else None,
        status=event.status,
        purposes=MappingProxyType(purposes),
    )
