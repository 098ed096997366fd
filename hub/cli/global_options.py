"""The global options, before any file is read or opened."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import typer

LogFormat = Literal["auto", "json", "console"]
DEFAULT_FILE = Path("hub.toml")


@dataclass(frozen=True, slots=True)
class GlobalOptions:
    """The settings file (None: the environment alone) and the format of logs (None: as set)."""

    config: Path | None
    log_format: LogFormat | None = None


def global_options(context: typer.Context) -> GlobalOptions:
    """Return the global options of this call."""
    found = context.find_object(GlobalOptions)
    return found or GlobalOptions(default_config())


def default_config() -> Path | None:
    """Return the settings file where ``--config`` names none: HUB_CONFIG, else ./hub.toml."""
    named = os.environ.get("HUB_CONFIG")
    if named is None:
        return DEFAULT_FILE
    return Path(named) if named else None
