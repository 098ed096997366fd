"""Columns of an extract that become no event, and why."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from adapters.extract.rows import FREE

_FREE = f"Columns whose names begin with {FREE} are not read."

IGNORED: Mapping[str, str] = MappingProxyType({f"row/{FREE}*": _FREE, f"*.{FREE}*": _FREE})
