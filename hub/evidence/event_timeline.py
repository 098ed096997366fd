"""One event's life: all that the ledger says of it, from its receipt to the receipts for it.

The entries in order, each as a sentence, and the explanation of its decisions (explanation.py).
Nothing of the event itself is read.
"""

from __future__ import annotations

from dataclasses import dataclass

from hub.evidence.explanation import Explained, explain
from hub.evidence.logged_decisions import basis_of
from hub.foundation.view_model import ViewModel
from hub.intake.hub import Hub
from hub.journey.entries.deliveries import DeliveryEntry
from hub.journey.ledger_rows import LedgerRow

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
    body = row.readable()
    if body is None:
        return TimelineStep(position=row.position, at=row.at, kind=row.kind, sentence=UNREADABLE)
    return TimelineStep(
        position=row.position,
        at=row.at,
        kind=row.kind,
        sentence=body.sentence(),
        delivery=body.delivery if isinstance(body, DeliveryEntry) else "",
        again=basis_of(body) is not None,
    )
