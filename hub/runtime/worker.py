"""The worker: consumes events and receipts, has them recorded, and publishes deliveries.

    consume a batch -> one transaction -> acknowledge it -> publish pending deliveries -> mark them

A batch is acknowledged only after it is stored, and a delivery is marked as published only after
the broker confirmed it. So a worker may be killed at any instruction: unacknowledged messages come
again and are recognised as duplicates, unconfirmed deliveries are published again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import structlog

from hub.bus import Arrival, BrokerUnreachable, BusMessage, Consumer, Publisher, PublishResult
from hub.bus.topology import KEYS, OUTBOUND, RECEIPTS, RELEASE, decide_queue
from hub.foundation import clock
from hub.intake.hub import Hub, until_done
from hub.intake.key_requests import Reply
from hub.journey.pipeline import Letter
from hub.runtime.housekeeping import Housekeeping, Terms
from schemas.errors import Unavailable

log = structlog.get_logger()

PUBLISH_SECONDS = 30.0
IDLE_SECONDS = 0.1
_REQUESTS = 20


@dataclass(frozen=True, slots=True)
class WorkerPlan:
    """The configuration of a worker: the hub's account on the broker, partitions, batch size."""

    url: str
    partitions: Sequence[int] = (0,)
    batch: int = 200
    terms: Terms = field(default_factory=Terms)


class Worker:
    """One worker with its connections; ``run`` until ``stop``."""

    def __init__(self, hub: Hub, plan: WorkerPlan) -> None:
        self._hub = hub
        self._plan = plan
        self._stopping = threading.Event()
        self._housekeeping = Housekeeping(hub, plan.terms)
        self._publisher = Publisher(plan.url, "hub worker: publish")
        self._inbound = [
            Consumer(plan.url, f"hub worker: decide {n}", decide_queue(n), prefetch=2 * plan.batch)
            for n in plan.partitions
        ]
        self._receipts = Consumer(plan.url, "hub worker: receipts", RECEIPTS)
        self._releases = Consumer(plan.url, "hub worker: releases", RELEASE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def stop(self) -> None:
        """Ask the worker to finish its current batch and end; safe in a signal handler."""
        self._stopping.set()

    def close(self) -> None:
        """Close the connections; unacknowledged messages come again."""
        for consumer in (*self._inbound, self._receipts, self._releases):
            consumer.close()
        self._publisher.close()

    def run(self) -> None:
        """Work until stopped; raises BrokerRefused if the broker refuses the account."""
        log.info("worker.started", count=len(self._inbound))
        while not self._stopping.is_set():
            busy = [self._take(consumer) for consumer in self._inbound]
            busy.append(self._take_releases())
            busy.append(self._take_receipts())
            busy.append(self.dispatch())
            self._housekeeping.tick()
            if not any(busy):
                self._stopping.wait(0.01)
        self._housekeeping.end()
        log.info("worker.stopped")

    def _take(self, consumer: Consumer) -> bool:
        batch = consumer.next_batch(self._plan.batch, IDLE_SECONDS / len(self._inbound))
        if not batch:
            return False
        letters = [Letter(a.body, a.user_id, clock.now(), sealed=True) for a in batch]
        done = self._until_done(lambda: self._hub.take(letters))
        if done:
            consumer.ack_through(batch[-1])
        return True

    def _take_releases(self) -> bool:
        """Reply to requests for keys; acknowledge each once its reply is published."""
        batch = self._releases.next_batch(_REQUESTS, 0.0)
        if not batch:
            return False
        requests = [(a.user_id, a.body) for a in batch]
        replies: list[Reply] = []
        if not self._until_done(lambda: replies.extend(self._hub.release(requests))):
            return True
        messages = [
            BusMessage(
                KEYS,
                reply.recipient,
                reply.body,
                message_id=clock.new_id(),
                content_type="application/octet-stream",
            )
            for reply in replies
        ]
        try:
            self._publisher.publish(messages, PUBLISH_SECONDS)
        except BrokerUnreachable as error:
            log.warning("releases.postponed", code=error.code, count=len(replies))
            return False
        self._releases.ack_through(batch[-1])
        return True

    def _take_receipts(self) -> bool:
        batch: list[Arrival] = self._receipts.next_batch(self._plan.batch, 0.0)
        if not batch:
            return False
        receipts = [(a.user_id, a.body) for a in batch]
        if self._until_done(lambda: self._hub.take_receipts(receipts)):
            self._receipts.ack_through(batch[-1])
        return True

    def _until_done(self, work: Callable[[], object]) -> bool:
        return until_done(work, self._stopping)

    def dispatch(self) -> bool:
        """Publish pending deliveries; unconfirmed ones stay pending."""
        try:
            pending = self._hub.pending(self._plan.batch)
        except Unavailable as error:
            log.warning("work.postponed", code=error.code)
            self._stopping.wait(1.0)
            return False
        if not pending:
            return False
        messages = [
            BusMessage(
                OUTBOUND,
                out.recipient,
                out.body,
                message_id=out.id,
                content_type="application/octet-stream",
            )
            for out in pending
        ]
        try:
            outcomes = self._publisher.publish(messages, PUBLISH_SECONDS)
        except BrokerUnreachable as error:
            log.warning("deliveries.postponed", code=error.code, count=len(pending))
            return False
        safe = [o.id for o, outcome in zip(pending, outcomes, strict=True) if outcome.confirmed]
        if safe:
            self._until_done(lambda: self._hub.published(safe))
        for out, outcome in zip(pending, outcomes, strict=True):
            if outcome.result is not PublishResult.CONFIRMED:
                log.error("delivery.refused", recipient=out.recipient, result=outcome.result.value)
        if not safe:
            self._stopping.wait(1.0)
        return bool(safe)
