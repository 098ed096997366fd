"""Find adapters by name through their entry points; only adapters that are asked for are loaded."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points

from adapters.contract import Adapter, AgencySystem
from hub.foundation.settings import AdapterSettings, Settings
from schemas.errors import ConfigurationError

GROUP = "interagency_hub.adapters"


def installed() -> dict[str, EntryPoint]:
    """Return the entry points of the installed adapters by name, without loading them."""
    return {point.name: point for point in entry_points(group=GROUP)}


def load_adapter(name: str) -> Adapter:
    """Load an adapter; raises ConfigurationError that suggests the nearest name."""
    points = installed()
    if name not in points:
        close = get_close_matches(name, points, n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        known = ", ".join(sorted(points)) or "none"
        raise ConfigurationError(f"No adapter '{name}' is installed.{hint} Installed: {known}.")
    try:
        adapter = points[name].load()
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(
            f"Adapter '{name}' ({points[name].value}) cannot be loaded: {error}"
        ) from error
    if not isinstance(adapter, Adapter):
        raise ConfigurationError(f"Adapter '{name}' is not an adapters.contract.Adapter.")
    return adapter


def agency_system(name: str, chosen: AdapterSettings, adapter: Adapter) -> AgencySystem:
    """Return the agency system of a configured adapter; raises ConfigurationError."""
    return adapter.system(chosen.agency, chosen.settings, f"adapters.{name}.settings")


def configuration_problems(name: str, settings: Settings) -> Iterator[str]:
    """Check one configured adapter: its format, its settings and its agency."""
    chosen = settings.adapters[name]
    try:
        agency_system(name, chosen, load_adapter(chosen.adapter))
    except ConfigurationError as error:
        text = str(error)
        yield text if text.startswith("adapters.") else f"adapters.{name}: {text}"
    if chosen.agency not in settings.agencies:
        yield f"adapters.{name}: there is no agency '{chosen.agency}' in the settings."
