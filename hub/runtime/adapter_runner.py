"""Run one adapter: an agency's documents become events, deliveries become documents.

In:  pick up a document -> translate -> seal its events to the hub -> publish, confirmed -> only
     then accept it.
Out: a sealed delivery from the agency's queue -> ask for its keys -> open -> translate -> hand over
     -> receipt, confirmed -> only then acknowledge it. What is not released is not opened. A busy
     system is tried again with growing pauses, a bounded number of times; then the delivery
     waits in the agency's dead-letter queue for a person.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from adapters.contract import (
    Adapter,
    AgencySystem,
    Inlet,
    Outlet,
    Pickup,
    Refusal,
    Translation,
    translate,
)
from adapters.faults import AdapterFault, fault_of
from hub.bus import Arrival, BrokerUnreachable, BusMessage, Consumer, Publisher
from hub.bus.topology import INBOUND, RECEIPTS, agency_queue
from hub.intake.hub import backoff
from hub.journey.receipts import Receipt, ReceiptOutcome
from hub.runtime.release_client import HUB_ACCOUNT, ReleaseClient
from hub.sealing.delivery import open_delivery
from hub.sealing.header import read_header
from hub.sealing.hpke import OpeningKey
from hub.sealing.inbound import seal_inbound
from hub.sealing.reply import DeliveryAnswer
from schemas.errors import CannotExpress, ChannelBusy, ChannelRefused, InputRefused
from schemas.event import Event

log = structlog.get_logger()

PUBLISH_SECONDS = 30.0
SEALED_KEY = "event"
UNKNOWN_DELIVERY = "unknown-delivery"
# How old an answer may be when a delivery is opened with it; see docs/sealed-delivery.md.
FRESH_SECONDS = 2.0
_BATCH = 50


@dataclass(frozen=True, slots=True)
class Post:
    """One adapter's place on the bus: its name, format, agency system and broker account."""

    name: str
    adapter: Adapter
    speaker: AgencySystem
    url: str
    hub_key: Callable[[], bytes]
    own_key: OpeningKey
    limit: int = 1_048_576
    attempts: int = 5
    partitions: int = 1


def _routing_key(event: Event, post: Post) -> str:
    """Choose the queue of an event: one child's events of one agency keep to one, in order.

    The choice is keyed with the agency's own secret, so that it reveals nothing about the child
    to a reader of the broker.
    """
    if post.partitions == 1:
        return SEALED_KEY
    identity = event.identity
    numbers = (identity.nhs_number, identity.upn, identity.la_child_id, identity.local_id)
    value = next((n.value for n in numbers if n is not None and n.usable), "")
    who = value or f"{identity.family_name} {identity.birth_date}"
    digest = hmac.new(post.own_key.private, who.encode(), hashlib.sha256).digest()
    return f"{SEALED_KEY}.{int.from_bytes(digest[:8]) % post.partitions}"


