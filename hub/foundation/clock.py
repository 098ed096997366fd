"""Time and randomness: the only place where the hub asks the operating system for them."""

from __future__ import annotations

import datetime as dt
import os
import uuid


def now() -> dt.datetime:
    """Return the current time in UTC."""
    return dt.datetime.now(dt.UTC)


def new_id() -> str:
    """Return a new random UUID."""
    return str(uuid.uuid4())


def random(size: int) -> bytes:
    """Return random bytes that are fit for keys and salts."""
    return os.urandom(size)
