"""Opening a delivery's commitment: that exactly this was made for its recipient, and nothing else.

The ledger holds a commitment to what was sealed: SHA-256 over a secret salt and the view, as
canonical JSON (docs/ledger.md). The view is made again from the kept event and the logged decision,
or it is the recipient's own copy. The salt is sealed under the child's key: once that is destroyed,
nothing can be opened any more.
"""

from __future__ import annotations

import json
from types import MappingProxyType

from pydantic import JsonValue

from consent.decision import Decision
from consent.minimise import minimise
from hub.evidence.logged_decisions import LoggedDelivery, logged_delivery
from hub.foundation.view_model import ViewModel
from hub.intake.hub import Hub
from hub.journey.entries.access import DataAccessedEntry
from hub.ledger.commitment import opens
from hub.store.unit_of_work import UnitOfWork
from schemas.canonical import canonical
from schemas.errors import ConfigurationError, NotFound
from schemas.event import Event, View, parse_event, view_envelope


class OpenedCommitment(ViewModel):
    """Whether a delivery's commitment opens to what was sent."""

    delivery: str
    position: int
    recipient: str
    commitment: str
    opens: bool


class Opened(OpenedCommitment):
    """An opened commitment with its content; ``payload`` and ``salt`` are personal data."""

    salt: str
    payload: JsonValue

    def without_content(self) -> OpenedCommitment:
        """Return the outcome alone."""
        return OpenedCommitment.model_validate(self.model_dump(exclude={"salt", "payload"}))


def open_delivery(
    hub: Hub, delivery: str, *, by: str, reason: str, copy: bytes | None = None
) -> Opened:
    """Open a delivery's commitment; the access is recorded.

    ``copy`` is the recipient's own copy of what it got whole; without one the event must still be
    kept. Raises NotFound, ConfigurationError, and KeyDestroyed where the child was erased.
    """
    with hub.writing() as (work, lines):
        known = work.deliveries.find(delivery)
        if known is None:
            raise NotFound(f"There is no delivery {delivery}. See 'hub delivery list'.")
        logged = delivery_in_ledger(work, known.event, delivery)
        lines.append(
            DataAccessedEntry(
                by=by, what=f"what delivery {delivery} holds", child=known.child, reason=reason
            )
        )
        secret = work.deliveries.secret(delivery)
        payload = _read(copy) if copy is not None else _plain(sent_view(work, delivery, logged))
        commitment = bytes.fromhex(logged.made.commitment)
        return Opened(
            delivery=delivery,
            position=logged.position,
            recipient=known.recipient,
            commitment=commitment.hex(),
            opens=opens(commitment, secret.salt, canonical(payload)),
            salt=secret.salt.hex(),
            payload=payload,
        )


def delivery_in_ledger(work: UnitOfWork, event: str, delivery: str) -> LoggedDelivery:
    """Find a delivery in the ledger, with the decision it was made on; raises NotFound."""
    found = logged_delivery(work.ledger, event, delivery)
    if found is None:
        raise NotFound(f"The ledger has no delivery {delivery}. Run 'hub audit verify'.")
    return found


def _read(copy: bytes) -> JsonValue:
    try:
        payload: JsonValue = json.loads(copy)
        canonical(payload)
    except ValueError:
        raise ConfigurationError("The copy is not JSON, as the hub delivers it.") from None
    return payload


def sent_view(work: UnitOfWork, delivery: str, logged: LoggedDelivery) -> View:
    """Make again what was sealed, from the kept event and the logged decision; raises NotFound."""
    kept = work.inbox.find(logged.made.event)
    if kept is None or not kept.body:
        raise NotFound("The event is no longer kept. Give the recipient's own copy: --copy FILE.")
    if logged.decision is None:
        raise NotFound(f"The ledger has no decision for delivery {delivery}.")
    return _view(work, parse_event(kept.body), logged, logged.decision.decision)


def proves(work: UnitOfWork, delivery: str, logged: LoggedDelivery, view: View) -> bool:
    """Whether the ledger's commitment to a delivery opens with this view: exactly it was sealed."""
    commitment = bytes.fromhex(logged.made.commitment)
    return opens(commitment, work.deliveries.secret(delivery).salt, canonical(_plain(view)))


def _plain(view: View) -> JsonValue:
    plain: JsonValue = view_envelope(view).model_dump(mode="json", exclude_none=True)
    return plain


def _view(work: UnitOfWork, event: Event, logged: LoggedDelivery, decision: Decision) -> View:
    delivery, recipient, number = logged.made.delivery, logged.made.recipient, event.record
    child = work.blind("child", recipient, logged.made.child)[:32]
    record = work.blind("record", recipient, event.source, number)[:32] if number else None
    view = minimise(event, decision, delivery_id=delivery, child=child, record=record)
    # A notice: a view of nothing but that the record is wrong (hub/journey/pipeline.py).
    return view or View(
        delivery_id=delivery,
        kind=event.kind,
        source=event.source,
        child=child,
        time=event.time,
        sections=MappingProxyType({}),
        record=record,
        status=event.status,
    )