class InboundRunner:
    """Reads documents and publishes their events, until stopped."""

    def __init__(self, post: Post, inlet: Inlet, stop: threading.Event) -> None:
        self._post = post
        self._inlet = inlet
        self._stop = stop

    def run(self) -> None:
        """Work until stopped; raises BrokerRefused where the broker refuses the account."""
        with Publisher(self._post.url, f"adapter {self._post.name}: in") as publisher:
            for pickup in self._inlet.pickups(self._stop.is_set):
                try:
                    self._carry(pickup, publisher)
                except ChannelBusy as error:
                    # Not acknowledged: the system sends it again, and its events are the same.
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
        if found.fault:
            log_adapter_fault(post.name, found.fault)
        self._log_read(found)
        if found.refused:
            pickup.refuse(found.refused)
        else:
            pickup.accept()

    def _publish(self, events: tuple[Event, ...], publisher: Publisher) -> bool:
        hub_key = self._post.hub_key()
        messages = [
            BusMessage(
                INBOUND,
                _routing_key(event, self._post),
                seal_inbound(hub_key, self._post.speaker.agency, event.to_json()),
                message_id=event.id,
                content_type="application/octet-stream",
            )
            for event in events
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

    def _log_read(self, found: Translation) -> None:
        log.info(
            "document.read",
            adapter=self._post.name,
            agency=self._post.speaker.agency,
            count=len(found.events),
            refused=len(found.refused),
            code=_first_code(found.refused),
        )


def log_adapter_fault(adapter: str, fault: AdapterFault) -> None:
    """Log an adapter's fault by its class and place, never its text; HUB_DEBUG=1: the traceback."""
    log.error("adapter.failed", adapter=adapter, error=fault.error, place=fault.place)
    if os.environ.get("HUB_DEBUG") == "1":
        sys.stderr.write(fault.trace())


def _first_code(refused: tuple[Refusal, ...]) -> str | None:
    return refused[0].fault.value if refused else None


class OutboundRunner:
    """Opens deliveries and hands over documents, until stopped."""

    def __init__(self, post: Post, outlet: Outlet, stop: threading.Event) -> None:
        self._post = post
        self._outlet = outlet
        self._stop = stop

    def run(self) -> None:
        """Work until stopped; raises BrokerRefused where the broker refuses the account."""
        post, agency = self._post, self._post.speaker.agency
        with (
            Publisher(post.url, f"adapter {post.name}: receipts") as publisher,
            ReleaseClient(
                post.url, post.name, agency, (post.hub_key, post.own_key), publisher
            ) as keys,
            Consumer(post.url, f"adapter {post.name}: out", agency_queue(agency)) as consumer,
        ):
            while not self._stop.is_set():
                batch = consumer.next_batch(_BATCH, 0.25)
                if batch:
                    self._carry(batch, consumer, publisher, keys)
        self._outlet.close()

    def _carry(
        self, batch: list[Arrival], consumer: Consumer, publisher: Publisher, keys: ReleaseClient
    ) -> None:
        """Hand over a batch in order; receipts for all of it are confirmed before any is acked."""
        named = [(a, self._delivery_of(a)) for a in batch]
        answers, asked_at = self._ask([d for _, d in named if d], keys), time.monotonic()
        done: list[Arrival] = []
        dead: list[Arrival] = []
        receipts: list[Receipt] = []
        for place, (arrival, delivery) in enumerate(named):
            if time.monotonic() - asked_at > FRESH_SECONDS:
                # A slow system delayed this one: what was released then may be withheld now.
                answers, asked_at = (
                    self._ask([d for _, d in named[place:] if d], keys),
                    time.monotonic(),
                )
            if answers is None or self._stop.is_set():
                break
            answer = answers.get(delivery or "")
            if delivery is None or answer is None or answer.code == UNKNOWN_DELIVERY:
                dead.append(arrival)
                continue
            receipt = self._deliver(arrival, delivery, answer, keys)
            if receipt is not None:
                receipts.append(receipt)
            failed = receipt is not None and receipt.outcome is ReceiptOutcome.FAILED
            (dead if failed else done).append(arrival)
        if self._send(receipts, publisher):
            consumer.ack(done)
            for arrival in dead:
                consumer.reject(arrival, requeue=False)

    def _ask(self, deliveries: list[str], keys: ReleaseClient) -> dict[str, DeliveryAnswer] | None:
        """Ask for keys; a delivery that is there twice (published again) is requested once."""
        asked = list(dict.fromkeys(deliveries))
        return keys.ask(asked, self._stop) if asked else {}

    def _delivery_of(self, arrival: Arrival) -> str | None:
        """Read which delivery this is; None where it is not one of the hub's for this agency."""
        if arrival.user_id != HUB_ACCOUNT:
            log.error("delivery.forged", adapter=self._post.name)
            return None
        try:
            header = read_header(arrival.body)
        except InputRefused as error:
            log.warning("delivery.unreadable", adapter=self._post.name, code=error.code)
            return None
        return header.delivery if header.recipient == self._post.speaker.agency else None

    def _deliver(
        self, arrival: Arrival, delivery: str, answer: DeliveryAnswer, keys: ReleaseClient
    ) -> Receipt | None:
        """Open, translate and hand over, a bounded number of times; None where nothing was given.

        The keys are requested again before every retry: a withdrawal reaches a retry too.
        """
        code = ""
        for attempt in range(self._post.attempts):
            if attempt:
                if self._stop.wait(backoff(attempt)):
                    break
                again = self._ask([delivery], keys)
                if again is None:
                    break
                answer = again[delivery]
            if answer.code is not None:
                log.info("delivery.withheld", adapter=self._post.name, delivery=delivery)
                return None
            try:
                code = self._hand_over(arrival, delivery, answer)
            except ChannelBusy as error:
                code = error.code
                log.warning("delivery.retried", adapter=self._post.name, attempt=attempt + 1)
            else:
                break
        return self._receipt(delivery, code)

    def _hand_over(self, arrival: Arrival, delivery: str, answer: DeliveryAnswer) -> str:
        """Hand one delivery over; returns the code of a failure, or nothing. Raises ChannelBusy."""
        post = self._post
        try:
            view = open_delivery(arrival.body, answer.keys)
            document = post.adapter.format.write(view, post.speaker)
            self._outlet.hand_over(document, delivery)
        except ChannelBusy:
            raise
        except (InputRefused, CannotExpress, ChannelRefused) as error:
            return error.code
        except Exception as error:  # noqa: BLE001  an adapter's fault is its delivery's, no other's
            log_adapter_fault(post.name, fault_of(error, post.adapter.format))
            return "adapter-failed"
        return ""

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
            BusMessage(
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
            if all(outcome.confirmed for outcome in outcomes):
                return True
            self._stop.wait(1.0)  # the receipts' queue is full or gone: nothing is acked meanwhile
        return False
