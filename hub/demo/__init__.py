"""``hub demo``: the main job on the demonstration borough, with real formats and a real broker.

May import ``runtime`` and everything below it. Read ``show.py`` first.
"""

from __future__ import annotations

from hub.demo.show import run

__all__ = ["run"]
