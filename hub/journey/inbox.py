"""Inputs as the store keeps them: events decided or held, and quarantined input."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeptEvent:
    """One event as kept: its order, reference, state, bytes, and who sent it when."""

    seq: int
    ref: str
    state: str
    source: str
    child: str | None
    body: bytes
    received_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One input that waits for a person."""

    id: str
    account: str
    code: str
    place: str
    state: str
    size: int
    arrived_at: str
