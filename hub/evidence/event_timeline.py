"""One event's life: all that the ledger says of it, from its receipt to the receipts for it.

The entries in order, each as a sentence, and the explanation of its decisions (explanation.py).
Nothing of the event itself is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from hub.evidence.entry_text import sentence
from hub.evidence.explanation import Explained, explain
from hub.foundation.view_model import ViewModel
from hub.intake.hub import Hub
from hub.journey.ledger_rows import LedgerRow
from hub.ledger.entry import EntryKind, decode
from hub.ledger.errors import LedgerError

UNREADABLE = "This entry cannot be read. Run 'hub audit verify'."


class TimelineStep(ViewModel):
    """One entry about the event; ``delivery`` is the delivery it is about, if it is about one.

    ``again`` is whether a decision stands there that can be made again.
    """

    position: int
    at: str
    kind: str
    sentence: str
    delivery: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Life:
    """An event's decisions, explained, and its entries; ``child`` is the child's id of now.

    ``child`` is empty for an event that is about nobody yet, as one that is held.
    """

    explained: Explained
    child: str
    steps: tuple[TimelineStep, ...]

    def of_delivery(self, delivery: str) -> tuple[TimelineStep, ...]:
        """Give what became of one delivery."""
        return tuple(step for step in self.steps if step.delivery == delivery)


def life_of(hub: Hub, event: str) -> Life:
    """Tell an event's life; raises NotFound where the ledger says nothing of it."""
    explained = explain(hub, event=event)
    with hub.reading() as work:
        steps = tuple(_step(row) for row in work.ledger.about(event))
        child = work.children.known(explained.child) or explained.child
    return Life(explained, child, steps)


def _step(row: LedgerRow) -> TimelineStep:
    try:
        entry = decode(row.entry)
    except LedgerError:
        return TimelineStep(position=row.position, at=row.at, kind=row.kind, sentence=UNREADABLE)
    delivery = entry.body.get("delivery")
    return TimelineStep(
        position=row.position,
        at=row.at,
        kind=row.kind,
        sentence=sentence(entry),
        delivery=delivery if isinstance(delivery, str) else "",
        again=_decides(entry.kind, entry.body),
    )


def _decides(kind: EntryKind, body: Mapping[str, JsonValue]) -> bool:
    """Whether an entry has a decision of its own; a notice at release has none."""
    return kind is EntryKind.DECISION or (kind is EntryKind.RELEASE and "question" in body)
