"""Deliveries as the store keeps them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One delivery that waits to be published: its id, its recipient and its bytes."""

    id: str
    recipient: str
    body: bytes


@dataclass(frozen=True, slots=True)
class StoredDelivery:
    """What is known of one delivery; ``contents`` names what was sealed into it."""

    id: str
    event: str
    child: str
    recipient: str
    state: str
    contents: str
    releases: int
    made_at: str


@dataclass(frozen=True, slots=True)
class DeliveryCard:
    """One delivery as a person at the desk sees it: no name, no content, only what became of it."""

    id: str
    seq: int
    event: str
    child: str
    recipient: str
    type: str
    contents: str
    state: str
    code: str
    releases: int
    made_at: str
    published_at: str
    receipt_at: str


@dataclass(frozen=True, slots=True)
class DeliveryTally:
    """How many deliveries to one recipient are in one state."""

    recipient: str
    state: str
    count: int
