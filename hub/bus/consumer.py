"""Consume one queue in batches, and acknowledge only what is finished.

A delivery belongs to the channel it came on. If the channel is lost, the broker delivers again, so
an acknowledgement for an older channel is dropped here: it would acknowledge another message or
close the new channel. A message that cannot be decoded ends the connection; it is then received
alone, with a prefetch of one, until the broker's delivery limit moves it to the dead letters.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Self

import structlog

from hub.bus.connection import ACCESS_REFUSED, BROKEN, NOT_FOUND, Link
from hub.bus.messages import Arrival, Token

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    import pika
    from pika import spec
    from pika.channel import Channel
    from pika.frame import Method

log = structlog.get_logger()

DEFAULT_PREFETCH = 300
# How long an incomplete batch waits for more messages; a broker delivers many in that time.
LINGER_SECONDS = 0.005
_CAREFUL_ARRIVALS = 50
_LOOK_UP_SECONDS = 0.25


class Consumer:
    """A connection that reads one queue as the account of its URL."""

    def __init__(
        self, url: str, name: str, queue: str, *, prefetch: int = DEFAULT_PREFETCH
    ) -> None:
        """Start connecting in the background; operators see ``name`` at the broker."""
        self._queue = queue
        self._prefetch = prefetch
        self._epoch = 0
        self._channel: Channel | None = None
        self._outstanding: dict[int, None] = {}
        self._subscribed_before = False
        self._careful = 0
        self._arrived: deque[Arrival] = deque()
        self._wanted = 1
        self._change = threading.Condition()
        self._link = Link(url, name, self)
        self._link.start()

    def __enter__(self) -> Self:
        """Use the consumer in a ``with`` block, which closes it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the consumer."""
        self.close()

    @property
    def connected(self) -> bool:
        """Whether it is subscribed now."""
        return self._link.is_ready

    def wait_ready(self, timeout: float) -> None:
        """Wait for the first subscription; raises BrokerUnreachable or BrokerRefused."""
        self._link.wait_ready(timeout)

    def next_batch(self, limit: int, wait: float) -> list[Arrival]:
        """Return up to ``limit`` messages in order, or none if none arrives within ``wait``.

        Returns none while the broker is unreachable; raises BrokerRefused if it refused the link.
        """
        deadline = time.monotonic() + wait
        with self._change:
            while not self._arrived:
                left = deadline - time.monotonic()
                if left <= 0 or self._link.is_over:
                    self._link.raise_refusal()
                    return []
                self._wait_for(1, min(left, _LOOK_UP_SECONDS))
            self._wait_for(min(limit, self._prefetch), LINGER_SECONDS)
            taken = min(limit, len(self._arrived))
            return [self._arrived.popleft() for _ in range(taken)]

    def ack_through(self, arrival: Arrival) -> None:
        """Acknowledge this message and all earlier ones on its channel."""
        token = arrival.token
        self._link.call(lambda: self._ack_through(token))

    def ack(self, arrivals: Iterable[Arrival]) -> None:
        """Acknowledge exactly these messages, in as few frames as possible."""
        tokens = [arrival.token for arrival in arrivals]
        self._link.call(lambda: self._ack(tokens))

    def reject(self, arrival: Arrival, *, requeue: bool) -> None:
        """Reject a message: requeue it, which counts as a failure, or dead-letter it.

        This is ``basic.reject``: ``basic.nack`` does not count failures from RabbitMQ 4.3 on.
        """
        token = arrival.token
        self._link.call(lambda: self._reject(token, requeue=requeue))

    def close(self, timeout: float = 10.0) -> None:
        """Send pending acknowledgements, then close; other messages are delivered again."""
        self._link.close(timeout)

    def _wait_for(self, count: int, timeout: float) -> None:
        self._wanted = count
        self._change.wait_for(lambda: len(self._arrived) >= count, timeout)

    # The methods below run on the link's thread only.

    def opened(self, channel: Channel) -> None:
        """Subscribe on a new channel."""
        self._epoch += 1
        self._channel = channel
        channel.add_on_cancel_callback(self._on_cancel)
        channel.basic_qos(prefetch_count=1 if self._careful else self._prefetch)
        channel.basic_consume(self._queue, self._on_message, callback=self._on_subscribed)

    def lost(self, code: int) -> str | None:
        """Drop messages of the old channel, which the broker delivers again."""
        self._channel = None
        self._outstanding.clear()
        with self._change:
            self._arrived.clear()
        if code == BROKEN:
            self._careful = _CAREFUL_ARRIVALS
        if code == ACCESS_REFUSED:
            return f"the account may not read {self._queue}"
        if code == NOT_FOUND and not self._subscribed_before:
            return f"there is no queue {self._queue}"
        return None

    def _on_subscribed(self, _frame: Method) -> None:
        self._subscribed_before = True
        self._link.ready()

    def _on_cancel(self, _frame: Method) -> None:
        """Subscribe again, because the queue was deleted or moved to another node."""
        log.warning("bus.cancelled", queue=self._queue)
        self._link.cycle()

    def _on_message(
        self,
        _channel: Channel,
        method: spec.Basic.Deliver,
        properties: pika.BasicProperties,
        body: bytes,
    ) -> None:
        arrival = _arrival(method, properties, body, self._epoch)
        self._outstanding[arrival.token.tag] = None
        with self._change:
            self._arrived.append(arrival)
            if len(self._arrived) >= self._wanted:
                self._change.notify_all()
        if self._careful:
            self._careful -= 1
            if self._careful == 0:
                self._link.cycle()

    def _ack_through(self, token: Token) -> None:
        covered = []
        if token.epoch == self._epoch:
            for tag in self._outstanding:
                if tag > token.tag:
                    break
                covered.append(tag)
        self._send_ack(covered)

    def _ack(self, tokens: list[Token]) -> None:
        """Acknowledge the longest finished prefix in one frame and the others one by one."""
        finished = {token.tag for token in tokens if token.epoch == self._epoch}
        prefix = []
        for tag in self._outstanding:
            if tag not in finished:
                break
            prefix.append(tag)
        self._send_ack(prefix)
        for tag in sorted(finished.difference(prefix)):
            if tag in self._outstanding:
                self._send_ack([tag], multiple=False)

    def _send_ack(self, tags: list[int], *, multiple: bool = True) -> None:
        # The last tag must be unacknowledged, or the broker closes the channel (406).
        if tags and self._channel is not None and self._channel.is_open:
            for tag in tags:
                del self._outstanding[tag]
            self._channel.basic_ack(tags[-1], multiple=multiple)

    def _reject(self, token: Token, *, requeue: bool) -> None:
        current = token.epoch == self._epoch and token.tag in self._outstanding
        if current and self._channel is not None and self._channel.is_open:
            del self._outstanding[token.tag]
            self._channel.basic_reject(token.tag, requeue=requeue)


def _arrival(
    method: spec.Basic.Deliver, properties: pika.BasicProperties, body: bytes, epoch: int
) -> Arrival:
    headers = properties.headers or {}
    count = headers.get("x-delivery-count", 0)
    return Arrival(
        body=body,
        user_id=_text(properties.user_id),
        message_id=_text(properties.message_id),
        type=_text(properties.type),
        content_type=_text(properties.content_type),
        correlation_id=_text(properties.correlation_id),
        reply_to=_text(properties.reply_to),
        routing_key=_text(method.routing_key) or "",
        exchange=_text(method.exchange) or "",
        redelivered=bool(method.redelivered),
        headers=headers,
        delivery_count=count if isinstance(count, int) else 0,
        token=Token(epoch, int(method.delivery_tag or 0)),
    )


def _text(value: str | bytes | None) -> str | None:
    """Return a property as text; pika returns bytes for one that is not UTF-8."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
