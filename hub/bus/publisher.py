"""Put messages on the bus so that none is lost: each is confirmed by the broker or reported.

Confirmation per message, one at a time, costs twenty to thirty times the throughput; so messages
flow with up to ``window`` of them unconfirmed. A lost connection makes what is unconfirmed go out
again, which can duplicate a message and never loses one: readers recognise what they have seen.
A refused message closes the channel without saying which message it was; then they go out one at
a time until the culprit is found.
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
# Codes of a connection's end that no message of ours can have caused.
_INNOCENT = frozenset({LOST, BROKEN, GOING_AWAY, 200, 541})


class _Batch:
    """The messages of one call and what has become of them."""

    __slots__ = ("abandoned", "done", "outcomes", "remaining")

    def __init__(self, size: int) -> None:
        self.outcomes: list[PublishOutcome | None] = [None] * size
        self.remaining = size
        self.done = threading.Event()
        self.abandoned = False


class _Parcel:
    """One message on its way."""

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
    """A connection that publishes, with confirms, as the account of its URL."""

    def __init__(self, url: str, name: str, *, window: int = DEFAULT_WINDOW) -> None:
        """Start connecting in the background; ``name`` is what operators see."""
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
        """Whether it could publish at this moment."""
        return self._link.is_ready

    def wait_ready(self, timeout: float) -> None:
        """Wait for the first connection; raises BrokerUnreachable or BrokerRefused."""
        self._link.wait_ready(timeout)

    def publish(self, messages: Sequence[BusMessage], timeout: float) -> list[PublishOutcome]:
        """Publish messages in order and wait for the broker's word on each.

        Raises BrokerUnreachable when it has not come in time: then some may have been taken, and
        publishing all of them again is right. May be called from several threads.
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
        """Wait for what is unconfirmed, then close."""
        if self._link.is_ready:
            self._idle.wait(timeout)
        self._link.close(timeout)

    # What follows runs on the link's thread only.

    def opened(self, channel: Channel) -> None:
        """Ask for confirms on a new channel."""
        channel.add_on_return_callback(self._on_return)

        def selected(_frame: Method) -> None:
            self._channel = channel
            self._next_tag = 1
            self._link.ready()
            self._pump()

        channel.confirm_delivery(ack_nack_callback=self._on_word, callback=selected)

    def lost(self, code: int) -> str | None:
        """Take back what is unconfirmed; when a message may be to blame, find out which."""
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
        """Send what is pending, as far as the window allows; one at a time among suspects."""
        channel = self._channel
        if channel is None or not channel.is_open:
            return
        window = 1 if self._suspects else self._window
        while self._pending and len(self._unconfirmed) < window:
            parcel = self._pending.popleft()
            try:
                _send(channel, parcel)
            except Exception as error:  # noqa: BLE001  # what cannot be encoded never left
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
        """Remember that the next confirmation of this message means 'unroutable'."""
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

    def _on_word(self, frame: Method) -> None:
        """Settle what the broker's ack or nack covers."""
        word = frame.method
        taken = isinstance(word, spec.Basic.Ack)
        tags = _covered(self._unconfirmed, word.delivery_tag, multiple=word.multiple)
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
