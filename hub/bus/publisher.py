"""Publish messages so that none is lost: each is confirmed by the broker or reported.

Waiting for each confirmation in turn would cost twenty to thirty times the throughput, so up to
``window`` messages are unconfirmed at a time. After a lost connection unconfirmed messages are sent
again, which may duplicate one and never loses one; readers recognise duplicates. A refused message
closes the channel without naming the message; they are then sent one at a time to find it.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Self

import pika
from pika import spec

from hub.bus.connection import BROKEN, GOING_AWAY, LOST, Link
from hub.bus.messages import PublishOutcome, PublishResult

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from pika.channel import Channel
    from pika.frame import Method

    from hub.bus.messages import BusMessage

DEFAULT_WINDOW = 1000
_CONFIRMED = PublishOutcome(PublishResult.CONFIRMED)
_NACKED = PublishOutcome(PublishResult.NACKED)
_UNROUTABLE = PublishOutcome(PublishResult.UNROUTABLE)
# Codes of a closed connection that no published message can have caused.
_INNOCENT = frozenset({LOST, BROKEN, GOING_AWAY, 200, 541})


class _Batch:
    """The messages of one call, and their outcomes."""

    __slots__ = ("abandoned", "done", "outcomes", "remaining")

    def __init__(self, size: int) -> None:
        self.outcomes: list[PublishOutcome | None] = [None] * size
        self.remaining = size
        self.done = threading.Event()
        self.abandoned = False


class _Parcel:
    """One message in transit."""

    __slots__ = ("batch", "index", "message", "properties", "returned")

    def __init__(self, message: BusMessage, user_id: str, batch: _Batch, index: int) -> None:
        self.message = message
        self.properties = _properties(message, user_id)
        self.batch = batch
        self.index = index
        self.returned = False

    def settle(self, outcome: PublishOutcome) -> None:
        self.batch.outcomes[self.index] = outcome
        self.batch.remaining -= 1
        if self.batch.remaining == 0:
            self.batch.done.set()


class Publisher:
    """A connection that publishes with confirms, as the account of its URL."""

    def __init__(self, url: str, name: str, *, window: int = DEFAULT_WINDOW) -> None:
        """Start connecting in the background; operators see ``name`` at the broker."""
        self._link = Link(url, name, self)
        self._window = window
        self._channel: Channel | None = None
        self._pending: deque[_Parcel] = deque()
        self._unconfirmed: dict[int, _Parcel] = {}
        self._next_tag = 1
        self._suspects = 0
        self._idle = threading.Event()
        self._idle.set()
        self._link.start()

    def __enter__(self) -> Self:
        """Use the publisher in a ``with`` block, which closes it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the publisher."""
        self.close()

    @property
    def connected(self) -> bool:
        """Whether it can publish now."""
        return self._link.is_ready

    def wait_ready(self, timeout: float) -> None:
        """Wait for the first connection; raises BrokerUnreachable or BrokerRefused."""
        self._link.wait_ready(timeout)

    def publish(self, messages: Sequence[BusMessage], timeout: float) -> list[PublishOutcome]:
        """Publish messages in order and wait for the broker's confirmation of each.

        Raises BrokerUnreachable if one is missing in time: some messages may have been stored, and
        the caller publishes all of them again. Thread-safe.
        """
        self._link.raise_refusal()
        if not messages:
            return []
        deadline = time.monotonic() + timeout
        batch = _Batch(len(messages))
        account = self._link.account
        parcels = [_Parcel(message, account, batch, n) for n, message in enumerate(messages)]
        self._idle.clear()
        self._link.call(lambda: self._accept(parcels))
        while not batch.done.wait(min(0.25, max(0.0, deadline - time.monotonic()))):
            if self._link.is_over or time.monotonic() >= deadline:
                self._link.call(lambda: self._abandon(batch))
                self._link.raise_refusal()
                raise self._link.unreachable()
        return [outcome for outcome in batch.outcomes if outcome is not None]

    def close(self, timeout: float = 10.0) -> None:
        """Wait for outstanding confirmations, then close."""
        if self._link.is_ready:
            self._idle.wait(timeout)
        self._link.close(timeout)

    # The methods below run on the link's thread only.

    def opened(self, channel: Channel) -> None:
        """Switch a new channel to confirm mode."""
        channel.add_on_return_callback(self._on_return)

        def selected(_frame: Method) -> None:
            self._channel = channel
            self._next_tag = 1
            self._link.ready()
            self._pump()

        channel.confirm_delivery(ack_nack_callback=self._on_confirm, callback=selected)

    def lost(self, code: int) -> str | None:
        """Requeue unconfirmed messages; if one of them may be the cause, isolate it."""
        self._channel = None
        waiting = list(self._unconfirmed.values())
        self._unconfirmed.clear()
        if waiting and code not in _INNOCENT:
            if len(waiting) == 1:
                waiting.pop().settle(PublishOutcome(PublishResult.REFUSED, str(code)))
            self._suspects = max(self._suspects, len(waiting))
        for parcel in reversed(waiting):
            parcel.returned = False
            if not parcel.batch.abandoned:
                self._pending.appendleft(parcel)
        return None

    def _accept(self, parcels: list[_Parcel]) -> None:
        self._idle.clear()
        self._pending.extend(parcels)
        self._pump()

    def _abandon(self, batch: _Batch) -> None:
        batch.abandoned = True
        self._pending = deque(parcel for parcel in self._pending if parcel.batch is not batch)
        self._rest()

    def _rest(self) -> None:
        if not self._pending and not self._unconfirmed:
            self._suspects = 0
            self._idle.set()

    def _pump(self) -> None:
        """Send pending messages up to the window; one at a time to isolate a refused one."""
        channel = self._channel
        if channel is None or not channel.is_open:
            return
        window = 1 if self._suspects else self._window
        while self._pending and len(self._unconfirmed) < window:
            parcel = self._pending.popleft()
            try:
                _send(channel, parcel)
            except Exception as error:  # noqa: BLE001  # it could not be encoded, and was not sent
                parcel.settle(PublishOutcome(PublishResult.REFUSED, type(error).__name__))
                continue
            self._unconfirmed[self._next_tag] = parcel
            self._next_tag += 1
        self._rest()

    def _on_return(
        self,
        _channel: Channel,
        method: spec.Basic.Return,
        properties: pika.BasicProperties,
        _body: bytes,
    ) -> None:
        """Mark a message as unroutable; its confirmation follows."""
        key = (method.exchange, method.routing_key, properties.message_id)
        for parcel in self._unconfirmed.values():
            message = parcel.message
            if not parcel.returned and key == (
                message.exchange,
                message.routing_key,
                message.message_id,
            ):
                parcel.returned = True
                return

    def _on_confirm(self, frame: Method) -> None:
        """Settle the messages that an ack or nack covers."""
        confirm = frame.method
        taken = isinstance(confirm, spec.Basic.Ack)
        tags = _covered(self._unconfirmed, confirm.delivery_tag, multiple=confirm.multiple)
        for tag in tags:
            parcel = self._unconfirmed.pop(tag)
            self._suspects = max(0, self._suspects - 1)
            if not taken:
                parcel.settle(_NACKED)
            else:
                parcel.settle(_UNROUTABLE if parcel.returned else _CONFIRMED)
        self._pump()


def _send(channel: Channel, parcel: _Parcel) -> None:
    message = parcel.message
    channel.basic_publish(
        message.exchange, message.routing_key, message.body, parcel.properties, mandatory=True
    )


def _covered(unconfirmed: dict[int, _Parcel], tag: int, *, multiple: bool) -> list[int]:
    if not multiple:
        return [tag] if tag in unconfirmed else []
    covered = []
    for known in unconfirmed:  # in the order of publishing
        if known > tag:
            break
        covered.append(known)
    return covered


def _properties(message: BusMessage, user_id: str) -> pika.BasicProperties:
    return pika.BasicProperties(
        content_type=message.content_type,
        headers=dict(message.headers) or None,
        delivery_mode=2,
        correlation_id=message.correlation_id,
        reply_to=message.reply_to,
        message_id=message.message_id,
        timestamp=message.timestamp,
        type=message.type,
        user_id=user_id,
    )
