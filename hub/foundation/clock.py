"""Time and chance: the only places where the shell asks the machine for them."""

from __future__ import annotations

import datetime as dt
import os
import uuid


def now() -> dt.datetime:
    """Give the present moment in UTC."""
    return dt.datetime.now(dt.UTC)


def new_id() -> str:
    """Make a new opaque id."""
    return str(uuid.uuid4())


def random(size: int) -> bytes:
    """Give random bytes fit for keys and salts."""
    return os.urandom(size)
