"""``hub demo``: the main job on the demonstration borough, with real formats and a real broker."""

from __future__ import annotations

from hub.demo.show import run

__all__ = ["run"]
