"""Every event type the hub knows, by its key. Types are declared in schemas/events/."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from schemas import sharing
from schemas.errors import Fault, InputRefused
from schemas.event_type import EventType
from schemas.events import care, education, ehc, health

_ALL = (*education.TYPES, *ehc.TYPES, *health.TYPES, *care.TYPES, *sharing.TYPES)
EVENT_TYPES: Mapping[str, EventType] = MappingProxyType({t.key: t for t in _ALL})
_NAMES = frozenset(t.name for t in _ALL)


def event_type(key: str) -> EventType:
    """Find a type by its key; raises InputRefused with UNKNOWN_TYPE or UNKNOWN_VERSION."""
    if key in EVENT_TYPES:
        return EVENT_TYPES[key]
    known_name = key.rpartition(".v")[0] in _NAMES
    raise InputRefused(Fault.UNKNOWN_VERSION if known_name else Fault.UNKNOWN_TYPE, "type")
