"""Messages to and from the bus, as plain values.

An arriving message has the name of its sender as the broker authenticated it (``user_id``); its
reader must refuse a message without one. Only ``body`` may hold personal data: names, routing keys
and headers appear in the broker's logs and management pages.
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
    """The broker's response to a published message."""

    CONFIRMED = "confirmed"
    """Stored in a queue, on disk, on a majority of the broker's nodes."""
    NACKED = "nacked"
    """Not accepted, for instance because the queue is full. May be published again."""
    UNROUTABLE = "unroutable"
    """No queue is bound for it; it was not stored."""
    REFUSED = "refused"
    """This account may not publish it, or the exchange does not exist."""


@dataclass(frozen=True, slots=True)
class PublishOutcome:
    """The result of one message; ``detail`` is the broker's code, if any."""

    result: PublishResult
    detail: str = ""

    @property
    def confirmed(self) -> bool:
        """Whether the broker has stored the message."""
        return self.result is PublishResult.CONFIRMED


@dataclass(frozen=True, slots=True)
class Token:
    """A delivery's channel and tag; invalid once the channel is closed."""

    epoch: int
    tag: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """One consumed message, to be acknowledged or rejected."""

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
