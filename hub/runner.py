"""Running one adapter: an agency's documents become events, deliveries become documents.

In:  pick up a document -> translate -> publish its events, confirmed -> only then accept it.
Out: a delivery from the agency's queue -> translate -> hand over -> receipt, confirmed -> only then
     acknowledge it. A system that is busy is tried again with growing pauses, a bounded number of
     times; then the delivery waits in the agency's dead-letter queue for a person.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from adapters.contract import (
    Adapter,
    Inlet,
    Outlet,
    Pickup,
    Refusal,
    Speaker,
    Translation,
    translate,
)
from hub.bus import Arrival, BrokerUnreachable, Consumer, Message, Publisher
from hub.bus.topology import INBOUND, RECEIPTS, agency_queue
from hub.office import backoff
from hub.receipts import Receipt, ReceiptOutcome
from schemas.envelope import parse_envelope
from schemas.errors import CannotExpress, ChannelBusy, ChannelRefused, InputRefused
from schemas.event import Event, read_view

log = structlog.get_logger()

PUBLISH_SECONDS = 30.0
HUB_ACCOUNT = "hub"


@dataclass(frozen=True, slots=True)
class Post:
    """One adapter's place on the bus: its name, its format, whose system it serves, its account."""

    name: str
    adapter: Adapter
    speaker: Speaker
    url: str
    limit: int = 1_048_576
    attempts: int = 5


class InboundRunner:
    """Carries documents in, until stopped."""

    def __init__(self, post: Post, inlet: Inlet, stop: threading.Event) -> None:
        self._post = post
        self._inlet = inlet
        self._stop = stop

    def run(self) -> None:
        """Work until stopped; raises BrokerRefused where the broker will not have the account."""
        with Publisher(self._post.url, f"adapter {self._post.name}: in") as publisher:
            for pickup in self._inlet.pickups(self._stop.is_set):
                try:
                    self._carry(pickup, publisher)
                except ChannelBusy as error:
                    # Not answered for: the system gives it again, and its events are the same.
                    log.warning("document.postponed", adapter=self._post.name, code=error.code)
                if self._stop.is_set():
                    break
        self._inlet.close()

    def _carry(self, pickup: Pickup, publisher: Publisher) -> None:
        post = self._post
        found = translate(post.adapter.format, pickup.document, post.speaker, post.limit)
        if found.events and not self._publish(found.events, publisher):
            pickup.postpone()
            return
        self._tell(found)
        if found.refused:
            pickup.refuse(found.refused)
        else:
            pickup.accept()

    def _publish(self, events: tuple[Event, ...], publisher: Publisher) -> bool:
        messages = [
            Message(INBOUND, e.kind.key, e.to_json(), message_id=e.id, type=e.kind.key)
            for e in events
        ]
        try:
            outcomes = publisher.publish(messages, PUBLISH_SECONDS)
        except BrokerUnreachable as error:
            log.warning("document.postponed", adapter=self._post.name, code=error.code)
            return False
        if all(outcome.confirmed for outcome in outcomes):
            return True
        worst = next(o.result.value for o in outcomes if not o.confirmed)
        log.error("document.postponed", adapter=self._post.name, result=worst)
        self._stop.wait(1.0)
        return False

    def _tell(self, found: Translation) -> None:
        log.info(
            "document.read",
            adapter=self._post.name,
            agency=self._post.speaker.agency,
            count=len(found.events),
            refused=len(found.refused),
            code=_first_code(found.refused),
        )


def _first_code(refused: tuple[Refusal, ...]) -> str | None:
    return refused[0].fault.value if refused else None


