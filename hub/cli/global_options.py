"""What the global options say, before anything is read or opened."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import typer

LogForm = Literal["auto", "json", "console"]
DEFAULT_FILE = Path("hub.toml")


@dataclass(frozen=True, slots=True)
class Start:
    """The settings file to use (None: the environment alone) and how logs are to look, if said."""

    config: Path | None
    log_format: LogForm | None = None


def start_of(context: typer.Context) -> Start:
    """Give what the global options of this call said."""
    found = context.find_object(Start)
    return found or Start(default_config())


def default_config() -> Path | None:
    """Give the settings file where ``--config`` names none: HUB_CONFIG, else ./hub.toml."""
    named = os.environ.get("HUB_CONFIG")
    if named is None:
        return DEFAULT_FILE
    return Path(named) if named else None
