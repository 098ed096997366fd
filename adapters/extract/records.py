"""A record's id made by an adapter, where the source gives the thing none that everyone may see."""

from __future__ import annotations

import hashlib


def record_id(*parts: str) -> str:
    """Make an id of what identifies a record: 32 hex digits, the same for the same parts.

    Every recipient of an event sees its record, whatever its agreement permits, so an id must not
    read as a child's number or as the kind of a plan.
    """
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