class OutboundRunner:
    """Carries deliveries out, until stopped."""

    def __init__(self, post: Post, outlet: Outlet, stop: threading.Event) -> None:
        self._post = post
        self._outlet = outlet
        self._stop = stop

    def run(self) -> None:
        """Work until stopped; raises BrokerRefused where the broker will not have the account."""
        name, queue = self._post.name, agency_queue(self._post.speaker.agency)
        with (
            Publisher(self._post.url, f"adapter {name}: receipts") as publisher,
            Consumer(self._post.url, f"adapter {name}: out", queue) as consumer,
        ):
            while not self._stop.is_set():
                batch = consumer.next_batch(50, 0.25)
                self._carry(batch, consumer, publisher)
        self._outlet.close()

    def _carry(self, batch: list[Arrival], consumer: Consumer, publisher: Publisher) -> None:
        """Hand over a batch in order; receipts for all of it are confirmed before any is acked."""
        receipts: list[tuple[Arrival, Receipt]] = []
        for arrival in batch:
            receipt = self._deliver(arrival)
            if self._stop.is_set() and receipt is None:
                break
            if receipt is None:
                consumer.reject(arrival, requeue=False)
            else:
                receipts.append((arrival, receipt))
        if receipts and self._send([r for _, r in receipts], publisher):
            done = [a for a, r in receipts if r.outcome is ReceiptOutcome.DELIVERED]
            consumer.ack(done)
            for arrival, receipt in receipts:
                if receipt.outcome is ReceiptOutcome.FAILED:
                    consumer.reject(arrival, requeue=False)

    def _deliver(self, arrival: Arrival) -> Receipt | None:
        """Translate and hand over one delivery; None where it is not one of the hub's."""
        if arrival.user_id != HUB_ACCOUNT:
            log.error("delivery.forged", adapter=self._post.name)
            return None
        try:
            view = read_view(parse_envelope(arrival.body))
        except InputRefused as error:
            log.warning("delivery.unreadable", adapter=self._post.name, code=error.code)
            return None
        try:
            document = self._post.adapter.format.write(view, self._post.speaker)
        except CannotExpress as error:
            return self._receipt(view.delivery_id, error.code)
        except Exception as error:  # noqa: BLE001  an adapter's fault is its delivery's, no other's
            name = type(error).__name__  # never its text: that may quote the view
            log.warning("adapter.failed", adapter=self._post.name, error=name)
            return self._receipt(view.delivery_id, "adapter-failed")
        return self._hand_over(
            lambda: self._outlet.hand_over(document, view.delivery_id), view.delivery_id
        )

    def _hand_over(self, hand_over: Callable[[], None], delivery: str) -> Receipt | None:
        """Try a bounded number of times, with growing pauses; None where stopped before the end."""
        code = ""
        for attempt in range(self._post.attempts):
            try:
                hand_over()
            except ChannelBusy as error:
                code = error.code
                log.warning("delivery.retried", adapter=self._post.name, attempt=attempt + 1)
                if self._stop.wait(backoff(attempt)):
                    return None
            except ChannelRefused as error:
                return self._receipt(delivery, error.code)
            else:
                return self._receipt(delivery)
        return self._receipt(delivery, code)

    def _receipt(self, delivery: str, code: str = "") -> Receipt:
        outcome = ReceiptOutcome.FAILED if code else ReceiptOutcome.DELIVERED
        log.info(
            "delivery.failed" if code else "delivery.delivered",
            adapter=self._post.name,
            delivery=delivery,
            code=code or None,
        )
        return Receipt(delivery=delivery, outcome=outcome, code=code)

    def _send(self, receipts: list[Receipt], publisher: Publisher) -> bool:
        messages = [
            Message(
                RECEIPTS,
                RECEIPTS,
                receipt.model_dump_json().encode(),
                message_id=f"{receipt.delivery}:{receipt.outcome.value}",
                content_type="application/json",
            )
            for receipt in receipts
        ]
        while not self._stop.is_set():
            try:
                outcomes = publisher.publish(messages, PUBLISH_SECONDS)
            except BrokerUnreachable:
                continue
            return all(outcome.confirmed for outcome in outcomes)
        return False
