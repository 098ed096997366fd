"""What goes onto the bus and what comes off it, as plain values.

A message that arrives carries the name of its sender as the broker checked it (``user_id``); a
message without that name must be refused by whoever reads it. No field here may hold personal
data except ``body``: names, keys and headers reach the broker's logs and screens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

CLOUDEVENTS = "application/cloudevents+json"


@dataclass(frozen=True, slots=True)
class BusMessage:
    """One message to be published."""

    exchange: str
    routing_key: str
    body: bytes
    message_id: str
    type: str | None = None
    content_type: str = CLOUDEVENTS
    correlation_id: str | None = None
    reply_to: str | None = None
    timestamp: int | None = None
    headers: Mapping[str, str | int] = field(default_factory=dict)


class PublishResult(StrEnum):
    """What the broker did with a published message."""

    CONFIRMED = "confirmed"
    """Safe: in a queue, on disk, on a majority of the broker's nodes."""
    NACKED = "nacked"
    """Not taken, for instance because the queue is full. May be published again."""
    UNROUTABLE = "unroutable"
    """No queue is bound for it; nothing kept it."""
    REFUSED = "refused"
    """This account may not publish it, or the exchange does not exist."""


@dataclass(frozen=True, slots=True)
class PublishOutcome:
    """The result of one message; ``detail`` is the broker's code where there is one."""

    result: PublishResult
    detail: str = ""

    @property
    def confirmed(self) -> bool:
        """Whether the broker answers for the message from now on."""
        return self.result is PublishResult.CONFIRMED


@dataclass(frozen=True, slots=True)
class Token:
    """Which delivery of which channel this was; it means nothing after the channel is gone."""

    epoch: int
    tag: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message as it was consumed, to be acknowledged or rejected."""

    body: bytes
    user_id: str | None
    message_id: str | None
    type: str | None
    content_type: str | None
    correlation_id: str | None
    reply_to: str | None
    routing_key: str
    exchange: str
    redelivered: bool
    headers: Mapping[str, object]
    delivery_count: int
    token: Token
