"""What would become of a child's queued deliveries under other directives.

Each delivery not yet handed over is decided as at its release, once with the present directives and
once with the proposed ones. Nothing is changed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from consent.directive import Directive
from hub.intake.key_requests import decide_release
from hub.journey.deliveries import StoredDelivery
from hub.journey.release import Contents, Released
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import InputRefused, KeyDestroyed
from schemas.sections import Category

Counts = tuple[tuple[Category, int], ...]


@dataclass(frozen=True, slots=True)
class Queued:
    """What would become of one recipient's deliveries that are not handed over yet.

    ``unreadable`` counts those that would become unreadable, ``keys_given`` those of them whose
    keys were released before, ``readable`` those that would become readable. For deliveries that
    stay readable, ``withheld`` and ``released`` count those in which a section would be withheld or
    released. ``undecided`` counts those that can no longer be decided, and are never released.
    """

    recipient: str
    waiting: int
    unreadable: int
    keys_given: int
    readable: int
    withheld: Counts
    released: Counts
    undecided: int


@dataclass(slots=True)
class Queue:
    """The running count for one recipient."""

    recipient: str
    waiting: int = 0
    unreadable: int = 0
    keys_given: int = 0
    readable: int = 0
    undecided: int = 0
    withheld: Counter[Category] = field(default_factory=Counter)
    released: Counter[Category] = field(default_factory=Counter)
    lost: set[Category] = field(default_factory=set)

    def count(self, known: StoredDelivery, before: Released, after: Released) -> None:
        """Count one delivery, released as now and as proposed."""
        less = set(before.sections) - set(after.sections)
        self.lost |= less
        if before.anything and not after.anything:
            self.unreadable += 1
            self.keys_given += known.releases > 0
            self.lost |= set(Contents.model_validate_json(known.contents).existence)
        elif after.anything and not before.anything:
            self.readable += 1
        else:
            self.withheld.update(less)
            self.released.update(set(after.sections) - set(before.sections))

    def queued(self) -> Queued:
        """Return the final count."""
        return Queued(
            self.recipient,
            self.waiting,
            self.unreadable,
            self.keys_given,
            self.readable,
            counts(self.withheld),
            counts(self.released),
            self.undecided,
        )


def queue_of(
    work: UnitOfWork, child: str, before: tuple[Directive, ...], after: tuple[Directive, ...]
) -> list[Queue]:
    """Decide every delivery not yet handed over as at its release, before and after the change."""
    queues: dict[str, Queue] = {}
    for known in work.deliveries.open_of(child):
        queue = queues.setdefault(known.recipient, Queue(known.recipient))
        queue.waiting += 1
        try:
            now, _ = decide_release(known, work, before)
            then, _ = decide_release(known, work, after)
        except (InputRefused, KeyDestroyed):
            queue.undecided += 1
            continue
        queue.count(known, now, then)
    return [queues[name] for name in sorted(queues)]


def counts(found: Counter[Category]) -> Counts:
    """Return the counts in the order of the categories."""
    return tuple((category, found[category]) for category in Category if found[category])
