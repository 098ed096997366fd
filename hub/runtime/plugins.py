"""Finding adapters by name, through their entry points; nothing loads that is not asked for."""

from __future__ import annotations

from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points

from adapters.contract import Adapter
from schemas.errors import ConfigurationError

GROUP = "interagency_hub.adapters"


def installed() -> dict[str, EntryPoint]:
    """List the installed adapters by name, without loading them."""
    return {point.name: point for point in entry_points(group=GROUP)}


def load_adapter(name: str) -> Adapter:
    """Load an adapter; raises ConfigurationError that suggests the nearest names."""
    points = installed()
    if name not in points:
        close = get_close_matches(name, points, n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        known = ", ".join(sorted(points)) or "none"
        raise ConfigurationError(f"No adapter '{name}'.{hint} Installed: {known}.")
    try:
        adapter = points[name].load()
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(
            f"Adapter '{name}' ({points[name].value}) cannot be loaded: {error}"
        ) from error
    if not isinstance(adapter, Adapter):
        raise ConfigurationError(f"Adapter '{name}' is not an adapters.contract.Adapter.")
    return adapter
