"""What the ledger records of one decision: question, directives, outcome and what was delivered.

A decision at an event's arrival is in an entry of kind decision, one at a request for keys in an
entry of kind release.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.journey.entries import EntryBody
from hub.journey.entries.decisions import DecisionBasis, DecisionEntry
from hub.journey.entries.deliveries import DeliveryMadeEntry, ReleaseEntry
from hub.journey.ledger_rows import LedgerRow
from hub.journey.release import Contents, contents_decided
from hub.store.ledger import Ledger

DECIDING = (DecisionEntry, ReleaseEntry)
DECIDING_KINDS = frozenset(model.kind for model in DECIDING)


def basis_of(body: EntryBody | None) -> DecisionBasis | None:
    """Return an entry's decision with what it was made of; None for a notice or another kind."""
    return body.basis if isinstance(body, DECIDING) else None


@dataclass(frozen=True, slots=True)
class LoggedDelivery:
    """The entry that a delivery was made, and the decision that it was made on.

    That is the last decision before it about its recipient: what is offered again is decided again.
    """

    position: int
    made: DeliveryMadeEntry
    decision: DecisionEntry | None


def logged_delivery(ledger: Ledger, event: str, delivery: str) -> LoggedDelivery | None:
    """Find a delivery in the ledger; None where the ledger has no such delivery of the event."""
    decisions: list[LedgerRow] = []
    for row in ledger.about(event):
        if row.kind == DecisionEntry.kind:
            decisions.append(row)
        elif row.kind == DeliveryMadeEntry.kind:
            made = row.readable()
            if isinstance(made, DeliveryMadeEntry) and made.delivery == delivery:
                return LoggedDelivery(row.position, made, _last_about(made.recipient, decisions))
    return None


def _last_about(recipient: str, rows: Sequence[LedgerRow]) -> DecisionEntry | None:
    """Read the last decision about a recipient, and none of the others."""
    for row in reversed(rows):
        body = row.readable() if row.subject.agency == recipient else None
        if isinstance(body, DecisionEntry):
            return body
    return None


def contents_logged(ledger: Ledger, event: str, delivery: str) -> Contents | None:
    """Return what a delivery holds, from the ledger alone; None where the ledger does not say."""
    found = logged_delivery(ledger, event, delivery)
    if found is None or found.decision is None:
        return None
    return contents_decided(found.decision.decision, notice=found.decision.notice)
